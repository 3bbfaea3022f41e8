def advance(board: list[str], pursuers: list[list[int]], evader: list[int], plan: list[list[int]], facts: dict[str, str]) -> list[list[int]]:
    """Step each pursuer along the shortest way to its aim.

    Use when: the distance is far: walk up to the aims.
    Rules: 3, 7
    >>> advance(board=["#......", "...#...", "...#.#.", ".#...#.", "..#.#..", "....#..", "....#.."], pursuers=[[4, 3], [3, 3]], evader=[5, 6], plan=[[6, 3], [6, 3]], facts={"chase": "young", "distance": "far", "gap": "together", "room": "tight", "sides": "one side", "ways": "two"})
    [[4, 2], [4, 3]]
    >>> advance(board=["...#...", ".......", ".....#.", "..#.#..", ".#....#", "...#...", "#..##.."], pursuers=[[0, 2], [0, 1]], evader=[5, 5], plan=[[3, 4], [6, 1]], facts={"chase": "young", "distance": "far", "gap": "together", "room": "wide", "sides": "one side", "ways": "four"})
    [[1, 2], [1, 1]]
    >>> advance(board=["......#", ".#..#..", ".......", "##..#..", "..#....", "...#.#.", "#......"], pursuers=[[4, 4], [5, 4]], evader=[0, 0], plan=[[3, 0], [4, 0]], facts={"chase": "long", "distance": "far", "gap": "together", "room": "wide", "sides": "one side", "ways": "two"})
    [[3, 4], [5, 3]]
    >>> advance(board=["#......", "...#...", "......#", "....#..", "..###..", ".#...#.", "...#..."], pursuers=[[5, 2], [2, 0]], evader=[2, 6], plan=[[5, 6], [0, 4]], facts={"chase": "young", "distance": "far", "gap": "apart", "room": "wide", "sides": "one side", "ways": "two"})
    [[5, 3], [1, 0]]
    """
    width = len(board[0]) + 1
    ground = lay_out(board)
    one, two = [(cell[1] + 1) * width + cell[0] for cell in pursuers]
    goals = [walk(ground, width, (cell[1] + 1) * width + cell[0]) for cell in plan]
    best = [min(near(ground, width, one), key=lambda cell: goals[0][cell]), min(near(ground, width, two), key=lambda cell: goals[1][cell])]
    return [[cell % width, cell // width - 1] for cell in best]
