"""Tasks by name: built-in or registered by id (without a version: the newest); folders and files.

A package offers tasks by the entry point ``logicdistill.tasks``; its value is a factory.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logicdistill.errors import LogicDistillError, TaskError, UnknownNameError, one_line
from logicdistill.protocols import Task
from logicdistill.tasks.checker import check_change
from logicdistill.tasks.messages import MESSAGE_TASKS, message_task
from logicdistill.tasks.records import RecordTask

if TYPE_CHECKING:
    from logicdistill.tasks.gymnasium_task import GymnasiumTask

TASK_FOLDER = "task"
"""Folder of a run with a copy of its task's folder or rules file: a run is complete in itself."""


@cache
def _tasks() -> Mapping[str, Callable[..., Task]]:
    """Those that need no data and no extra; a folder of states needs no Gymnasium."""
    from logicdistill.tasks.guess import Guess
    from logicdistill.tasks.gymnasium_task import GymnasiumTask, shipped_text
    from logicdistill.tasks.pursuit import Pursuit
    from logicdistill.tasks.twentyone import TwentyOne

    return {
        "guess-v1": Guess,
        "mountain-car-v1": lambda: GymnasiumTask.from_text(shipped_text("mountain-car")),
        "pendulum-v1": lambda: GymnasiumTask.from_text(shipped_text("pendulum")),
        "pursuit-v2": Pursuit,
        "twentyone-v1": TwentyOne,
    }


@cache
def _built_in() -> Mapping[str, Callable[..., Task]]:
    """All, except those of messages."""
    from logicdistill.tasks.babyai import BABYAI_TASKS

    return {**_tasks(), **BABYAI_TASKS}


_SIZES = {"guess-v1": ("max_n",), "pursuit-v2": ("size", "density", "slack")}

GROUP = "logicdistill.tasks"
"""Entry point of packages that offer tasks."""

_registered: dict[str, Callable[..., Task]] = {}


def register_task(task_id: str, factory: Callable[..., Task]) -> None:
    """Give a task of your own a name, for this process.

    `distill`, `Policy.load` and the command line then take the name. Registering it again replaces
    it. A package registers its tasks for every process by the entry point ``logicdistill.tasks``.

    Args:
        task_id: the task's ``id``, such as ``claims-v1``.
        factory: makes the task (see `Task`); its parameters are the task's sizes.

    Raises:
        TaskError: the id has no version, or is that of a built-in task.
    """
    name, _, version = task_id.rpartition("-v")
    if not name or not version.isdigit():
        raise TaskError(f"task id {task_id!r}: it carries a version at the end, as in 'claims-v1'")
    if task_id in (*_built_in(), *MESSAGE_TASKS):
        raise TaskError(f"task {task_id!r} is a built-in one; take another name or version")
    _registered[task_id] = factory


def task_ids() -> list[str]:
    """Ids of the tasks that need no data and no extra; others: `MESSAGE_TASKS`, `BABYAI_TASKS`."""
    return sorted({*_tasks(), *_registered, *entry_points(group=GROUP).names})


def newest(name: str) -> str | None:
    """The id of the task of that name, with or without its version, or None."""
    here = _newest_of(name, [*_built_in(), *MESSAGE_TASKS, *_registered])
    return here or _newest_of(name, entry_points(group=GROUP).names)


def _newest_of(name: str, known: Iterable[str]) -> str | None:
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
    """A built-in task, the record task of a folder, or the Gymnasium task of a rules file.

    Args:
        name: id (``pursuit-v2``), name without version (``pursuit``), a folder (``./mytask``), or a
            rules file (``lane.md``).
        change: name of one of the task's ``changes``, which the episodes then have.
        change_at: episode step from which the change is in force; 0 is from the start.
        data: folder with the files of a task of messages; without it they are fetched.
        sizes: the task's own parameters, such as ``size=11`` for pursuit.

    Raises:
        UnknownNameError: no such task; the nearest name is offered.
        TaskError: no such change (the nearest name is offered), or a fault of the folder or file.
    """
    task_id = newest(name)
    if data is not None and task_id not in MESSAGE_TASKS:
        raise TaskError(f"{task_id or name} reads no data; data is for {', '.join(MESSAGE_TASKS)}")
    if task_id is None and not Path(name).exists():
        raise _no_such_task(name)
    known = _sizes(task_id)
    for size, value in sizes.items():
        if size not in known:
            raise UnknownNameError(f"size of {task_id or name}", size, known)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TaskError(f"size {size} of {task_id} is a number; got {value!r}")
    task: Any
    if task_id is None:
        task = RecordTask(Path(name)) if Path(name).is_dir() else _of_file(Path(name))
    elif task_id in MESSAGE_TASKS:
        task = message_task(MESSAGE_TASKS[task_id], data)
    else:
        task = _made(task_id, sizes)
    check_change(task.id, task.changes, change, change_at)
    found: Task = replace(task, change=change, change_at=change_at) if change else task
    return found


def _sizes(task_id: str | None) -> tuple[str, ...]:
    """Names of a task's sizes."""
    if task_id is None or task_id in (*_built_in(), *MESSAGE_TASKS):
        return _SIZES.get(task_id or "", ())
    return tuple(inspect.signature(_factory(task_id)).parameters)


def is_only_here(task_id: str) -> bool:
    """Whether the task was registered in this process alone."""
    return task_id in _registered and task_id not in entry_points(group=GROUP).names


def sizes_of(task: Task) -> dict[str, Any]:
    """The sizes with which `get_task` makes this task again."""
    if newest(task.id) is None:
        return {}
    return {name: getattr(task, name) for name in _sizes(task.id) if hasattr(task, name)}


def _factory(task_id: str) -> Callable[..., Task]:
    found = _built_in().get(task_id) or _registered.get(task_id)
    if found is None:
        point = entry_points(group=GROUP)[task_id]
        try:
            found = point.load()
        except Exception as error:
            what = f"{type(error).__name__}: {one_line(error)}"
            raise TaskError(f"task {task_id} of {point.value} cannot be loaded: {what}") from error
    return found


def _made(task_id: str, sizes: Mapping[str, Any]) -> Task:
    try:
        task = _factory(task_id)(**sizes)
    except LogicDistillError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {one_line(error)}"
        raise TaskError(f"task {task_id} cannot be made: {what}") from error
    if task.id != task_id:
        raise TaskError(f"task {task_id} makes one whose id is {task.id!r}; register it so")
    return task


def _of_file(file: Path) -> GymnasiumTask:
    from logicdistill.tasks.gymnasium_task import GymnasiumTask

    if (file.parent / "task.toml").is_file():
        raise TaskError(f"{file} belongs to the task of the folder {file.parent}; name the folder")
    return GymnasiumTask.from_file(file)


def _no_such_task(name: str) -> LogicDistillError:
    folder = Path(name)
    if folder.suffix == ".md":
        files = [file.name for file in folder.parent.glob("*.md")]
        near = difflib.get_close_matches(folder.name, files, n=1)
        hint = f"; did you mean {str(folder.parent / near[0])!r}?" if near else ""
        return TaskError(f"there is no rules file {name}{hint}")
    if "/" not in name and not name.startswith("."):
        known = [*task_ids(), *_built_in(), *MESSAGE_TASKS, *_folders(Path())]
        return UnknownNameError("task", name, known)
    near = difflib.get_close_matches(folder.name, _folders(folder.parent), n=1)
    hint = f"did you mean {str(folder.parent / near[0])!r}? " if near else ""
    return TaskError(f"{name} is no folder; {hint}'logicdistill new {name}' makes one")


def _folders(where: Path) -> list[str]:
    """Names of the record tasks' folders there."""
    return [file.parent.name for file in where.glob("*/task.toml")]


def own_task(task: Task) -> RecordTask | GymnasiumTask | None:
    """The task if a person's folder or rules file makes it: a run keeps a copy of that."""
    if isinstance(task, RecordTask):
        return task
    from logicdistill.tasks.gymnasium_task import GymnasiumTask

    return task if isinstance(task, GymnasiumTask) and task.folder is not None else None


def task_of_run(folder: Path, settings: Mapping[str, Any]) -> Task:
    """The task of a run, by its ``run.toml`` (see `get_task`) or its copy of a task.

    Nothing is imported from the run's own folder. The copy's ``states.jsonl`` is read when it is
    needed, which deciding does not.
    """
    copied, name = folder / TASK_FOLDER, str(settings.get("task"))
    if (copied / "task.toml").is_file():
        return RecordTask(copied, states=False)
    if copied.is_dir():
        from logicdistill.tasks.gymnasium_task import RULES_FILE, GymnasiumTask, file_text

        file = copied / RULES_FILE
        if file.is_file() and (text := file_text(file)).lstrip().startswith("+++"):
            return GymnasiumTask.from_text(text, str(file))
        return RecordTask(copied, states=False)
    if newest(name) is None and not Path(name).exists():
        raise TaskError(
            f"{copied} is missing: the run's copy of the task {name!r}, of which deciding reads "
            "task.toml, rules.md and schema.json; copy them too, or register the task "
            "(logicdistill.register_task)"
        )
    return get_task(name, **settings.get("sizes", {}))
