from typing import Any


def return_delivered_order_items(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Return the named items, refunded to the named method.

    Use when: the obstacle is none and the request is to return items.
    When: checks["obstacle"] == "none" and checks["request"] == "return items"
    Rules: 1, 6, 8, 33, 34, 35, 36
    >>> return_delivered_order_items(details={'order_id': '#W1', 'items': ['1'], 'payment_methods': ['card_1']}, checks={'request': 'return items', 'obstacle': 'none'})
    {'tool': 'return_delivered_order_items', 'order_id': '#W1', 'items': ['1'], 'payment_method': 'card_1'}
    """
    return {
        "tool": "return_delivered_order_items",
        "order_id": details["order_id"],
        "items": details["items"],
        "payment_method": details["payment_methods"][0],
    }
