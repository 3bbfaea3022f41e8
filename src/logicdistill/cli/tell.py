"""``base tell`` and ``consolidate``: a new rule at once, and in the next training."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from logicdistill.cli.base import Expires, base_app, print_lines
from logicdistill.cli.options import RunFolder
from logicdistill.cli.teacher import BaseUrl, Budget, Model, teacher_of
from logicdistill.errors import BaseError, needs_extra

if TYPE_CHECKING:
    from logicdistill.functions.base import Proposal
    from logicdistill.protocols import Task
    from logicdistill.types import Json

Yes = Annotated[bool, Option("--yes", help="Do not ask.")]


@base_app.command()
def tell(
    rule: Annotated[str, Argument(help="The new rule, in one sentence.")],
    run: RunFolder,
    teacher: Model = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
    review: Annotated[
        bool, Option("--review", help="Show what would change, and ask before it does.")
    ] = False,
    expires: Expires = None,
    yes: Yes = False,
) -> None:
    """Tell the teacher a new rule.

    Its functions pass the gate, break no usage example, and count from the next decision on.
    """
    from logicdistill.policy import Policy

    with Policy.load(run, student="conditions") as policy:
        before = policy.base.snapshot
        with teacher_of(run, teacher, base_url, budget) as asked:
            proposal = policy.propose(rule, asked, _samples(policy.task, rule), expires)
        if review:
            _show(proposal)
            if not _agreed("put this into force?", yes):
                return
        print_lines(f"added {f.stage}/{f.name}" for f in policy.accept(proposal))
        back = f"logicdistill base rollback {before} --run {run}"
        typer.echo(f"snapshot {policy.base.snapshot}; back again: {back}")


def consolidate(
    run: RunFolder,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Show what would change, and train nothing.")
    ] = False,
    yes: Yes = False,
    teacher: Model = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
) -> None:
    """Train again with new rules and logged states.

    An emergency function without an expiry becomes an ordinary one if the student's views tell when
    it is right. The states are those that 'decide --log' kept; every fifth is held out to compare
    the students. The new student takes over if it is at least as good.
    """
    with needs_extra("'consolidate' trains a model and", "train"):
        from logicdistill.pipeline import consolidate as work
    from logicdistill.cli import terminal

    with teacher_of(run, teacher, base_url, budget) as asked:
        plan = work.plan(run, asked)
        print_lines(f"becomes an ordinary function: {name}" for name in plan.ordinary)
        print_lines(f"keeps its guard: {name}: {why}" for name, why in plan.guarded.items())
        if not plan.changed:
            typer.echo(f"nothing new since {plan.since or 'the training'}")
            return
        typer.echo(
            f"{plan.fresh} new logged states are taken into training and validation; "
            f"{plan.unlabelled} have no label"
        )
        if dry_run or not _agreed("train a new student and compare it?", yes):
            return
        report = work.consolidate(run, plan, asked, terminal.TerminalReporter())
    terminal.wide_console().print(terminal.students_table(report))
    decides = "decides from now on" if report["swapped"] else "is not as good: the old one stays"
    typer.echo(f"the new student {decides}")


def _show(proposal: Proposal) -> None:
    from logicdistill.functions.diff import diff_bases, diff_lines
    from logicdistill.views import example_line

    old, new = proposal.old, proposal.new
    print_lines(diff_lines(diff_bases(old, new), old, new))
    for function in proposal.functions:
        manual = function.manual
        until = f", until {manual.expires}" if manual.expires else ""
        replaced = ", ".join(manual.replaces) or "nothing"
        typer.echo(f"{function.name}: while {manual.when}{until}; replaces {replaced}")
        print_lines(f"  {example_line(function, example)}" for example in manual.examples)


def _agreed(question: str, yes: bool) -> bool:
    """Whether a person agrees; without a terminal, ``--yes`` agrees."""
    if not yes and not sys.stdin.isatty():
        raise BaseError(
            f"nobody can be asked here ({question}); nothing was changed: "
            "give --yes to agree beforehand"
        )
    agreed = yes or typer.confirm(question)
    if not agreed:
        typer.echo("nothing was changed")
    return agreed


def _samples(task: Task, rule: str) -> list[Json]:
    """States in which the rule is in force, if it is one of the task's own changes."""
    from logicdistill.evaluation.evaluate import first_state
    from logicdistill.tasks.registry import get_task

    return [
        first_state(get_task(task.id, change=change.name), seed)
        for change in task.changes.values()
        if change.rule == rule
        for seed in range(2)
    ]
