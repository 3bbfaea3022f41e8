def advance(board: list[str], pursuers: list[list[int]], evader: list[int], plan: list[list[int]], facts: dict[str, str]) -> list[list[int]]:
    """Step each pursuer along the shortest way to its aim.

    Use when: the distance is far and the chase is young: walk up to the aims.
    Rules: 3, 7
    >>> advance(board=["#....", ".....", ".#...", "..#..", "....."], pursuers=[[3, 2], [3, 1]], evader=[0, 3], plan=[[1, 4], [0, 1]], facts={"chase": "young", "distance": "far", "room": "tight", "sides": "one side"})
    [[3, 3], [2, 1]]
    >>> advance(board=[".....", "..##.", ".....", "...#.", "....."], pursuers=[[0, 1], [1, 1]], evader=[4, 1], plan=[[3, 0], [3, 2]], facts={"chase": "young", "distance": "far", "room": "wide", "sides": "one side"})
    [[1, 1], [1, 2]]
    >>> advance(board=[".....", ".....", "#.#..", ".....", "....#"], pursuers=[[3, 1], [3, 2]], evader=[0, 4], plan=[[1, 3], [2, 4]], facts={"chase": "young", "distance": "far", "room": "tight", "sides": "one side"})
    [[2, 1], [3, 3]]
    >>> advance(board=[".....", ".....", ".#...", "..#..", "..#.."], pursuers=[[0, 0], [0, 1]], evader=[4, 3], plan=[[4, 0], [4, 1]], facts={"chase": "young", "distance": "far", "room": "wide", "sides": "one side"})
    [[1, 0], [1, 1]]
    """
    width, height = len(board[0]), len(board)
    near: list[list[int]] = []
    for y in range(height):
        for x in range(width):
            ways = [(x, y), (x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
            near.append([j * width + i for i, j in ways if 0 <= i < width and 0 <= j < height and board[j][i] == "."])

    def walk(start: int) -> list[int]:
        steps = [99] * (width * height)
        steps[start] = 0
        queue = [start]
        for cell in queue:
            following = steps[cell] + 1
            for other in near[cell]:
                if steps[other] == 99:
                    steps[other] = following
                    queue.append(other)
        return steps

    one, two = [cell[1] * width + cell[0] for cell in pursuers]
    prey = evader[1] * width + evader[0]
    goals = [walk(cell[1] * width + cell[0]) for cell in plan]
    best = [min(near[one], key=lambda cell: goals[0][cell]), min(near[two], key=lambda cell: goals[1][cell])]
    return [[cell % width, cell // width] for cell in best]
