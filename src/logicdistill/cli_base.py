"""``logicdistill base``: look at the function base of a run and change it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from logicdistill import terminal
from logicdistill.errors import GateRefusal
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.sandbox import Sandbox
from logicdistill.policy import Policy

base_app = typer.Typer(help="Look at a run's function base, and change it.", no_args_is_help=True)

RunFolder = Annotated[Path, typer.Option("--run", help="A run's folder, made by 'logicdistill run'.")]
Name = Annotated[str, typer.Argument(help="A function's name; 'base list' shows them.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def _policy(run: Path) -> Policy:
    return Policy.load(run, student="conditions")


@base_app.command("list")
def list_functions(run: RunFolder, as_json: AsJson = False) -> None:
    """List all functions by stage."""
    base = _policy(run).base
    if as_json:
        rows = [{"stage": f.stage, "name": f.name, "origin": f.origin, "manual": asdict(f.manual)} for f in base.functions]
        typer.echo(json.dumps({"task": base.task, "snapshot": base.snapshot, "functions": rows}, indent=1))
        return
    Console().print(terminal.base_table(base))


@base_app.command()
def show(name: Name, run: RunFolder) -> None:
    """Show one function's file."""
    function = _policy(run).base.function(name)
    console = Console()
    if console.is_terminal:
        console.print(terminal.function_view(function))
    else:
        typer.echo(function.source, nl=False)


@base_app.command()
def check(run: RunFolder) -> None:
    """Try every function in the gate again, and report edited files and the functions behind each rule; exit code 1 on a finding."""
    policy = _policy(run)
    store, base = BaseFolder(run / "base"), policy.base
    findings = [f"edited since the last snapshot: {path}; 'logicdistill run' takes it in" for path in store.edits()]
    gate = Gate(frozenset(policy.task.state_model.model_fields), len(policy.task.rules), base.stages)
    with Sandbox() as sandbox:
        for function in base.functions:
            others = {name: other for name, other in base.by_name.items() if name != function.name}
            try:
                gate.admit(function.source, base.stage(function.stage), others, sandbox)
            except GateRefusal as error:
                findings.append(str(error))
    for line in terminal.rules_lines(policy.task, base):
        typer.echo(line)
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
    for line in [json.dumps(entry) for entry in entries] if as_json else terminal.journal_lines(entries):
        typer.echo(line)


@base_app.command()
def add(
    file: Annotated[Path, typer.Argument(help="A function file; docs/functions.md describes it.")],
    run: RunFolder,
    stage: Annotated[str | None, typer.Option(help="Its stage, where neither its manual nor its folder says it.")] = None,
) -> None:
    """Add a function: it passes the gate, is journaled, and takes part from the next decision on, without training."""
    with _policy(run) as policy:
        function = policy.add(file, stage)
        typer.echo(f"added {function.stage}/{function.name}; snapshot {policy.base.snapshot}")


@base_app.command()
def remove(name: Name, run: RunFolder) -> None:
    """Remove a function; a rollback brings it back."""
    with _policy(run) as policy:
        policy.remove(name)
        typer.echo(f"removed {name}; snapshot {policy.base.snapshot}")


@base_app.command()
def rollback(snapshot: Annotated[str, typer.Argument(help="A snapshot's id; 'base log' shows them.")], run: RunFolder) -> None:
    """Go back to a snapshot."""
    with _policy(run) as policy:
        policy.rollback(snapshot)
        typer.echo(f"rolled back; snapshot {policy.base.snapshot}")
