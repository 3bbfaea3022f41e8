def weigh_against_timid_dealer(player_total: int, usable_ace: bool, dealer_card: int, notices: dict[str, int]) -> str:
    """Work out whether one more card is worth more than stopping, against a dealer who stops at another sum.

    Use when: the dealer stops drawing at another sum.
    When: "dealer_stands" in notices
    Rules: 3, 5, 6, 7
    Replaces: draw_against_strong_dealer, draw_without_risk, improve_soft_hand, keep_soft_high, stand_on_high_total, wait_for_dealer_to_bust, weigh_soft_eighteen, weigh_twelve
    >>> weigh_against_timid_dealer(player_total=12, usable_ace=False, dealer_card=5, notices={"dealer_stands": 14})
    'hit'
    >>> weigh_against_timid_dealer(player_total=18, usable_ace=True, dealer_card=9, notices={"dealer_stands": 14})
    'hit'
    >>> weigh_against_timid_dealer(player_total=20, usable_ace=False, dealer_card=1, notices={"dealer_stands": 14})
    'stick'
    """
    limit, stands = 21, notices["dealer_stands"]

    def add(total: int, soft: bool, card: int) -> tuple[int, bool]:
        hard = total - (10 if soft else 0) + card
        stays_soft = (soft or card == 1) and hard + 10 <= limit
        return hard + (10 if stays_soft else 0), stays_soft

    def chance(card: int) -> float:
        return 4 / 13 if card == 10 else 1 / 13

    finals: dict[int, float] = {}
    hands = {add(0, False, dealer_card): 1.0}
    while hands:
        following: dict[tuple[int, bool], float] = {}
        for (total, soft), weight in hands.items():
            if total >= stands:
                finals[total] = finals.get(total, 0.0) + weight
                continue
            for card in range(1, 11):
                hand = add(total, soft, card)
                following[hand] = following.get(hand, 0.0) + weight * chance(card)
        hands = following

    def stand(total: int) -> float:
        return sum(weight * (1 if final > limit or final < total else -1 if final > total else 0) for final, weight in finals.items())

    best: dict[tuple[int, bool], float] = {}

    def draw(total: int, soft: bool) -> float:
        value = 0.0
        for card in range(1, 11):
            hand = add(total, soft, card)
            if hand[0] > limit:
                value -= chance(card)
                continue
            if hand not in best:
                best[hand] = max(stand(hand[0]), draw(hand[0], hand[1]))
            value += chance(card) * best[hand]
        return value

    return "hit" if draw(player_total, usable_ace) > stand(player_total) else "stick"
