def take(facts: dict[str, str]) -> str:
    """Take a card.

    Use when: it seems good.
    Rules: 3, 4, 5
    >>> take(facts={'hand': 'small'})
    'hit'
    """
    return "hit"
