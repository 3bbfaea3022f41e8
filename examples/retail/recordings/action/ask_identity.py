def ask_identity(checks: dict[str, str]) -> dict[str, str]:
    """Ask for the email, or for name and zip code, before anything else.

    Use when: the identity is unknown.
    When: checks["identity"] == "unknown"
    Rules: 2, 3, 9
    >>> ask_identity(checks={'confirmation': 'given', 'identity': 'unknown', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'not needed', 'request': 'cancel order'})
    {'tool': 'reply', 'kind': 'ask_identity'}
    >>> ask_identity(checks={'confirmation': 'not needed', 'identity': 'unknown', 'missing': 'nothing', 'refusal': 'opinion', 'reminder': 'not needed', 'request': 'opinion'})
    {'tool': 'reply', 'kind': 'ask_identity'}
    >>> ask_identity(checks={'confirmation': 'open', 'identity': 'unknown', 'missing': 'nothing', 'refusal': 'none', 'reminder': 'due', 'request': 'change items'})
    {'tool': 'reply', 'kind': 'ask_identity'}
    >>> ask_identity(checks={'confirmation': 'open', 'identity': 'unknown', 'missing': 'items', 'refusal': 'none', 'reminder': 'not needed', 'request': 'return items'})
    {'tool': 'reply', 'kind': 'ask_identity'}
    """
    return {"tool": "reply", "kind": "ask_identity"}
