def range_of_turned_answers(n: int, guesses: list[int], answers: list[str], notices: dict[str, int]) -> dict[str, int]:
    """Lowest and highest number that all answers allow, where the later ones mean the opposite.

    Use when: answers mean the opposite from some answer on.
    When: "turned_from" in notices
    Rules: 1, 4
    Replaces: possible_range
    >>> range_of_turned_answers(n=100, guesses=[], answers=[], notices={"turned_from": 0})
    {'low': 1, 'high': 100}
    >>> range_of_turned_answers(n=100, guesses=[50], answers=["higher"], notices={"turned_from": 0})
    {'low': 1, 'high': 49}
    >>> range_of_turned_answers(n=100, guesses=[50, 75], answers=["higher", "lower"], notices={"turned_from": 1})
    {'low': 76, 'high': 100}
    """
    low, high = 1, n
    for index, guess in enumerate(guesses):
        if (answers[index] == "higher") == (index < notices["turned_from"]):
            low = max(low, guess + 1)
        else:
            high = min(high, guess - 1)
    return {"low": low, "high": high}
