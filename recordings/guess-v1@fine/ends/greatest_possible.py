def greatest_possible(n: int, guesses: list[int], answers: list[str]) -> dict[str, int]:
    """The greatest number that the answers allow.

    Use when: in every state.
    Rules: 1, 4
    >>> greatest_possible(n=7, guesses=[], answers=[])
    {'greatest': 7}
    >>> greatest_possible(n=45, guesses=[1, 2, 24, 24], answers=['higher', 'higher', 'higher', 'higher'])
    {'greatest': 45}
    >>> greatest_possible(n=112, guesses=[1, 57], answers=['higher', 'lower'])
    {'greatest': 56}
    """
    told = [guess for guess, answer in zip(guesses, answers) if answer == "lower"]
    return {"greatest": min([n + 1] + told) - 1}
