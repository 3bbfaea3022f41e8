def squeeze(board: list[str], pursuers: list[list[int]], evader: list[int], plan: list[list[int]], facts: dict[str, str]) -> list[list[int]]:
    """Take the joint move that leaves the evader the smallest room, and of those the one nearest to the aims; far from it, wait.

    Use when: the distance is near, the room is tight, the pursuers come from one side and the chase is young.
    When: facts["distance"] == "near" and facts["room"] == "tight" and facts["sides"] == "one side" and facts["chase"] == "young"
    Rules: 2, 5
    >>> squeeze(board=["...#..#", ".......", "....#..", "......#", "##.##..", ".......", ".....##"], pursuers=[[3, 1], [5, 4]], evader=[0, 5], plan=[[0, 6], [0, 5]], facts={"chase": "young", "distance": "near", "gap": "apart", "room": "tight", "sides": "one side", "ways": "two"})
    [[2, 1], [5, 5]]
    >>> squeeze(board=["....#..", "....#..", "...#...", "...#..#", ".##....", ".#..#..", "......#"], pursuers=[[5, 5], [4, 3]], evader=[5, 2], plan=[[6, 0], [5, 2]], facts={"chase": "young", "distance": "near", "gap": "together", "room": "tight", "sides": "one side", "ways": "four"})
    [[5, 4], [4, 2]]
    >>> squeeze(board=["....#..", "....#..", "...#...", "...#..#", ".##....", ".#..#..", "......#"], pursuers=[[5, 6], [4, 4]], evader=[5, 3], plan=[[6, 0], [5, 3]], facts={"chase": "young", "distance": "near", "gap": "together", "room": "tight", "sides": "one side", "ways": "three"})
    [[5, 5], [4, 3]]
    >>> squeeze(board=["...#...", ".#.....", "....##.", "..#....", "#.#..#.", "..#....", "......#"], pursuers=[[3, 1], [4, 3]], evader=[6, 5], plan=[[6, 5], [6, 5]], facts={"chase": "young", "distance": "near", "gap": "together", "room": "tight", "sides": "one side", "ways": "two"})
    [[4, 1], [4, 3]]
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
    reach = {cell: walk(ground, width, cell) for cell in near(ground, width, one) + near(ground, width, two) + near(ground, width, prey)}
    own = reach[prey]
    cells = [cell for cell in range(len(ground)) if -1 < own[cell] < 99]
    best, least = (one, two), 9999
    for left, right in moves:
        first, second = reach[left], reach[right]
        room = len([cell for cell in cells if own[cell] < first[cell] and own[cell] < second[cell]])
        score = 2 * room + goals[0][left] + goals[1][right]
        if score < least:
            best, least = (left, right), score
    return [[cell % width, cell // width - 1] for cell in best]
