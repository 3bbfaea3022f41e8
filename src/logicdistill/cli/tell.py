"""``base tell`` and ``consolidate``: a new rule at once, and in the next training."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from logicdistill.cli.base import Expires, base_app, print_lines, print_refused
from logicdistill.cli.changing import By, Changing, NoImpact, Why, Yes, policy_that_decides
from logicdistill.cli.options import AsJson, RunFolder
from logicdistill.cli.output import echo
from logicdistill.cli.teacher import BaseUrl, Budget, LabelsMost, LimitPairs, Model, teacher_of
from logicdistill.errors import BaseError, needs_extra

if TYPE_CHECKING:
    from logicdistill.functions.base import Proposal
    from logicdistill.protocols import Task
    from logicdistill.types import Json

AgreeBeforehand = Annotated[bool, Option("--yes", help="Do not ask.")]


@base_app.command()
def tell(
    rule: Annotated[str, Argument(help="The new rule, in one sentence.")],
    run: RunFolder,
    teacher: Model = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
    pairs: LimitPairs = None,
    review: Annotated[
        bool, Option("--review", help="Show the functions as well, and ask in any case.")
    ] = False,
    expires: Expires = None,
    why: Why = None,
    author: By = None,
    yes: Yes = False,
    no_impact: NoImpact = False,
    as_json: AsJson = False,
) -> None:
    """Tell the teacher a new rule.

    Its functions pass the gate, break no usage example, and count from the next decision on. A live
    teacher keeps to the limits of the run's run.toml; --set gives others for this command:
    teacher.max_calls, teacher.max_tokens, teacher.max_answer, teacher.parallel, teacher.timeout,
    teacher.prices. The last line says what it cost.
    """
    with policy_that_decides(run) as policy:
        with teacher_of(run, teacher, base_url, budget, pairs or []) as asked:
            made = policy.proposing.tell(rule, asked, _samples(policy.task, rule), expires)
        if not as_json:
            print_refused(made)
        if review and not as_json:
            _show(made)
        added = (f"added {function.stage}/{function.name}" for function in made.functions)
        Changing(yes, no_impact, as_json, why, author).put_into_force(
            policy, made, added, ask_always=review
        )


def consolidate(
    run: RunFolder,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Show what would change, and train nothing.")
    ] = False,
    yes: AgreeBeforehand = False,
    teacher: Model = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
    labels: LabelsMost = None,
    pairs: LimitPairs = None,
) -> None:
    """Train again with new rules and logged states.

    An emergency function without an expiry becomes an ordinary one if the student's views tell when
    it is right. The states are those that 'decide --log' kept; every fifth is held out to compare
    the students, and a task's own validation states are. The new student takes over unless it is
    worse there beyond chance.
    """
    with needs_extra("'consolidate' trains a model and", "train"):
        from logicdistill.pipeline import consolidate as work
    from logicdistill.cli import terminal
    from logicdistill.pipeline.settings import RunSettings
    from logicdistill.training.labelling import LabelBudget

    most = LabelBudget(RunSettings.read(run).label_budget if labels is None else labels)
    with teacher_of(run, teacher, base_url, budget, pairs or []) as asked:
        plan = work.plan(run, asked, most)
        print_lines(f"becomes an ordinary function: {name}" for name in plan.ordinary)
        print_lines(f"keeps its guard: {name}: {why}" for name, why in plan.guarded.items())
        if plan.redacted:
            echo(f"{plan.redacted} logged states are redacted, so nothing can be learned from them")
        if not plan.changed:
            echo(f"nothing new since {plan.since or 'the training'}")
            return
        echo(
            f"{plan.fresh} new logged states are taken into training and validation; "
            f"{plan.unlabelled} have no label"
        )
        if said := most.line():
            echo(said)
        if dry_run or not _agreed("train a new student and compare it?", yes):
            return
        report = work.consolidate(run, plan, asked, terminal.TerminalReporter(), most)
    terminal.wide_console().print(terminal.students_table(report))
    decides = "decides from now on"
    if not report["swapped"]:
        name = report["worse"][0]
        counts = f"{report['losses'][name]} times worse, {report['wins'][name]} times better"
        decides = f"is worse in {name} beyond chance ({counts}): the old one stays"
    echo(f"the new student {decides}")


def _show(proposal: Proposal) -> None:
    from logicdistill.functions.diff import diff_bases, diff_lines
    from logicdistill.functions.helpers import is_helper
    from logicdistill.views import example_line

    old, new = proposal.old, proposal.new
    print_lines(diff_lines(diff_bases(old, new), old, new))
    for function in proposal.functions:
        manual = function.manual
        until = f", until {manual.expires}" if manual.expires else ""
        replaced = ", ".join(manual.replaces) or "nothing"
        held = f"while {manual.when}" if manual.when else "chosen by words"
        held += ", chosen by words" if manual.when and manual.near_misses else ""
        said = f"{held}{until}; replaces {replaced}"
        echo(f"{function.name}: {new.place(function) if is_helper(function) else said}")
        print_lines(f"  {example_line(function, example)}" for example in manual.examples)
        print_lines(f"  not: {text}" for text in manual.near_misses)


def _agreed(question: str, yes: bool) -> bool:
    """Whether a person agrees; without a terminal, ``--yes`` agrees."""
    if not yes and not sys.stdin.isatty():
        raise BaseError(
            f"nobody can be asked here ({question}); nothing was changed: "
            "give --yes to agree beforehand"
        )
    agreed = yes or typer.confirm(question)
    if not agreed:
        echo("nothing was changed")
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
