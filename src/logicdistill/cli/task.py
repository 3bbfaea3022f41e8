"""``logicdistill tasks``, ``new`` and ``check``: the built-in tasks, and a task of your own."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument

from logicdistill.cli.options import AsJson
from logicdistill.errors import TaskError


def tasks(as_json: AsJson = False) -> None:
    """List the built-in tasks."""
    from logicdistill.tasks.messages import MESSAGE_TASKS, described
    from logicdistill.tasks.registry import get_task, task_ids

    found = {task.id: (task.title, task.rules) for task in map(get_task, task_ids())}
    found |= {task_id: described(task) for task_id, task in MESSAGE_TASKS.items()}
    rows = [{"id": key, "title": found[key][0], "rules": found[key][1]} for key in sorted(found)]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        typer.echo(f"{row['id']:<16} {row['title']} ({len(row['rules'])} rules)")


def new(
    folder: Annotated[Path, Argument(help="Folder to make; its name becomes the task's.")],
) -> None:
    """Make the folder of a task of your own.

    It is a complete example with rules and states: run it as it is, then put in your own. Its
    replies are recorded, so 'run' needs no --teacher; for other rules a live teacher writes the
    functions.
    """
    from logicdistill.tasks.scaffold import new_task

    for file in new_task(folder):
        typer.echo(str(file))
    typer.echo(
        f"next: logicdistill check {folder}, then logicdistill run {folder} "
        "(other rules than the example's: with --teacher)"
    )


def check(
    task: Annotated[str, Argument(help="A task's folder, or a built-in task's id.")],
    as_json: AsJson = False,
) -> None:
    """Check a task's rules, states and actions.

    Every fault of a folder is printed, one a line, with its file and line; the exit code is then 2.
    """
    from logicdistill.tasks.checker import check_task
    from logicdistill.tasks.record_folder import Fault, read_folder
    from logicdistill.tasks.records import RecordTask
    from logicdistill.tasks.registry import get_task

    folder, found = Path(task), None
    faults = read_folder(folder).faults if folder.is_dir() else []
    if not faults:
        found = get_task(task)
        try:
            check_task(found)
        except TaskError as error:
            faults = [Fault("task", 0, str(error))]
    counts, known = {}, 0
    if isinstance(found, RecordTask):
        counts = {name: len(found.split(name)) for name in ("train", "validation", "test")}
        known = sum(record.known for record in found.records)
    if as_json:
        shown: dict[str, Any] = {"task": task, "faults": [asdict(fault) for fault in faults]}
        if found is not None:
            shown |= {"id": found.id, "rules": len(found.rules)}
            shown |= {"states": counts, "right_actions": known}
        typer.echo(json.dumps(shown, indent=1))
    elif found is None or faults:
        for fault in faults:
            typer.echo(f"{folder / str(fault)}" if folder.is_dir() else str(fault))
    else:
        split = ", ".join(f"{count} {name}" for name, count in counts.items())
        states = f", {sum(counts.values())} states ({split}), {known} with an action"
        rules = f"{len(found.rules)} rules"
        typer.echo(f"{found.id}: keeps the contract; {rules}{states if counts else ''}")
    if faults:
        raise typer.Exit(2)
