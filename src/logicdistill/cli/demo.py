"""``logicdistill demo``: the returns desk, from its folder to three decisions."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from logicdistill.cli.output import echo

if TYPE_CHECKING:
    from logicdistill.tasks.records import RecordTask
    from logicdistill.types import Decision, Json

SHOWN = ("test-016", "test-029", "test-010")
"""Test states: an amount, store credit, and a message that no function fits."""

WIDTH = 96


def demo(out: Annotated[Path, Option(help="Folder of the run.")] = Path("runs/returns")) -> None:
    """Make the returns desk's policy, and show what it decides.

    Customers of a shop write; fifteen written rules say what they get. The package holds the
    example: 28 small functions and 150 messages. A second call shows the decisions at once.
    """
    from logicdistill.cli import terminal
    from logicdistill.pipeline.settings import RunSettings
    from logicdistill.pipeline.steps import RunPipeline
    from logicdistill.policy import Policy
    from logicdistill.students.weights import find_weights
    from logicdistill.tasks.records import RecordTask
    from logicdistill.tasks.scaffold import example_folder

    if not (out / "student").is_dir():
        find_weights()  # says what is missing before anything is made
    folder = example_folder("returns")
    task = RecordTask(folder)
    echo(
        f"A returns desk: {len(task.rules)} written rules, and {len(task.records)} messages with "
        f"the order that they are about.\nRules, functions and messages: {folder}\n"
    )
    reporter = terminal.TerminalReporter(quiet=("admitted", "wrong"))
    summary = RunPipeline(out, RunSettings(str(folder)), reporter).run()
    for line in _figures(task, summary):
        echo(line)
    records = {record.id: record for record in task.split("test")}
    with Policy.load(out) as policy:
        for name in SHOWN:
            decision = policy.decide(records[name].state)
            echo("\n".join(_shown(task, records[name].state, decision)))
    echo(
        f"\nnext: logicdistill new desk      # this example as a folder of your own\n"
        f"      logicdistill new rules --by-hand\n"
        f"      head -1 {out}/task/states.jsonl | logicdistill decide --run {out}"
    )


def _figures(task: RecordTask, summary: Mapping[str, Json]) -> Iterator[str]:
    """The policy's right actions on the test states, beside the floors."""
    tested, rows = task.split("test"), summary["players"]
    yield f"\nRight actions, to the cent, on {len(tested)} messages that it has not seen:"
    shares = {
        "this policy": rows["ld-encoder"]["success"],
        "the intent at random, then the rules": rows["random"]["success"],
        "always the most frequent action": summary["frequent"]["success"],
    }
    for name, share in shares.items():
        yield f"  {name:<38} {round(share * len(tested)):>3} of {len(tested)}   {share:6.1%}"
    low, high = rows["ld-encoder"]["success_ci95"]
    yield f"  95 % interval of the policy: {low:.0%} to {high:.0%}\n"


def _shown(task: RecordTask, state: Mapping[str, Json], decision: Decision) -> Iterator[str]:
    """A message, what was decided, how sure that is, and the rule."""
    yield from textwrap.wrap(f'"{state["message"]}"', WIDTH)
    order = f"{state['category']}, {state['price_cents'] / 100:.2f} EUR, today {state['today']}"
    dates = (f"{key.replace('_', ' ')} {state[key]}" for key in ("shipped_on", "delivered_on"))
    yield f"  order    {', '.join([order, *(date for date in dates if 'None' not in date)])}"
    for step in decision.trace:
        if step.choice and step.stage == "intent":
            best, none = step.choice.ranked[0], f"none of the eight ({step.choice.none:.0%})"
            yield f"  intent   {f'{best.name} ({best.probability:.0%})' if step.function else none}"
    action = decision.action
    amount = f" {action['amount_cents'] / 100:.2f} EUR" if "amount_cents" in action else ""
    others = [str(value) for key, value in action.items() if key not in ("do", "amount_cents")]
    said = f"{action['do']}{amount}{', ' if others else ''}{', '.join(others)}"
    yield f"  action   {said.replace('_', ' ')}"
    if decision.fallback is not None:
        yield from _wrapped("  why      ", decision.fallback)
    for number in decision.trace[-1].rules:
        yield from _wrapped(f"  rule {number:<3} ", task.rules[number - 1])
    yield ""


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
