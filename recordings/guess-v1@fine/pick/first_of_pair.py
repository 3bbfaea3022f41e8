def first_of_pair(part: list[int], facts: dict[str, str]) -> int:
    """Name the first number of the pair; the answer gives away the other.

    Use when: the rest is a pair.
    When: facts["rest"] == "pair"
    Rules: 3, 4
    >>> first_of_pair(part=[3, 1], facts={'count': 'even', 'direction': 'up', 'rest': 'pair'})
    3
    >>> first_of_pair(part=[1, 2], facts={'count': 'even', 'direction': 'open', 'rest': 'pair'})
    1
    >>> first_of_pair(part=[1, 2], facts={'count': 'even', 'direction': 'down', 'rest': 'pair'})
    1
    """
    return part[0]
