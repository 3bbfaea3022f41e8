def stay_with_made_sum(aim: str) -> str:
    """Stop with a good sum.

    Use when: the aim is to protect.
    When: aim == "protect"
    Rules: 4, 7
    >>> stay_with_made_sum(aim='protect')
    'stick'
    """
    return "stick"
