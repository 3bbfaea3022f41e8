"""``logicdistill new``: the folder of a record task, a complete example to fill in."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from logicdistill.errors import TaskError
from logicdistill.files import write_atomic
from logicdistill.tasks.record_folder import TASK_NAME


def template_folder() -> Path:
    """The example that comes with the package."""
    return Path(str(resources.files("logicdistill.tasks") / "template"))


def new_task(folder: Path) -> list[Path]:
    """Make the folder of a record task: the example under the folder's own name.

    Returns:
        The files that a person fills in.

    Raises:
        TaskError: the folder holds something already, or its name cannot be a task's.
        StorageError: it cannot be written.
    """
    name = folder.resolve().name
    if not TASK_NAME.fullmatch(name):
        allowed = "at most 60 letters (a to z), digits, '_' and '-'"
        raise TaskError(f"{name!r} cannot name a task: {allowed}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TaskError(f"{folder} holds something already; name a folder that does not exist")
    template = template_folder()
    for file in template.rglob("*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            if file.name == "task.toml":
                text = text.replace('"parcels-v1" ', f'"{name}-v1" ')
            write_atomic(folder / file.relative_to(template), text)
    return [folder / file.name for file in sorted(template.iterdir()) if file.is_file()]
