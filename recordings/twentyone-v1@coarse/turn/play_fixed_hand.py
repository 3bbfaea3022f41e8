def play_fixed_hand(player_total: int, dealer_card: int, facts: dict[str, str]) -> str:
    """Hold the risk of a card against the chance that the dealer exceeds 21.

    Use when: the ace is fixed and there is some danger.
    Rules: 1, 4, 5, 6, 7
    >>> play_fixed_hand(player_total=14, dealer_card=9, facts={'ace': 'fixed', 'danger': 'some'})
    'hit'
    >>> play_fixed_hand(player_total=21, dealer_card=3, facts={'ace': 'fixed', 'danger': 'some'})
    'stick'
    >>> play_fixed_hand(player_total=18, dealer_card=3, facts={'ace': 'fixed', 'danger': 'some'})
    'stick'
    """
    if player_total >= 17:
        return "stick"
    if dealer_card == 1 or dealer_card >= 7:
        return "hit"
    if player_total == 12 and dealer_card < 4:
        return "hit"
    return "stick"
