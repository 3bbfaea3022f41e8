"""A task's actions as labels, and its states as text, in the form that is easiest to imitate."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from logicdistill.tasks.pursuit_board import is_free
from logicdistill.types import Json, Scope, Stage
from logicdistill.views import render_view

MOVES = {(0, 0): "stay", (1, 0): "right", (-1, 0): "left", (0, 1): "down", (0, -1): "up"}
STEPS = {name: step for step, name in MOVES.items()}


class ActionCoder:
    """Action to label and back, a label meaning the same in every state; and the state as text.

    The label is the action itself, as JSON.

    Attributes:
        marks: for each word of a label the word of the text where what it depends on begins;
            empty where labels have one part.
    """

    marks: tuple[str, ...] = ()

    def encode(self, state: Mapping[str, Json], action: Json) -> str:
        """The action's label; where actions have several parts, a word for each."""
        return json.dumps(action)

    def decode(self, state: Mapping[str, Json], label: str) -> Json:
        """The action that the label means in this state; it may be illegal there."""
        return json.loads(label)

    def text(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str:
        """The state in words, with the results of the base's facts stages by output name."""
        return ", ".join(part for part in (state_text(facts), state_text(state)) if part)


class Directions(ActionCoder):
    """New cells [x, y] of pursuit's two pursuers as directions: a word of five for each.

    Cells would give thousands of labels. The text says where the evader is from each pursuer, and
    which ways are blocked: a small encoder learns such words in minutes, coordinates not at all.
    """

    marks = ("first", "second")

    def encode(self, state: Mapping[str, Json], action: Json) -> str:
        """See `ActionCoder`."""
        pairs = zip(state["pursuers"], action, strict=True)
        return " ".join(MOVES[new[0] - old[0], new[1] - old[1]] for old, new in pairs)

    def decode(self, state: Mapping[str, Json], label: str) -> Json:
        """See `ActionCoder`."""
        pairs = zip(state["pursuers"], label.split(), strict=True)
        return [[cell[0] + STEPS[name][0], cell[1] + STEPS[name][1]] for cell, name in pairs]

    def text(self, state: Mapping[str, Json], facts: Mapping[str, Json]) -> str:
        """See `ActionCoder`."""
        board, evader, notices = state["board"], state["evader"], state.get("notices", {})
        cells = {name: value for name, value in notices.items() if isinstance(value, list)}
        others = {name: value for name, value in notices.items() if name not in cells}

        def around(cell: Sequence[int]) -> str:
            blocked = f"blocked {_ways(cell, lambda at: not is_free(board, *at))}"
            noticed = (f"{name} {_ways(cell, at.__contains__)}" for name, at in cells.items())
            return " ".join([blocked, *noticed])

        parts = [str(value) for found in facts.values() for value in found.values()]
        parts += [
            f"{mark} {_way(cell, evader)} {around(cell)}"
            for mark, cell in zip(self.marks, state["pursuers"], strict=True)
        ]
        return " ".join([*parts, f"evader {around(evader)}", state_text(others)]).strip()


def _way(start: Sequence[int], end: Sequence[int]) -> str:
    across, down = end[0] - start[0], end[1] - start[1]
    words = [f"{abs(across)} {'right' if across > 0 else 'left'}"] if across else []
    words += [f"{abs(down)} {'down' if down > 0 else 'up'}"] if down else []
    return " ".join(words) or "here"


def _ways(cell: Sequence[int], leads: Callable[[list[int]], bool]) -> str:
    """The directions whose next cell is such a one."""
    near = {name: [cell[0] + x, cell[1] + y] for name, (x, y) in STEPS.items() if name != "stay"}
    return " ".join(name for name, at in near.items() if leads(at)) or "none"


def state_text(state: Scope) -> str:
    """All fields of a state in words; a grid's cells stand apart, so that each is a token."""

    def spaced(row: Json) -> Json:
        return " ".join(row) if isinstance(row, str) and not row.isalpha() else row

    shown = {
        name: [spaced(row) for row in value] if isinstance(value, list) else value
        for name, value in state.items()
    }
    return render_view(Stage("action", "action", "", reads=tuple(shown)), shown)


def coder_for(task_id: str) -> ActionCoder:
    """The coder that suits a task."""
    return Directions() if task_id.startswith("pursuit") else ActionCoder()
