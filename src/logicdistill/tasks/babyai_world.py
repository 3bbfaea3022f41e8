"""The world of a BabyAI task: an agent that keeps in mind what it sees, and the map of it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

from logicdistill.errors import needs_extra
from logicdistill.types import Json

ACTIONS = ("left", "right", "forward", "pickup", "drop", "toggle")
"""In BabyAI's order; its seventh, ``done``, is not used."""

BLOCKED = "blocked"
"""Stands among the moves for a ``forward`` that left the view as it was."""

VIEW = 7
"""Rows and columns of what the agent sees at once; it stands in the middle of the last row."""

REACH = 6
"""Cells of the map that a state shows ahead of the agent, behind it and to each side."""

SIDE = 2 * REACH + 1
"""Rows and columns that a state shows."""

TILE = 8
"""Pixels of a cell's side in the picture."""

KINDS = (
    "unseen",
    "empty",
    "wall",
    "floor",
    "door_open",
    "door_closed",
    "door_locked",
    "key",
    "ball",
    "box",
    "goal",
    "lava",
    "agent",
)
COLOURS = ("red", "green", "blue", "purple", "yellow", "grey", "none")
"""Numbered as by ``minigrid``, and ``none`` for a cell without anything."""

_DOORS = ("door_open", "door_closed", "door_locked")
_OBJECTS = (*KINDS[:4], "door", *KINDS[7:])
"""Kinds by ``minigrid``'s number; a door's state is a number of its own."""

_COLOURLESS = {"unseen", "empty", "floor", "agent"}

Image = npt.NDArray[np.uint8]


class BabyAIEnv(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A level with the agent's memory: its moves, where they have led it, and what it has seen.

    A step forward that leaves the view as it was has led nowhere.

    Args:
        level: id of the level, such as ``BabyAI-GoToLocal-v0``.
        pictures: whether pictures are made as well.
    """

    def __init__(self, level: str, pictures: bool) -> None:
        with needs_extra("a task of BabyAI", "babyai"):
            import minigrid  # noqa: F401 - it registers the levels
            from minigrid.core.grid import Grid

        super().__init__(gymnasium.make(level, disable_env_checker=True))
        self.pictures = pictures
        self._dark: Image = Grid.render_tile(None, tile_size=TILE).astype(np.uint8)  # not in view

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """A new room and mission."""
        self.moves: list[str] = []
        self.pose = {"ahead": 0, "right": 0, "turned": 0}
        self._cells: dict[tuple[int, int], tuple[str, str]] = {}
        self._tiles: dict[tuple[int, int], Image] = {}
        with contextlib.redirect_stdout(io.StringIO()):  # each rejected draft of a room is printed
            observation, info = self.env.reset(seed=seed, options=options)
        self._see(observation["image"])
        return observation, {**info, "success": False}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """One move; success is a reward above 0, as BabyAI counts it."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        move = ACTIONS[action]
        if move == "forward" and np.array_equal(observation["image"], self._image):
            move = BLOCKED
        self.moves.append(move)
        self.pose = moved(self.pose, move)
        self._see(observation["image"])
        success = bool(terminated) and float(reward) > 0
        return observation, float(reward), terminated, truncated, {**info, "success": success}

    def cells(self) -> dict[str, Json]:
        """``kinds`` and ``colours`` of the map around the agent, the farthest row first.

        They are the labels of the picture's cells, where a picture is what is observed. The cell in
        the middle is the agent's own: what it carries, or ``agent``.
        """
        shown = [
            [self._cells.get(cell, ("unseen", "none")) for cell in row] for row in self._around()
        ]
        shown[REACH][REACH] = self._own
        return {
            "kinds": [[kind for kind, _ in row] for row in shown],
            "colours": [[colour for _, colour in row] for row in shown],
        }

    def picture(self) -> Image:
        """The map around the agent, `TILE` pixels a cell."""
        shown = [[self._tiles.get(cell, self._dark) for cell in row] for row in self._around()]
        shown[REACH][REACH] = self._own_tile
        return np.concatenate([np.concatenate(row, axis=1) for row in shown], axis=0)

    def frame(self) -> Image:
        """The picture of the view alone, as ``minigrid``'s ``RGBImgPartialObsWrapper`` gives it."""
        level: Any = self.env.unwrapped
        return np.asarray(level.get_frame(tile_size=TILE, agent_pov=True), dtype=np.uint8)

    def _see(self, image: Image) -> None:
        """Lay what is in view into the map; the agent's own cell hides what it stands on."""
        self._image = image
        frame = self.frame() if self.pictures else None
        for row in range(VIEW):
            for column in range(VIEW):
                ahead, right = VIEW - 1 - row, column - VIEW // 2
                cell = placed(self.pose, ahead, right)
                seen = _seen(*image[column, row].tolist())
                if (ahead, right) == (0, 0):
                    self._own = ("agent", "none") if seen[0] == "empty" else seen
                elif seen[0] != "unseen":
                    self._cells[cell] = seen
                if frame is None:
                    continue
                tile = frame[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                if (ahead, right) == (0, 0):
                    self._own_tile = tile
                elif not np.array_equal(tile, self._dark):
                    self._tiles[cell] = tile

    def _around(self) -> list[list[tuple[int, int]]]:
        """The map's cells that a state shows, row by row."""
        offsets = range(-REACH, REACH + 1)
        return [[placed(self.pose, -back, right) for right in offsets] for back in offsets]


def placed(pose: Mapping[str, int], ahead: int, right: int) -> tuple[int, int]:
    """A cell counted from the agent as one counted from where it started."""
    turned = {0: (ahead, right), 90: (-right, ahead), 180: (-ahead, -right), 270: (right, -ahead)}
    ahead, right = turned[pose["turned"]]
    return pose["ahead"] + ahead, pose["right"] + right


def moved(pose: Mapping[str, int], move: str) -> dict[str, int]:
    """The pose after a move."""
    ahead, right = placed(pose, 1 if move == "forward" else 0, 0)
    turn = {"right": 90, "left": -90}.get(move, 0)
    return {"ahead": ahead, "right": right, "turned": (pose["turned"] + turn) % 360}


def _seen(thing: int, colour: int, state: int) -> tuple[str, str]:
    """Kind and colour of a cell, by ``minigrid``'s numbers."""
    kind = _kind(thing, state)
    return kind, "none" if kind in _COLOURLESS else COLOURS[colour]


def _kind(thing: int, state: int) -> str:
    kind = _OBJECTS[thing]
    return _DOORS[state] if kind == "door" else kind
