def keep_soft_high(facts: dict[str, str]) -> str:
    """Stop drawing with a sum that hardly any card improves.

    Use when: the hand is soft and its total is high.
    When: facts["hand"] == "soft" and facts["total"] == "high"
    Rules: 2, 4, 6
    >>> keep_soft_high(facts={"hand": "soft", "total": "high", "dealer": "weak"})
    'stick'
    >>> keep_soft_high(facts={"hand": "soft", "total": "high", "dealer": "strong"})
    'stick'
    """
    return "stick"
