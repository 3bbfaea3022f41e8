def finish(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Aim the pursuer beside the evader at it and let the other hold its cell.

    Use when: the distance is touching: finish the chase.
    When: facts["distance"] == "touching"
    Rules: 5
    >>> finish(board=["..##..#", "..#....", ".......", "..##...", "...#..#", "...##..", "......."], pursuers=[[2, 6], [0, 5]], evader=[1, 6], facts={"chase": "long", "distance": "touching", "gap": "together", "room": "tight", "sides": "two sides", "ways": "three"})
    [[1, 6], [0, 5]]
    >>> finish(board=["#......", "...#...", ".#.....", ".....#.", "...###.", "...#...", "...#..#"], pursuers=[[4, 5], [5, 5]], evader=[4, 6], facts={"chase": "long", "distance": "touching", "gap": "together", "room": "tight", "sides": "one side", "ways": "two"})
    [[4, 6], [5, 5]]
    >>> finish(board=["...#...", ".#.....", "....##.", "..#....", "#.#..#.", "..#....", "......#"], pursuers=[[6, 5], [4, 6]], evader=[5, 6], facts={"chase": "long", "distance": "touching", "gap": "together", "room": "tight", "sides": "two sides", "ways": "two"})
    [[6, 5], [5, 6]]
    """
    aims = []
    for x, y in pursuers:
        beside = abs(x - evader[0]) + abs(y - evader[1]) <= 1
        aims.append(list(evader) if beside else [x, y])
    return aims
