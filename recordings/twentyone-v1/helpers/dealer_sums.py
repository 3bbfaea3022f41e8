def dealer_sums(dealer_card: int, limit: int, stands: int) -> list[list[float]]:
    """Give the sums with which the dealer stops, each with its chance.

    Rules: 3, 6
    >>> dealer_sums(dealer_card=10, limit=21, stands=11)
    [[21, 0.07692307692307693], [12, 0.07692307692307693], [13, 0.07692307692307693], [14, 0.07692307692307693], [15, 0.07692307692307693], [16, 0.07692307692307693], [17, 0.07692307692307693], [18, 0.07692307692307693], [19, 0.07692307692307693], [20, 0.3076923076923077]]
    """
    finals: dict[int, float] = {}
    hands = {add_card(0, False, dealer_card, limit): 1.0}
    while hands:
        following: dict[tuple[int, bool], float] = {}
        for (total, soft), weight in hands.items():
            if total >= stands:
                finals[total] = finals.get(total, 0.0) + weight
                continue
            for card in range(1, 11):
                hand = add_card(total, soft, card, limit)
                following[hand] = following.get(hand, 0.0) + weight * chance(card)
        hands = following
    return [[total, weight] for total, weight in finals.items()]
