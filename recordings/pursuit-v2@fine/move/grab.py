def grab(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Step onto the evader.

    Use when: the contact is touch.
    When: facts["contact"] == "touch"
    Rules: 2, 5
    >>> grab(board=['..#...', '......', '#.....', '#....#', '......', '..#...'], pursuers=[[4, 4], [4, 5]], evader=[5, 5], facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'little', 'nearer': 'second'})
    [[4, 4], [5, 5]]
    >>> grab(board=['#....#', '......', '......', '....#.', '....#.', '..#...'], pursuers=[[0, 4], [1, 4]], evader=[0, 5], facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'little', 'nearer': 'first'})
    [[0, 5], [1, 4]]
    >>> grab(board=['#.....', '#.....', '...#.#', '.....#', '......', '......'], pursuers=[[3, 0], [1, 1]], evader=[2, 0], facts={'contact': 'touch', 'hunt': 'fresh', 'land': 'much', 'nearer': 'first'})
    [[2, 0], [1, 1]]
    """
    steps = []
    caught = False
    for x, y in pursuers:
        touches = abs(x - evader[0]) + abs(y - evader[1]) <= 1
        steps.append(list(evader) if touches and not caught else [x, y])
        caught = caught or touches
    return steps
