"""``babyai-...-v1``: missions of BabyAI, from a picture of what the agent has seen or its cells.

The levels are those of the package ``minigrid``. The agent sees seven by seven cells ahead of it
and keeps them in mind: its own moves lay each view into a map. A state shows the map's cells around
the agent, who stands in the middle and looks up. Each level has two variants: the map as a picture,
put together of pieces of ``minigrid``'s pictures (``babyai-goto-local-v1``), or what stands in each
cell (``babyai-goto-local-symbolic-v1``). Nothing else of the environment is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

import gymnasium

from logicdistill.errors import TaskError, needs_extra
from logicdistill.tasks.babyai_world import ACTIONS, BLOCKED, COLOURS, KINDS, SIDE, BabyAIEnv, moved
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
