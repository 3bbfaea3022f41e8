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

    one_card = sum(chance(card) * (-1 if 12 + card > 21 else stand(12 + card)) for card in range(1, 11))
    return "hit" if one_card > stand(12) else "stick"
