from typing import Any


def modify_pending_order_payment(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Change the order's payment to the one method named.

    Use when: the request is to change payment, the identity is verified, nothing is refused or missing, and the confirmation is given.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] == "nothing" and checks["request"] == "change payment" and checks["confirmation"] == "given"
    Rules: 1, 6, 8, 23, 24, 25, 26, 27
    >>> modify_pending_order_payment(details={'order_id': '#W1', 'payment_methods': ['card_1']}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'change payment'})
    {'tool': 'modify_pending_order_payment', 'order_id': '#W1', 'payment_method': 'card_1'}
    >>> modify_pending_order_payment(details={'order_id': '#W2', 'payment_methods': ['gift_2']}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'change payment'})
    {'tool': 'modify_pending_order_payment', 'order_id': '#W2', 'payment_method': 'gift_2'}
    """
    return {"tool": "modify_pending_order_payment", "order_id": details["order_id"], "payment_method": details["payment_methods"][0]}
