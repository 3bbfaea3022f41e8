def play_flexible_hand(player_total: int, dealer_card: int, facts: dict[str, str]) -> str:
    """Improve the sum for as long as the ace takes the risk out of it.

    Use when: the ace is flexible.
    Rules: 2, 3, 4, 7
    >>> play_flexible_hand(player_total=18, dealer_card=8, facts={'ace': 'flexible', 'danger': 'none'})
    'stick'
    >>> play_flexible_hand(player_total=14, dealer_card=1, facts={'ace': 'flexible', 'danger': 'none'})
    'hit'
    >>> play_flexible_hand(player_total=21, dealer_card=9, facts={'ace': 'flexible', 'danger': 'none'})
    'stick'
    """
    if player_total == 18:
        return "hit" if dealer_card in (9, 10) else "stick"
    return "hit" if player_total < 18 else "stick"
