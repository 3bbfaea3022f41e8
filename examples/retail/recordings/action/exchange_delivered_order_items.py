from typing import Any


def exchange_delivered_order_items(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Exchange all named items of the order in one call.

    Use when: the request is to exchange items, the identity is verified, nothing is refused or missing, the reminder is done, and the confirmation is given.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] == "nothing" and checks["request"] == "exchange items" and checks["confirmation"] == "given" and checks["reminder"] == "done"
    Rules: 1, 6, 8, 18, 19, 37, 38, 39, 40, 41, 42
    >>> exchange_delivered_order_items(details={'order_id': '#W1', 'items': ['1'], 'new_items': ['2'], 'payment_methods': ['card_1']}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'done', 'request': 'exchange items'})
    {'tool': 'exchange_delivered_order_items', 'order_id': '#W1', 'items': ['1'], 'new_items': ['2'], 'payment_method': 'card_1'}
    >>> exchange_delivered_order_items(details={'order_id': '#W2', 'items': ['5', '6'], 'new_items': ['7', '8'], 'payment_methods': ['gift_2']}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'done', 'request': 'exchange items'})
    {'tool': 'exchange_delivered_order_items', 'order_id': '#W2', 'items': ['5', '6'], 'new_items': ['7', '8'], 'payment_method': 'gift_2'}
    """
    return {
        "tool": "exchange_delivered_order_items",
        "order_id": details["order_id"],
        "items": details["items"],
        "new_items": details["new_items"],
        "payment_method": details["payment_methods"][0],
    }
