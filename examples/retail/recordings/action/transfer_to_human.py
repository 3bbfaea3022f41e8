def transfer_to_human(checks: dict[str, str]) -> dict[str, str]:
    """Hand the user over to a human agent.

    Use when: the obstacle is none and the request is out of scope.
    When: checks["obstacle"] == "none" and checks["request"] == "out of scope"
    Rules: 10, 24
    >>> transfer_to_human(checks={'request': 'out of scope', 'obstacle': 'none'})
    {'tool': 'transfer_to_human'}
    """
    return {"tool": "transfer_to_human"}
