def check_identity(given: dict[str, str], verified_user: str) -> dict[str, str]:
    """Say whether the user is authenticated, or by what they can be found; a user id alone proves nothing.

    Use when: in every state.
    Rules: 2, 3
    >>> check_identity(given={"email": "", "name": "", "zip": "", "user_id": ""}, verified_user="ana_ito_1234")
    {'identity': 'verified'}
    >>> check_identity(given={"email": "ana@example.com", "name": "", "zip": "", "user_id": ""}, verified_user="")
    {'identity': 'email given'}
    >>> check_identity(given={"email": "", "name": "Ana Ito", "zip": "78701", "user_id": ""}, verified_user="")
    {'identity': 'name and zip given'}
    >>> check_identity(given={"email": "", "name": "Ana Ito", "zip": "", "user_id": "ana_ito_1234"}, verified_user="")
    {'identity': 'unknown'}
    """
    if verified_user:
        return {"identity": "verified"}
    if given["email"]:
        return {"identity": "email given"}
    return {"identity": "name and zip given" if given["name"] and given["zip"] else "unknown"}
