from typing import Any


def modify_pending_order_address(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Change the order's shipping address.

    Use when: the obstacle is none and the request is to change shipping address.
    When: checks["obstacle"] == "none" and checks["request"] == "change shipping address"
    Rules: 1, 6, 8, 23, 24
    >>> modify_pending_order_address(details={'order_id': '#W1', 'address': '1 Elm Road, Austin, TX 78701'}, checks={'request': 'change shipping address', 'obstacle': 'none'})
    {'tool': 'modify_pending_order_address', 'order_id': '#W1', 'address': '1 Elm Road, Austin, TX 78701'}
    """
    return {"tool": "modify_pending_order_address", "order_id": details["order_id"], "address": details["address"]}
