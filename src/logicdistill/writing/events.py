"""What happens while a base is written. ``str(event)`` is the line that a command prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Admitted:
    """A function passed the gate."""

    stage: str
    function: str
    examples: int

    def __str__(self) -> str:
        return f"admitted {self.stage}/{self.function} ({self.examples} examples)"


@dataclass(frozen=True, slots=True)
class Refused:
    """The gate, or a check in the base, refused a function; the teacher may repair it."""

    refusal: str

    def __str__(self) -> str:
        return f"refused {self.refusal}"


@dataclass(frozen=True, slots=True)
class NoRepair:
    """The teacher gave no usable repair."""

    reason: str

    def __str__(self) -> str:
        return f"no repair: {self.reason}"


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The base goes without a function, whose last refusal begins with its name."""

    stage: str
    refusal: str

    def __str__(self) -> str:
        return f"given up: {self.stage}/{self.refusal}"


Event = Admitted | Refused | NoRepair | GivenUp
