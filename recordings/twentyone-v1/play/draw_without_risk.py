def draw_without_risk(facts: dict[str, str]) -> str:
    """Draw a card, since no card can bust this hand.

    Use when: the hand is hard and its total is low.
    When: facts["hand"] == "hard" and facts["total"] == "low"
    Rules: 4, 5
    >>> draw_without_risk(facts={"hand": "hard", "total": "low", "dealer": "weak"})
    'hit'
    >>> draw_without_risk(facts={"hand": "hard", "total": "low", "dealer": "strong"})
    'hit'
    """
    return "hit"
