"""The teacher that a command names: one place for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logicdistill.errors import MissingReplyError, UnknownNameError
from logicdistill.evaluation.evaluate import recorded_teacher
from logicdistill.protocols import Task, Teacher

RECORDED = "recorded"

TeacherName = Annotated[
    str, typer.Option("--teacher", help="Who is asked: 'recorded' (the run's recorded replies), or a model such as openai:NAME.")
]


def teacher_for(name: str, run: Path, task: Task) -> Teacher:
    """The teacher of that name.

    Args:
        name: `RECORDED`, or ``PROVIDER:MODEL``.
        run: the run's folder, whose replies are looked up first.
        task: of that run.

    Raises:
        UnknownNameError: neither.
        MissingReplyError: a live model, which cannot be asked yet.
    """
    if name == RECORDED:
        return recorded_teacher(run, task)
    if ":" not in name:
        raise UnknownNameError("teacher", name, [RECORDED, "PROVIDER:MODEL"])
    raise MissingReplyError(f"the teacher {name!r} is a live model, which this version cannot ask; take --teacher {RECORDED}")
