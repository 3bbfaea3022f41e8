def first_leads(facts: dict[str, str]) -> str:
    """The first pursuer leads.

    Use when: the first pursuer is nearer.
    Rules: 2, 3
    >>> first_leads(facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'first'})
    'first'
    >>> first_leads(facts={'contact': 'close', 'hunt': 'fresh', 'land': 'much', 'nearer': 'first'})
    'first'
    >>> first_leads(facts={'contact': 'away', 'hunt': 'fresh', 'land': 'little', 'nearer': 'first'})
    'first'
    """
    return "first"
