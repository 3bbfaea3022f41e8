from typing import Any


def modify_pending_order_payment(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Change the order's payment to the one method named.

    Use when: the obstacle is none and the request is to change payment.
    When: checks["obstacle"] == "none" and checks["request"] == "change payment"
    Rules: 1, 6, 8, 23, 24, 25, 26, 27
    >>> modify_pending_order_payment(details={'order_id': '#W1', 'payment_methods': ['card_1']}, checks={'request': 'change payment', 'obstacle': 'none'})
    {'tool': 'modify_pending_order_payment', 'order_id': '#W1', 'payment_method': 'card_1'}
    """
    return {"tool": "modify_pending_order_payment", "order_id": details["order_id"], "payment_method": details["payment_methods"][0]}
