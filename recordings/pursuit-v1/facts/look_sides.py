def look_sides(board: list[str], pursuers: list[list[int]], evader: list[int]) -> dict[str, str]:
    """Say whether the pursuers come at the evader from one side or from two sides.

    Use when: always; it is a fact that the choices need.
    Rules: 2, 5
    >>> look_sides(board=["##...", ".....", ".....", ".....", "....#"], pursuers=[[1, 3], [2, 3]], evader=[4, 0])
    {'sides': 'one side'}
    >>> look_sides(board=[".....", ".....", "#.#..", "...#.", "....."], pursuers=[[1, 1], [4, 3]], evader=[2, 4])
    {'sides': 'two sides'}
    >>> look_sides(board=["..#..", ".....", "#....", "...#.", "....."], pursuers=[[0, 4], [1, 4]], evader=[4, 3])
    {'sides': 'one side'}
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
    steps = walk(prey)
    between = walk(one)[two]
    return {"sides": "two sides" if between >= steps[one] + steps[two] - 1 or between > max(steps[one], steps[two]) else "one side"}
