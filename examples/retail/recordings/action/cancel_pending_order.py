from typing import Any


def cancel_pending_order(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Cancel the order, for the reason given.

    Use when: the obstacle is none and the request is to cancel order.
    When: checks["obstacle"] == "none" and checks["request"] == "cancel order"
    Rules: 1, 6, 8, 20, 21, 22
    >>> cancel_pending_order(details={'order_id': '#W1', 'reason': 'no longer needed'}, checks={'request': 'cancel order', 'obstacle': 'none'})
    {'tool': 'cancel_pending_order', 'order_id': '#W1', 'reason': 'no longer needed'}
    """
    return {"tool": "cancel_pending_order", "order_id": details["order_id"], "reason": details["reason"]}
