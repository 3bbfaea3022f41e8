def smallest_possible(guesses: list[int], answers: list[str]) -> dict[str, int]:
    """The smallest number that the answers allow.

    Use when: in every state.
    Rules: 1, 4
    >>> smallest_possible(guesses=[], answers=[])
    {'smallest': 1}
    >>> smallest_possible(guesses=[1, 2, 24, 24], answers=['higher', 'higher', 'higher', 'higher'])
    {'smallest': 25}
    >>> smallest_possible(guesses=[1, 57], answers=['higher', 'lower'])
    {'smallest': 2}
    """
    told = [guess for guess, answer in zip(guesses, answers) if answer == "higher"]
    return {"smallest": max([0] + told) + 1}
