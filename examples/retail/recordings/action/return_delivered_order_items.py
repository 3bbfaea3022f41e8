from typing import Any


def return_delivered_order_items(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Return the named items, refunded to the named method.

    Use when: the request is to return items, the identity is verified, nothing is refused or missing, and the confirmation is given.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] == "nothing" and checks["request"] == "return items" and checks["confirmation"] == "given"
    Rules: 1, 6, 8, 33, 34, 35, 36
    >>> return_delivered_order_items(details={'order_id': '#W1', 'items': ['1'], 'payment_methods': ['card_1']}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'return items'})
    {'tool': 'return_delivered_order_items', 'order_id': '#W1', 'items': ['1'], 'payment_method': 'card_1'}
    >>> return_delivered_order_items(details={'order_id': '#W2', 'items': ['5', '6'], 'payment_methods': ['gift_2']}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'return items'})
    {'tool': 'return_delivered_order_items', 'order_id': '#W2', 'items': ['5', '6'], 'payment_method': 'gift_2'}
    """
    return {
        "tool": "return_delivered_order_items",
        "order_id": details["order_id"],
        "items": details["items"],
        "payment_method": details["payment_methods"][0],
    }
