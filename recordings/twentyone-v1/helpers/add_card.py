def add_card(total: int, soft: bool, card: int, limit: int) -> tuple[int, bool]:
    """Add a card to a sum, and say whether an ace counts 11 in it.

    Rules: 2
    >>> add_card(total=0, soft=False, card=1, limit=21)
    (11, True)
    >>> add_card(total=18, soft=True, card=5, limit=21)
    (13, False)
    """
    hard = total - (10 if soft else 0) + card
    stays_soft = (soft or card == 1) and hard + 10 <= limit
    return hard + (10 if stays_soft else 0), stays_soft
