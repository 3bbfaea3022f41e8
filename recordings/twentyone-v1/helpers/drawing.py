def drawing(total: int, soft: bool, sums: list[list[float]], limit: int) -> float:
    """Give what it is worth to draw one card and then to go on as well as possible.

    Rules: 3, 5
    >>> drawing(total=21, soft=False, sums=[[17, 1.0]], limit=21)
    -1.0
    """
    best: dict[tuple[int, bool], float] = {}

    def draw(total: int, soft: bool) -> float:
        value = 0.0
        for card in range(1, 11):
            hand = add_card(total, soft, card, limit)
            if hand[0] > limit:
                value -= chance(card)
                continue
            if hand not in best:
                best[hand] = max(standing(hand[0], sums, limit), draw(hand[0], hand[1]))
            value += chance(card) * best[hand]
        return value

    return draw(total, soft)
