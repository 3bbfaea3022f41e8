def numbers_above(guesses: list[int], ends: dict[str, int], facts: dict[str, str]) -> list[int]:
    """The numbers above the last guess that are possible.

    Use when: the direction is up.
    Rules: 2, 4
    >>> numbers_above(guesses=[1], ends={'greatest': 186, 'smallest': 2}, facts={'count': 'odd', 'direction': 'up', 'rest': 'more'})
    [2, 186]
    >>> numbers_above(guesses=[2], ends={'greatest': 76, 'smallest': 3}, facts={'count': 'even', 'direction': 'up', 'rest': 'more'})
    [3, 76]
    >>> numbers_above(guesses=[1], ends={'greatest': 2, 'smallest': 2}, facts={'count': 'odd', 'direction': 'up', 'rest': 'single'})
    [2, 2]
    """
    return [guesses[-1] + 1, ends["greatest"]]
