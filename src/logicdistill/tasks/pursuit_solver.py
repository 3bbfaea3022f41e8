"""Exact solution of the pursuit game for two pursuers: how long the best play of both sides lasts.

Retrograde analysis over (pursuer 1, pursuer 2, evader). It makes the boards, moves the evader and
gives the optimal player; no function of a policy uses it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

NEVER = 255
"""Steps of a state in which the evader escapes for good."""

Cell = tuple[int, int]


class Solution:
    """The solved game on one board, whose rows are made of ``.`` (free) and ``#`` (obstacle).

    Attributes:
        cells: the free cells as (x, y); a cell's index here is its number in ``steps``.
        steps: ``steps[p1, p2, e]`` is the number of the pursuers' moves to the capture when it is
            their turn, 0 after the capture, `NEVER` where the evader escapes for good.
        after: the same with the evader to move.
    """

    def __init__(self, board: Sequence[str]) -> None:
        self.cells: tuple[Cell, ...] = free_cells(board)
        self.number = {cell: index for index, cell in enumerate(self.cells)}
        self.near = _neighbours(self.number)
        self.steps, self.after = _solve(self.near)

    @property
    def always_won(self) -> bool:
        """Whether two pursuers catch the evader from every state of the board."""
        return bool((self.steps < NEVER).all())

    def best_move(
        self, pursuers: Sequence[Sequence[int]], evader: Sequence[int]
    ) -> list[list[int]]:
        """An optimal joint move of the pursuers: the first in the order of the cells."""
        *both, target = self._numbers(pursuers, evader)
        moves = itertools.product(*(sorted(set(self.near[number])) for number in both))
        best = min(moves, key=lambda move: int(self.after[(*move, target)]))
        return [list(self.cells[number]) for number in best]

    def steps_at(self, pursuers: Sequence[Sequence[int]], evader: Sequence[int]) -> int:
        """Steps to the capture with best play of both sides, or `NEVER`."""
        return int(self.steps[self._numbers(pursuers, evader)])

    def _numbers(self, pursuers: Sequence[Sequence[int]], evader: Sequence[int]) -> tuple[int, ...]:
        return tuple(self.number[x, y] for x, y in (*pursuers, evader))


@lru_cache(maxsize=256)
def solution(board: tuple[str, ...]) -> Solution:
    """The solved game of a board."""
    return Solution(board)


def free_cells(board: Sequence[str]) -> tuple[Cell, ...]:
    """The free cells of a board as (x, y), row by row."""
    return tuple((x, y) for y, row in enumerate(board) for x, mark in enumerate(row) if mark == ".")


def _neighbours(number: dict[Cell, int]) -> NDArray[np.intp]:
    """For each cell five cells to move to: itself and its neighbours (itself for a wall)."""
    steps = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
    cells = [[(x + dx, y + dy) for dx, dy in steps] for x, y in number]
    return np.array([[number.get(to, number[near[0]]) for to in near] for near in cells], np.intp)


def _solve(near: NDArray[np.intp]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Steps to the capture at either side's turn; each round adds what is won one step later."""
    size = len(near)
    cell = np.arange(size)
    caught = (cell[:, None, None] == cell) | (cell[None, :, None] == cell)
    steps = np.where(caught, 0, NEVER).astype(np.uint8)
    after = steps.copy()
    for round_ in range(1, NEVER):
        first = _over_moves(np.logical_or, after < NEVER, near, 0)
        won = _over_moves(np.logical_or, first, near, 1)
        new = won & (steps == NEVER)
        if not new.any():
            break
        steps[new] = round_
        lost = _over_moves(np.logical_and, steps < NEVER, near, 2)
        after[lost & (after == NEVER)] = round_
    return steps, after


def _over_moves(
    combine: np.ufunc, table: NDArray[np.bool_], near: NDArray[np.intp], axis: int
) -> NDArray[np.bool_]:
    """The table's values after each of the moves along an axis, combined."""
    result = table.copy()
    for column in near.T[1:]:
        combine(result, table.take(column, axis), out=result)
    return result
