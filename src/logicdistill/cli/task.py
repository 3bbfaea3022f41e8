"""``logicdistill new`` and ``logicdistill check``: a task of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from logicdistill.errors import TaskError
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.record_folder import Fault, read_folder
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.scaffold import new_task

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")]


def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make; its name becomes the task's.")],
) -> None:
    """Make the folder of a task of your own: a complete example with rules and states, to run as it is and then to fill in.

    Its rules come with recorded replies, so 'run' needs no --teacher. For other rules 'check' works without one, and 'run' once the
    functions are written; to write them it asks a live model.
    """
    for file in new_task(folder):
        typer.echo(str(file))
    typer.echo(
        f"next: logicdistill check {folder}, then logicdistill run {folder} (other rules than the example's: with --teacher)"
    )


def check(
    task: Annotated[str, typer.Argument(help="A task's folder, or a built-in task's id.")],
    as_json: AsJson = False,
) -> None:
    """Hold a task to the contract. Of a folder every fault is named, one a line, by file and line; exit code 2 if there is any."""
    folder = Path(task)
    faults = read_folder(folder).faults if folder.is_dir() else []
    found = None
    if not faults:
        found = get_task(task)
        try:
            check_task(found)
        except TaskError as error:
            faults = [Fault("task", 0, str(error))]
    counts = (
        {name: len(found.split(name)) for name in ("train", "validation", "test")}
        if isinstance(found, RecordTask)
        else {}
    )
    known = sum(record.known for record in found.records) if isinstance(found, RecordTask) else 0
    if as_json:
        rows = [{"file": fault.file, "line": fault.line, "what": fault.what} for fault in faults]
        about = (
            {"id": found.id, "rules": len(found.rules), "states": counts, "right_actions": known}
            if found is not None
            else {}
        )
        typer.echo(json.dumps({"task": task, "faults": rows} | about, indent=1))
    elif found is None or faults:
        for fault in faults:
            typer.echo(f"{folder / str(fault)}" if folder.is_dir() else str(fault))
    else:
        sizes = f", {sum(counts.values())} states ({', '.join(f'{n} {name}' for name, n in counts.items())}), {known} with an action"
        typer.echo(
            f"{found.id}: keeps the contract; {len(found.rules)} rules{sizes if counts else ''}"
        )
    if faults:
        raise typer.Exit(2)
