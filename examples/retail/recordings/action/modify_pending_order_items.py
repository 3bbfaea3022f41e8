from typing import Any


def modify_pending_order_items(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Change all named items of the order in one call.

    Use when: the request is to change items, the identity is verified, nothing is refused or missing, the reminder is done, and the confirmation is given.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] == "nothing" and checks["request"] == "change items" and checks["confirmation"] == "given" and checks["reminder"] == "done"
    Rules: 1, 6, 8, 18, 19, 23, 24, 28, 29, 30, 31, 32
    >>> modify_pending_order_items(details={'order_id': '#W1', 'items': ['1'], 'new_items': ['2'], 'payment_methods': ['card_1']}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'done', 'request': 'change items'})
    {'tool': 'modify_pending_order_items', 'order_id': '#W1', 'items': ['1'], 'new_items': ['2'], 'payment_method': 'card_1'}
    >>> modify_pending_order_items(details={'order_id': '#W2', 'items': ['5', '6'], 'new_items': ['7', '8'], 'payment_methods': ['gift_2']}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'done', 'request': 'change items'})
    {'tool': 'modify_pending_order_items', 'order_id': '#W2', 'items': ['5', '6'], 'new_items': ['7', '8'], 'payment_method': 'gift_2'}
    """
    return {
        "tool": "modify_pending_order_items",
        "order_id": details["order_id"],
        "items": details["items"],
        "new_items": details["new_items"],
        "payment_method": details["payment_methods"][0],
    }
