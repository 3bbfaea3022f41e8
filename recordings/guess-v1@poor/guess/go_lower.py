def go_lower(n: int, guesses: list[int]) -> int:
    """Take something off the guess.

    Use when: go lower.
    Rules: 3, 4, 5
    >>> go_lower(n=80, guesses=[40])
    20
    """
    step = max(1, n // 2 ** (len(guesses) + 1))
    return max(1, guesses[-1] - step)
