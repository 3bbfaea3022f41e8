def look_up_user(given: dict[str, str], checks: dict[str, str]) -> dict[str, str]:
    """Find the user id by the email, or by name and zip code.

    Use when: the identity is: email given, or name and zip given.
    When: checks["identity"] == "email given" or checks["identity"] == "name and zip given"
    Rules: 2, 3, 8
    >>> look_up_user(given={'email': 'a@b.org', 'name': '', 'zip': '', 'user_id': ''}, checks={'confirmation': 'given', 'identity': 'email given', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'cancel order'})
    {'tool': 'find_user_id_by_email', 'email': 'a@b.org'}
    >>> look_up_user(given={'email': '', 'name': 'Ana Ito', 'zip': '78701', 'user_id': ''}, checks={'confirmation': 'open', 'identity': 'name and zip given', 'missing': 'items', 'refusal': 'none', 'reminder': 'not needed', 'request': 'return items'})
    {'tool': 'find_user_id_by_name_zip', 'name': 'Ana Ito', 'zip': '78701'}
    >>> look_up_user(given={'email': 'a@b.org', 'name': '', 'zip': '', 'user_id': ''}, checks={'confirmation': 'not needed', 'identity': 'email given', 'missing': 'nothing', 'refusal': 'another_user', 'reminder': 'not needed', 'request': 'information'})
    {'tool': 'find_user_id_by_email', 'email': 'a@b.org'}
    """
    if checks["identity"] == "email given":
        return {"tool": "find_user_id_by_email", "email": given["email"]}
    return {"tool": "find_user_id_by_name_zip", "name": given["name"], "zip": given["zip"]}
