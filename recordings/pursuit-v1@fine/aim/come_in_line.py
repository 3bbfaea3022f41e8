def come_in_line(evader: list[int], lead: str, facts: dict[str, str]) -> list[list[int]]:
    """Walk straight towards the evader with both pursuers.

    Use when: the contact is away and both lead.
    When: facts["contact"] == "away" and lead == "both"
    Rules: 3, 7
    >>> come_in_line(evader=[4, 4], lead='both', facts={'contact': 'away', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[4, 4], [4, 4]]
    >>> come_in_line(evader=[1, 4], lead='both', facts={'contact': 'away', 'hunt': 'fresh', 'land': 'little', 'nearer': 'neither'})
    [[1, 4], [1, 4]]
    >>> come_in_line(evader=[4, 4], lead='both', facts={'contact': 'away', 'hunt': 'fresh', 'land': 'much', 'nearer': 'second'})
    [[4, 4], [4, 4]]
    """
    return [list(evader), list(evader)]
