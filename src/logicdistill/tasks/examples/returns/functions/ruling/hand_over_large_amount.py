def hand_over_large_amount() -> dict[str, str]:
    """Let a person answer where much money is at stake.

    Use when: the price is above 500.00.
    When: price_cents > 50000
    Rules: 2
    >>> hand_over_large_amount()
    {'do': 'person', 'reason': 'large amount'}
    """
    return {"do": "person", "reason": "large amount"}
