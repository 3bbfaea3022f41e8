"""Joint moves of a pursuit, each described by what comes of it: what an imitator may look at.

The numbers of a joint move stand twice: as they are, and beside the least in the same state. So a
learner that scores each move for itself can see which one is better than the others.

There are three looks, each with the numbers of those before it. ``distances``: steps of each
pursuer to the evader, their least, greatest and sum, and the steps between the pursuers. ``room``:
the cells that the evader reaches before both pursuers, and those that it reaches a step before
them. ``flights``: of the cells to which the evader may then flee without being caught at once, how
many there are, the largest room from there, that room with the steps of the pursuers to it, all
rooms together, and how far the nearer pursuer is at most.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from logicdistill.tasks.pursuit_solver import Cell, free_cells
from logicdistill.types import Json

Numbers: TypeAlias = NDArray[np.float32]
Steps: TypeAlias = NDArray[np.int16]

AROUND = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
FAR = 99
"""Steps between cells that no way connects."""


class Ground:
    """A board's free cells by number, the moves from each, and the steps between any two.

    Args:
        board: rows of ``.`` (free) and other marks.
    """

    def __init__(self, board: Sequence[str]) -> None:
        self.cells: tuple[Cell, ...] = free_cells(board)
        self.number = {cell: at for at, cell in enumerate(self.cells)}
        self.ways = [
            {way: self.number[to] for way, to in _ways(cell) if to in self.number}
            for cell in self.cells
        ]
        beside = np.zeros((len(self.cells),) * 2, np.float32)
        for cell, ways in enumerate(self.ways):
            beside[cell, list(ways.values())] = 1
        self.steps: Steps = np.full(beside.shape, FAR, np.int16)
        reached = np.eye(len(self.cells), dtype=np.bool_)
        for count in range(FAR):
            new = reached & (self.steps == FAR)
            if not new.any():
                break
            self.steps[new] = count
            reached = reached.astype(np.float32) @ beside > 0


def _ways(cell: Cell) -> list[tuple[int, Cell]]:
    return [(way, (cell[0] + x, cell[1] + y)) for way, (x, y) in enumerate(AROUND)]


@lru_cache(maxsize=5_000)
def ground(board: tuple[str, ...]) -> Ground:
    """The board's `Ground`."""
    return Ground(board)


def joint_moves(state: Mapping[str, Any]) -> tuple[list[Json], NDArray[np.intp]]:
    """The legal joint moves of a state without notices, and their directions, a row a move."""
    on = ground(tuple(state["board"]))
    one, two = (list(on.ways[on.number[x, y]].items()) for x, y in state["pursuers"])
    pairs = list(itertools.product(one, two))
    moves: list[Json] = [[list(on.cells[cell]) for _, cell in pair] for pair in pairs]
    return moves, np.asarray([[way for way, _ in pair] for pair in pairs])


def described(
    state: Mapping[str, Any], look: str, compared: bool = True
) -> tuple[list[Json], Numbers]:
    """The state's `joint_moves`, and what a learner reads of each, a row a move.

    Args:
        state: see `logicdistill.tasks.pursuit.State`.
        look: ``distances``, ``room`` or ``flights``; see the module.
        compared: with each number also how far it is above the least in this state.
    """
    on = ground(tuple(state["board"]))
    one, two, prey = (on.number[x, y] for x, y in (*state["pursuers"], state["evader"]))
    came = _numbers(on, list(on.ways[one].values()), list(on.ways[two].values()), prey, look)
    now = [state["steps_left"], on.steps[one, prey], on.steps[two, prey], on.steps[one, two]]
    moves, ways = joint_moves(state)
    parts = [came, ways, np.tile(now, (len(moves), 1))]
    if compared:
        parts.append(came - came.min(axis=0))
    return moves, np.concatenate(parts, axis=1, dtype=np.float32)


def _numbers(on: Ground, lefts: list[int], rights: list[int], prey: int, look: str) -> Numbers:
    """What comes of each joint move; see the module."""
    first, second = on.steps[lefts], on.steps[rights]

    def both(cell: int) -> tuple[Steps, Steps]:
        """Steps to a cell from where the one and the other pursuer then stands."""
        ones, others = np.broadcast_arrays(first[:, [cell]], second[:, cell])
        return ones, others

    def room(cell: int, later: int) -> Numbers:
        own = on.steps[cell] + later
        found: Numbers = (own < first).astype(np.float32) @ (own < second).astype(np.float32).T
        return found

    mine, other = both(prey)
    found = [mine, other, np.minimum(mine, other), np.maximum(mine, other), mine + other]
    found += [first[:, rights]]
    if look != "distances":
        found += [room(prey, 0), room(prey, 1)]
    if look == "flights":
        flights = np.zeros((5, *mine.shape), np.float32)
        for cell in on.ways[prey].values():
            near, far = both(cell)
            here = room(cell, 1)
            free = (near > 1) & (far > 1)
            seen = [np.ones_like(here), here, 4 * here + near + far, here, np.minimum(near, far)]
            worst = np.maximum(flights, np.stack(seen) * free)
            worst[[0, 3]] = flights[[0, 3]] + np.stack([seen[0], here]) * free
            flights = worst
        found += list(flights)
    return np.stack([number.ravel() for number in found], axis=1).astype(np.float32)
