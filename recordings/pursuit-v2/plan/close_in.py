def close_in(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Aim both pursuers at the cell of the evader.

    Use when: the distance is near and the pursuers come from two sides: close in on the evader together.
    Rules: 5, 7
    >>> close_in(board=["..##...", ".......", ".......", "#...#..", "..#.##.", ".....#.", "#..#..."], pursuers=[[3, 2], [1, 5]], evader=[3, 5], facts={"chase": "young", "distance": "near", "gap": "apart", "room": "tight", "sides": "two sides", "ways": "three"})
    [[3, 5], [3, 5]]
    >>> close_in(board=["#.....#", ".......", ".###...", "..#..#.", ".......", ".##....", "....#.."], pursuers=[[1, 4], [4, 5]], evader=[3, 3], facts={"chase": "long", "distance": "near", "gap": "apart", "room": "wide", "sides": "two sides", "ways": "two"})
    [[3, 3], [3, 3]]
    >>> close_in(board=["..##..#", "..#....", ".......", "..##...", "...#..#", "...##..", "......."], pursuers=[[2, 6], [0, 2]], evader=[1, 4], facts={"chase": "long", "distance": "near", "gap": "apart", "room": "tight", "sides": "two sides", "ways": "four"})
    [[1, 4], [1, 4]]
    >>> close_in(board=["....#..", ".#.....", ".#.#.##", ".......", "#....#.", ".......", "..#...#"], pursuers=[[4, 2], [2, 5]], evader=[2, 3], facts={"chase": "young", "distance": "near", "gap": "apart", "room": "wide", "sides": "two sides", "ways": "four"})
    [[2, 3], [2, 3]]
    """
    return [list(evader), list(evader)]
