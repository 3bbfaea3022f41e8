def foresee(board: list[str], pursuers: list[list[int]], evader: list[int], plan: list[list[int]], facts: dict[str, str]) -> list[list[int]]:
    """Take the joint move after which the best flight of the evader leads to the smallest room.

    Use when: the distance is near, the chase is young, and the room is wide or the pursuers come from two sides.
    Rules: 2, 6
    >>> foresee(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[3, 0], [4, 0]], evader=[4, 4], plan=[[0, 4], [4, 4]], facts={"chase": "young", "distance": "near", "room": "wide", "sides": "one side"})
    [[3, 1], [4, 1]]
    >>> foresee(board=["#....", ".....", ".#...", "..#..", "....."], pursuers=[[3, 4], [1, 1]], evader=[0, 3], plan=[[0, 3], [0, 3]], facts={"chase": "young", "distance": "near", "room": "tight", "sides": "two sides"})
    [[2, 4], [0, 1]]
    >>> foresee(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[0, 4], [1, 4]], evader=[4, 3], plan=[[4, 0], [4, 3]], facts={"chase": "young", "distance": "near", "room": "wide", "sides": "one side"})
    [[1, 4], [2, 4]]
    >>> foresee(board=[".....", "..##.", ".....", "...#.", "....."], pursuers=[[1, 2], [4, 3]], evader=[2, 4], plan=[[2, 4], [2, 4]], facts={"chase": "young", "distance": "near", "room": "tight", "sides": "two sides"})
    [[1, 3], [4, 4]]
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
    lefts = [one] if goals[0][one] == 0 else near(one)
    rights = [two] if goals[1][two] == 0 else near(two)
    moves = [(left, right) for left in lefts for right in rights]
    flights = near(prey)
    reach = {cell: walk(cell) for cell in near(one) + near(two) + flights}
    cells = [cell for cell in range(len(ground)) if -1 < reach[prey][cell] < 99]
    best, least = (one, two), 9999
    for left, right in moves:
        first, second = reach[left], reach[right]
        worst = 0
        for flight in flights:
            if first[flight] > 1 and second[flight] > 1:
                own = reach[flight]
                room = len([cell for cell in cells if own[cell] < first[cell] - 1 and own[cell] < second[cell] - 1])
                worst = max(worst, 4 * room + first[flight] + second[flight])
        score = 4 * worst + goals[0][left] + goals[1][right]
        if score < least:
            best, least = (left, right), score
    return [[cell % width, cell // width - 1] for cell in best]
