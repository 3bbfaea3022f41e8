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
    def add(total: int, soft: bool, card: int) -> tuple[int, bool]:
        hard = total - (10 if soft else 0) + card
        stays_soft = (soft or card == 1) and hard + 10 <= 21
        return hard + (10 if stays_soft else 0), stays_soft

    def chance(card: int) -> float:
        return 4 / 13 if card == 10 else 1 / 13

    finals: dict[int, float] = {}
    hands = {add(0, False, dealer_card): 1.0}
    while hands:
        following: dict[tuple[int, bool], float] = {}
        for (total, soft), weight in hands.items():
            if total >= 17:
                finals[total] = finals.get(total, 0.0) + weight
                continue
            for card in range(1, 11):
                hand = add(total, soft, card)
                following[hand] = following.get(hand, 0.0) + weight * chance(card)
        hands = following

    def stand(total: int) -> float:
        return sum(weight * (1 if final > 21 or final < total else -1 if final > total else 0) for final, weight in finals.items())

    def drawn(card: int) -> float:
        total, soft = add(18, True, card)
        if soft or total >= 17:
            return stand(total)
        again = sum(chance(extra) * (-1 if total + extra > 21 else stand(total + extra)) for extra in range(1, 11))
        return max(stand(total), again)

    one_card = sum(chance(card) * drawn(card) for card in range(1, 11))
    return "hit" if one_card > stand(18) else "stick"
