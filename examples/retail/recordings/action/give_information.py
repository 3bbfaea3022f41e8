def give_information(checks: dict[str, str]) -> dict[str, str]:
    """Give the information about the user's own profile, orders or products.

    Use when: the obstacle is none and the request is information.
    When: checks["obstacle"] == "none" and checks["request"] == "information"
    Rules: 1, 4, 9
    >>> give_information(checks={'request': 'information', 'obstacle': 'none'})
    {'tool': 'reply', 'kind': 'give_information'}
    """
    return {"tool": "reply", "kind": "give_information"}
