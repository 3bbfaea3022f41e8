def both_lead(facts: dict[str, str]) -> str:
    """Both pursuers lead.

    Use when: neither pursuer is nearer.
    When: facts["nearer"] == "neither"
    Rules: 2, 3
    >>> both_lead(facts={'contact': 'close', 'hunt': 'fresh', 'land': 'little', 'nearer': 'neither'})
    'both'
    >>> both_lead(facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'little', 'nearer': 'neither'})
    'both'
    >>> both_lead(facts={'contact': 'close', 'hunt': 'fresh', 'land': 'much', 'nearer': 'neither'})
    'both'
    """
    return "both"
