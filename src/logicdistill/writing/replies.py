"""Where a run's recorded replies lie: in its own folder, and in the recording that it uses."""

from __future__ import annotations

from pathlib import Path

from logicdistill.protocols import Task
from logicdistill.runs import Run
from logicdistill.tasks.records import RecordTask
from logicdistill.teacher import recorded


def recorded_teacher(run: Path, task: Task) -> recorded.RecordedTeacher:
    """Answers from the replies of a run and of its recording."""
    recording = Run.open(run).settings.get("recording", recorded.SHIPPED)
    stores = recorded_stores(task, recording)
    return recorded.RecordedTeacher(recorded.ReplyStore(run / "replies"), stores)


def recorded_stores(task: Task, recording: str) -> list[recorded.ReplyStore]:
    """The replies of a recording; none where a live model writes.

    Raises:
        UnknownNameError: no such recording; the nearest name is offered.
    """
    if recording.startswith(recorded.LIVE):
        return []
    if isinstance(task, RecordTask) and recording == recorded.SHIPPED:
        return [recorded.ReplyStore(task.folder / "replies")]
    return [recorded.shipped_replies(task.id, recording)]
