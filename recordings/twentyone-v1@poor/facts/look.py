def look(player_total: int) -> dict[str, str]:
    """Looks at the hand.

    Use when: always.
    Rules: 1, 2, 5
    >>> look(player_total=19)
    {'hand': 'big'}
    """
    return {"hand": "big" if player_total >= 15 else "small"}
