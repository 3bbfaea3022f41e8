def second_leads(facts: dict[str, str]) -> str:
    """The second pursuer leads.

    Use when: the second pursuer is nearer.
    Rules: 2, 3
    >>> second_leads(facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'second'})
    'second'
    >>> second_leads(facts={'contact': 'away', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    'second'
    >>> second_leads(facts={'contact': 'close', 'hunt': 'fresh', 'land': 'much', 'nearer': 'second'})
    'second'
    """
    return "second"
