"""What all tasks with rule changes share: naming a change, and when it comes into force."""

from __future__ import annotations

from collections.abc import Mapping

from logicdistill.errors import TaskError, UnknownNameError
from logicdistill.types import Change


def by_name(*changes: Change) -> dict[str, Change]:
    """Changes by their names."""
    return {change.name: change for change in changes}


def check_change(task: str, changes: Mapping[str, Change], name: str | None, at: int) -> None:
    """Refuse a change that the task does not know.

    Args:
        task: id of the task.
        changes: those that it knows.
        name: the change, or None.
        at: episode step from which it is in force.

    Raises:
        TaskError: no such change (the nearest name is offered), or a step that cannot be.
    """
    if name is not None and name not in changes:
        raise TaskError(str(UnknownNameError(f"change of {task}", name, changes)))
    if isinstance(at, bool) or not isinstance(at, int) or at < 0:
        raise TaskError(
            f"change_at is {at!r}; it is the episode step from which the change is in force: 0 or more"
        )
