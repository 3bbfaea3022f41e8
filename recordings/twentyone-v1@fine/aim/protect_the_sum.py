def protect_the_sum(facts: dict[str, str]) -> str:
    """Protect a sum that is made.

    Use when: the sum is made.
    When: facts["sum"] == "made"
    Rules: 5, 7
    >>> protect_the_sum(facts={'opponent': 'mighty', 'ace': 'none', 'sum': 'made'})
    'protect'
    >>> protect_the_sum(facts={'opponent': 'fragile', 'ace': 'none', 'sum': 'made'})
    'protect'
    >>> protect_the_sum(facts={'opponent': 'shaky', 'ace': 'none', 'sum': 'made'})
    'protect'
    """
    return "protect"
