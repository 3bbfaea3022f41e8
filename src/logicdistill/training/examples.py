"""Training examples: what a step of an episode asked, and which function was right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from logicdistill.runs import read_lines


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One labelled question.

    Attributes:
        stage: name of the stage.
        view: text view of the state for that stage.
        candidates: names of the functions that could be bound, in base order.
        label: name of the right function, one of ``candidates``; None where none of them is right.
        count: how often this question came up while collecting (a weight).
    """

    stage: str
    view: str
    candidates: tuple[str, ...]
    label: str | None
    count: int = 1


def read_examples(file: Path) -> list[TrainingExample]:
    """The examples of a run's ``examples.jsonl``.

    Raises:
        CorruptError: the file was damaged.
    """
    return [TrainingExample(**{**line, "candidates": tuple(line["candidates"])}) for line in read_lines(file)]
