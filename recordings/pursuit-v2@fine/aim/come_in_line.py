def come_in_line(evader: list[int], lead: str, facts: dict[str, str]) -> list[list[int]]:
    """Walk straight towards the evader with both pursuers.

    Use when: the contact is away and both lead.
    When: facts["contact"] == "away" and lead == "both"
    Rules: 3, 7
    >>> come_in_line(evader=[0, 3], lead='both', facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'first'})
    [[0, 3], [0, 3]]
    >>> come_in_line(evader=[2, 5], lead='both', facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'second'})
    [[2, 5], [2, 5]]
    >>> come_in_line(evader=[5, 0], lead='both', facts={'contact': 'away', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[5, 0], [5, 0]]
    """
    return [list(evader), list(evader)]
