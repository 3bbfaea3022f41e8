def try_one_at_twelve(aim: str, facts: dict[str, str]) -> str:
    """Draw one card at twelve.

    Use when: the sum is twelve and the opponent is shaky, solid or mighty.
    Rules: 3, 5
    >>> try_one_at_twelve(aim='flex', facts={'opponent': 'mighty', 'ace': 'none', 'sum': 'twelve'})
    'hit'
    >>> try_one_at_twelve(aim='wait', facts={'opponent': 'shaky', 'ace': 'none', 'sum': 'twelve'})
    'hit'
    >>> try_one_at_twelve(aim='press', facts={'opponent': 'mighty', 'ace': 'none', 'sum': 'twelve'})
    'hit'
    """
    return "hit"
