def surround(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Aim the nearer pursuer at the evader and the other one at the far end of its room, to come from the other side.

    Use when: the distance is near and the pursuers come from one side: send one of them round to the far side.
    When: facts["distance"] == "near" and facts["sides"] == "one side"
    Rules: 3, 5
    >>> surround(board=["....#..", "....#..", "...#...", "...#..#", ".##....", ".#..#..", "......#"], pursuers=[[4, 6], [3, 4]], evader=[5, 4], facts={"chase": "young", "distance": "near", "gap": "together", "room": "wide", "sides": "one side", "ways": "four"})
    [[5, 0], [5, 4]]
    >>> surround(board=["...#...", ".#.....", "....##.", "..#....", "#.#..#.", "..#....", "......#"], pursuers=[[5, 1], [4, 4]], evader=[5, 5], facts={"chase": "long", "distance": "near", "gap": "apart", "room": "tight", "sides": "one side", "ways": "three"})
    [[6, 4], [5, 5]]
    >>> surround(board=["...#..#", ".......", "....#..", "......#", "##.##..", ".......", ".....##"], pursuers=[[3, 1], [5, 4]], evader=[0, 5], facts={"chase": "young", "distance": "near", "gap": "apart", "room": "tight", "sides": "one side", "ways": "two"})
    [[0, 6], [0, 5]]
    >>> surround(board=["...#...", ".#.....", "....##.", "..#....", "#.#..#.", "..#....", "......#"], pursuers=[[6, 4], [4, 5]], evader=[5, 6], facts={"chase": "long", "distance": "near", "gap": "together", "room": "tight", "sides": "one side", "ways": "two"})
    [[5, 6], [5, 6]]
    """
    width = len(board[0]) + 1
    ground = lay_out(board)
    one, two = [(cell[1] + 1) * width + cell[0] for cell in pursuers]
    prey = (evader[1] + 1) * width + evader[0]
    first, second, own = walk(ground, width, one), walk(ground, width, two), walk(ground, width, prey)
    end, best = prey, -1
    for cell in range(len(ground)):
        gap = min(first[cell], second[cell])
        if own[cell] < gap < 99 and own[cell] <= 4 and gap > best:
            end, best = cell, gap
    target = [end % width, end // width - 1]
    if first[prey] <= second[prey]:
        return [list(evader), target]
    return [target, list(evader)]
