def ask_which_first(checks: dict[str, str]) -> dict[str, str]:
    """Ask which of the requests comes first: one tool call at a time.

    Use when: the obstacle is none and the request is several requests.
    When: checks["obstacle"] == "none" and checks["request"] == "several requests"
    Rules: 5, 8, 9
    >>> ask_which_first(checks={'request': 'several requests', 'obstacle': 'none'})
    {'tool': 'reply', 'kind': 'ask_which_first'}
    """
    return {"tool": "reply", "kind": "ask_which_first"}
