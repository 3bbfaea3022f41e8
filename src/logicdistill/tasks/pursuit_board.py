"""Boards of ``pursuit-v2``: made from a seed, walked on, and partly closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from logicdistill.tasks.pursuit_solver import Cell, free_cells, solution
from logicdistill.types import Json

CLOSED_CELLS = 3
"""Cells of a region that closes, where the board allows it."""


def make_board(rng: np.random.Generator, size: int, density: float) -> tuple[str, ...]:
    """A connected board without dead ends on which two pursuers always win.

    Args:
        rng: source of the obstacles.
        size: width and height.
        density: share of the cells that hold obstacles; fewer where no more fit.
    """
    while True:
        board = _scattered(rng, size, round(density * size * size))
        if _sound(board):
            return board


def _scattered(rng: np.random.Generator, size: int, count: int) -> tuple[str, ...]:
    """Up to so many obstacles, in random order; none that leaves a neighbour with one way."""
    free = np.ones((size + 2, size + 2), np.bool_)
    free[[0, -1], :] = free[:, [0, -1]] = False
    around = ((1, 0), (-1, 0), (0, 1), (0, -1))
    left = count
    for number in rng.permutation(size * size).tolist():
        if not left:
            break
        y, x = number // size + 1, number % size + 1
        free[y, x] = False
        near = [(y + down, x + across) for down, across in around if free[y + down, x + across]]
        if all(sum(free[j + down, i + across] for down, across in around) > 1 for j, i in near):
            left -= 1
        else:
            free[y, x] = True
    inside = free[1:-1, 1:-1]
    return tuple("".join("." if cell else "#" for cell in row) for row in inside)


def _sound(board: tuple[str, ...]) -> bool:
    """Whether the board is connected and two pursuers always win."""
    cells = free_cells(board)
    return len(walk(board, cells[0])) == len(cells) and solution(board).always_won


def ground(state: Mapping[str, Any]) -> tuple[str, ...]:
    """The board with its closed cells as obstacles."""
    closed = state.get("notices", {}).get("closed", [])
    return tuple(
        "".join("#" if [x, y] in closed else mark for x, mark in enumerate(row))
        for y, row in enumerate(state["board"])
    )


def region_to_close(
    board: Sequence[str], pieces: Sequence[Sequence[int]], order: Sequence[int]
) -> list[Cell]:
    """`CLOSED_CELLS` neighbouring free cells to close, or fewer; two pursuers still win everywhere.

    The cells of ``pieces`` stay open. A region around each free cell is tried, in the ``order`` of
    their numbers.
    """
    cells = free_cells(board)
    taken = {(x, y) for x, y in pieces}
    for count in range(CLOSED_CELLS, 0, -1):
        for number in order:
            region = [cell for cell in walk(board, cells[number]) if cell not in taken][:count]
            left = ground({"board": board, "notices": {"closed": [list(cell) for cell in region]}})
            if region[0] == cells[number] and _sound(left):
                return region
    return []


def reach(board: Sequence[str], cell: Cell) -> list[Cell]:
    """The cells of a move: staying first, then the free neighbours."""
    x, y = cell
    around = ((x, y), (x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1))
    return [other for other in around if is_free(board, *other)]


def is_free(board: Sequence[str], x: int, y: int) -> bool:
    """Whether the cell is on the board and holds no obstacle."""
    return 0 <= y < len(board) and 0 <= x < len(board[y]) and board[y][x] == "."


def is_cell(value: Json) -> bool:
    """Whether a JSON value is a list of two whole numbers."""
    return isinstance(value, list) and [type(item) for item in value] == [int, int]


def walk(board: Sequence[str], start: Cell) -> dict[Cell, int]:
    """Steps from a cell to each cell that can be reached, nearest first."""
    steps = {start: 0}
    queue = [start]
    for cell in queue:
        for other in reach(board, cell):
            if other not in steps:
                steps[other] = steps[cell] + 1
                queue.append(other)
    return steps
