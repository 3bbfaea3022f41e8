def use_the_ace(facts: dict[str, str]) -> str:
    """Use the ace that can drop to 1.

    Use when: the ace is elastic.
    When: facts["ace"] == "elastic"
    Rules: 2, 4
    >>> use_the_ace(facts={'opponent': 'mighty', 'ace': 'elastic', 'sum': 'below eighteen'})
    'flex'
    >>> use_the_ace(facts={'opponent': 'fragile', 'ace': 'elastic', 'sum': 'below eighteen'})
    'flex'
    >>> use_the_ace(facts={'opponent': 'mighty', 'ace': 'elastic', 'sum': 'above eighteen'})
    'flex'
    """
    return "flex"
