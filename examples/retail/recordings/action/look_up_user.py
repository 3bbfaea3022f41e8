def look_up_user(given: dict[str, str], checks: dict[str, str]) -> dict[str, str]:
    """Find the user id by the email, or by name and zip code.

    Use when: the obstacle is: identity to be looked up.
    When: checks["obstacle"] == "identity to be looked up"
    Rules: 2, 3, 8
    >>> look_up_user(given={'email': 'a@b.org', 'name': '', 'zip': '', 'user_id': ''}, checks={'request': 'cancel order', 'obstacle': 'identity to be looked up'})
    {'tool': 'find_user_id_by_email', 'email': 'a@b.org'}
    >>> look_up_user(given={'email': '', 'name': 'Ana Ito', 'zip': '78701', 'user_id': ''}, checks={'request': 'opinion', 'obstacle': 'identity to be looked up'})
    {'tool': 'find_user_id_by_name_zip', 'name': 'Ana Ito', 'zip': '78701'}
    >>> look_up_user(given={'email': 'a@b.org', 'name': '', 'zip': '', 'user_id': ''}, checks={'request': 'return items', 'obstacle': 'identity to be looked up'})
    {'tool': 'find_user_id_by_email', 'email': 'a@b.org'}
    """
    if given["email"]:
        return {"tool": "find_user_id_by_email", "email": given["email"]}
    return {"tool": "find_user_id_by_name_zip", "name": given["name"], "zip": given["zip"]}
