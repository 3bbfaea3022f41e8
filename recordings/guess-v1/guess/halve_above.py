def halve_above(known: dict[str, int], guesses: list[int], facts: dict[str, str]) -> int:
    """Name the middle of the numbers above the last guess.

    Use when: the last answer is higher, and several or many numbers are left.
    Rules: 2, 4, 5
    >>> halve_above(known={"low": 51, "high": 100}, guesses=[50], facts={"last_answer": "higher", "numbers_left": "many"})
    75
    >>> halve_above(known={"low": 26, "high": 49}, guesses=[50, 25], facts={"last_answer": "higher", "numbers_left": "many"})
    37
    >>> halve_above(known={"low": 4, "high": 6}, guesses=[7, 3], facts={"last_answer": "higher", "numbers_left": "several"})
    5
    """
    return (guesses[-1] + 1 + known["high"]) // 2
