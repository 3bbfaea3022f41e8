def draw_with_ace(aim: str, facts: dict[str, str]) -> str:
    """Draw, since the ace absorbs a high card.

    Use when: the aim is to flex and the sum is below eighteen.
    When: aim == "flex" and facts["sum"] == "below eighteen"
    Rules: 2, 4
    >>> draw_with_ace(aim='flex', facts={'opponent': 'mighty', 'ace': 'elastic', 'sum': 'below eighteen'})
    'hit'
    >>> draw_with_ace(aim='flex', facts={'opponent': 'solid', 'ace': 'elastic', 'sum': 'below eighteen'})
    'hit'
    >>> draw_with_ace(aim='flex', facts={'opponent': 'fragile', 'ace': 'elastic', 'sum': 'below eighteen'})
    'hit'
    """
    return "hit"
