def search_upwards(n: int, guesses: list[int], answers: list[str], facts: dict[str, str]) -> int:
    """Name the number halfway between the last guess and the lowest guess that was too high.

    Use when: the last answer says to go up.
    Rules: 2, 4, 5
    >>> search_upwards(n=61, guesses=[31], answers=['higher'], facts={'told': 'go up'})
    46
    >>> search_upwards(n=64, guesses=[32, 16], answers=['lower', 'higher'], facts={'told': 'go up'})
    24
    >>> search_upwards(n=103, guesses=[52], answers=['higher'], facts={'told': 'go up'})
    78
    """
    top = n + 1
    for number, answer in zip(guesses, answers):
        if answer == "lower" and number < top:
            top = number
    return max(1, min(n, (guesses[-1] + top) // 2))
