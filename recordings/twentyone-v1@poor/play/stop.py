def stop(facts: dict[str, str]) -> str:
    """Stop.

    Use when: it is enough.
    Rules: 4, 6, 7
    >>> stop(facts={'hand': 'big'})
    'stick'
    """
    return "stick"
