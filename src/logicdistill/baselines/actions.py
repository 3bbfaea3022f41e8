"""A task's actions as classes of a classifier, in the form that is easiest to imitate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

from logicdistill.types import Json

_MOVES = {(0, 0): "stay", (1, 0): "right", (-1, 0): "left", (0, 1): "down", (0, -1): "up"}
_STEPS = {name: step for step, name in _MOVES.items()}


class ActionCoder(Protocol):
    """Action to label and back; a label means the same in every state."""

    def encode(self, state: Mapping[str, Json], action: Json) -> str:
        """The action's label."""
        ...

    def decode(self, state: Mapping[str, Json], label: str) -> Json:
        """The action that the label means in this state; it may be illegal there."""
        ...


class Verbatim:
    """The action itself, as JSON."""

    def encode(self, state: Mapping[str, Json], action: Json) -> str:
        """See `ActionCoder`."""
        return json.dumps(action)

    def decode(self, state: Mapping[str, Json], label: str) -> Json:
        """See `ActionCoder`."""
        return json.loads(label)


class Directions:
    """New cells of pieces as directions from where they stand: 25 labels for two pieces, where cells would give thousands.

    Args:
        pieces: name of the state's field with the pieces' cells [x, y].
    """

    def __init__(self, pieces: str) -> None:
        self._pieces = pieces

    def encode(self, state: Mapping[str, Json], action: Json) -> str:
        """See `ActionCoder`."""
        pairs = zip(state[self._pieces], action, strict=True)
        return " ".join(_MOVES[new[0] - old[0], new[1] - old[1]] for old, new in pairs)

    def decode(self, state: Mapping[str, Json], label: str) -> Json:
        """See `ActionCoder`."""
        pairs = zip(state[self._pieces], label.split(), strict=True)
        return [[cell[0] + _STEPS[name][0], cell[1] + _STEPS[name][1]] for cell, name in pairs]


def coder_for(task_id: str) -> ActionCoder:
    """The coder that suits a task."""
    return Directions("pursuers") if task_id.startswith("pursuit") else Verbatim()
