def move_the_unbroken_one(board: list[str], pursuers: list[list[int]], evader: list[int], steps_left: int, notices: dict[str, int]) -> list[list[int]]:
    """Look two moves ahead for the pursuer that can move while the broken one stays on its cell.

    Use when: a pursuer is broken.
    When: "broken" in notices
    Rules: 2, 3, 5, 6
    Replaces: advance, foresee, pounce, squeeze, vary
    >>> move_the_unbroken_one(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[1, 3], [2, 3]], evader=[4, 0], steps_left=37, notices={"broken": 1})
    [[1, 3], [3, 3]]
    >>> move_the_unbroken_one(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[3, 0], [4, 0]], evader=[4, 4], steps_left=30, notices={"broken": 2})
    [[4, 0], [4, 0]]
    >>> move_the_unbroken_one(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[3, 1], [4, 1]], evader=[4, 0], steps_left=12, notices={"broken": 2})
    [[3, 1], [4, 1]]
    """
    width = len(board[0]) + 1
    ground = lay_out(board)
    one, two = [(cell[1] + 1) * width + cell[0] for cell in pursuers]
    prey = (evader[1] + 1) * width + evader[0]
    if notices["broken"] != 1 and prey in near(ground, width, one):
        return [list(evader), pursuers[1]]
    if notices["broken"] != 2 and prey in near(ground, width, two):
        return [pursuers[0], list(evader)]
    best = corner(ground, width, one, two, prey, notices["broken"], steps_left, 101)
    return [[cell % width, cell // width - 1] for cell in best]
