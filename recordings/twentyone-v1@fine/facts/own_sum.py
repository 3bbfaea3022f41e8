def own_sum(player_total: int, usable_ace: bool) -> dict[str, str]:
    """The sum in words.

    Use when: in every state.
    Rules: 2, 5
    >>> own_sum(player_total=14, usable_ace=False)
    {'sum': 'stiff'}
    >>> own_sum(player_total=11, usable_ace=False)
    {'sum': 'harmless'}
    >>> own_sum(player_total=21, usable_ace=False)
    {'sum': 'made'}
    """
    if usable_ace:
        return {"sum": "below eighteen" if player_total < 18 else "eighteen" if player_total == 18 else "above eighteen"}
    if player_total < 12:
        return {"sum": "harmless"}
    if player_total == 12:
        return {"sum": "twelve"}
    return {"sum": "stiff" if player_total < 17 else "made"}
