def ask_identity(checks: dict[str, str]) -> dict[str, str]:
    """Ask for the email, or for name and zip code, before anything else.

    Use when: the obstacle is: identity unknown.
    When: checks["obstacle"] == "identity unknown"
    Rules: 2, 3, 9
    >>> ask_identity(checks={'request': 'change home address', 'obstacle': 'identity unknown'})
    {'tool': 'reply', 'kind': 'ask_identity'}
    >>> ask_identity(checks={'request': 'information', 'obstacle': 'identity unknown'})
    {'tool': 'reply', 'kind': 'ask_identity'}
    >>> ask_identity(checks={'request': 'exchange items', 'obstacle': 'identity unknown'})
    {'tool': 'reply', 'kind': 'ask_identity'}
    """
    return {"tool": "reply", "kind": "ask_identity"}
