def size_of_rest(ends: dict[str, int]) -> dict[str, str]:
    """How many numbers are possible, in words.

    Use when: in every state.
    Rules: 1, 4
    >>> size_of_rest(ends={'greatest': 7, 'smallest': 1})
    {'rest': 'more'}
    >>> size_of_rest(ends={'greatest': 66, 'smallest': 64})
    {'rest': 'triple'}
    >>> size_of_rest(ends={'greatest': 1, 'smallest': 1})
    {'rest': 'single'}
    """
    rest = ends["greatest"] - ends["smallest"]
    if rest == 0:
        return {"rest": "single"}
    if rest == 1:
        return {"rest": "pair"}
    return {"rest": "triple" if rest == 2 else "more"}
