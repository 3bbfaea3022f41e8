def look_around(board: list[str], pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """How far the nearest pursuer is, from how many sides the pursuers come, and how much room the evader reaches first.

    Use when: in every state.
    Rules: 1, 2, 4
    >>> look_around(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[1, 3], [2, 3]], evader=[4, 0])
    {'distance': 'far', 'sides': 'one side', 'room': 'tight'}
    >>> look_around(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[1, 1], [4, 3]], evader=[2, 4])
    {'distance': 'near', 'sides': 'two sides', 'room': 'tight'}
    >>> look_around(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[0, 4], [1, 4]], evader=[4, 3])
    {'distance': 'near', 'sides': 'one side', 'room': 'wide'}
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
    nearest = min(own[one], own[two])
    between = first[two]
    opposed = between >= own[one] + own[two] - 1 or between > max(own[one], own[two])
    room = len([cell for cell in range(width * height) if own[cell] < first[cell] and own[cell] < second[cell]])
    return {
        "distance": "touching" if nearest <= 1 else "near" if nearest <= 4 else "far",
        "sides": "two sides" if opposed else "one side",
        "room": "tight" if room <= 7 else "wide",
    }
