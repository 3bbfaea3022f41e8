def sit_still(aim: str, facts: dict[str, str]) -> str:
    """Stop and wait for the dealer to fail.

    Use when: the sum is stiff and the opponent is fragile or shaky.
    Rules: 5, 6, 7
    >>> sit_still(aim='wait', facts={'opponent': 'fragile', 'ace': 'none', 'sum': 'stiff'})
    'stick'
    >>> sit_still(aim='wait', facts={'opponent': 'fragile', 'ace': 'elastic', 'sum': 'above eighteen'})
    'stick'
    >>> sit_still(aim='wait', facts={'opponent': 'shaky', 'ace': 'none', 'sum': 'stiff'})
    'stick'
    """
    return "stick"
