def stay_above_eighteen(aim: str, facts: dict[str, str]) -> str:
    """Stop with a sum that a card hardly betters.

    Use when: the aim is to flex and the sum is above eighteen.
    When: aim == "flex" and facts["sum"] == "above eighteen"
    Rules: 4, 7
    >>> stay_above_eighteen(aim='flex', facts={'opponent': 'mighty', 'ace': 'elastic', 'sum': 'above eighteen'})
    'stick'
    >>> stay_above_eighteen(aim='flex', facts={'opponent': 'solid', 'ace': 'elastic', 'sum': 'above eighteen'})
    'stick'
    >>> stay_above_eighteen(aim='flex', facts={'opponent': 'shaky', 'ace': 'elastic', 'sum': 'above eighteen'})
    'stick'
    """
    return "stick"
