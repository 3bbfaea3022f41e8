def halve_below(known: dict[str, int], guesses: list[int], facts: dict[str, str]) -> int:
    """Name the middle of the numbers below the last guess.

    Use when: the last answer is lower, and several or many numbers are left.
    Rules: 2, 4, 5
    >>> halve_below(known={"low": 1, "high": 49}, guesses=[50], facts={"last_answer": "lower", "numbers_left": "many"})
    25
    >>> halve_below(known={"low": 51, "high": 74}, guesses=[50, 75], facts={"last_answer": "lower", "numbers_left": "many"})
    62
    >>> halve_below(known={"low": 1, "high": 3}, guesses=[7, 4], facts={"last_answer": "lower", "numbers_left": "several"})
    2
    """
    return (known["low"] + guesses[-1] - 1) // 2
