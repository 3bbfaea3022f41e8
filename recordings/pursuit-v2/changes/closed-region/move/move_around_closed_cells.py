def move_around_closed_cells(board: list[str], pursuers: list[list[int]], evader: list[int], steps_left: int, notices: dict[str, list[list[int]]]) -> list[list[int]]:
    """Look two moves ahead with the closed cells as obstacles, with a preference that changes from step to step.

    Use when: cells are closed.
    When: "closed" in notices
    Rules: 2, 3, 4, 5, 6
    Replaces: advance, foresee, pounce, squeeze, vary
    >>> move_around_closed_cells(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[1, 3], [2, 3]], evader=[4, 0], steps_left=37, notices={"closed": [[2, 2], [3, 2]]})
    [[1, 2], [3, 3]]
    >>> move_around_closed_cells(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[3, 0], [4, 0]], evader=[4, 4], steps_left=30, notices={"closed": [[0, 1]]})
    [[3, 1], [4, 1]]
    >>> move_around_closed_cells(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[3, 1], [4, 1]], evader=[4, 0], steps_left=12, notices={"closed": [[1, 3], [2, 3]]})
    [[3, 1], [4, 0]]
    """
    marks = [["#" if [x, y] in notices["closed"] else row[x] for x in range(len(row))] for y, row in enumerate(board)]
    board = ["".join(row) for row in marks]
    width = len(board[0]) + 1
    ground = lay_out(board)
    one, two = [(cell[1] + 1) * width + cell[0] for cell in pursuers]
    prey = (evader[1] + 1) * width + evader[0]
    if prey in near(ground, width, one):
        return [list(evader), pursuers[1]]
    if prey in near(ground, width, two):
        return [pursuers[0], list(evader)]
    best = corner(ground, width, one, two, prey, 0, steps_left, 101)
    return [[cell % width, cell // width - 1] for cell in best]
