def head_off(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Aim each pursuer at the cell at the edge of the evader's room that is nearest to it.

    Use when: the distance is far: head for the edges of the room of the evader.
    Rules: 3, 6
    >>> head_off(board=["#......", "...#...", "...#.#.", ".#...#.", "..#.#..", "....#..", "....#.."], pursuers=[[4, 3], [3, 3]], evader=[5, 6], facts={"chase": "young", "distance": "far", "gap": "together", "room": "tight", "sides": "one side", "ways": "two"})
    [[6, 3], [6, 3]]
    >>> head_off(board=["...#...", ".......", ".....#.", "..#.#..", ".#....#", "...#...", "#..##.."], pursuers=[[0, 2], [0, 1]], evader=[5, 5], facts={"chase": "young", "distance": "far", "gap": "together", "room": "wide", "sides": "one side", "ways": "four"})
    [[3, 4], [6, 1]]
    >>> head_off(board=["......#", ".#..#..", ".......", "##..#..", "..#....", "...#.#.", "#......"], pursuers=[[4, 4], [5, 4]], evader=[0, 0], facts={"chase": "long", "distance": "far", "gap": "together", "room": "wide", "sides": "one side", "ways": "two"})
    [[3, 0], [4, 0]]
    >>> head_off(board=["#......", "...#...", "......#", "....#..", "..###..", ".#...#.", "...#..."], pursuers=[[5, 2], [2, 0]], evader=[2, 6], facts={"chase": "young", "distance": "far", "gap": "apart", "room": "wide", "sides": "one side", "ways": "two"})
    [[5, 6], [0, 4]]
    """
    width = len(board[0]) + 1
    ground = lay_out(board)
    one, two = [(cell[1] + 1) * width + cell[0] for cell in pursuers]
    prey = (evader[1] + 1) * width + evader[0]
    first, second, own = walk(ground, width, one), walk(ground, width, two), walk(ground, width, prey)
    room = [cell for cell in range(len(ground)) if own[cell] < first[cell] and own[cell] < second[cell]]
    edge = [cell for cell in room if [other for other in near(ground, width, cell) if other not in room]]
    if not edge:
        edge = [prey]
    left = min(edge, key=lambda cell: (first[cell], -second[cell], cell))
    right = min(edge, key=lambda cell: (second[cell] + (3 if cell == left else 0), -first[cell], cell))
    return [[left % width, left // width - 1], [right % width, right // width - 1]]
