from typing import Any


def modify_user_address(verified_user: str, details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Change the user's default address.

    Use when: the request is to change home address, the identity is verified, nothing is refused or missing, and the confirmation is given.
    When: checks["identity"] == "verified" and checks["refusal"] == "none" and checks["missing"] == "nothing" and checks["request"] == "change home address" and checks["confirmation"] == "given"
    Rules: 1, 6, 8
    >>> modify_user_address(verified_user='ana_ito_1234', details={'address': '1 Elm Road, Austin, TX 78701'}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'change home address'})
    {'tool': 'modify_user_address', 'user_id': 'ana_ito_1234', 'address': '1 Elm Road, Austin, TX 78701'}
    >>> modify_user_address(verified_user='ana_ito_1234', details={'address': '9 Oak Avenue, Tampa, FL 33602'}, checks={'confirmation': 'given', 'identity': 'verified', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'change home address'})
    {'tool': 'modify_user_address', 'user_id': 'ana_ito_1234', 'address': '9 Oak Avenue, Tampa, FL 33602'}
    """
    return {"tool": "modify_user_address", "user_id": verified_user, "address": details["address"]}
