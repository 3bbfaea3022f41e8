def close_both_ways(evader: list[int], lead: str, facts: dict[str, str]) -> list[list[int]]:
    """Close in with both pursuers.

    Use when: the contact is close and both lead.
    When: facts["contact"] == "close" and lead == "both"
    Rules: 2, 5
    >>> close_both_ways(evader=[0, 5], lead='both', facts={'contact': 'close', 'hunt': 'fresh', 'land': 'little', 'nearer': 'first'})
    [[0, 5], [0, 5]]
    >>> close_both_ways(evader=[1, 4], lead='both', facts={'contact': 'close', 'hunt': 'fresh', 'land': 'much', 'nearer': 'neither'})
    [[1, 4], [1, 4]]
    >>> close_both_ways(evader=[0, 1], lead='both', facts={'contact': 'close', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[0, 1], [0, 1]]
    """
    return [list(evader), list(evader)]
