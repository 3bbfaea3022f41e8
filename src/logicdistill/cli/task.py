"""``logicdistill tasks``, ``new`` and ``check``: the built-in tasks, and a task of your own."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from logicdistill.cli.options import AsJson
from logicdistill.cli.output import echo
from logicdistill.errors import TaskError

if TYPE_CHECKING:
    from logicdistill.functions.base import FunctionBase
    from logicdistill.types import Json


FIELDS_SHOWN, NAMES_SHOWN = 40, 10
PATIENCE = 2.0
"""Seconds before a progress bar is shown."""

EXAMPLE_HELP = "returns: a message beside exact rules. parcels: functions that a teacher wrote."


def tasks(as_json: AsJson = False) -> None:
    """List the built-in tasks."""
    from logicdistill.tasks.babyai import BABYAI_TASKS
    from logicdistill.tasks.messages import MESSAGE_TASKS, described
    from logicdistill.tasks.registry import get_task, task_ids

    offered = [*task_ids(), *BABYAI_TASKS]
    found = {task.id: (task.title, task.rules) for task in map(get_task, offered)}
    found |= {task_id: described(task) for task_id, task in MESSAGE_TASKS.items()}
    rows = [{"id": key, "title": found[key][0], "rules": found[key][1]} for key in sorted(found)]
    if as_json:
        echo(json.dumps(rows, indent=1))
        return
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        echo(f"{row['id']:<{width}} {row['title']} ({len(row['rules'])} rules)")


FILE_HELP = "Take states and actions from a CSV, JSON lines, JSON, Parquet, or OpenAI chats."
OPENAPI_HELP = "The actions are the operations of an API: an OpenAPI 3.0 or 3.1 file in JSON."
MCP_HELP = "The actions are the tools of an MCP server: the command that starts it, or its URL."
DROP_HELP = "Column that is no field of the state; repeatable."
ACTION_HELP = "Column of the right action; 'none': no action is known."


def new(
    folder: Annotated[Path, Argument(help="Folder to make; its name becomes the task's.")],
    by_hand: Annotated[
        bool, Option("--by-hand", help="A small one: three rules, three functions, no model.")
    ] = False,
    example: Annotated[str, Option(help=EXAMPLE_HELP)] = "returns",
    file: Annotated[Path | None, Option("--from", metavar="FILE", help=FILE_HELP)] = None,
    action: Annotated[str | None, Option(metavar="COLUMN", help=ACTION_HELP)] = None,
    split: Annotated[
        str | None, Option(metavar="COLUMN", help="Column of train, validation and test.")
    ] = None,
    id_column: Annotated[
        str | None, Option("--id", metavar="COLUMN", help="Column of each state's id.")
    ] = None,
    drop: Annotated[list[str] | None, Option(metavar="COLUMN", help=DROP_HELP)] = None,
    fallback: Annotated[
        str | None, Option(help="Action where no function fits; by default 'unknown'.")
    ] = None,
    encoding: Annotated[str | None, Option(help="Of a text file; by default found out.")] = None,
    decimal_comma: Annotated[
        bool, Option("--decimal-comma", help="Read 12,50 as a number.")
    ] = False,
    openapi: Annotated[Path | None, Option(metavar="FILE", help=OPENAPI_HELP)] = None,
    mcp: Annotated[str | None, Option(metavar="COMMAND", help=MCP_HELP)] = None,
) -> None:
    """Make the folder of a task of your own.

    Without --from it is a complete example: run it as it is, then put in your own rules, states and
    functions. Functions that you do not write a teacher writes (run --teacher).

    With --from the states and their right actions come from a file: a column is a field of the
    state, one column is the action. What was made of the file is printed.

    With --openapi or --mcp the actions are calls, {"tool": NAME, "arguments": {...}}. Rules, fields
    of the state and states are proposals to edit; the functions are left to write.
    """
    from logicdistill.tasks.importing.states import Choices
    from logicdistill.tasks.scaffold import new_task, new_task_from

    named = action, split, id_column, fallback, encoding
    choices = Choices(*named, decimal_comma, tuple(drop or ()))
    if openapi is not None or mcp is not None:
        others = by_hand or example != "returns" or file is not None or choices != Choices()
        if others or (openapi is not None and mcp is not None):
            raise TaskError("--openapi and --mcp each make a folder of their own: name one alone")
        _new_of_tools(folder, openapi, mcp or "")
        return
    if file is None:
        if choices != Choices():
            raise TaskError("--action, --split and the like tell how to read a file: add --from")
        if by_hand and example != "returns":
            raise TaskError("--by-hand and --example each make a folder of their own: name one")
        for made in new_task(folder, "by-hand" if by_hand else example):
            echo(f"{made}/" if made.is_dir() else str(made))
        quoted = shlex.quote(str(folder))
        echo(f"next: logicdistill check {quoted}, then logicdistill run {quoted}")
        return
    if by_hand or example != "returns":
        raise TaskError("--by-hand and --example are other folders than --from makes: name one")
    from logicdistill.cli.terminal import TerminalReporter

    found = new_task_from(folder, file, choices, TerminalReporter(delay=PATIENCE).progress)
    for subject, what in found.report:
        echo(f"{subject:<9} {what}")
    write = "the rules in rules.md"
    if found.actions is None:
        write = "the actions in task.toml, and the rules in rules.md"
    elif found.sentences:
        write = "better sentences in task.toml"
    echo(f"next      write {write}; then: logicdistill check {shlex.quote(str(folder))}")


def _new_of_tools(folder: Path, openapi: Path | None, command: str) -> None:
    """The folder of a task whose actions are an API's operations, or else a server's tools."""
    from logicdistill.tasks.by_hand import FUNCTIONS
    from logicdistill.tasks.importing.mcp_server import read_mcp
    from logicdistill.tasks.importing.openapi import read_openapi
    from logicdistill.tasks.scaffold import TOOL_STAGE, new_task_of_tools

    tools = read_mcp(command) if openapi is None else read_openapi(openapi)
    for subject, what in new_task_of_tools(folder, tools).report:
        echo(f"{subject:<9} {what}")
    quoted = shlex.quote(str(folder))
    file = folder / FUNCTIONS / f"{TOOL_STAGE}.py"
    echo(f"next      logicdistill check {quoted}; then edit the rules and states, and write")
    echo(f"          {file}, a function for each call; or 'run --teacher' has them written")


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
    A sound folder is also shown field by field: what its schema.json allows, and what was seen.
    """
    from logicdistill.cli.checking import against_the_numbers, decided_otherwise
    from logicdistill.cli.rules import print_notes, print_rules, rules_json, rules_of
    from logicdistill.functions.lint import copied_logic
    from logicdistill.tasks.checker import check_task
    from logicdistill.tasks.fields import Field, describe
    from logicdistill.tasks.record_folder import SCHEMA, Fault, read_folder
    from logicdistill.tasks.records import RecordTask
    from logicdistill.tasks.registry import get_task
    from logicdistill.writing.by_hand import base_by_hand
    from logicdistill.writing.judging import unknown_choices

    folder, found = Path(task), None
    file, read = rules_of(folder)
    recorded = read_folder(folder) if folder.is_dir() else None
    faults = recorded.faults if recorded else []
    if read and folder.is_file():
        faults = [Fault(str(folder), fault.line, fault.what) for fault in read.faults]
    if not faults:
        found = get_task(task)
        try:
            check_task(found)
        except TaskError as error:
            faults = [Fault("task", 0, str(error))]
    base = None
    if found is not None:
        base, refused = base_by_hand(found)
        for refusal in refused:
            place, _, what = refusal.partition(": ")
            name, _, line = place.partition(":")
            faults.append(Fault(name, int(line) if line.isdigit() else 0, what))
    counts, known, notes, fields = {}, 0, list[str](), list[Field]()
    if isinstance(found, RecordTask):
        notes = [*(recorded.notes if recorded else ()), *found.notes()]
        fields = [
            describe(name, schema, [record.state[name] for record in found.records])
            for name, schema in found.state_schema["properties"].items()
        ]
        counts = {name: len(found.split(name)) for name in ("train", "validation", "test")}
        known = sum(record.known for record in found.records)
        if base is not None and not faults:
            notes += [*copied_logic(base), *unknown_choices(base, found.records)]
            notes += [*against_the_numbers(base), *decided_otherwise(found, base)]
    if as_json:
        shown: dict[str, Any] = {"task": task, "faults": [asdict(fault) for fault in faults]}
        if found is not None:
            shown |= {"id": found.id, "rules": len(found.rules)}
            shown |= {"states": counts, "right_actions": known}
            shown |= {"fields": [asdict(field) for field in fields], "notes": notes}
        shown |= rules_json(read, found)
        if base is not None and found is not None:
            shown |= {"stages": _stages_json(base), "needs_student": base.needs_student}
            shown |= {"helpers": [helper.name for helper in base.helpers]}
            shown |= {"rules_without_function": base.uncovered_rules(len(found.rules))}
        echo(json.dumps(shown, indent=1))
    elif found is None or faults:
        for fault in faults:
            echo(f"{folder / str(fault)}" if folder.is_dir() else str(fault))
        print_notes(file, read)
    else:
        split = ", ".join(f"{count} {name}" for name, count in counts.items())
        states = f", {sum(counts.values())} states ({split}), {known} with an action"
        rules = f"{len(found.rules)} rules"
        echo(f"{found.id}: keeps the contract; {rules}{states if counts else ''}")
        if base is not None:
            for line in _base_lines(base, len(found.rules)):
                echo(line)
        print_rules(file, read, found.rules)
        if fields:
            echo(f"fields, as {folder / SCHEMA} has them (yours to change):")
        for line in [field.line() for field in fields[:FIELDS_SHOWN]]:
            echo(f"  {line}")
        if len(fields) > FIELDS_SHOWN:
            echo(f"  ... and {len(fields) - FIELDS_SHOWN} more (--json shows all)")
        for note in notes:
            echo(f"note: {note}")
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
        functions = [function.name for function in base.of_stage(stage.name)]
        names = ", ".join(functions[:NAMES_SHOWN])
        if len(functions) > NAMES_SHOWN and stage.mode != "first":
            names += f", ... and {len(functions) - NAMES_SHOWN} more"
        missing = "no function yet; 'run --teacher' has a model write them"
        yield f"  stage {stage.name} ({stage.mode}): {names or missing}"
    if base.helpers:
        names = ", ".join(helper.name for helper in base.helpers)
        yield f"  helpers, which functions call: {names}"
    if uncovered := base.uncovered_rules(rules):
        yield f"  rules that no function cites: {', '.join(map(str, uncovered))}"
    if all(base.of_stage(stage.name) for stage in base.stages) and not base.needs_student:
        yield "  conditions decide every stage: no model needed"
