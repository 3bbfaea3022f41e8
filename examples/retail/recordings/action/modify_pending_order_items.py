from typing import Any


def modify_pending_order_items(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Change all named items of the order in one call.

    Use when: the obstacle is none and the request is to change items.
    When: checks["obstacle"] == "none" and checks["request"] == "change items"
    Rules: 1, 6, 8, 18, 19, 23, 24, 28, 29, 30, 31, 32
    >>> modify_pending_order_items(details={'order_id': '#W1', 'items': ['1'], 'new_items': ['2'], 'payment_methods': ['card_1']}, checks={'request': 'change items', 'obstacle': 'none'})
    {'tool': 'modify_pending_order_items', 'order_id': '#W1', 'items': ['1'], 'new_items': ['2'], 'payment_method': 'card_1'}
    """
    return {
        "tool": "modify_pending_order_items",
        "order_id": details["order_id"],
        "items": details["items"],
        "new_items": details["new_items"],
        "payment_method": details["payment_methods"][0],
    }
