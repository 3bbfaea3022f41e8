def all_numbers(n: int, facts: dict[str, str]) -> list[int]:
    """Every number between 1 and n.

    Use when: the direction is open.
    When: facts["direction"] == "open"
    Rules: 1, 2
    >>> all_numbers(n=6, facts={'count': 'even', 'direction': 'open', 'rest': 'more'})
    [1, 6]
    >>> all_numbers(n=65, facts={'count': 'odd', 'direction': 'open', 'rest': 'more'})
    [1, 65]
    >>> all_numbers(n=2, facts={'count': 'even', 'direction': 'open', 'rest': 'pair'})
    [1, 2]
    """
    return [1, n]
