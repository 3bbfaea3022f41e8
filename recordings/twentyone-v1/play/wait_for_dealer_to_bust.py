def wait_for_dealer_to_bust(facts: dict[str, str]) -> str:
    """Stop drawing and let the dealer take the risk.

    Use when: the hand is hard, its total is risky, and the dealer is weak.
    Rules: 4, 6, 7
    >>> wait_for_dealer_to_bust(facts={"hand": "hard", "total": "risky", "dealer": "weak"})
    'stick'
    """
    return "stick"
