"""Tasks by name: built-in ones by id (without a version: the newest), record tasks by folder."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from logicdistill.errors import LogicDistillError, TaskError, UnknownNameError
from logicdistill.protocols import Task
from logicdistill.tasks.checker import check_change
from logicdistill.tasks.guess import Guess
from logicdistill.tasks.gymnasium_task import GymnasiumTask, shipped_text
from logicdistill.tasks.messages import MESSAGE_TASKS, message_task
from logicdistill.tasks.pursuit import Pursuit
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.twentyone import TwentyOne

TASK_FOLDER = "task"
"""Folder of a run with a copy of its record task: a run is complete in itself."""

_TASKS: dict[str, Callable[..., Task]] = {
    "guess-v1": Guess,
    "mountain-car-v1": lambda: GymnasiumTask.from_text(shipped_text("mountain-car")),
    "pendulum-v1": lambda: GymnasiumTask.from_text(shipped_text("pendulum")),
    "pursuit-v1": Pursuit,
    "twentyone-v1": TwentyOne,
}
_SIZES = {"guess-v1": ("max_n",), "pursuit-v1": ("size", "density", "steps")}


def task_ids() -> list[str]:
    """Ids of the built-in tasks that need no data; see `MESSAGE_TASKS` for the others."""
    return sorted(_TASKS)


def newest(name: str) -> str | None:
    """The id of the built-in task of that name, with or without its version, or None."""
    known = [*_TASKS, *MESSAGE_TASKS]
    versions = [task_id for task_id in known if name in (task_id, task_id.rpartition("-v")[0])]
    return max(versions, key=lambda task_id: int(task_id.rpartition("-v")[2]), default=None)


def get_task(
    name: str,
    *,
    change: str | None = None,
    change_at: int = 0,
    data: Path | None = None,
    **sizes: Any,
) -> Task:
    """A built-in task, or the record task of a folder.

    Args:
        name: id (``pursuit-v1``), name without version (``pursuit``), or a folder (``./mytask``).
        change: name of one of the task's ``changes``, which the episodes then have.
        change_at: episode step from which the change is in force; 0 is from the start.
        data: folder with the files of a task of messages; without it they are fetched.
        sizes: the task's own parameters, such as ``size=9`` for pursuit.

    Raises:
        UnknownNameError: no such task; the nearest name is offered.
        TaskError: no such change (the nearest name is offered), or a fault of the folder.
    """
    task_id = newest(name)
    if data is not None and task_id not in MESSAGE_TASKS:
        raise TaskError(f"{task_id or name} reads no data; data is for {', '.join(MESSAGE_TASKS)}")
    if task_id is None and not Path(name).is_dir():
        raise _no_such_task(name)
    known = _SIZES.get(task_id or "", ())
    for size, value in sizes.items():
        if size not in known:
            raise UnknownNameError(f"size of {task_id or name}", size, known)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TaskError(f"size {size} of {task_id} is a number; got {value!r}")
    task: Any
    if task_id is None:
        task = RecordTask(Path(name))
    elif task_id in MESSAGE_TASKS:
        task = message_task(MESSAGE_TASKS[task_id], data)
    else:
        task = _TASKS[task_id](**sizes)
    check_change(task.id, task.changes, change, change_at)
    found: Task = replace(task, change=change, change_at=change_at) if change else task
    return found


def _no_such_task(name: str) -> LogicDistillError:
    folder = Path(name)
    if "/" not in name and not name.startswith("."):
        return UnknownNameError("task", name, [*_TASKS, *MESSAGE_TASKS, *_folders(Path())])
    near = difflib.get_close_matches(folder.name, _folders(folder.parent), n=1)
    hint = f"did you mean {str(folder.parent / near[0])!r}? " if near else ""
    return TaskError(f"{name} is no folder; {hint}'logicdistill new {name}' makes one")


def _folders(where: Path) -> list[str]:
    """Names of the record tasks' folders there."""
    return [file.parent.name for file in where.glob("*/task.toml")]


def task_of_run(folder: Path, settings: Mapping[str, Any]) -> Task:
    """The task of a run, by its ``run.toml`` (see `get_task`) or its copy of a record task."""
    if (folder / TASK_FOLDER).is_dir():
        return RecordTask(folder / TASK_FOLDER)
    return get_task(str(settings.get("task")), **settings.get("sizes", {}))
