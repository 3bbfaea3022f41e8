"""The built-in tasks by id; a name without its version means the newest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from logicdistill.errors import TaskError, UnknownNameError
from logicdistill.protocols import Task
from logicdistill.tasks.guess import Guess
from logicdistill.tasks.gymnasium_task import shipped_task
from logicdistill.tasks.pursuit import Pursuit
from logicdistill.tasks.twentyone import TwentyOne

_TASKS: dict[str, Callable[..., Task]] = {
    "guess-v1": Guess,
    "mountain-car-v1": partial(shipped_task, "mountain-car"),
    "pendulum-v1": partial(shipped_task, "pendulum"),
    "pursuit-v1": Pursuit,
    "twentyone-v1": TwentyOne,
}


_SIZES = {"guess-v1": ("max_n",), "pursuit-v1": ("size", "density", "steps")}


def task_ids() -> list[str]:
    """Ids of the built-in tasks."""
    return sorted(_TASKS)


def get_task(name: str, *, change: str | None = None, change_at: int = 0, **sizes: Any) -> Task:
    """A built-in task.

    Args:
        name: id (``pursuit-v1``) or name without version (``pursuit``).
        change: name of one of the task's ``changes``; its episodes then change their rules.
        change_at: episode step from which the change is in force; 0 is from the start.
        sizes: the task's own parameters, such as ``size=9`` for pursuit.

    Raises:
        UnknownNameError: no such task; the nearest name is offered.
        TaskError: no such change of the task; the nearest name is offered.
    """
    versions = [task_id for task_id in _TASKS if task_id == name or task_id.rpartition("-v")[0] == name]
    if not versions:
        raise UnknownNameError("task", name, _TASKS)
    newest = max(versions, key=lambda task_id: int(task_id.rpartition("-v")[2]))
    for size, value in sizes.items():
        if size not in _SIZES.get(newest, ()):
            raise UnknownNameError(f"size of {newest}", size, _SIZES.get(newest, ()))
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TaskError(f"size {size} of {newest} is a number; got {value!r}")
    return _TASKS[newest](change=change, change_at=change_at, **sizes)
