"""``base tell`` and ``consolidate``: new rules at once, and what came of them in the next training."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from logicdistill.cli.base import Expires, RunFolder, base_app
from logicdistill.cli.teacher import BaseUrl, Budget, MaxCalls, Model, brief_options, teacher_for
from logicdistill.cli.terminal import TerminalReporter
from logicdistill.errors import BaseError, needs_extra
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import Proposal
from logicdistill.functions.diff import diff_bases, diff_lines
from logicdistill.policy import Policy
from logicdistill.protocols import Task, Teacher
from logicdistill.runs import Run
from logicdistill.tasks.registry import get_task, task_of_run
from logicdistill.types import Json
from logicdistill.views import example_line

SAMPLES = 2
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@base_app.command()
def tell(
    rule: Annotated[str, typer.Argument(help="The new rule, in one sentence.")],
    run: RunFolder,
    teacher: Model = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
    max_calls: MaxCalls = None,
    review: Annotated[
        bool, typer.Option("--review", help="Show what would change, and ask before it does.")
    ] = False,
    expires: Expires = None,
    yes: Yes = False,
) -> None:
    """Tell the teacher a new rule: its functions pass the gate, break no usage example, and take part from the next decision on."""
    options = brief_options(teacher, base_url, budget, max_calls)
    with Policy.load(run, student="conditions") as policy:
        before = policy.base.snapshot
        with teacher_for(options, run, policy.task) as asked:
            proposal = policy.propose(rule, asked, _samples(policy.task, rule), expires)
        if review:
            _show(proposal)
            if not _agreed("put this into force?", yes):
                typer.echo("nothing was changed")
                return
        for function in policy.accept(proposal):
            typer.echo(f"added {function.stage}/{function.name}")
        typer.echo(
            f"snapshot {policy.base.snapshot}; back again: logicdistill base rollback {before} --run {run}"
        )


def consolidate(
    run: RunFolder,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and train nothing.")
    ] = False,
    yes: Yes = False,
    teacher: Model = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
    max_calls: MaxCalls = None,
) -> None:
    """Fold emergency functions and logged decisions into a new student; the old one stays unless the new one is at least as good.

    Emergency functions without an expiry become ordinary functions where the student's views tell when they are right. States are
    those that 'decide --log' has kept; every fifth one is held out to compare both students.
    """
    with needs_extra("'consolidate' trains a model and", "train"):
        from logicdistill.pipeline import consolidate as work
    with teacher_for(
        brief_options(teacher, base_url, budget, max_calls),
        run,
        task_of_run(run, Run.open(run).settings),
    ) as asked:
        _consolidate(work, run, asked, dry_run=dry_run, yes=yes)


def _consolidate(work: ModuleType, run: Path, chosen: Teacher, *, dry_run: bool, yes: bool) -> None:
    planned = work.plan(run, chosen)
    for name in planned.lifted:
        typer.echo(f"becomes an ordinary function: {name}")
    for name, why in planned.kept.items():
        typer.echo(f"keeps its guard: {name}: {why}")
    if not planned.changed:
        typer.echo(f"nothing new since {planned.since or 'the training'}")
        return
    typer.echo(
        f"{planned.fresh} new logged states join the training and its validation; {planned.unlabelled} have no label"
    )
    if dry_run:
        return
    if not _agreed("train a new student and compare it?", yes):
        typer.echo("nothing was changed")
        return
    report = work.consolidate(run, planned, chosen, TerminalReporter(Console(stderr=True)))
    shown = Table(
        title=f"{report['episodes']} validation episodes, {report['states']} logged states held out",
        title_justify="left",
    )
    for title in ("student", "success", "selection", "logged states right"):
        shown.add_column(title, justify="left" if title == "student" else "right")
    for name in ("old", "new"):
        shown.add_row(
            name, *(f"{report[name][key]:.1%}" for key in ("success", "selection", "logged"))
        )
    Console().print(shown)
    typer.echo(
        "the new student decides from now on"
        if report["swapped"]
        else "the new student is not as good: the old one stays"
    )


def _show(proposal: Proposal) -> None:
    for line in diff_lines(diff_bases(proposal.old, proposal.new), proposal.old, proposal.new):
        typer.echo(line)
    for function in proposal.functions:
        manual = function.manual
        until = f", until {manual.expires}" if manual.expires else ""
        typer.echo(
            f"{function.name}: while {manual.when}{until}, in place of {', '.join(manual.replaces) or 'nothing'}"
        )
        for example in manual.examples:
            typer.echo(f"  {example_line(function, example)}")


def _agreed(question: str, yes: bool) -> bool:
    """Whether a person agrees; where there is none to ask, ``--yes`` has to say so."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise BaseError(
            f"nobody can be asked here ({question}); nothing was changed: give --yes to agree beforehand"
        )
    return typer.confirm(question)


def _samples(task: Task, rule: str) -> list[Json]:
    """States in which the rule is in force, where the task itself knows it as one of its changes."""
    known = [change.name for change in task.changes.values() if change.rule == rule]
    return [
        first_state(get_task(task.id, change=name), seed)
        for name in known
        for seed in range(SAMPLES)
    ]
