"""A task's actions as labels, and its states as text, in the form that is easiest to imitate."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from logicdistill.types import Json, Scope, Stage
from logicdistill.views import render_view

_MOVES = {(0, 0): "stay", (1, 0): "right", (-1, 0): "left", (0, 1): "down", (0, -1): "up"}
_ORDINALS = ("first", "second", "third", "fourth")
_STEPS = {name: step for step, name in _MOVES.items()}


class ActionCoder(Protocol):
    """Action to label and back, a label meaning the same in every state; and the state as text.

    Attributes:
        marks: for each word of a label the word of the text at which what it depends on begins;
            empty where labels have one part.
    """

    marks: tuple[str, ...]

    def encode(self, state: Mapping[str, Json], action: Json) -> str:
        """The action's label; where actions have several parts, a word for each."""
        ...

    def decode(self, state: Mapping[str, Json], label: str) -> Json:
        """The action that the label means in this state; it may be illegal there."""
        ...

    def text(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str:
        """The state in words, with the results of the base's facts stages by output name."""
        ...


class Verbatim:
    """The action itself, as JSON; all fields of the state."""

    marks: tuple[str, ...] = ()

    def encode(self, state: Mapping[str, Json], action: Json) -> str:
        """See `ActionCoder`."""
        return json.dumps(action)

    def decode(self, state: Mapping[str, Json], label: str) -> Json:
        """See `ActionCoder`."""
        return json.loads(label)

    def text(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str:
        """See `ActionCoder`."""
        return ", ".join(part for part in (state_text(facts), state_text(state)) if part)


class Directions:
    """New cells of pieces as directions: a word of five for each piece.

    Cells would give thousands of labels.

    The text says where the target is from each piece, and which ways are blocked: an encoder of
    this size learns such words in minutes, and coordinates of a whole board not at all.

    Args:
        pieces: name of the state's field with the pieces' cells [x, y].
        target: name of the field with the cell that they are after.
        count: how many pieces there are.
    """

    def __init__(self, pieces: str, target: str, count: int = 2) -> None:
        self._pieces, self._target = pieces, target
        self.marks: tuple[str, ...] = _ORDINALS[:count]

    def encode(self, state: Mapping[str, Json], action: Json) -> str:
        """See `ActionCoder`."""
        pairs = zip(state[self._pieces], action, strict=True)
        return " ".join(_MOVES[new[0] - old[0], new[1] - old[1]] for old, new in pairs)

    def decode(self, state: Mapping[str, Json], label: str) -> Json:
        """See `ActionCoder`."""
        pairs = zip(state[self._pieces], label.split(), strict=True)
        return [[cell[0] + _STEPS[name][0], cell[1] + _STEPS[name][1]] for cell, name in pairs]

    def text(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str:
        """See `ActionCoder`."""
        board, target = state["board"], state[self._target]
        cells = {
            name: value
            for name, value in state.get("notices", {}).items()
            if isinstance(value, list)
        }

        def around(cell: Sequence[int]) -> str:
            walls = _ways(cell, lambda x, y: not _is_free(board, x, y))
            told = [
                f"{name} {_ways(cell, lambda x, y, listed=listed: [x, y] in listed)}"  # type: ignore[misc]
                for name, listed in cells.items()
            ]
            return " ".join([f"blocked {walls}", *told])

        parts = [str(value) for found in facts.values() for value in found.values()]
        parts += [
            f"{mark} {_way(cell, target)} {around(cell)}"
            for mark, cell in zip(self.marks, state[self._pieces], strict=True)
        ]
        told = state_text(
            {name: value for name, value in state.get("notices", {}).items() if name not in cells}
        )
        return " ".join([*parts, f"{self._target} {around(target)}", told]).strip()


def _way(start: Sequence[int], end: Sequence[int]) -> str:
    across, down = end[0] - start[0], end[1] - start[1]
    words = [f"{abs(across)} {'right' if across > 0 else 'left'}"] * bool(across) + [
        f"{abs(down)} {'down' if down > 0 else 'up'}"
    ] * bool(down)
    return " ".join(words) or "here"


def _ways(cell: Sequence[int], leads: Callable[[int, int], bool]) -> str:
    """The directions in which the neighbouring cell is such a one."""
    return (
        " ".join(
            name
            for name, (x, y) in _STEPS.items()
            if name != "stay" and leads(cell[0] + x, cell[1] + y)
        )
        or "none"
    )


def _is_free(board: Sequence[str], x: int, y: int) -> bool:
    """Whether a cell of a board of ``.`` and other marks is free."""
    return 0 <= y < len(board) and 0 <= x < len(board[y]) and board[y][x] == "."


def state_text(state: Scope) -> str:
    """All fields of a state in words; a grid's cells stand apart, so that each is a token."""
    spaced = {
        name: [
            " ".join(row) if isinstance(row, str) and not row.isalpha() else row for row in value
        ]
        if isinstance(value, list)
        else value
        for name, value in state.items()
    }
    return render_view(Stage("action", "action", "", reads=tuple(spaced)), spaced)


def coder_for(task_id: str) -> ActionCoder:
    """The coder that suits a task."""
    return Directions("pursuers", "evader") if task_id.startswith("pursuit") else Verbatim()
