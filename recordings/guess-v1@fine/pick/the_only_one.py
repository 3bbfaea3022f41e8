def the_only_one(part: list[int], facts: dict[str, str]) -> int:
    """Name the number that has to be the hidden one.

    Use when: the rest is single.
    When: facts["rest"] == "single"
    Rules: 3
    >>> the_only_one(part=[6, 6], facts={'count': 'odd', 'direction': 'up', 'rest': 'single'})
    6
    >>> the_only_one(part=[1, 33], facts={'count': 'odd', 'direction': 'down', 'rest': 'single'})
    1
    >>> the_only_one(part=[2, 2], facts={'count': 'odd', 'direction': 'up', 'rest': 'single'})
    2
    """
    return part[0]
