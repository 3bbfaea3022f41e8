def weigh_twelve(dealer_card: int, facts: dict[str, str]) -> str:
    """Work out whether one card or none wins more often with a sum of twelve.

    Use when: the hand is hard and its total is twelve.
    When: facts["hand"] == "hard" and facts["total"] == "twelve"
    Rules: 3, 5, 6, 7
    >>> weigh_twelve(dealer_card=2, facts={"hand": "hard", "total": "twelve", "dealer": "weak"})
    'hit'
    >>> weigh_twelve(dealer_card=5, facts={"hand": "hard", "total": "twelve", "dealer": "weak"})
    'stick'
    >>> weigh_twelve(dealer_card=10, facts={"hand": "hard", "total": "twelve", "dealer": "strong"})
    'hit'
    """
    sums = dealer_sums(dealer_card, 21, 17)
    one_card = sum(chance(card) * (-1 if 12 + card > 21 else standing(12 + card, sums, 21)) for card in range(1, 11))
    return "hit" if one_card > standing(12, sums, 21) else "stick"
