def chance(card: int) -> float:
    """Give the chance that a card of this value is drawn.

    Rules: 3
    >>> chance(card=10)
    0.3076923076923077
    >>> chance(card=1)
    0.07692307692307693
    """
    return 4 / 13 if card == 10 else 1 / 13
