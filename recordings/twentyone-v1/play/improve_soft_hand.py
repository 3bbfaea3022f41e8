def improve_soft_hand(facts: dict[str, str]) -> str:
    """Draw a card, since the ace gives way and the total is too low to stop.

    Use when: the hand is soft and its total is low.
    When: facts["hand"] == "soft" and facts["total"] == "low"
    Rules: 2, 4, 6
    >>> improve_soft_hand(facts={"hand": "soft", "total": "low", "dealer": "weak"})
    'hit'
    >>> improve_soft_hand(facts={"hand": "soft", "total": "low", "dealer": "strong"})
    'hit'
    """
    return "hit"
