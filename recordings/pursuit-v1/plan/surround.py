def surround(board: list[str], pursuers: list[list[int]], evader: list[int], facts: dict[str, str]) -> list[list[int]]:
    """Aim the nearer pursuer at the evader and the other one at the far end of its room, to come from the other side.

    Use when: the distance is near and the pursuers come from one side: send one of them round to the far side.
    When: facts["distance"] == "near" and facts["sides"] == "one side"
    Rules: 3, 5
    >>> surround(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[1, 2], [3, 3]], evader=[4, 0], facts={"chase": "long", "distance": "near", "room": "tight", "sides": "one side"})
    [[4, 0], [4, 0]]
    >>> surround(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[3, 0], [4, 0]], evader=[4, 4], facts={"chase": "young", "distance": "near", "room": "wide", "sides": "one side"})
    [[0, 4], [4, 4]]
    >>> surround(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[1, 4], [2, 4]], evader=[4, 2], facts={"chase": "young", "distance": "near", "room": "tight", "sides": "one side"})
    [[4, 0], [4, 2]]
    >>> surround(board=["....#", ".....", ".....", ".#.#.", "....."], pursuers=[[0, 1], [0, 2]], evader=[4, 2], facts={"chase": "long", "distance": "near", "room": "wide", "sides": "one side"})
    [[4, 4], [4, 2]]
    """
    width, height = len(board[0]), len(board)
    near: list[list[int]] = []
    for y in range(height):
        for x in range(width):
            ways = [(x, y), (x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
            near.append([j * width + i for i, j in ways if 0 <= i < width and 0 <= j < height and board[j][i] == "."])

    def walk(start: int) -> list[int]:
        steps = [99] * (width * height)
        steps[start] = 0
        queue = [start]
        for cell in queue:
            following = steps[cell] + 1
            for other in near[cell]:
                if steps[other] == 99:
                    steps[other] = following
                    queue.append(other)
        return steps

    one, two = [cell[1] * width + cell[0] for cell in pursuers]
    prey = evader[1] * width + evader[0]
    first, second, own = walk(one), walk(two), walk(prey)
    end, best = prey, -1
    for cell in range(width * height):
        gap = min(first[cell], second[cell])
        if own[cell] < gap < 99 and own[cell] <= 4 and gap > best:
            end, best = cell, gap
    target = [end % width, end // width]
    if first[prey] <= second[prey]:
        return [list(evader), target]
    return [target, list(evader)]
