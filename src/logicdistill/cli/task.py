"""``logicdistill tasks``, ``new`` and ``check``: the built-in tasks, and a task of your own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument

from logicdistill.cli.options import AsJson
from logicdistill.errors import TaskError

if TYPE_CHECKING:
    from logicdistill.protocols import Task
    from logicdistill.tasks.rules import Rules


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
    task: Annotated[
        str, Argument(help="A task's folder, a Gymnasium rules file, or a built-in task's id.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check a task's rules, states and actions.

    Every fault of a folder or file is printed, one a line, with its file and line; the exit code is
    then 2. Otherwise the rules are printed as they are understood, each with its number and line,
    and the lines that are not read as rules.
    """
    from logicdistill.tasks.checker import check_task
    from logicdistill.tasks.record_folder import Fault, read_folder
    from logicdistill.tasks.records import RecordTask
    from logicdistill.tasks.registry import get_task

    folder, found = Path(task), None
    file, read = _rules_of(folder)
    faults = read_folder(folder).faults if folder.is_dir() else []
    if read and folder.is_file():
        faults = [Fault(str(folder), fault.line, fault.what) for fault in read.faults]
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
        shown |= _rules_json(read, found)
        typer.echo(json.dumps(shown, indent=1))
    elif found is None or faults:
        for fault in faults:
            typer.echo(f"{folder / str(fault)}" if folder.is_dir() else str(fault))
        _print_notes(file, read)
    else:
        split = ", ".join(f"{count} {name}" for name, count in counts.items())
        states = f", {sum(counts.values())} states ({split}), {known} with an action"
        rules = f"{len(found.rules)} rules"
        typer.echo(f"{found.id}: keeps the contract; {rules}{states if counts else ''}")
        _print_rules(file, read, found.rules)
    if faults:
        raise typer.Exit(2)


def _rules_of(task: Path) -> tuple[Path, Rules | None]:
    """The file with a task's rules, and what it says; None of a built-in task."""
    from logicdistill.tasks.gymnasium_task import RULES_FILE, file_text, read_rules_file
    from logicdistill.tasks.rules import read_rules

    file = task / RULES_FILE if task.is_dir() else task
    try:
        text = file_text(file) if file.is_file() else None
    except TaskError:  # is among the faults
        return file, None
    if text is None or task.is_dir():
        return file, None if text is None else read_rules(text)
    found = read_rules_file(text)
    return file, found[1] if found else None


def _rules_json(read: Rules | None, task: Task | None) -> dict[str, Any]:
    """Each rule with its number, label, text and line; of a built-in task number and text."""
    if read is None:
        texts = enumerate(task.rules if task else (), start=1)
        return {"read": [{"number": number, "text": text} for number, text in texts], "notes": []}
    return {
        "read": [asdict(rule) for rule in read.rules],
        "notes": [asdict(note) for note in read.notes],
    }


def _print_rules(file: Path, read: Rules | None, texts: Sequence[str]) -> None:
    """The rules as they are understood, a line each, and what is not read."""
    width = shutil.get_terminal_size((140, 24)).columns
    places = [f"line {rule.line}" for rule in read.rules] if read else [""] * len(texts)
    room, digits = max(map(len, places), default=0), len(str(len(texts))) + 2
    for number, (place, text) in enumerate(zip(places, texts, strict=True), start=1):
        shown = f"{number:>{digits}}  " + (f"{place:<{room}}  " if room else "")
        left, words = width - len(shown), " ".join(text.split())
        typer.echo(shown + (words if len(words) <= left else f"{words[: left - 4].rstrip()} ..."))
    _print_notes(file, read)


def _print_notes(file: Path, read: Rules | None) -> None:
    for note in read.notes if read else ():
        typer.echo(f"note: {file}: {note.what}")
