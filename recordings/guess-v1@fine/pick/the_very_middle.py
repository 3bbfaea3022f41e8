def the_very_middle(part: list[int], facts: dict[str, str]) -> int:
    """Name the number with equally many on both sides.

    Use when: the rest is more and its count is odd.
    Rules: 2, 5
    >>> the_very_middle(part=[2, 112], facts={'count': 'odd', 'direction': 'up', 'rest': 'more'})
    57
    >>> the_very_middle(part=[1, 145], facts={'count': 'odd', 'direction': 'open', 'rest': 'more'})
    73
    >>> the_very_middle(part=[1, 5], facts={'count': 'odd', 'direction': 'down', 'rest': 'more'})
    3
    """
    return (part[0] + part[1]) // 2
