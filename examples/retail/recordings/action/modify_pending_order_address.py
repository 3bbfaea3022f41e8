from typing import Any


def modify_pending_order_address(details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Change the order's shipping address.

    Use when: the request is to change shipping address, the identity is verified, nothing is refused or missing, and the confirmation is given.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] == "nothing" and checks["request"] == "change shipping address" and checks["confirmation"] == "given"
    Rules: 1, 6, 8, 23, 24
    >>> modify_pending_order_address(details={'order_id': '#W1', 'address': '1 Elm Road, Austin, TX 78701'}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'change shipping address'})
    {'tool': 'modify_pending_order_address', 'order_id': '#W1', 'address': '1 Elm Road, Austin, TX 78701'}
    >>> modify_pending_order_address(details={'order_id': '#W2', 'address': '9 Oak Avenue, Tampa, FL 33602'}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'change shipping address'})
    {'tool': 'modify_pending_order_address', 'order_id': '#W2', 'address': '9 Oak Avenue, Tampa, FL 33602'}
    """
    return {"tool": "modify_pending_order_address", "order_id": details["order_id"], "address": details["address"]}
