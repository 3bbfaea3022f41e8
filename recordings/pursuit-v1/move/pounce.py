def pounce(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Step onto the evader with a pursuer beside it.

    Use when: the distance is touching: catch the evader now.
    When: facts["distance"] == "touching"
    Rules: 5
    >>> pounce(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[3, 1], [3, 0]], evader=[4, 0], facts={"chase": "long", "distance": "touching", "room": "tight", "sides": "one side"})
    [[3, 1], [4, 0]]
    >>> pounce(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[0, 3], [2, 4]], evader=[0, 4], facts={"chase": "young", "distance": "touching", "room": "tight", "sides": "two sides"})
    [[0, 4], [2, 4]]
    >>> pounce(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[3, 1], [4, 1]], evader=[4, 0], facts={"chase": "young", "distance": "touching", "room": "tight", "sides": "one side"})
    [[3, 1], [4, 0]]
    >>> pounce(board=["....#", ".....", ".....", ".#.#.", "....."], pursuers=[[2, 4], [4, 3]], evader=[4, 4], facts={"chase": "long", "distance": "touching", "room": "tight", "sides": "two sides"})
    [[2, 4], [4, 4]]
    """
    moves = [list(cell) for cell in pursuers]
    for number, (x, y) in enumerate(pursuers):
        if abs(x - evader[0]) + abs(y - evader[1]) <= 1:
            moves[number] = list(evader)
    return moves
