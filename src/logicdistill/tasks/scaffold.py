"""``logicdistill new``: the folder of a record task, an example to fill in."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from logicdistill.errors import TaskError, UnknownNameError
from logicdistill.files import write_atomic
from logicdistill.tasks.record_folder import TASK_NAME

EXAMPLES = ("returns", "by-hand", "parcels")
"""Folders that come with the package: words beside exact rules, exact rules alone, and rules whose
functions a teacher wrote."""


def example_folder(name: str) -> Path:
    """An example that comes with the package."""
    return Path(str(resources.files("logicdistill.tasks") / "examples" / name))


def new_task(folder: Path, example: str = "returns") -> list[Path]:
    """Make the folder of a record task: an example under the folder's own name.

    Args:
        folder: to make.
        example: one of `EXAMPLES`.

    Returns:
        What is in the folder.

    Raises:
        UnknownNameError: no such example.
        TaskError: the folder holds something already, or its name cannot be a task's.
        StorageError: it cannot be written.
    """
    if example not in EXAMPLES:
        raise UnknownNameError("example", example, EXAMPLES)
    name = folder.resolve().name
    if not TASK_NAME.fullmatch(name):
        allowed = "at most 60 letters (a to z), digits, '_' and '-'"
        raise TaskError(f"{name!r} cannot name a task: {allowed}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TaskError(f"{folder} holds something already; name a folder that does not exist")
    template = example_folder(example)
    for file in template.rglob("*"):
        if file.is_file() and file.suffix != ".pyc":
            text = file.read_text(encoding="utf-8")
            if file.name == "task.toml":
                text = text.replace(f'"{example}-v1" ', f'"{name}-v1" ')
            write_atomic(folder / file.relative_to(template), text)
    return sorted(folder.iterdir())
