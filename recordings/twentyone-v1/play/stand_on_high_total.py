def stand_on_high_total(facts: dict[str, str]) -> str:
    """Stop drawing, since most cards would bust this hand.

    Use when: the hand is hard and its total is high.
    When: facts["hand"] == "hard" and facts["total"] == "high"
    Rules: 4, 5
    >>> stand_on_high_total(facts={"hand": "hard", "total": "high", "dealer": "weak"})
    'stick'
    >>> stand_on_high_total(facts={"hand": "hard", "total": "high", "dealer": "strong"})
    'stick'
    """
    return "stick"
