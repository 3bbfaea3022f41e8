def take_the_chance(aim: str, facts: dict[str, str]) -> str:
    """Draw in spite of the danger.

    Use when: the sum is stiff and the opponent is solid or mighty.
    Rules: 5, 6, 7
    >>> take_the_chance(aim='wait', facts={'opponent': 'mighty', 'ace': 'none', 'sum': 'made'})
    'hit'
    >>> take_the_chance(aim='wait', facts={'opponent': 'mighty', 'ace': 'elastic', 'sum': 'above eighteen'})
    'hit'
    >>> take_the_chance(aim='press', facts={'opponent': 'solid', 'ace': 'elastic', 'sum': 'below eighteen'})
    'hit'
    """
    return "hit"
