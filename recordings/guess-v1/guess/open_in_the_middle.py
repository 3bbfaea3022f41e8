def open_in_the_middle(n: int) -> int:
    """Name the middle of all numbers, so that each answer rules out half of them.

    Use when: no answer was given yet, it is the first guess.
    When: facts["last_answer"] == "none yet"
    Rules: 1, 2, 5
    >>> open_in_the_middle(n=100)
    50
    >>> open_in_the_middle(n=2)
    1
    >>> open_in_the_middle(n=7)
    4
    """
    return (1 + n) // 2
