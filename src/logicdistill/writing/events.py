"""What happens while a base is written. ``str(event)`` is the line that a command prints."""

from __future__ import annotations

from typing import NamedTuple


class Admitted(NamedTuple):
    """A function passed the gate."""

    stage: str
    function: str
    examples: int

    def __str__(self) -> str:
        return f"admitted {self.stage}/{self.function} ({self.examples} examples)"


class Refused(NamedTuple):
    """The gate, or a check in the base, refused a function; the teacher may repair it."""

    refusal: str

    def __str__(self) -> str:
        return f"refused {self.refusal}"


class NoRepair(NamedTuple):
    """The teacher gave no usable repair."""

    reason: str

    def __str__(self) -> str:
        return f"no repair: {self.reason}"


class GivenUp(NamedTuple):
    """The base goes without a function, whose last refusal begins with its name."""

    stage: str
    refusal: str

    def __str__(self) -> str:
        return f"given up: {self.stage}/{self.refusal}"


class Unread(NamedTuple):
    """Nothing reads the result of a stage."""

    stage: str
    output: str

    def __str__(self) -> str:
        return f"note: nothing reads {self.output!r}, the result of stage {self.stage!r}"


Event = Admitted | Refused | NoRepair | GivenUp | Unread
