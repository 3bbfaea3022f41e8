def weigh_soft_eighteen(dealer_card: int, facts: dict[str, str]) -> str:
    """Work out whether one more card improves a sum of eighteen that cannot bust.

    Use when: the hand is soft and its total is eighteen.
    When: facts["hand"] == "soft" and facts["total"] == "eighteen"
    Rules: 2, 3, 6, 7
    >>> weigh_soft_eighteen(dealer_card=6, facts={"hand": "soft", "total": "eighteen", "dealer": "weak"})
    'stick'
    >>> weigh_soft_eighteen(dealer_card=9, facts={"hand": "soft", "total": "eighteen", "dealer": "strong"})
    'hit'
    >>> weigh_soft_eighteen(dealer_card=8, facts={"hand": "soft", "total": "eighteen", "dealer": "strong"})
    'stick'
    """
    sums = dealer_sums(dealer_card, 21, 17)

    def drawn(card: int) -> float:
        total, soft = add_card(18, True, card, 21)
        stopped = standing(total, sums, 21)
        if soft or total >= 17:
            return stopped
        again = sum(chance(extra) * (-1 if total + extra > 21 else standing(total + extra, sums, 21)) for extra in range(1, 11))
        return max(stopped, again)

    one_card = sum(chance(card) * drawn(card) for card in range(1, 11))
    return "hit" if one_card > standing(18, sums, 21) else "stick"
