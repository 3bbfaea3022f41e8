def aim_at_the_evader(evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Make for the evader's own cell.

    Use when: the contact is touch.
    When: facts["contact"] == "touch"
    Rules: 5
    >>> aim_at_the_evader(evader=[4, 4], facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[4, 4], [4, 4]]
    >>> aim_at_the_evader(evader=[4, 4], facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'little', 'nearer': 'first'})
    [[4, 4], [4, 4]]
    >>> aim_at_the_evader(evader=[1, 1], facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'much', 'nearer': 'first'})
    [[1, 1], [1, 1]]
    """
    return [list(evader), list(evader)]
