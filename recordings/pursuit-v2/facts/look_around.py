def look_around(board: list[str], pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """How far the nearest pursuer is, from how many sides the pursuers come, how far apart they are, how many ways lead from the evader, and how much room it reaches first.

    Use when: in every state.
    Rules: 1, 2, 4
    >>> look_around(board=["..#....", "....#..", "..#....", "....#.#", "...##.#", "..##...", "......."], pursuers=[[3, 2], [1, 5]], evader=[5, 2])
    {'distance': 'near', 'sides': 'one side', 'gap': 'apart', 'ways': 'four', 'room': 'wide'}
    >>> look_around(board=["...#...", ".#.....", "....##.", "..#....", "#.#..#.", "..#....", "......#"], pursuers=[[1, 2], [3, 1]], evader=[6, 5])
    {'distance': 'near', 'sides': 'one side', 'gap': 'together', 'ways': 'two', 'room': 'wide'}
    >>> look_around(board=["#......", "...#...", ".#.....", ".....#.", "...###.", "...#...", "...#..#"], pursuers=[[4, 5], [5, 5]], evader=[4, 6])
    {'distance': 'touching', 'sides': 'one side', 'gap': 'together', 'ways': 'two', 'room': 'tight'}
    """
    width = len(board[0]) + 1
    ground = lay_out(board)
    one, two = [(cell[1] + 1) * width + cell[0] for cell in pursuers]
    prey = (evader[1] + 1) * width + evader[0]
    first, second, own = walk(ground, width, one), walk(ground, width, two), walk(ground, width, prey)
    nearest = min(own[one], own[two])
    between = first[two]
    opposed = between >= own[one] + own[two] - 1 or between > max(own[one], own[two])
    room = len([1 for mine, theirs, others in zip(own, first, second) if mine < theirs and mine < others])
    return {
        "distance": "touching" if nearest <= 1 else "near" if nearest <= 7 else "far",
        "sides": "two sides" if opposed else "one side",
        "gap": "together" if between <= 3 else "apart",
        "ways": ["none", "one", "two", "three", "four"][len([1 for steps in own if steps == 1])],
        "room": "tight" if room <= 7 else "wide",
    }
