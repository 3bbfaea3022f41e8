def kind_of_hand(player_total: int, usable_ace: bool) -> dict[str, str]:
    """Whether an ace can still count 1, and whether a card can exceed 21.

    Use when: in every state.
    Rules: 2, 5
    >>> kind_of_hand(player_total=16, usable_ace=False)
    {'ace': 'fixed', 'danger': 'some'}
    >>> kind_of_hand(player_total=11, usable_ace=False)
    {'ace': 'fixed', 'danger': 'none'}
    >>> kind_of_hand(player_total=12, usable_ace=False)
    {'ace': 'fixed', 'danger': 'some'}
    """
    danger = "none" if player_total + 10 <= 21 or usable_ace else "some"
    return {"ace": "flexible" if usable_ace else "fixed", "danger": danger}
