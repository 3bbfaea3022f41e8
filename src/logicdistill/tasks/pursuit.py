"""``pursuit-v2``: two pursuers catch an evader that flees perfectly, on a grid with obstacles.

The pursuers move together, then the evader moves, so two pieces never swap cells: a pursuer that
steps onto the evader's cell has caught it, and so has one onto whose cell the evader steps.
The evader knows the exact solution of the game: it takes the move that postpones the capture
longest, and of those the one farthest from the pursuers. Boards have no dead ends, and two pursuers
who play well always win: the generator solves each board.

The pursuers have `Pursuit.slack` times the moves of exact play, and two more. A
player that walks in circles or wanders about loses. So a game tells players apart.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from pydantic import BaseModel, ConfigDict, Field

from logicdistill.errors import TaskError
from logicdistill.tasks import pursuit_board as boards
from logicdistill.tasks.checker import check_change
from logicdistill.tasks.gymnasium_task import shipped_text
from logicdistill.tasks.pursuit_board import ground, is_cell, is_free, walk
from logicdistill.tasks.pursuit_solver import NEVER, Cell, free_cells, solution
from logicdistill.tasks.rules import numbered
from logicdistill.types import Change, Json

PURSUERS = 2
BROKEN_STEPS = 8
"""Steps until a broken pursuer is repaired; one pursuer alone does not win."""

START_DISTANCE = 5
"""Steps between the first pursuer and the evader at the start, at least."""

SPARE_STEPS = 2
"""Moves beyond `Pursuit.slack` times those of exact play."""

MOST_STEPS = 5 * NEVER + SPARE_STEPS + BROKEN_STEPS
"""No episode has more moves."""

_RULES = {
    "closed-region": "Some free cells are closed from now on, and no piece enters them;"
    ' notices["closed"] lists them as [x, y].',
    "broken-pursuer": "One pursuer is broken and stays on its cell until it is repaired, which is"
    ' announced by notices["broken"], its number (1 or 2).',
}
CHANGES = {name: Change(name, rule) for name, rule in _RULES.items()}


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


class PursuitEnv(gymnasium.Env[Any, Any]):
    """The game as a Gymnasium environment; an action is the pursuers' new cells, a row [x, y] each.

    An illegal action leaves the pursuers where they are, costs its step, and ``info["illegal"]``
    says why. The reward is 1 for the capture and -0.01 for each step.

    A closed region holds no piece, and two pursuers still win from everywhere; where no region
    allows that, nothing closes (small, dense boards). The seed says which pursuer breaks. It is
    repaired after `BROKEN_STEPS`; the evader plays on as if both could move. Whenever an
    announcement comes or ends, the pursuers get their moves anew, from the state as it is then.
    """

    def __init__(self, task: Pursuit) -> None:
        self.task, size = task, task.size
        if not 4 <= size <= 12:
            raise TaskError(f"size is {size}, allowed is 4 to 12")
        if not 0.0 <= task.density <= 0.3:
            raise TaskError(f"density is {task.density}, allowed is 0 to 0.3")
        if not 1.0 <= task.slack <= 5.0:
            raise TaskError(f"slack is {task.slack}, allowed is 1 to 5")
        check_change(task.id, CHANGES, task.change, task.change_at)
        self.observation_space = spaces.Dict(
            board=spaces.Box(0, 1, (size, size), np.int64),
            pursuers=spaces.Box(0, size - 1, (PURSUERS, 2), np.int64),
            evader=spaces.Box(0, size - 1, (2,), np.int64),
            steps_left=spaces.Box(0, MOST_STEPS, (1,), np.int64),
        )
        self.action_space = spaces.Box(0, size - 1, (PURSUERS, 2), np.int64)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """A new board: the pursuers side by side, the evader `START_DISTANCE` or more away."""
        super().reset(seed=seed, options=options)
        self._board = boards.make_board(self.np_random, self.task.size, self.task.density)
        cells = free_cells(self._board)
        far: list[Cell] = []
        while not far:
            first = cells[int(self.np_random.integers(len(cells)))]
            far = sorted(
                cell for cell, steps in walk(self._board, first).items() if steps >= START_DISTANCE
            )
        beside = sorted(cell for cell, steps in walk(self._board, first).items() if steps == 1)
        second = beside[int(self.np_random.integers(len(beside)))]
        self._notices: dict[str, Json] = {}
        self._pursuers = [list(first), list(second)]
        self._evader = list(far[int(self.np_random.integers(len(far)))])
        self._done = self._left = 0
        self._left = self._allowed()
        # Drawn last: a seed gives the same board and pieces with and without a change.
        self._order = self.np_random.permutation(len(cells)).tolist()
        self._announce()
        return self._observation(), {"success": False}

    def _allowed(self) -> int:
        """The pursuers' moves from here on."""
        fewest = solution(ground(self.state())).steps_at(self._pursuers, self._evader)
        broken = BROKEN_STEPS if "broken" in self._notices else 0
        return int(self.task.slack * fewest) + SPARE_STEPS + broken

    def _announce(self) -> None:
        task, done, before = self.task, self._done, self._notices
        if task.change == "closed-region" and done == task.change_at:
            pieces = [*self._pursuers, self._evader]
            closed = boards.region_to_close(self._board, pieces, self._order)
            self._notices = {"closed": [list(cell) for cell in closed]} if closed else {}
        if task.change == "broken-pursuer":
            broken = task.change_at <= done < task.change_at + BROKEN_STEPS
            self._notices = {"broken": 1 + self._order[0] % PURSUERS} if broken else {}
        if self._notices != before:
            self._left = self._allowed()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """The pursuers' move, then the evader's."""
        cells = np.asarray(action).tolist()
        reason = legal(self.state(), cells)
        if reason is None:
            self._pursuers = cells
        self._left, self._done = self._left - 1, self._done + 1
        if self._evader not in self._pursuers:
            self._evader = flee(ground(self.state()), self._pursuers, self._evader)
        caught = self._evader in self._pursuers
        self._announce()
        info = {"success": caught} | ({} if reason is None else {"illegal": reason})
        return self._observation(), caught - 0.01, caught, not caught and self._left <= 0, info

    def state(self) -> dict[str, Any]:
        """The state as JSON, in the form of `State`."""
        return {
            "board": list(self._board),
            "pursuers": [list(cell) for cell in self._pursuers],
            "evader": list(self._evader),
            "steps_left": self._left,
            "notices": copy.deepcopy(self._notices),
        }

    def _observation(self) -> dict[str, Any]:
        shown = {
            "board": [[mark == "#" for mark in row] for row in self._board],
            "pursuers": self._pursuers,
            "evader": self._evader,
            "steps_left": [self._left],
        }
        return {name: np.array(value, dtype=np.int64) for name, value in shown.items()}


def legal(state: Mapping[str, Any], action: Any) -> str | None:
    """None for a legal action, otherwise why it is not, in one line."""
    board, pursuers, notices = state["board"], state["pursuers"], state.get("notices", {})
    if not isinstance(action, list) or len(action) != len(pursuers):
        return f"the action must be a list of {len(pursuers)} cells, not {str(action)[:60]}"
    for number, (old, new) in enumerate(zip(pursuers, action, strict=True), 1):
        if not is_cell(new):
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


@dataclass(frozen=True)
class Pursuit:
    """Task ``pursuit-v2``.

    Args:
        size: width and height of the board.
        density: share of the cells that hold obstacles.
        slack: the pursuers have so many times the moves of exact play, and two more.
        change: name of one of ``changes`` that the episodes have, or None.
        change_at: number of steps after which it is in force.
    """

    size: int = 9
    density: float = 0.2
    slack: float = 2.0
    change: str | None = None
    change_at: int = 0
    id: str = "pursuit-v2"
    title: str = "two pursuers catch an evader that flees perfectly, on a grid with obstacles"
    rules: tuple[str, ...] = field(default_factory=lambda: numbered(shipped_text("pursuit")))
    episodes: int = 1_000
    state_schema: ClassVar[Mapping[str, Json]] = State.model_json_schema()
    changes: ClassVar[Mapping[str, Change]] = CHANGES

    def make_env(self) -> PursuitEnv:
        """A `PursuitEnv` with the task's sizes."""
        return PursuitEnv(self)

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> Json:
        """The observation with the announcements."""
        return env.get_wrapper_attr("state")()

    def impossible(self, state: Mapping[str, Json]) -> str | None:
        """A board of another form, a piece where none can stand, or a notice of another form."""
        board, notices = state["board"], state["notices"]
        pieces, closed = [*state["pursuers"], state["evader"]], notices.get("closed", [])
        if len({*map(len, board)}) > 1 or {*"".join(board)} - {".", "#"}:
            return "the board's rows have to be equally long and made of '.' and '#'"
        for cell in pieces:
            if not is_cell(cell) or not is_free(board, *cell):
                return f"{cell} is no free cell [x, y] of the board"
        if not isinstance(closed, list) or not all(map(is_cell, closed)):
            return "notices['closed'] lists cells [x, y]"
        if any(cell in closed for cell in pieces):
            return "a piece stands on a closed cell"
        broken = notices.get("broken", 1)
        if type(broken) is not int or not 1 <= broken <= PURSUERS:
            return f"notices['broken'] is a pursuer's number, 1 to {PURSUERS}"
        return None

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """The cells as an array."""
        return np.array(action, dtype=np.int64)

    illegal = staticmethod(legal)

    @property
    def action_form(self) -> str:
        """See `logicdistill.protocols.Task`."""
        return (
            "a list of two cells `[[x, y], [x, y]]`, one for each pursuer in the order of the state"
        )

    @property
    def fallback_form(self) -> str:
        """See `logicdistill.protocols.Task`."""
        return "both pursuers stay where they are"

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """Both pursuers stay."""
        return [list(cell) for cell in state["pursuers"]]

    def optimal_action(self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> Json:
        """A joint move to the capture in the fewest steps; None while a pursuer is broken."""
        if "broken" in state.get("notices", {}):
            return None
        return solution(ground(state)).best_move(state["pursuers"], state["evader"])

    def render(self, state: Mapping[str, Json]) -> str:
        """``1`` and ``2`` are pursuers (``12`` both), ``◆`` is the evader, ``✖`` the capture.

        ``██`` is an obstacle, ``▒▒`` a closed cell.
        """
        pursuers, evader = [tuple(cell) for cell in state["pursuers"]], tuple(state["evader"])
        notices = state.get("notices", {})

        def mark(cell: Cell, ground: str) -> str:
            if cell == evader:
                return " ✖" if cell in pursuers else " ◆"
            if cell in pursuers:
                return "12" if pursuers.count(cell) > 1 else " " + "12"[pursuers.index(cell)]
            if ground == "#":
                return "██"
            return "▒▒" if [*cell] in notices.get("closed", []) else " ·"

        rows = [
            "".join(mark((x, y), ground) for x, ground in enumerate(row))
            for y, row in enumerate(state["board"])
        ]
        line = "─" * (2 * len(state["board"][0]) + 1)
        news = f", pursuer {notices['broken']} is broken" if "broken" in notices else ""
        below = f" {state['steps_left']} steps left{news}"
        return "\n".join([f"╭{line}╮", *(f"│{row} │" for row in rows), f"╰{line}╯", below])


def flee(board: tuple[str, ...], pursuers: list[list[int]], evader: list[int]) -> list[int]:
    """The evader's move: the capture as late as possible, then as far away as possible."""
    solved = solution(board)
    walks = [walk(board, (cell[0], cell[1])) for cell in pursuers]

    def worth(cell: Cell) -> tuple[int, int, int]:
        steps = [found[cell] for found in walks]
        return solved.steps_at(pursuers, cell), min(steps), sum(steps)

    return [*max(boards.reach(board, (evader[0], evader[1])), key=worth)]
