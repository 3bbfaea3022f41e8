"""What happens while a base is written. ``str(event)`` is the line that a command prints."""

from __future__ import annotations

from typing import NamedTuple

from logicdistill.errors import one_line


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


class Round(NamedTuple):
    """The functions were corrected where recorded actions differ, and judged again.

    ``training`` and ``validation``: states that are right, all of them, and how many were right.
    """

    number: int
    training: tuple[int, int, int]
    validation: tuple[int, int, int]
    taken: bool

    def __str__(self) -> str:
        right, of, before = self.training
        told = f"round {self.number}: {right:,} of {of:,} training states right (was {before:,})"
        right, of, before = self.validation
        told += f", validation {right:,} of {of:,} (was {before:,})" if of else ""
        undone = "validation is worse, so it is undone" if right < before else "undone"
        return told if self.taken else f"{told}; {undone}"


class NotTaken(NamedTuple):
    """A part of a correction that the base goes without; its refusal begins with its name."""

    stage: str
    refusal: str

    def __str__(self) -> str:
        return f"not taken: {self.stage}/{self.refusal}"


class Contradicts(NamedTuple):
    """The teacher says that the rules do not allow a recorded action."""

    state: str
    action: str
    why: str

    def __str__(self) -> str:
        return f"{self.state}: recorded {self.action} contradicts the rules, says the teacher: " + (
            one_line(self.why)
        )


class NoRevision(NamedTuple):
    """Nobody corrects the functions any further; ``right`` says how many states are right."""

    right: str
    reason: str

    def __str__(self) -> str:
        return f"not corrected further, {self.right} training states right: {self.reason}"


Event = (
    Admitted | Refused | NoRepair | GivenUp | Unread | Round | NotTaken | Contradicts | NoRevision
)
