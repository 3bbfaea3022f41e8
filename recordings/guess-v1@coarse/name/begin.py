def begin(n: int, facts: dict[str, str]) -> int:
    """Begin in the middle between 1 and n.

    Use when: nothing was told so far.
    When: facts["told"] == "nothing"
    Rules: 1, 2
    >>> begin(n=6, facts={'told': 'nothing'})
    3
    >>> begin(n=200, facts={'told': 'nothing'})
    100
    >>> begin(n=65, facts={'told': 'nothing'})
    33
    """
    return (n + 1) // 2
