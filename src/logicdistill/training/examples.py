"""Training examples: what a step of an episode asked, and which function was right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from logicdistill.runs import read_lines
from logicdistill.types import Json


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One labelled question.

    Attributes:
        stage: name of the stage.
        view: text view of the state for that stage.
        candidates: names of the functions that could be bound, in base order.
        label: name of the right function, one of ``candidates``; None where none of them is right.
        count: how often this question came up while collecting (a weight).
        words: the free text in a view that shows facts as well.
        facts: those facts.
    """

    stage: str
    view: str
    candidates: tuple[str, ...]
    label: str | None
    count: int = 1
    words: str = ""
    facts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """A line of ``examples.jsonl``."""
        beside = ("words", "facts")
        return {name: value for name, value in asdict(self).items() if value or name not in beside}


def read_examples(file: Path) -> list[TrainingExample]:
    """The examples of a run's ``examples.jsonl``.

    Raises:
        CorruptError: the file was damaged.
    """
    lines = (line | {name: tuple(line.get(name, ())) for name in ("candidates", "facts")} for line in read_lines(file))
    return [TrainingExample(**line) for line in lines]
