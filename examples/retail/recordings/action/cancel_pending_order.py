from typing import Any


def cancel_pending_order(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Cancel the order, for the reason given.

    Use when: the request is to cancel order, the identity is verified, nothing is refused or missing, and the confirmation is given.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] == "nothing" and checks["request"] == "cancel order" and checks["confirmation"] == "given"
    Rules: 1, 6, 8, 20, 21, 22
    >>> cancel_pending_order(details={'order_id': '#W1', 'reason': 'no longer needed'}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'cancel order'})
    {'tool': 'cancel_pending_order', 'order_id': '#W1', 'reason': 'no longer needed'}
    >>> cancel_pending_order(details={'order_id': '#W2', 'reason': 'ordered by mistake'}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'cancel order'})
    {'tool': 'cancel_pending_order', 'order_id': '#W2', 'reason': 'ordered by mistake'}
    """
    return {"tool": "cancel_pending_order", "order_id": details["order_id"], "reason": details["reason"]}
