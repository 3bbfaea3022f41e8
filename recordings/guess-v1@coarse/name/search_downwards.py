def search_downwards(n: int, guesses: list[int], answers: list[str], facts: dict[str, str]) -> int:
    """Name the number halfway between the highest guess that was too low and the last guess.

    Use when: the last answer says to go down.
    Rules: 2, 3, 4, 5
    >>> search_downwards(n=5, guesses=[3], answers=['lower'], facts={'told': 'go down'})
    1
    >>> search_downwards(n=82, guesses=[41, 62], answers=['higher', 'lower'], facts={'told': 'go down'})
    51
    >>> search_downwards(n=204, guesses=[102], answers=['lower'], facts={'told': 'go down'})
    51
    """
    bottom = 0
    for number, answer in zip(guesses, answers):
        if answer == "higher" and number > bottom:
            bottom = number
    return max(1, min(n, (bottom + guesses[-1]) // 2))
