"""``logicdistill base``: look at the function base of a run and change it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from logicdistill.cli import terminal
from logicdistill.errors import GateRefusal, StorageError, UnknownNameError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.diff import diff_bases, diff_lines
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.lint import lint, literal, missing_actions
from logicdistill.functions.module import split_module
from logicdistill.functions.sandbox import Sandbox
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.students.encoder import EncoderStudent
from logicdistill.tasks.records import RecordTask
from logicdistill.training.collect import collect, read_examples
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Function
from logicdistill.views import example_line
from logicdistill.writing.base import LOST_FUNCTIONS

NOTED_EPISODES = 100
"""Training episodes whose states the notes of 'base check' are based on."""

base_app = typer.Typer(help="Look at a run's function base, and change it.", no_args_is_help=True)

RunFolder = Annotated[
    Path, typer.Option("--run", help="A run's folder, made by 'logicdistill run'.")
]
Name = Annotated[
    str, typer.Argument(help="A function's name, or STAGE/NAME; 'base list' shows them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Expires = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Until when it is in force, such as 2026-12-01T12:00; UTC unless it names a zone.",
    ),
]


def _policy(run: Path) -> Policy:
    return Policy.load(run, student="conditions")


@base_app.command("list")
def list_functions(run: RunFolder, as_json: AsJson = False) -> None:
    """List all functions by stage."""
    base = _policy(run).base
    if as_json:
        rows = [
            {"stage": f.stage, "name": f.name, "origin": f.origin, "manual": asdict(f.manual)}
            for f in base.functions
        ]
        typer.echo(
            json.dumps({"task": base.task, "snapshot": base.snapshot, "functions": rows}, indent=1)
        )
        return
    Console().print(terminal.base_table(base))


@base_app.command()
def show(name: Name, run: RunFolder) -> None:
    """Show one function's file."""
    function = _function(_policy(run).base, name)
    console = Console()
    if console.is_terminal:
        console.print(terminal.function_view(function))
    else:
        typer.echo(function.source, nl=False)


@base_app.command()
def check(run: RunFolder) -> None:
    """Try every function in the gate again, and report edited files and the functions behind each rule; exit code 1 on a finding.

    Notes are about what is allowed and yet likely a mistake: manuals that read alike, conditions that overlap or never hold, functions
    that are right nowhere.
    """
    policy = _policy(run)
    store, base = BaseFolder(run / "base"), policy.base
    findings = [f"edited since the last snapshot: {_edit(path, base)}" for path in store.edits()]
    gate = Gate.of(policy.task, base.stages)
    with Sandbox() as sandbox:
        for function in base.functions:
            others = {name: other for name, other in base.by_name.items() if name != function.name}
            try:
                gate.admit(function.source, base.stage(function.stage), others, sandbox)
            except GateRefusal as error:
                findings.append(str(error))
    for line in terminal.rules_lines(policy.task, base):
        typer.echo(line)
    for name in policy.note_expired():
        typer.echo(
            f"note: {name}: expired at {base.function(name).manual.expires}, and is no candidate any more; remove it"
        )
    for note in _notes(run, policy):
        typer.echo(f"note: {note}")
    for finding in findings:
        typer.echo(f"finding: {finding}")
    typer.echo(f"{len(base.functions)} functions, {len(findings)} finding(s)")
    if findings:
        raise typer.Exit(1)


@base_app.command()
def log(run: RunFolder, as_json: AsJson = False) -> None:
    """Print the journal: each admission, removal, edit and rollback, with what the gate saw."""
    _policy(run)
    entries = BaseFolder(run / "base").journal()
    for line in [json.dumps(entries, indent=1)] if as_json else terminal.journal_lines(entries):
        typer.echo(line)


@base_app.command()
def add(
    file: Annotated[Path, typer.Argument(help="A function file; docs/functions.md describes it.")],
    run: RunFolder,
    stage: Annotated[
        str | None, typer.Option(help="Its stage, where neither its manual nor its folder says it.")
    ] = None,
    expires: Expires = None,
) -> None:
    """Add a function: it passes the gate, is journaled, and takes part from the next decision on, without training."""
    with _policy(run) as policy:
        try:
            function = policy.add(file, stage, expires=expires)
        except GateRefusal as error:
            raise GateRefusal(f"{file}: {error}") from None
        typer.echo(f"added {function.stage}/{function.name}; snapshot {policy.base.snapshot}")


@base_app.command()
def remove(name: Name, run: RunFolder) -> None:
    """Remove a function; a rollback brings it back."""
    with _policy(run) as policy:
        function = _function(policy.base, name)
        policy.remove(function.name)
        typer.echo(f"removed {function.name}; snapshot {policy.base.snapshot}")


@base_app.command()
def rollback(
    snapshot: Annotated[
        str,
        typer.Argument(help="A snapshot's id (its beginning is enough); 'base log' shows them."),
    ],
    run: RunFolder,
    discard_edits: Annotated[
        bool,
        typer.Option(
            "--discard-edits", help="Put edited and deleted files back as the snapshot has them."
        ),
    ] = False,
) -> None:
    """Go back to a snapshot; files that were edited since the last one stay as they are where the rollback changes nothing in them."""
    store = BaseFolder(run / "base")
    with _policy(run) as policy:
        target = store.find_snapshot(snapshot)
        if discard_edits:
            store.discard_edits()
        policy.rollback(target.snapshot)
        typer.echo(f"rolled back; snapshot {target.snapshot}")
    for path in store.edits():
        typer.echo(f"stays as edited: {_edit(path, target)}")


@base_app.command()
def coverage(run: RunFolder, as_json: AsJson = False) -> None:
    """Show for each rule the functions that cite it, with their usage examples; then what has no counterpart.

    That is rules that no function cites, functions that cite no rule, listed actions that no function gives (but for the fallback), and
    functions that the teacher gave up.
    """
    policy = _policy(run)
    base, rules = policy.base, policy.task.rules
    rows = [
        {
            "rule": number,
            "text": rule,
            "functions": [
                {
                    "name": f"{f.stage}/{f.name}",
                    "examples": [example_line(f, example) for example in f.manual.examples],
                }
                for f in base.functions
                if number in f.manual.rules
            ],
        }
        for number, rule in enumerate(rules, start=1)
    ]
    uncovered, idle = (
        base.uncovered_rules(len(rules)),
        [f"{f.stage}/{f.name}" for f in base.functions if not f.manual.rules],
    )
    missing = (
        missing_actions(base, policy.task.actions) if isinstance(policy.task, RecordTask) else []
    )
    lost = [
        text
        for text in Run.open(run).record("write").get(LOST_FUNCTIONS, [])
        if text.partition(":")[0].rpartition("/")[2] not in base.by_name
    ]
    if as_json:
        found = {"rules": rows, "rules_without_function": uncovered, "functions_without_rule": idle}
        typer.echo(
            json.dumps(found | {"actions_without_function": missing, "given_up": lost}, indent=1)
        )
        return
    for line in terminal.coverage_lines(rows):
        typer.echo(line)
    typer.echo(f"rules that no function cites: {', '.join(map(str, uncovered)) or 'none'}")
    typer.echo(f"functions that cite no rule: {', '.join(idle) or 'none'}")
    if isinstance(policy.task, RecordTask):
        typer.echo(f"actions that no function gives: {', '.join(map(literal, missing)) or 'none'}")
    typer.echo(f"functions that the teacher gave up: {'; '.join(lost) or 'none'}")


@base_app.command()
def diff(
    old: Annotated[
        str,
        typer.Argument(
            help="A snapshot's id (its beginning is enough), 'previous', or a run's folder."
        ),
    ] = "previous",
    new: Annotated[
        str, typer.Argument(help="The same, or 'current', the base as it is.")
    ] = "current",
    run: Annotated[
        Path | None, typer.Option("--run", help="The run whose snapshots are meant.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two snapshots: functions added and removed, manuals field by field, code as a unified diff."""
    before, after = _base_of(old, run), _base_of(new, run)
    found = diff_bases(before, after)
    if as_json:
        typer.echo(json.dumps({"old": before.snapshot, "new": after.snapshot, **found}, indent=1))
        return
    for line in diff_lines(found, before, after):
        typer.echo(line)
    counts = ", ".join(f"{len(found[key])} {key}" for key in ("added", "removed", "changed"))
    typer.echo(f"{before.snapshot} -> {after.snapshot}: {counts}")


@base_app.command("import")
def import_module(
    file: Annotated[
        Path,
        typer.Argument(
            help="A Python module; its docstrings are the manuals, as docs/functions.md describes them."
        ),
    ],
    run: RunFolder,
    stage: Annotated[
        str | None, typer.Option(help="The functions' stage, where their manuals do not say it.")
    ] = None,
) -> None:
    """Bring existing functions in as they are: each that passes the gate joins, each other is named with the reason; exit code 1 then."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"cannot read {file}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}"
        ) from None
    with _policy(run) as policy:
        joined, refused = policy.bring_in(split_module(text, str(file)), stage)
        for function in joined:
            typer.echo(f"added {function.stage}/{function.name}")
        for name, why in refused.items():
            typer.echo(f"refused {name}: {why.removeprefix(f'{name}: ')}")
        typer.echo(f"{len(joined)} added, {len(refused)} refused; snapshot {policy.base.snapshot}")
    if refused:
        raise typer.Exit(1)


def _base_of(name: str, run: Path | None) -> FunctionBase:
    if (Path(name) / "base").is_dir():
        return BaseFolder(Path(name) / "base").load()
    if run is None:
        raise UnknownNameError("run", name, [])
    store = BaseFolder(Run.open(run).folder / "base")
    journal = store.journal()
    if name == "previous":
        parents = [
            str(entry.get("parent") or "current")
            for entry in journal
            if entry.get("parent") != entry["snapshot"]
        ]
        name = parents[-1] if parents else "current"
    if name == "current":
        return store.load()
    return store.find_snapshot(name)


def _edit(path: str, base: FunctionBase) -> str:
    known = path in base.to_manifest()["files"]
    undo = (
        f"'base rollback {base.snapshot} --discard-edits' puts it back"
        if known
        else "no snapshot has it: delete it to undo"
    )
    return f"{path}; 'logicdistill run' takes it in, {undo}"


def _function(base: FunctionBase, name: str) -> Function:
    """The function of that name, also where it is given as STAGE/NAME."""
    by_path = {f"{function.stage}/{function.name}": function for function in base.functions}
    return by_path[name] if name in by_path else base.function(name)


def _notes(run: Path, policy: Policy) -> list[str]:
    """What `lint` says by the states of some training episodes and the examples that were collected."""
    file = run / "examples.jsonl"
    examples = (
        {(example.stage, example.label) for example in read_examples(file) if example.label}
        if file.is_file()
        else None
    )
    student = run / "student"
    embed = EncoderStudent(student).embedder.embed if (student / "student.toml").is_file() else None
    parts = policy.parts
    found = collect(parts, recorded_labeller(run, policy), range(NOTED_EPISODES))
    return lint(
        policy.base,
        found.scopes,
        parts.sandbox.holds,
        None if examples is None else examples | found.chosen,
        embed,
    )
