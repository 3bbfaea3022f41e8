def centre_of_triple(part: list[int], facts: dict[str, str]) -> int:
    """Name the second number of the three; any answer gives away the hidden one.

    Use when: the rest is a triple.
    When: facts["rest"] == "triple"
    Rules: 4, 5
    >>> centre_of_triple(part=[1, 240], facts={'count': 'odd', 'direction': 'up', 'rest': 'triple'})
    2
    >>> centre_of_triple(part=[1, 3], facts={'count': 'odd', 'direction': 'down', 'rest': 'triple'})
    2
    >>> centre_of_triple(part=[1, 3], facts={'count': 'odd', 'direction': 'open', 'rest': 'triple'})
    2
    """
    return part[0] + 1
