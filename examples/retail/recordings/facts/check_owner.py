from typing import Any


def check_owner(verified_user: str, order: dict[str, Any], details: dict[str, Any]) -> dict[str, str]:
    """Say whether the order that is talked about belongs to the authenticated user.

    Use when: in every state.
    Rules: 5, 21, 34
    >>> check_owner(verified_user="ana_ito_1234", order={"id": "#W1", "user_id": "ana_ito_1234"}, details={"order_id": "#W1"})
    {'owner': 'this user'}
    >>> check_owner(verified_user="ana_ito_1234", order={"id": "#W1", "user_id": "ben_eze_2222"}, details={"order_id": "#W1"})
    {'owner': 'another user'}
    >>> check_owner(verified_user="ana_ito_1234", order={"id": "#W1", "user_id": "ana_ito_1234"}, details={"order_id": ""})
    {'owner': 'no order named'}
    """
    if details["order_id"] != order["id"]:
        return {"owner": "no order named"}
    return {"owner": "this user" if order["user_id"] == verified_user else "another user"}
