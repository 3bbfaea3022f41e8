def foresee(board: list[str], pursuers: list[list[int]], evader: list[int], plan: list[list[int]], facts: dict[str, str]) -> list[list[int]]:
    """Take the joint move after which the best flight of the evader leads to the smallest room; far from it, wait.

    Use when: the distance is near, the chase is young, and the room is wide or the pursuers come from two sides.
    Rules: 2, 6
    >>> foresee(board=[".......", "..#..#.", "...#.#.", "#....#.", "....#..", "..#....", "#.....#"], pursuers=[[1, 0], [3, 3]], evader=[4, 1], plan=[[4, 1], [4, 1]], facts={"chase": "young", "distance": "near", "gap": "apart", "room": "wide", "sides": "two sides", "ways": "three"})
    [[2, 0], [4, 3]]
    >>> foresee(board=["...#...", ".#.....", "....##.", "..#....", "#.#..#.", "..#....", "......#"], pursuers=[[1, 2], [3, 1]], evader=[6, 5], plan=[[6, 5], [6, 5]], facts={"chase": "young", "distance": "near", "gap": "together", "room": "wide", "sides": "one side", "ways": "two"})
    [[2, 2], [3, 2]]
    >>> foresee(board=[".......", ".....#.", ".##..#.", "..#.#..", "..#....", "..#....", "#...#.."], pursuers=[[5, 0], [4, 5]], evader=[5, 4], plan=[[5, 4], [5, 4]], facts={"chase": "young", "distance": "near", "gap": "apart", "room": "tight", "sides": "two sides", "ways": "four"})
    [[6, 0], [4, 5]]
    >>> foresee(board=["..#....", "....#..", "..#....", "....#.#", "...##.#", "..##...", "......."], pursuers=[[3, 2], [1, 5]], evader=[5, 2], plan=[[5, 2], [6, 5]], facts={"chase": "young", "distance": "near", "gap": "apart", "room": "wide", "sides": "one side", "ways": "four"})
    [[4, 2], [1, 6]]
    """
    if facts["distance"] == "far":
        return [list(cell) for cell in pursuers]
    width = len(board[0]) + 1
    ground = lay_out(board)
    one, two = [(cell[1] + 1) * width + cell[0] for cell in pursuers]
    prey = (evader[1] + 1) * width + evader[0]
    goals = [walk(ground, width, (cell[1] + 1) * width + cell[0]) for cell in plan]
    lefts = [one] if goals[0][one] == 0 else near(ground, width, one)
    rights = [two] if goals[1][two] == 0 else near(ground, width, two)
    moves = [(left, right) for left in lefts for right in rights]
    flights = near(ground, width, prey)
    reach = {cell: walk(ground, width, cell) for cell in near(ground, width, one) + near(ground, width, two) + flights}
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
