"""Where a run's recorded replies lie: in its own folder, and in the recording that it uses."""

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
    """Answers from the replies of a run and of its recording."""
    recording = Run.open(run).settings.get("recording", SHIPPED)
    return RecordedTeacher(ReplyStore(run / "replies"), recorded_stores(task, recording))


def recorded_stores(task: Task, recording: str) -> list[ReplyStore]:
    """The replies of a recording; none where a live model writes.

    Raises:
        UnknownNameError: no such recording; the nearest name is offered.
    """
    if recording.startswith(LIVE):
        return []
    if isinstance(task, RecordTask) and recording == SHIPPED:
        return [ReplyStore(task.folder / "replies")]
    return [shipped_replies(task.id, recording)]
