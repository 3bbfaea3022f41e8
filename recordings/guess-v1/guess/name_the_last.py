def name_the_last(known: dict[str, int], facts: dict[str, str]) -> int:
    """Name the only number that is left.

    Use when: one number is left after an answer.
    When: facts["numbers_left"] == "one" and facts["last_answer"] != "none yet"
    Rules: 3
    >>> name_the_last(known={"low": 7, "high": 7}, facts={"last_answer": "lower", "numbers_left": "one"})
    7
    >>> name_the_last(known={"low": 100, "high": 100}, facts={"last_answer": "higher", "numbers_left": "one"})
    100
    >>> name_the_last(known={"low": 1, "high": 1}, facts={"last_answer": "lower", "numbers_left": "one"})
    1
    """
    return known["low"]
