def finish(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Aim the pursuer beside the evader at it and let the other hold its cell.

    Use when: the distance is touching: finish the chase.
    When: facts["distance"] == "touching"
    Rules: 5
    >>> finish(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[3, 1], [3, 0]], evader=[4, 0], facts={"chase": "long", "distance": "touching", "room": "tight", "sides": "one side"})
    [[3, 1], [4, 0]]
    >>> finish(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[0, 3], [2, 4]], evader=[0, 4], facts={"chase": "young", "distance": "touching", "room": "tight", "sides": "two sides"})
    [[0, 4], [2, 4]]
    >>> finish(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[3, 1], [4, 1]], evader=[4, 0], facts={"chase": "young", "distance": "touching", "room": "tight", "sides": "one side"})
    [[3, 1], [4, 0]]
    >>> finish(board=["....#", ".....", ".....", ".#.#.", "....."], pursuers=[[2, 4], [4, 3]], evader=[4, 4], facts={"chase": "long", "distance": "touching", "room": "tight", "sides": "two sides"})
    [[2, 4], [4, 4]]
    """
    aims = []
    for x, y in pursuers:
        beside = abs(x - evader[0]) + abs(y - evader[1]) <= 1
        aims.append(list(evader) if beside else [x, y])
    return aims
