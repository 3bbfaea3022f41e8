"""``babyai-...-v1``: missions of BabyAI, from a picture of what the agent has seen or its cells.

The levels are those of the package ``minigrid``. The agent sees seven by seven cells ahead of it
and keeps them in mind: its own moves lay each view into a map. A state shows the map's cells around
the agent, who stands in the middle and looks up. Each level has two variants: the map as a picture,
put together of pieces of ``minigrid``'s pictures (``babyai-goto-local-v1``), or what stands in each
cell (``babyai-goto-local-symbolic-v1``). Nothing else of the environment is shown.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

import gymnasium
import numpy as np
import numpy.typing as npt

from logicdistill.errors import TaskError, needs_extra
from logicdistill.tasks.by_hand import ByHand, read_by_hand
from logicdistill.tasks.gymnasium_task import shipped_text
from logicdistill.tasks.rules import numbered
from logicdistill.types import Change, Json

LEVELS = {
    "goto-local": ("BabyAI-GoToLocal-v0", "go to a thing in a room with eight things"),
    "goto-obj": ("BabyAI-GoToObj-v0", "go to the only thing in a room"),
    "open-door": ("BabyAI-OpenDoor-v0", "open one of four doors"),
    "pickup-loc": ("BabyAI-PickupLoc-v0", "pick up a thing, named by kind, colour or place"),
    "unlock-local": ("BabyAI-UnlockLocal-v0", "open the locked door of a room"),
}
"""BabyAI's own level and a line about it, by name."""

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


def _grid(names: tuple[str, ...], what: str) -> dict[str, Json]:
    row = {"type": "array", "items": {"enum": [*names]}, "minItems": SIDE, "maxItems": SIDE}
    return {"type": "array", "items": row, "minItems": SIDE, "maxItems": SIDE, "description": what}


_POSE = {
    "type": "object",
    "properties": {
        "ahead": {"type": "integer"},
        "right": {"type": "integer"},
        "turned": {"enum": [0, 90, 180, 270]},
    },
    "required": ["ahead", "right", "turned"],
    "additionalProperties": False,
    "description": "where the moves have led, from the start: cells ahead and to the right, and"
    " degrees turned to the right",
}
_MEMORY: dict[str, Json] = {
    "mission": {"type": "string", "description": "what is to be done"},
    "moves": {
        "type": "array",
        "items": {"enum": [*ACTIONS, BLOCKED]},
        "description": "the moves so far; 'blocked' is a step forward that left the view as it was",
    },
    "pose": _POSE,
    "notices": {
        "type": "object",
        "default": {},
        "description": "announcements in force: changes of the rules",
    },
}
_SYMBOLIC: dict[str, Json] = {
    "kinds": _grid(
        KINDS,
        "what stands in each cell that was seen, the farthest row ahead first; the agent is in the"
        " middle, and its own cell shows what it carries",
    ),
    "colours": _grid(COLOURS, "the colour of what stands there"),
}
_PIXELS: dict[str, Json] = {
    "view": {
        "type": "string",
        "format": "image",
        "description": f"the {SIDE} by {SIDE} cells around the agent as it saw them last; it is in"
        " the middle and looks up",
    }
}


def _schema(fields: Mapping[str, Json]) -> dict[str, Json]:
    form = {"title": "State", "type": "object", "properties": dict(fields)}
    required = [name for name in fields if name != "notices"]
    return {**form, "required": required, "additionalProperties": False}


@dataclass(frozen=True)
class BabyAI:
    """A task ``babyai-LEVEL-v1`` or ``babyai-LEVEL-symbolic-v1``.

    Args:
        level: one of `LEVELS`.
        symbolic: whether a state holds the map's cells, or its picture.
    """

    level: str
    symbolic: bool = False
    episodes: int = 1_000
    action_form: ClassVar[str] = f"one of the texts {', '.join(ACTIONS)}"
    fallback_form: ClassVar[str] = '"right"'
    changes: ClassVar[Mapping[str, Change]] = {}

    @property
    def id(self) -> str:
        """See `logicdistill.protocols.Task`."""
        return f"babyai-{self.level}{'-symbolic' if self.symbolic else ''}-v1"

    @property
    def title(self) -> str:
        """See `logicdistill.protocols.Task`."""
        name, what = LEVELS[self.level]
        return f"{what}, seen {'cell by cell' if self.symbolic else 'as a picture'} ({name})"

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """See `logicdistill.protocols.Task`."""
        return numbered(shipped_text("babyai"))

    @cached_property
    def state_schema(self) -> Mapping[str, Json]:
        """See `logicdistill.protocols.Task`."""
        return _schema((_SYMBOLIC if self.symbolic else _PIXELS) | _MEMORY)

    @cached_property
    def by_hand(self) -> ByHand:
        """The functions that decide by the cells; see `logicdistill.writing.by_hand`.

        From a picture, two stages before them say what stands in each cell; their example pictures
        are cut from walks in training episodes.
        """
        folder = Path(str(resources.files("logicdistill.tasks") / "written" / "babyai"))

        def text_of(name: str) -> str:
            return (folder / name).read_text(encoding="utf-8")

        def fault(file: str, line: int, what: str) -> None:
            raise TaskError(f"{folder / file}:{line}: {what}")

        written = read_by_hand(folder, _schema(_SYMBOLIC | _MEMORY), {}, text_of, fault)
        if self.symbolic:
            return written
        from logicdistill.tasks.babyai_pictures import LOOKING, example_pictures

        pictures = example_pictures(self.make_env())
        return replace(written, stages=(*LOOKING, *written.stages), pictures=pictures)

    def make_env(self) -> BabyAIEnv:
        """The level as a `BabyAIEnv`."""
        return BabyAIEnv(LEVELS[self.level][0], pictures=not self.symbolic)

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """What is seen, and what is remembered."""
        assert isinstance(env, BabyAIEnv)
        memory = {"moves": [*env.moves], "pose": {**env.pose}, "notices": {}}
        if self.symbolic:
            seen = env.cells()
        else:
            with needs_extra("a task of BabyAI from pictures", "vision"):
                from logicdistill.pictures import picture_value

                seen = {"view": picture_value(env.picture())}
        return {**seen, "mission": str(observation["mission"]), **memory}

    def impossible(self, state: Mapping[str, Json]) -> str | None:
        """A pose that the moves do not lead to."""
        pose = {"ahead": 0, "right": 0, "turned": 0}
        for move in state["moves"]:
            pose = moved(pose, move)
        return None if pose == state["pose"] else f"the moves lead to {pose}"

    def env_action(self, state: Mapping[str, Json], action: Json) -> int:
        """BabyAI's number of the action."""
        return ACTIONS.index(action)

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """One of `ACTIONS`."""
        known = isinstance(action, str) and action in ACTIONS
        return None if known else f"{str(action)[:40]!r} is none of {', '.join(ACTIONS)}"

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """A turn to the right: it breaks nothing, and shows something else."""
        return "right"

    def optimal_action(self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> Json:
        """Not known: the shortest way depends on what nobody has seen yet."""
        return None

    def render(self, state: Mapping[str, Json]) -> str:
        """The mission, the moves and the cells: kind and colour by their first letters."""
        pose = state["pose"]
        where = f"{pose['ahead']} ahead, {pose['right']} right, turned {pose['turned']}"
        lines = [f"{state['mission']}; {len(state['moves'])} moves; {where}"]
        if "kinds" in state:
            pairs = zip(state["kinds"], state["colours"], strict=True)
            lines += ["".join(map(_mark, kinds, colours)) for kinds, colours in pairs]
        return "\n".join(lines)


_MARKS = {"unseen": "  ", "empty": " ·", "floor": " ·", "wall": "██", "agent": " ▲"}
_LETTERS = {"door_open": "_", "door_closed": "D", "door_locked": "L"}


def _mark(kind: str, colour: str) -> str:
    return _MARKS.get(kind) or _LETTERS.get(kind, kind[0].upper()) + colour[0]


BABYAI_TASKS = {
    task.id: partial(BabyAI, task.level, task.symbolic)
    for task in (BabyAI(level, symbolic) for level in LEVELS for symbolic in (False, True))
}
"""A factory for each task, by its id."""
