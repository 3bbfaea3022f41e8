from typing import Any


def modify_user_address(verified_user: str, details: dict[str, Any], checks: dict[str, str]) -> dict[str, Any]:
    """Change the user's default address.

    Use when: the obstacle is none and the request is to change home address.
    When: checks["obstacle"] == "none" and checks["request"] == "change home address"
    Rules: 1, 6, 8
    >>> modify_user_address(verified_user='ana_ito_1234', details={'address': '1 Elm Road, Austin, TX 78701'}, checks={'request': 'change home address', 'obstacle': 'none'})
    {'tool': 'modify_user_address', 'user_id': 'ana_ito_1234', 'address': '1 Elm Road, Austin, TX 78701'}
    """
    return {"tool": "modify_user_address", "user_id": verified_user, "address": details["address"]}
