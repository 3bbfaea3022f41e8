"""``logicdistill tasks``, ``new`` and ``check``: the built-in tasks, and a task of your own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from logicdistill.cli.options import AsJson
from logicdistill.errors import TaskError

if TYPE_CHECKING:
    from logicdistill.functions.base import FunctionBase
    from logicdistill.types import Json


EXAMPLE_HELP = "returns: a message beside exact rules. parcels: functions that a teacher wrote."


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
    by_hand: Annotated[
        bool, Option("--by-hand", help="A small one: three rules, three functions, no model.")
    ] = False,
    example: Annotated[str, Option(help=EXAMPLE_HELP)] = "returns",
) -> None:
    """Make the folder of a task of your own.

    It is a complete example: run it as it is, then put in your own rules, states and functions.
    Functions that you do not write a teacher writes (run --teacher).
    """
    from logicdistill.tasks.scaffold import new_task

    for file in new_task(folder, "by-hand" if by_hand else example):
        typer.echo(f"{file}/" if file.is_dir() else str(file))
    typer.echo(f"next: logicdistill check {folder}, then logicdistill run {folder}")


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
    from logicdistill.writing.by_hand import base_by_hand

    folder, found = Path(task), None
    faults = read_folder(folder).faults if folder.is_dir() else []
    if not faults:
        found = get_task(task)
        try:
            check_task(found)
        except TaskError as error:
            faults = [Fault("task", 0, str(error))]
    base = None
    if isinstance(found, RecordTask):
        base, refused = base_by_hand(found)
        for refusal in refused:
            file, _, what = refusal.partition(": ")
            faults.append(Fault(file, 0, what))
    counts, known = {}, 0
    if isinstance(found, RecordTask):
        counts = {name: len(found.split(name)) for name in ("train", "validation", "test")}
        known = sum(record.known for record in found.records)
    if as_json:
        shown: dict[str, Any] = {"task": task, "faults": [asdict(fault) for fault in faults]}
        if found is not None:
            shown |= {"id": found.id, "rules": len(found.rules)}
            shown |= {"states": counts, "right_actions": known}
        if base is not None and found is not None:
            shown |= {"stages": _stages_json(base), "needs_student": base.needs_student}
            shown |= {"rules_without_function": base.uncovered_rules(len(found.rules))}
        typer.echo(json.dumps(shown, indent=1))
    elif found is None or faults:
        for fault in faults:
            typer.echo(f"{folder / str(fault)}" if folder.is_dir() else str(fault))
    else:
        split = ", ".join(f"{count} {name}" for name, count in counts.items())
        states = f", {sum(counts.values())} states ({split}), {known} with an action"
        rules = f"{len(found.rules)} rules"
        typer.echo(f"{found.id}: keeps the contract; {rules}{states if counts else ''}")
        if base is not None:
            for line in _base_lines(base, len(found.rules)):
                typer.echo(line)
    if faults:
        raise typer.Exit(2)


def _stages_json(base: FunctionBase) -> list[dict[str, Json]]:
    return [
        {"name": s.name, "mode": s.mode, "functions": [f.name for f in base.of_stage(s.name)]}
        for s in base.stages
    ]


def _base_lines(base: FunctionBase, rules: int) -> Iterator[str]:
    """What a person's functions make: a line a stage, and what is left to others."""
    for stage in base.stages:
        names = ", ".join(function.name for function in base.of_stage(stage.name))
        missing = "no function yet; 'run --teacher' has a model write them"
        yield f"  stage {stage.name} ({stage.mode}): {names or missing}"
    if uncovered := base.uncovered_rules(rules):
        yield f"  rules that no function cites: {', '.join(map(str, uncovered))}"
    if all(base.of_stage(stage.name) for stage in base.stages) and not base.needs_student:
        yield "  conditions decide every stage: no model needed"
