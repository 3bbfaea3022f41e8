from typing import Any


def exchange_delivered_order_items(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Exchange all named items of the order in one call.

    Use when: the obstacle is none and the request is to exchange items.
    When: checks["obstacle"] == "none" and checks["request"] == "exchange items"
    Rules: 1, 6, 8, 18, 19, 37, 38, 39, 40, 41, 42
    >>> exchange_delivered_order_items(details={'order_id': '#W1', 'items': ['1'], 'new_items': ['2'], 'payment_methods': ['card_1']}, checks={'request': 'exchange items', 'obstacle': 'none'})
    {'tool': 'exchange_delivered_order_items', 'order_id': '#W1', 'items': ['1'], 'new_items': ['2'], 'payment_method': 'card_1'}
    """
    return {
        "tool": "exchange_delivered_order_items",
        "order_id": details["order_id"],
        "items": details["items"],
        "new_items": details["new_items"],
        "payment_method": details["payment_methods"][0],
    }
