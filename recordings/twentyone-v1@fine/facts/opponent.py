def opponent(dealer_card: int) -> dict[str, str]:
    """How often the dealer will fail, by the open card.

    Use when: in every state.
    Rules: 1, 3, 6, 7
    >>> opponent(dealer_card=10)
    {'opponent': 'mighty'}
    >>> opponent(dealer_card=7)
    {'opponent': 'solid'}
    """
    if 4 <= dealer_card <= 6:
        return {"opponent": "fragile"}
    if 2 <= dealer_card <= 3:
        return {"opponent": "shaky"}
    return {"opponent": "solid" if dealer_card in (7, 8) else "mighty"}
