def leave_twelve_alone(aim: str, facts: dict[str, str]) -> str:
    """Stop at twelve.

    Use when: the sum is twelve and the opponent is fragile.
    Rules: 5, 6
    >>> leave_twelve_alone(aim='wait', facts={'opponent': 'fragile', 'ace': 'none', 'sum': 'twelve'})
    'stick'
    """
    return "stick"
