def pounce(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Step onto the evader with a pursuer beside it.

    Use when: the distance is touching: catch the evader now.
    When: facts["distance"] == "touching"
    Rules: 5
    >>> pounce(board=["..##..#", "..#....", ".......", "..##...", "...#..#", "...##..", "......."], pursuers=[[2, 6], [0, 5]], evader=[1, 6], facts={"chase": "long", "distance": "touching", "gap": "together", "room": "tight", "sides": "two sides", "ways": "three"})
    [[1, 6], [0, 5]]
    >>> pounce(board=["#......", "...#...", ".#.....", ".....#.", "...###.", "...#...", "...#..#"], pursuers=[[4, 5], [5, 5]], evader=[4, 6], facts={"chase": "long", "distance": "touching", "gap": "together", "room": "tight", "sides": "one side", "ways": "two"})
    [[4, 6], [5, 5]]
    >>> pounce(board=["...#...", ".#.....", "....##.", "..#....", "#.#..#.", "..#....", "......#"], pursuers=[[6, 5], [4, 6]], evader=[5, 6], facts={"chase": "long", "distance": "touching", "gap": "together", "room": "tight", "sides": "two sides", "ways": "two"})
    [[6, 5], [5, 6]]
    """
    moves = [list(cell) for cell in pursuers]
    for number, (x, y) in enumerate(pursuers):
        if abs(x - evader[0]) + abs(y - evader[1]) <= 1:
            moves[number] = list(evader)
    return moves
