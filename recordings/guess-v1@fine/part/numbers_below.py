def numbers_below(guesses: list[int], ends: dict[str, int], facts: dict[str, str]) -> list[int]:
    """The numbers below the last guess that are possible.

    Use when: the direction is down.
    Rules: 2, 4
    >>> numbers_below(guesses=[18], ends={'greatest': 17, 'smallest': 1}, facts={'count': 'odd', 'direction': 'down', 'rest': 'more'})
    [1, 17]
    >>> numbers_below(guesses=[6, 3], ends={'greatest': 2, 'smallest': 1}, facts={'count': 'even', 'direction': 'down', 'rest': 'pair'})
    [1, 2]
    >>> numbers_below(guesses=[39], ends={'greatest': 38, 'smallest': 1}, facts={'count': 'even', 'direction': 'down', 'rest': 'more'})
    [1, 38]
    """
    return [ends["smallest"], guesses[-1] - 1]
