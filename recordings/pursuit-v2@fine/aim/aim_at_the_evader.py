def aim_at_the_evader(evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Make for the evader's own cell.

    Use when: the contact is touch.
    When: facts["contact"] == "touch"
    Rules: 5
    >>> aim_at_the_evader(evader=[5, 5], facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[5, 5], [5, 5]]
    >>> aim_at_the_evader(evader=[0, 5], facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'little', 'nearer': 'first'})
    [[0, 5], [0, 5]]
    >>> aim_at_the_evader(evader=[2, 0], facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'much', 'nearer': 'first'})
    [[2, 0], [2, 0]]
    """
    return [list(evader), list(evader)]
