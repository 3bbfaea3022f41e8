def draw_against_strong_dealer(facts: dict[str, str]) -> str:
    """Draw in spite of the risk, since the dealer will probably reach more.

    Use when: the hand is hard, its total is risky, and the dealer is strong.
    Rules: 4, 6, 7
    >>> draw_against_strong_dealer(facts={"hand": "hard", "total": "risky", "dealer": "strong"})
    'hit'
    """
    return "hit"
