def walk(ground: list[int], width: int, start: int) -> list[int]:
    """Count the moves from one cell to each cell; 99 stays where no way leads, -1 at an obstacle.

    Rules: 3, 4
    >>> walk(ground=[-1, -1, -1, 99, -1, -1, 99, 99, -1, -1, -1, -1], width=3, start=3)
    [-1, -1, -1, 0, -1, -1, 1, 2, -1, -1, -1, -1]
    >>> walk(ground=[-1, -1, -1, -1, 99, -1, 99, -1, 99, -1, -1, -1, -1, -1, -1, -1], width=4, start=4)
    [-1, -1, -1, -1, 0, -1, 99, -1, 1, -1, -1, -1, -1, -1, -1, -1]
    """
    steps = ground.copy()
    steps[start] = 0
    queue = [start]
    for cell in queue:
        following = steps[cell] + 1
        for other in (cell + 1, cell - 1, cell + width, cell - width):
            if steps[other] == 99:
                steps[other] = following
                queue.append(other)
    return steps
