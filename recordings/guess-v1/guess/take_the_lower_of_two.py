def take_the_lower_of_two(known: dict[str, int], facts: dict[str, str]) -> int:
    """Name the lower one of the two numbers that are left.

    Use when: two numbers are left after an answer.
    When: facts["numbers_left"] == "two" and facts["last_answer"] != "none yet"
    Rules: 2, 4
    >>> take_the_lower_of_two(known={"low": 51, "high": 52}, facts={"last_answer": "higher", "numbers_left": "two"})
    51
    >>> take_the_lower_of_two(known={"low": 1, "high": 2}, facts={"last_answer": "lower", "numbers_left": "two"})
    1
    >>> take_the_lower_of_two(known={"low": 8, "high": 9}, facts={"last_answer": "lower", "numbers_left": "two"})
    8
    """
    return known["low"]
