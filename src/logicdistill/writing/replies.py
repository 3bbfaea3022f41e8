"""Which stored replies answer for a teacher: a run's own, then those of the recording that it was begun with."""

from __future__ import annotations

from pathlib import Path

from logicdistill.protocols import Task
from logicdistill.runs import Run
from logicdistill.tasks.records import RecordTask
from logicdistill.teacher.recorded import (
    LIVE,
    SHIPPED,
    RecordedTeacher,
    ReplyStore,
    shipped_replies,
)


def recorded_teacher(run: Path, task: Task) -> RecordedTeacher:
    """The replies that a run has, and those of the recording that it was begun with.

    Args:
        run: the run's folder.
        task: of that run.
    """
    return RecordedTeacher(
        ReplyStore(run / "replies"),
        recorded_stores(task, Run.open(run).settings.get("recording", SHIPPED)),
    )


def recorded_stores(task: Task, recording: str) -> list[ReplyStore]:
    """Where replies are looked up beside a run's own: its recording's, or nowhere where a live model writes."""
    return [] if recording.startswith(LIVE) else [replies_for(task, recording)]


def replies_for(task: Task, recording: str) -> ReplyStore:
    """The recorded replies about a task: those in a record task's folder, or those that come with the package.

    Raises:
        UnknownNameError: no such recording; the nearest name is offered.
    """
    if isinstance(task, RecordTask) and recording == SHIPPED:
        return ReplyStore(task.folder / "replies")
    return shipped_replies(task.id, recording)
