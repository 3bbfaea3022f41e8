def draw_for_growth(aim: str) -> str:
    """Draw without any danger.

    Use when: the aim is to grow.
    When: aim == "grow"
    Rules: 4, 5
    >>> draw_for_growth(aim='grow')
    'hit'
    """
    return "hit"
