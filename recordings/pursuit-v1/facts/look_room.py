def look_room(board: list[str], pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """Say how much room the evader has: the cells that it reaches before any pursuer.

    Use when: always; it is a fact that the choices need.
    Rules: 2, 5
    >>> look_room(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[1, 3], [2, 3]], evader=[4, 0])
    {'room': 'tight'}
    >>> look_room(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[3, 0], [4, 0]], evader=[4, 4])
    {'room': 'wide'}
    >>> look_room(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[0, 4], [1, 4]], evader=[4, 3])
    {'room': 'wide'}
    """
    width, height = len(board[0]), len(board)

    def around(cell: int) -> list[int]:
        x, y = cell % width, cell // width
        cells = [cell]
        if x + 1 < width and board[y][x + 1] == ".":
            cells.append(cell + 1)
        if x > 0 and board[y][x - 1] == ".":
            cells.append(cell - 1)
        if y + 1 < height and board[y + 1][x] == ".":
            cells.append(cell + width)
        if y > 0 and board[y - 1][x] == ".":
            cells.append(cell - width)
        return cells

    def walk(start: int) -> list[int]:
        steps = [99] * (width * height)
        steps[start] = 0
        queue = [start]
        for cell in queue:
            for other in around(cell):
                if steps[other] == 99:
                    steps[other] = steps[cell] + 1
                    queue.append(other)
        return steps

    one, two = [cell[1] * width + cell[0] for cell in pursuers]
    prey = evader[1] * width + evader[0]
    first, second, own = walk(one), walk(two), walk(prey)
    room = 0
    for cell in range(width * height):
        if own[cell] < first[cell] and own[cell] < second[cell]:
            room += 1
    return {"room": "tight" if room <= 7 else "wide"}
