def grow_safely(facts: dict[str, str]) -> str:
    """Grow the sum where no card can hurt.

    Use when: the sum is harmless.
    When: facts["sum"] == "harmless"
    Rules: 4, 5
    >>> grow_safely(facts={'opponent': 'mighty', 'ace': 'none', 'sum': 'harmless'})
    'grow'
    >>> grow_safely(facts={'opponent': 'fragile', 'ace': 'none', 'sum': 'harmless'})
    'grow'
    >>> grow_safely(facts={'opponent': 'solid', 'ace': 'none', 'sum': 'harmless'})
    'grow'
    """
    return "grow"
