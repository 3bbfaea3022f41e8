def open_card(dealer_card: int) -> dict[str, str]:
    """How dangerous the dealer's open card is: weak cards make the dealer exceed 21 often.

    Use when: in every state.
    Rules: 1, 6, 7
    >>> open_card(dealer_card=5)
    {'dealer': 'weak'}
    >>> open_card(dealer_card=10)
    {'dealer': 'strong'}
    >>> open_card(dealer_card=1)
    {'dealer': 'strong'}
    """
    return {"dealer": "weak" if 2 <= dealer_card <= 6 else "strong"}
