def near(ground: list[int], width: int, cell: int) -> list[int]:
    """Give the cells that one move leads to, the cell itself among them; `width` is that of a row with its wall.

    Rules: 3, 4
    >>> near(ground=[-1, -1, -1, 99, -1, -1, 99, 99, -1, -1, -1, -1], width=3, cell=6)
    [6, 7, 3]
    """
    return [other for other in (cell, cell + 1, cell - 1, cell + width, cell - width) if ground[other] > 0]
