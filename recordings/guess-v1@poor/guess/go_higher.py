def go_higher(n: int, guesses: list[int]) -> int:
    """Add something to the guess.

    Use when: go higher.
    Rules: 4, 5
    >>> go_higher(n=129, guesses=[64])
    96
    """
    step = max(1, n // 2 ** (len(guesses) + 1))
    return min(n, guesses[-1] + step)
