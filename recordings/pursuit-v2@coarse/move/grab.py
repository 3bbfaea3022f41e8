def grab(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Step onto the evader.

    Use when: the contact is touch.
    When: facts["contact"] == "touch"
    Rules: 2, 5
    >>> grab(board=['..#..', '.....', '.....', '.....', '..#..'], pursuers=[[4, 2], [3, 4]], evader=[4, 4], facts={'contact': 'touch', 'hunt': 'fresh'})
    [[4, 2], [4, 4]]
    >>> grab(board=['.....', '.....', '#..#.', '.....', '.....'], pursuers=[[4, 3], [2, 4]], evader=[3, 3], facts={'contact': 'touch', 'hunt': 'fresh'})
    [[3, 3], [2, 4]]
    >>> grab(board=['.....', '.....', '.....', '.....', '#...#'], pursuers=[[4, 2], [3, 3]], evader=[4, 3], facts={'contact': 'touch', 'hunt': 'fresh'})
    [[4, 3], [3, 3]]
    >>> grab(board=['#....', '.....', '.....', '...#.', '.....'], pursuers=[[3, 0], [3, 1]], evader=[4, 0], facts={'contact': 'touch', 'hunt': 'fresh'})
    [[4, 0], [3, 1]]
    """
    steps = []
    caught = False
    for x, y in pursuers:
        touches = abs(x - evader[0]) + abs(y - evader[1]) <= 1
        steps.append(list(evader) if touches and not caught else [x, y])
        caught = caught or touches
    return steps
