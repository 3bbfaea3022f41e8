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
    width = len(board[0]) + 1
    ground = "#" * width + "".join([row + "#" for row in board]) + "#" * width
    fresh = [99 if mark == "." else -1 for mark in ground]

    def near(cell: int) -> list[int]:
        return [other for other in (cell, cell + 1, cell - 1, cell + width, cell - width) if fresh[other] > 0]

    def walk(start: int) -> list[int]:
        steps = fresh.copy()
        steps[start] = 0
        queue = [start]
        for cell in queue:
            following = steps[cell] + 1
            for other in (cell + 1, cell - 1, cell + width, cell - width):
                if steps[other] == 99:
                    steps[other] = following
                    queue.append(other)
        return steps

    one, two = [(cell[1] + 1) * width + cell[0] for cell in pursuers]
    prey = (evader[1] + 1) * width + evader[0]
    goals = [walk((cell[1] + 1) * width + cell[0]) for cell in plan]
    best = [min(near(one), key=lambda cell: goals[0][cell]), min(near(two), key=lambda cell: goals[1][cell])]
    return [[cell % width, cell // width - 1] for cell in best]
