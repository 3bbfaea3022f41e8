"""What a person sees in the terminal: progress, tables, a played turn, a function base."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from logicdistill.deciding.episodes import Turn
from logicdistill.evaluation.summary import message_rows, table
from logicdistill.functions.base import FunctionBase
from logicdistill.protocols import Task
from logicdistill.report.document import p_value
from logicdistill.types import Function, Json, Step

QUIET_SECONDS = 30.0
"""How long a step that is under way prints nothing where there is no terminal."""


class TerminalReporter:
    """Prints what a run does, with a progress bar in a terminal, and else a line now and then.

    Args:
        console: where to print.
        clock: seconds from a monotonic clock.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._printed = clock()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._step = ""

    def line(self, text: str) -> None:
        """See `logicdistill.pipeline.settings.Reporter`."""
        self._end_bar()
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._printed = self._clock()

    def progress(self, step: str, done: int, total: int) -> None:
        """See `logicdistill.pipeline.settings.Reporter`."""
        if not self._console.is_terminal:
            if done < total and self._clock() - self._printed >= QUIET_SECONDS:
                self.line(f"{step:<9} {done}/{total}")
            return
        if self._bar is None or step != self._step:
            self._end_bar()
            columns = (
                TextColumn("{task.description:<9}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            self._bar, self._step = Progress(*columns, console=self._console, transient=True), step
            self._bar.start()
            self._task = self._bar.add_task(step, total=total)
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
        if done >= total:
            self._end_bar()

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def wide_console() -> Console:
    """Standard output; 140 columns where it is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=140)


def results_table(summary: Mapping[str, Json]) -> Table:
    """The players' table of a summary."""
    header, *rows = table(summary)
    shown = _table(f"{summary['task']}, function base {summary['snapshot']}", header)
    for row in rows:
        shown.add_row(*row, style="bold" if row[0] == "ld-encoder" else None)
    return shown


def messages_table(summary: Mapping[str, Json]) -> Table:
    """The figures of a task of messages, a row a player."""
    header, *rows = message_rows(summary)
    shown = _table(
        "messages: right answers in scope, and those that are right to fit no function", header
    )
    for row in rows:
        shown.add_row(*row, style="bold" if row[0].startswith("ld-") else None)
    return shown


def students_table(report: Mapping[str, Json]) -> Table:
    """The old and the new student of a consolidation."""
    titles = ("student", "success", "selection", "logged states right")
    held_out = f"{report['states']} logged states held out"
    shown = _table(f"{report['episodes']} validation episodes, {held_out}", titles)
    for name in ("old", "new"):
        figures = (report[name][key] for key in ("success", "selection", "logged"))
        shown.add_row(name, *(f"{share:.1%}" for share in figures))
    return shown


def results_notes(summary: Mapping[str, Json]) -> str:
    """The floors and times below the table, in plain text."""
    floors = ", ".join(f"{stage} {share:.1%}" for stage, share in summary["floor"].items())
    steps = ", ".join(f"{step} {seconds:.0f} s" for step, seconds in summary["seconds"].items())
    actions = summary.get("right_actions", {"known": 0, "states": 0})
    unknown = actions["states"] - actions["known"]
    lines = [f"selection floor (always the most frequent right function): {floors}"]
    lines.append(f"steps: {steps}")
    if unknown:
        share = f"{unknown} of {actions['states']} test states have no right action"
        lines.append(f"{share}: there, success says only that the action was legal")
    return "\n".join(lines)


def comparison(summary: Mapping[str, Json]) -> list[RenderableType]:
    """A comparison's tables and notes: the players, how the trained ones learned, and the players under changed rules."""
    shown: list[RenderableType] = [_players_table(summary)]
    for name, row in summary["players"].items():
        if row.get("training", {}).get("curve") and not name.endswith(
            "-legal"
        ):  # it plays what another row was trained into
            curve = ", ".join(
                f"{point['seconds']:.0f} s {point['accuracy']:.1%}"
                for point in row["training"]["curve"]
            )
            shown.append(
                Text(
                    f"{name} saw {row['training']['examples']:,} examples; right on validation states after {curve}"
                )
            )
    shown.append(Text())
    for change, found in summary.get("rule_changes", {}).items():
        shown += [
            _changed_table(f"{summary['task']}, {change}: {found['rule']}", found["rows"]),
            Text(),
        ]
    return shown


def _players_table(summary: Mapping[str, Json]) -> Table:
    titles = (
        "player",
        "episodes",
        "success",
        "95 % interval",
        "p",
        "return",
        "steps",
        "illegal",
        "unusable",
        "selection",
        "ms p50",
        "trained",
    )
    shown = _table(
        f"{summary['task']}, function base {summary['snapshot']}; p: McNemar against ld-encoder",
        titles,
    )
    for name, row in summary["players"].items():
        training = row.get("training")
        shown.add_row(
            name,
            *_outcome(row)[:3],
            p_value(row["mcnemar_p"], 2),
            *_outcome(row)[3:],
            "" if row["selection_accuracy"] is None else f"{row['selection_accuracy']:.1%}",
            "" if row["decision_ms_p50"] is None else f"{row['decision_ms_p50']:.2f}",
            f"{training['seconds']:.0f} s" if training else "",
            style="bold" if name.startswith("ld-") else None,
        )
    return shown


def _changed_table(title: str, rows: Sequence[Mapping[str, Json]]) -> Table:
    titles = (
        "player",
        "phase",
        "episodes",
        "success",
        "95 % interval",
        "return",
        "steps",
        "illegal",
        "unusable",
        "what it took",
    )
    shown = _table(title, titles)
    for row in rows:
        took = (
            f"{row['retrain_seconds']:.0f} s, {row['new_decisions']:,} decisions"
            if "retrain_seconds" in row
            else ""
        )
        took = f"{row['tell_to_decision_ms']:.0f} ms" if "tell_to_decision_ms" in row else took
        shown.add_row(
            row["player"],
            row["phase"],
            *_outcome(row),
            took,
            style="bold" if row["player"].startswith("ld-") else None,
        )
    return shown


def _table(title: str, titles: Sequence[str]) -> Table:
    shown = Table(title=title, title_justify="left")
    for name in titles:
        shown.add_column(
            name,
            justify="left" if name in ("player", "phase", "student") else "right",
            no_wrap=True,
        )
    return shown


def _outcome(row: Mapping[str, Json]) -> tuple[str, ...]:
    low, high = row["success_ci95"]
    counts = f"{row['illegal']:,}", f"{row['unusable']:,}"
    shares = f"{row['episodes']:,}", f"{row['success']:.1%}", f"{low:.1%} - {high:.1%}"
    return (*shares, f"{row['return_mean']:.3f}", f"{row['steps_mean']:.1f}", *counts)


def turn_panel(task: Task, number: int, turn: Turn) -> RenderableType:
    """One turn of an episode: the state, each stage with its candidates, and the action."""
    parts: list[RenderableType] = [Text(task.render(turn.state)), Text()]
    decision = turn.decision
    for step in decision.trace if decision else ():
        parts += _stage_lines(task, step)
    if decision is not None and decision.fallback is not None:
        parts.append(Text(f"fallback: {decision.fallback}", style="yellow"))
    confidence = f"   confidence {decision.confidence:.3f}" if decision else ""
    parts.append(Text(f"action {turn.action}{confidence}", style="bold"))
    return Panel(Group(*parts), title=f"turn {number}", title_align="left")


def _stage_lines(task: Task, step: Step) -> list[RenderableType]:
    if step.choice is None:
        shown = ", ".join(
            f"{key}: {value}"
            for key, value in (step.outcome.value or {}).items()
            if not isinstance(value, (list, dict))
        )
        return [Text(f"{step.stage}  {shown}", style="cyan"), Text()]
    lines: list[RenderableType] = [Text(f"{step.stage}  {step.view}", style="cyan")]
    for candidate in step.choice.ranked:
        bar = "█" * round(candidate.probability * 20)
        mark = "→" if candidate.name == step.function else " "
        lines.append(
            Text(
                f"  {mark} {candidate.name:<28} {candidate.probability:6.3f} {bar}",
                style="bold" if mark == "→" else "dim",
            )
        )
    lines.append(Text(f"    {'none of these':<28} {step.choice.none:6.3f}", style="dim"))
    for name, error in step.failed.items():
        lines.append(Text(f"    {name} failed: {error}", style="red"))
    lines += [
        Text(f"    rule {number}: {task.rules[number - 1]}", style="green") for number in step.rules
    ]
    lines.append(Text())
    return lines


def base_table(base: FunctionBase) -> Table:
    """All functions of a base, a line each."""
    shown = Table(title=f"{base.task}, snapshot {base.snapshot}", title_justify="left")
    for name in ("stage", "function", "use when", "when", "rules", "origin"):
        shown.add_column(name, overflow="fold")
    for function in base.functions:
        manual = function.manual
        rules = ", ".join(map(str, manual.rules))
        origin = f"{function.origin}, until {manual.expires}" if manual.expires else function.origin
        shown.add_row(
            *map(
                escape,
                (function.stage, function.name, manual.use_when, manual.when or "", rules, origin),
            )
        )
    return shown


def function_view(function: Function) -> RenderableType:
    """A function's file."""
    return Syntax(
        function.source, "python", theme="ansi_dark", background_color="default", word_wrap=True
    )


def journal_lines(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The journal, a line an entry."""
    lines = []
    for entry in entries:
        states = f"{entry['states']} logged states" if "states" in entry else ""
        what = entry.get("function") or entry.get("to") or states
        evidence = entry.get("evidence") or {}
        seen = (
            f"  {evidence['examples']} examples hold, slowest {evidence['slowest_ms']} ms"
            if evidence
            else ""
        )
        rule = f"  for the rule: {' '.join(entry['rule'].split())}" if "rule" in entry else ""
        lines.append(f"{entry['time']}  {entry['snapshot']}  {entry['op']:<8} {what}{seen}{rule}")
    return lines


def coverage_lines(rows: Sequence[Mapping[str, Json]]) -> list[str]:
    """Each rule, the functions that cite it, and their usage examples."""
    lines = []
    for row in rows:
        lines.append(textwrap.shorten(f"{row['rule']}. {row['text']}", 120, placeholder=" ..."))
        for function in row["functions"] or [
            {"name": "no function cites this rule", "examples": []}
        ]:
            lines.append(f"   {function['name']}")
            lines += [f"      {example}" for example in function["examples"]]
    return lines
