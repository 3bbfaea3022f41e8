"""``pursuit-v1``: two pursuers catch an evader that flees perfectly, on a grid with obstacles.

The pursuers move together, then the evader moves. Moves are taken in turn, so two pieces never swap cells: a
pursuer that steps onto the evader's cell has caught it, and an evader that steps onto a pursuer's is caught.
The evader knows the exact solution of the game: it takes the move that postpones the capture longest, and of
those the one farthest from the pursuers. Boards have no dead ends and are always won by two pursuers who play
well, which the generator checks by solving them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from logicdistill.errors import TaskError
from logicdistill.tasks.changes import by_name, check_change
from logicdistill.tasks.pursuit_board import ground, make_board, reach, region_to_close, walk
from logicdistill.tasks.pursuit_solver import Cell, free_cells, solution
from logicdistill.types import Change, Json

PURSUERS = 2

RULES: tuple[str, ...] = (
    "Two pursuers try to catch one evader on a square board of cells, some of which hold obstacles.",
    "In each step both pursuers move first and at the same time, and then the evader moves.",
    "A move goes to a neighbouring free cell, up, down, left or right, or stays where it is.",
    "No piece enters an obstacle or leaves the board; both pursuers may stand on one cell.",
    "The evader is caught when a pursuer and the evader stand on the same cell.",
    "The evader sees the whole board and stays free as long as it can.",
    "The pursuers win when the evader is caught before no step is left; fewer steps are better.",
)


CHANGES = by_name(
    Change(
        "closed-region",
        'Some free cells are closed from now on, and no piece enters them; notices["closed"] lists them as [x, y].',
    ),
    Change(
        "broken-pursuer",
        'One pursuer is broken and stays on its cell until it is repaired, which is announced by notices["broken"], its number (1 or 2).',
    ),
)
BROKEN_STEPS = 8
"""Steps until a broken pursuer is repaired; one pursuer alone does not win."""


class State(BaseModel):
    """What the pursuers see before they move; cells are [x, y], counted from the upper left corner.

    Attributes:
        board: rows of ``.`` (free) and ``#`` (obstacle).
        pursuers: cells of the pursuers.
        evader: cell of the evader.
        steps_left: moves that the pursuers have left.
        notices: announcements in force: changes of the rules.
    """

    model_config = ConfigDict(extra="forbid")

    board: list[str] = Field(min_length=2)
    pursuers: list[list[int]] = Field(min_length=PURSUERS, max_length=PURSUERS)
    evader: list[int] = Field(min_length=2, max_length=2)
    steps_left: int = Field(ge=0)
    notices: dict[str, Json] = Field(default={})

    @model_validator(mode="after")
    def _pieces_stand_on_free_cells(self) -> State:
        if any(len(row) != len(self.board[0]) or set(row) - {".", "#"} for row in self.board):
            raise ValueError("the board's rows have to be equally long and made of '.' and '#'")
        for cell in (*self.pursuers, self.evader):
            inside = (
                len(cell) == 2
                and 0 <= cell[1] < len(self.board)
                and 0 <= cell[0] < len(self.board[0])
            )
            if not inside or self.board[cell[1]][cell[0]] != ".":
                raise ValueError(f"{cell} is no free cell [x, y] of the board")
        closed = self.notices.get("closed", [])
        if not isinstance(closed, list) or any(
            not isinstance(cell, list) or [type(value) for value in cell] != [int, int]
            for cell in closed
        ):
            raise ValueError("notices['closed'] lists cells [x, y]")
        if any(cell in closed for cell in (*self.pursuers, self.evader)):
            raise ValueError("a piece stands on a closed cell")
        if "broken" in self.notices and (
            type(self.notices["broken"]) is not int or not 1 <= self.notices["broken"] <= PURSUERS
        ):
            raise ValueError(f"notices['broken'] is a pursuer's number, 1 to {PURSUERS}")
        return self


Observation = dict[str, NDArray[np.int64]]


class PursuitEnv(gymnasium.Env[Any, Any]):
    """The game as a Gymnasium environment; the action is the pursuers' new cells, one row [x, y] a pursuer.

    An illegal action leaves the pursuers where they are, costs its step, and stands in ``info["illegal"]``.
    The reward is 1 for the capture and -0.01 for each step.

    Args:
        size: width and height of the board.
        density: share of the cells that hold obstacles.
        steps: moves that the pursuers have.
        render_mode: ``ansi`` or None.
        change: one of `CHANGES`, or None. A region closes whose cells are free of pieces, and without which two pursuers still
            win from everywhere; where there is none (small, dense boards), nothing is closed. A broken pursuer, drawn from the
            seed, is repaired after `BROKEN_STEPS`; the evader does not know when, and reckons with both meanwhile.
        change_at: number of steps after which it is in force.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 4}  # noqa: RUF012 - Gymnasium's own attribute

    def __init__(
        self,
        size: int = 7,
        density: float = 0.18,
        steps: int = 40,
        render_mode: str | None = None,
        change: str | None = None,
        change_at: int = 0,
    ) -> None:
        if not 4 <= size <= 12:
            raise TaskError(f"size is {size}, allowed is 4 to 12")
        if not 0.0 <= density <= 0.3:
            raise TaskError(f"density is {density}, allowed is 0 to 0.3")
        check_change("pursuit-v1", CHANGES, change, change_at)
        self.size, self.density, self.steps, self.render_mode = size, density, steps, render_mode
        self.change, self.change_at = change, change_at
        self.observation_space = spaces.Dict(
            {
                "board": spaces.Box(0, 1, (size, size), np.int64),
                "pursuers": spaces.Box(0, size - 1, (PURSUERS, 2), np.int64),
                "evader": spaces.Box(0, size - 1, (2,), np.int64),
                "steps_left": spaces.Box(0, steps, (1,), np.int64),
            }
        )
        self.action_space = spaces.Box(0, size - 1, (PURSUERS, 2), np.int64)
        self._board: tuple[str, ...] = ()
        self._pursuers: list[list[int]] = []
        self._evader: list[int] = []
        self._left = 0
        self._order: list[int] = []
        self._notices: dict[str, Json] = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """A new board from the seed: the pursuers start side by side, the evader at least four steps away."""
        super().reset(seed=seed, options=options)
        self._board = make_board(self.np_random, self.size, self.density)
        cells = free_cells(self._board)
        while True:
            first = cells[int(self.np_random.integers(len(cells)))]
            far = [cell for cell, steps in walk(self._board, first).items() if steps >= 5]
            if far:
                break
        beside = sorted(cell for cell, steps in walk(self._board, first).items() if steps == 1)
        second = beside[int(self.np_random.integers(len(beside)))]
        self._pursuers = [list(first), list(second)]
        self._evader = list(sorted(far)[int(self.np_random.integers(len(far)))])
        self._left = self.steps
        # Drawn last, so that the board and the pieces of a seed are those of the unchanged game.
        self._order = self.np_random.permutation(len(cells)).tolist()
        self._notices = {}
        self._announce()
        return self._observation(), {"success": False}

    @property
    def notices(self) -> dict[str, Json]:
        """The announcements in force."""
        return {
            key: [list(cell) for cell in value] if key == "closed" else value
            for key, value in self._notices.items()
        }

    def _announce(self) -> None:
        done = self.steps - self._left
        if self.change == "closed-region" and done == self.change_at:
            closed = region_to_close(self._board, [*self._pursuers, self._evader], self._order)
            self._notices = {"closed": [list(cell) for cell in closed]} if closed else {}
        if self.change == "broken-pursuer":
            broken = self.change_at <= done < self.change_at + BROKEN_STEPS
            self._notices = {"broken": 1 + self._order[0] % PURSUERS} if broken else {}

    def step(
        self, action: Any
    ) -> tuple[dict[str, NDArray[np.int64]], float, bool, bool, dict[str, Any]]:
        """The pursuers' move, then the evader's."""
        cells = np.asarray(action).tolist()
        reason = legal(self.state(), cells)
        if reason is None:
            self._pursuers = cells
        self._left -= 1
        if self._evader not in self._pursuers:
            self._evader = flee(ground(self.state()), self._pursuers, self._evader)
        caught = self._evader in self._pursuers
        self._announce()
        info: dict[str, Any] = {"success": caught}
        if reason is not None:
            info["illegal"] = reason
        reward = (1.0 if caught else 0.0) - 0.01
        return self._observation(), reward, caught, not caught and self._left <= 0, info

    def state(self) -> dict[str, Any]:
        """The state as JSON, in the form of `State`."""
        return {
            "board": list(self._board),
            "pursuers": [list(cell) for cell in self._pursuers],
            "evader": list(self._evader),
            "steps_left": self._left,
            "notices": self.notices,
        }

    def render(self) -> str | None:
        """The board as text in mode ``ansi``."""
        return render(self.state()) if self.render_mode == "ansi" else None

    def _observation(self) -> Observation:
        return {
            "board": np.array(
                [[mark == "#" for mark in row] for row in self._board], dtype=np.int64
            ),
            "pursuers": np.array(self._pursuers, dtype=np.int64),
            "evader": np.array(self._evader, dtype=np.int64),
            "steps_left": np.array([self._left], dtype=np.int64),
        }


@dataclass(frozen=True)
class Pursuit:
    """Task ``pursuit-v1``.

    Args:
        size: width and height of the board.
        density: share of the cells that hold obstacles.
        steps: moves that the pursuers have.
        change: name of one of ``changes`` that the episodes have, or None.
        change_at: number of steps after which it is in force.
    """

    size: int = 7
    density: float = 0.18
    steps: int = 40
    change: str | None = None
    change_at: int = 0
    id: str = "pursuit-v1"
    title: str = "two pursuers catch an evader that flees perfectly, on a grid with obstacles"
    rules: tuple[str, ...] = RULES
    state_model: type[BaseModel] = State
    episodes: int = 1_000
    changes: Mapping[str, Change] = field(default_factory=lambda: CHANGES)

    def __post_init__(self) -> None:
        check_change(self.id, self.changes, self.change, self.change_at)

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """A `PursuitEnv` with the task's sizes."""
        return PursuitEnv(self.size, self.density, self.steps, None, self.change, self.change_at)

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """The state in the observation, with the announcements."""
        game = env.unwrapped
        assert isinstance(game, PursuitEnv)
        board = [
            "".join("#" if mark else "." for mark in row) for row in observation["board"].tolist()
        ]
        return {
            "board": board,
            "pursuers": observation["pursuers"].tolist(),
            "evader": observation["evader"].tolist(),
            "steps_left": int(observation["steps_left"][0]),
            "notices": game.notices,
        }

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """The cells as an array."""
        return np.array(action, dtype=np.int64)

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """None for a legal action, otherwise why it is not."""
        return legal(state, action)

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """Both pursuers stay."""
        return fallback(state)

    def optimal_action(
        self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]
    ) -> Json | None:
        """A joint move that catches the evader in the fewest steps; None while a pursuer is broken."""
        return None if "broken" in state.get("notices", {}) else optimal_action(state)

    def render(self, state: Mapping[str, Json]) -> str:
        """The board for a terminal."""
        return render(state)


def legal(state: Mapping[str, Any], action: Any) -> str | None:
    """None for a legal action, otherwise why it is not, in one line."""
    board, pursuers, notices = state["board"], state["pursuers"], state.get("notices", {})
    if not isinstance(action, list) or len(action) != len(pursuers):
        return f"the action must be a list of {len(pursuers)} cells, not {str(action)[:60]}"
    for number, (old, new) in enumerate(zip(pursuers, action, strict=True), 1):
        if (
            not isinstance(new, list)
            or len(new) != 2
            or any(type(value) is not int for value in new)
        ):
            return f"pursuer {number}: {str(new)[:40]} is no cell [x, y]"
        x, y = new
        if not (0 <= y < len(board) and 0 <= x < len(board[y])):
            return f"pursuer {number}: {new} is outside the board"
        if board[y][x] != ".":
            return f"pursuer {number}: {new} holds an obstacle"
        if new in notices.get("closed", []):
            return f"pursuer {number}: {new} is closed"
        if notices.get("broken") == number and new != list(old):
            return f"pursuer {number} is broken and stays on {list(old)}"
        if abs(x - old[0]) + abs(y - old[1]) > 1:
            return f"pursuer {number}: {new} is more than one step from {list(old)}"
    return None


def fallback(state: Mapping[str, Any]) -> list[list[int]]:
    """Both pursuers stay."""
    return [list(cell) for cell in state["pursuers"]]


def flee(
    board: Sequence[str], pursuers: Sequence[Sequence[int]], evader: Sequence[int]
) -> list[int]:
    """The evader's move: the capture as late as possible, then as far from the pursuers as possible."""
    solved = solution(tuple(board))
    walks = [walk(board, (cell[0], cell[1])) for cell in pursuers]

    def worth(cell: Cell) -> tuple[int, int, int]:
        steps = [found[cell] for found in walks]
        return int(solved.steps_at(pursuers, cell)), min(steps), sum(steps)

    moves: list[Cell] = reach(board, (evader[0], evader[1]))
    best = max(moves, key=worth)
    return [*best]


def optimal_action(state: Mapping[str, Any]) -> list[list[int]]:
    """A joint move of the pursuers that catches the evader in the fewest steps."""
    return solution(ground(state)).best_move(state["pursuers"], state["evader"])


def optimal_steps(state: Mapping[str, Any]) -> int | None:
    """Steps to the capture when both sides play perfectly, None where the evader escapes for good."""
    return solution(ground(state)).steps_from(state["pursuers"], state["evader"])


def render(state: Mapping[str, Any]) -> str:
    """The board for a terminal: ``1`` and ``2`` the pursuers (``12`` both), ``◆`` the evader, ``✖`` the capture, ``▒▒`` closed."""
    pursuers = [tuple(cell) for cell in state["pursuers"]]
    evader = tuple(state["evader"])
    closed = state.get("notices", {}).get("closed", [])

    def mark(cell: Cell, ground: str) -> str:
        if cell == evader:
            return " ✖" if cell in pursuers else " ◆"
        if cell in pursuers:
            return "12" if pursuers.count(cell) > 1 else " " + "12"[pursuers.index(cell)]
        return "██" if ground == "#" else "▒▒" if [*cell] in closed else " ·"

    rows = [
        "".join(mark((x, y), ground) for x, ground in enumerate(row))
        for y, row in enumerate(state["board"])
    ]
    width = 2 * len(state["board"][0]) + 1
    lines = ["╭" + "─" * width + "╮", *(f"│{row} │" for row in rows), "╰" + "─" * width + "╯"]
    broken = state.get("notices", {}).get("broken")
    return "\n".join(
        [
            *lines,
            f" {state['steps_left']} steps left{f', pursuer {broken} is broken' if broken else ''}",
        ]
    )
