def poses(moves: list[str]) -> list[list[int]]:
    """Follow the moves: at each time the cell counted from the start, and the degrees turned.

    Rules: 2, 3
    >>> poses(moves=["forward", "right", "forward", "blocked", "pickup"])
    [[0, 0, 0], [1, 0, 0], [1, 0, 90], [1, 1, 90], [1, 1, 90], [1, 1, 90]]
    """
    ahead, right, turned = 0, 0, 0
    found = [[ahead, right, turned]]
    for move in moves:
        if move == "right":
            turned = (turned + 90) % 360
        elif move == "left":
            turned = (turned + 270) % 360
        elif move == "forward":
            ahead, right = from_start(ahead, right, turned, 1, 0)
        found.append([ahead, right, turned])
    return found
