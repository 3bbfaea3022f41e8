def lay_out(board: list[str]) -> list[int]:
    """Lay the rows of the board out in one line with a wall around them: 99 for a free cell, -1 for an obstacle.

    The cell at x, y stands at (y + 1) * (columns + 1) + x.

    Rules: 3, 4
    >>> lay_out(board=[".#", ".."])
    [-1, -1, -1, 99, -1, -1, 99, 99, -1, -1, -1, -1]
    """
    width = len(board[0]) + 1
    ground = "#" * width + "".join([row + "#" for row in board]) + "#" * width
    return [99 if mark == "." else -1 for mark in ground]
