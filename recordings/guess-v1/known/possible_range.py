def possible_range(n: int, guesses: list[int], answers: list[str]) -> dict[str, int]:
    """Lowest and highest number that all answers so far allow.

    Use when: in every state.
    Rules: 1, 4
    >>> possible_range(n=100, guesses=[], answers=[])
    {'low': 1, 'high': 100}
    >>> possible_range(n=100, guesses=[50], answers=["higher"])
    {'low': 51, 'high': 100}
    >>> possible_range(n=100, guesses=[50, 75], answers=["higher", "lower"])
    {'low': 51, 'high': 74}
    """
    low, high = 1, n
    for guess, answer in zip(guesses, answers):
        if answer == "higher":
            low = max(low, guess + 1)
        else:
            high = min(high, guess - 1)
    return {"low": low, "high": high}
