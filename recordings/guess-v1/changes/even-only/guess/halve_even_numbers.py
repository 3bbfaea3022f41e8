def halve_even_numbers(known: dict[str, int]) -> int:
    """Name the middle one of the even numbers that are left.

    Use when: only even numbers may be named.
    When: "even" in notices
    Rules: 2, 3, 5
    Replaces: halve_above, halve_below, name_the_last, open_in_the_middle, take_the_lower_of_two
    >>> halve_even_numbers(known={"low": 1, "high": 100})
    50
    >>> halve_even_numbers(known={"low": 51, "high": 53})
    52
    >>> halve_even_numbers(known={"low": 1, "high": 7})
    4
    """
    lowest, highest = (known["low"] + 1) // 2, known["high"] // 2
    return 2 * ((lowest + highest) // 2)
