def vary(board: list[str], pursuers: list[list[int]], evader: list[int], steps_left: int, facts: dict[str, str]) -> list[list[int]]:
    """Look two moves ahead, with a preference that changes from step to step, so that the chase leaves its circle; far from the evader, wait.

    Use when: the chase is long and the distance is near: leave the circle in which the chase runs.
    Rules: 6, 7
    >>> vary(board=["#.....#", ".......", ".###...", "..#..#.", ".......", ".##....", "....#.."], pursuers=[[1, 4], [4, 5]], evader=[3, 3], steps_left=14, facts={"chase": "long", "distance": "near", "gap": "apart", "room": "wide", "sides": "two sides", "ways": "two"})
    [[2, 4], [4, 4]]
    >>> vary(board=["..##..#", "..#....", ".......", "..##...", "...#..#", "...##..", "......."], pursuers=[[2, 4], [0, 3]], evader=[1, 5], steps_left=14, facts={"chase": "long", "distance": "near", "gap": "together", "room": "tight", "sides": "one side", "ways": "four"})
    [[2, 5], [0, 4]]
    >>> vary(board=["......#", ".#..#..", ".......", "##..#..", "..#....", "...#.#.", "#......"], pursuers=[[1, 2], [2, 0]], evader=[3, 1], steps_left=7, facts={"chase": "long", "distance": "near", "gap": "together", "room": "wide", "sides": "one side", "ways": "three"})
    [[2, 2], [3, 0]]
    >>> vary(board=["...#...", ".#.....", "....##.", "..#....", "#.#..#.", "..#....", "......#"], pursuers=[[5, 1], [4, 4]], evader=[5, 5], steps_left=17, facts={"chase": "long", "distance": "near", "gap": "apart", "room": "tight", "sides": "one side", "ways": "three"})
    [[6, 1], [4, 4]]
    """
    if facts["distance"] == "far":
        return [list(cell) for cell in pursuers]
    width = len(board[0]) + 1
    ground = lay_out(board)
    one, two = [(cell[1] + 1) * width + cell[0] for cell in pursuers]
    prey = (evader[1] + 1) * width + evader[0]
    best = corner(ground, width, one, two, prey, 0, steps_left, 211)
    return [[cell % width, cell // width - 1] for cell in best]
