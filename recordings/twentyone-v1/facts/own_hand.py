def own_hand(player_total: int, usable_ace: bool) -> dict[str, str]:
    """The player's hand in words: whether an ace still gives way, and how high the sum is.

    Use when: in every state.
    Rules: 2, 5
    >>> own_hand(player_total=11, usable_ace=False)
    {'hand': 'hard', 'total': 'low'}
    >>> own_hand(player_total=12, usable_ace=False)
    {'hand': 'hard', 'total': 'twelve'}
    >>> own_hand(player_total=15, usable_ace=False)
    {'hand': 'hard', 'total': 'risky'}
    >>> own_hand(player_total=18, usable_ace=True)
    {'hand': 'soft', 'total': 'eighteen'}
    """
    if usable_ace:
        total = "low" if player_total <= 17 else "eighteen" if player_total == 18 else "high"
        return {"hand": "soft", "total": total}
    total = "low" if player_total <= 11 else "twelve" if player_total == 12 else "risky" if player_total <= 16 else "high"
    return {"hand": "hard", "total": total}
