def close_in(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Aim both pursuers at the cell of the evader.

    Use when: the distance is near and the pursuers come from two sides: close in on the evader together.
    Rules: 5, 7
    >>> close_in(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[1, 1], [4, 3]], evader=[2, 4], facts={"chase": "young", "distance": "near", "room": "tight", "sides": "two sides"})
    [[2, 4], [2, 4]]
    >>> close_in(board=[".....", ".....", "..##.", ".....", "#...."], pursuers=[[4, 1], [2, 3]], evader=[4, 4], facts={"chase": "long", "distance": "near", "room": "tight", "sides": "two sides"})
    [[4, 4], [4, 4]]
    >>> close_in(board=["#....", ".....", ".#...", "..#..", "....."], pursuers=[[3, 4], [1, 1]], evader=[0, 3], facts={"chase": "young", "distance": "near", "room": "tight", "sides": "two sides"})
    [[0, 3], [0, 3]]
    >>> close_in(board=[".....", "..##.", ".....", "...#.", "....."], pursuers=[[1, 2], [4, 3]], evader=[2, 4], facts={"chase": "young", "distance": "near", "room": "tight", "sides": "two sides"})
    [[2, 4], [2, 4]]
    """
    return [list(evader), list(evader)]
