def left_of_the_middle(part: list[int], facts: dict[str, str]) -> int:
    """Name the number just left of the middle.

    Use when: the rest is more and its count is even.
    Rules: 2, 5
    >>> left_of_the_middle(part=[1, 186], facts={'count': 'even', 'direction': 'open', 'rest': 'more'})
    93
    >>> left_of_the_middle(part=[3, 12], facts={'count': 'even', 'direction': 'up', 'rest': 'more'})
    7
    >>> left_of_the_middle(part=[1, 6], facts={'count': 'even', 'direction': 'down', 'rest': 'more'})
    3
    """
    return part[0] + (part[1] - part[0]) // 2
