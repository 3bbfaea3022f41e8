"""What a person sees in the terminal: progress, tables, a played turn, a function base."""

from __future__ import annotations

import json
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich import progress
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from logicdistill.characters import escaped, escaped_line
from logicdistill.deciding.episodes import Turn
from logicdistill.evaluation.summary import message_rows, table
from logicdistill.functions.base import FunctionBase
from logicdistill.protocols import Task
from logicdistill.report.document import interval, p_value, percent
from logicdistill.types import HELPERS, Json, Step

QUIET_SECONDS = 30.0
"""How long a step that is under way prints nothing where there is no terminal."""


class PlainConsole(Console):
    """Takes text for text: it holds no markup, and what would steer the terminal is `escaped`.

    What is laid out in columns is escaped before, so that it is not cut off.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"highlight": False, "markup": False, "emoji": False, **options})

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """See `rich.console.Console`."""
        for segment in super().render(renderable, options):
            if not segment.control and (shown := escaped(segment.text)) != segment.text:
                segment = Segment(shown, segment.style)
            yield segment


class TerminalReporter:
    """Prints what a run does, with a progress bar in a terminal, and else a line now and then.

    Args:
        console: where to print; by default standard error.
        clock: seconds from a monotonic clock.
        quiet: beginnings of lines that are not printed.
        delay: seconds before the first bar; what is done by then shows none.
    """

    def __init__(
        self,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
        quiet: tuple[str, ...] = (),
        delay: float = 0.0,
    ) -> None:
        self._quiet = quiet
        self._console, self._clock = console or PlainConsole(stderr=True), clock
        self._printed = clock()
        self._from = self._printed + delay
        self._bar: progress.Progress | None = None

    def line(self, text: str) -> None:
        """See `logicdistill.pipeline.settings.Reporter`."""
        if text.startswith(self._quiet) and self._quiet:
            return
        self._end_bar()
        self._console.print(escaped(text), markup=False, highlight=False, soft_wrap=True)
        self._printed = self._clock()

    def progress(self, step: str, done: int, total: int) -> None:
        """See `logicdistill.pipeline.settings.Reporter`."""
        if not self._console.is_terminal:
            if done < total and self._clock() - self._printed >= QUIET_SECONDS:
                self.line(f"{step:<9} {done}/{total}")
            return
        if self._bar is None and self._clock() < self._from:
            return
        if self._bar is None or self._bar.tasks[0].description != step:
            self._end_bar()
            self._bar = progress.Progress(
                progress.TextColumn("{task.description:<9}"),
                progress.BarColumn(),
                progress.MofNCompleteColumn(),
                progress.TimeRemainingColumn(elapsed_when_finished=True),
                console=self._console,
                transient=True,
            )
            self._bar.add_task(step)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=total)
        if done >= total:
            self._end_bar()

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def wide_console() -> Console:
    """Standard output; 140 columns where it is no terminal."""
    console = PlainConsole()
    return console if console.is_terminal else PlainConsole(width=140)


def results_table(summary: Mapping[str, Json]) -> Table:
    """The players' table of a summary."""
    return _table(f"{summary['task']}, function base {summary['snapshot']}", table(summary))


def messages_table(summary: Mapping[str, Json]) -> Table:
    """The figures of a task of messages, a row a player."""
    title = "messages: right answers in scope, and those that are right to fit no function"
    return _table(title, message_rows(summary))


def students_table(report: Mapping[str, Json]) -> Table:
    """The old and the new student of a consolidation."""
    rows = [["student", "success", "selection", "logged states right"]]
    for name in ("old", "new"):
        figures = (report[name][key] for key in ("success", "selection", "logged"))
        rows.append([name, *map(percent, figures)])
    held_out = f"{report['states']} logged states held out"
    return _table(f"{report['episodes']} validation episodes, {held_out}", rows)


def results_notes(summary: Mapping[str, Json]) -> str:
    """The floors and times below the table, in plain text."""
    floors = ", ".join(f"{stage} {share:.1%}" for stage, share in summary["floor"].items())
    steps = ", ".join(f"{step} {seconds:.0f} s" for step, seconds in summary["seconds"].items())
    what = "selection floor (always the most frequent right function)"
    floor = f"{what}: {floors}\n" if floors else ""
    if frequent := summary.get("frequent"):
        said = json.dumps(frequent["action"], ensure_ascii=False)
        floor += f"always the most frequent action, {said}: {frequent['success']:.1%}\n"
    notes = f"{floor}steps: {steps}"
    actions = summary.get("right_actions", {"known": 0, "states": 0})
    if unknown := actions["states"] - actions["known"]:
        notes += f"\n{unknown} of {actions['states']} test states have no right action"
        notes += ": there, success says only that the action was legal"
    return notes


def comparison(summary: Mapping[str, Json]) -> Iterator[RenderableType]:
    """A comparison's tables and notes: all players, their training, and changed rules."""
    yield _players_table(summary)
    for name, row in summary["players"].items():
        training = row.get("training", {})
        # A "-legal" player plays what another row was trained into.
        if training.get("curve") and not name.endswith("-legal"):
            curve = ", ".join(
                f"{at['accuracy']:.1%} after {at['examples']:,}" for at in training["curve"]
            )
            yield _text(f"{name}, right on validation states by examples shown: {curve}")
    yield Text()
    for change, found in summary.get("rule_changes", {}).items():
        yield _changed_table(f"{summary['task']}, {change}: {found['rule']}", found["rows"])
        yield Text()


def _players_table(summary: Mapping[str, Json]) -> Table:
    rows = [["player", *OUTCOME[:3], "p", *OUTCOME[3:], "selection", "ms p50", "trained"]]
    for name, row in summary["players"].items():
        outcome, p50 = _outcome(row), row["decision_ms_p50"]
        last = (
            percent(row["selection_accuracy"]),
            "" if p50 is None else f"{p50:.2f}",
            f"{row['training']['seconds']:.0f} s" if row.get("training") else "",
        )
        rows.append([name, *outcome[:3], p_value(row["mcnemar_p"], 2), *outcome[3:], *last])
    title = f"{summary['task']}, function base {summary['snapshot']}; p: McNemar against ld-encoder"
    return _table(title, rows)


def _changed_table(title: str, rows: Sequence[Mapping[str, Json]]) -> Table:
    shown = [["player", "phase", *OUTCOME, "what it took"]]
    for row in rows:
        took = ""
        if "tell_to_decision_ms" in row:
            took = f"{row['tell_to_decision_ms']:.0f} ms"
        elif "retrain_seconds" in row:
            took = f"{row['retrain_seconds']:.0f} s, {row['new_decisions']:,} decisions"
        shown.append([row["player"], row["phase"], *_outcome(row), took])
    return _table(title, shown)


OUTCOME = ["episodes", "success", "95 % interval", "return", "steps", "illegal", "unusable"]


def _outcome(row: Mapping[str, Json]) -> list[str]:
    shares = f"{row['episodes']:,}", percent(row["success"]), interval(row["success_ci95"])
    means = f"{row['return_mean']:.3f}", f"{row['steps_mean']:.1f}"
    return [*shares, *means, f"{row['illegal']:,}", f"{row['unusable']:,}"]


def _table(title: str, rows: Sequence[Sequence[str]]) -> Table:
    """A table, its header first; rows of Logic Distillation are bold."""
    shown = Table(title=escaped(title), title_justify="left")
    for name in rows[0]:
        left = name in ("player", "phase", "student")
        shown.add_column(escaped(name), justify="left" if left else "right", no_wrap=True)
    for row in rows[1:]:
        shown.add_row(*map(escaped, row), style="bold" if row[0].startswith("ld-") else None)
    return shown


def turn_panel(task: Task, number: int, turn: Turn) -> RenderableType:
    """One turn of an episode: the state, each stage with its candidates, and the action."""
    parts: list[RenderableType] = [_text(task.render(turn.state)), Text()]
    confidence = ""
    if decision := turn.decision:
        for step in decision.trace:
            parts += [*_stage_lines(task, step), Text()]
        if decision.fallback is not None:
            parts.append(_text(f"fallback: {decision.fallback}", style="yellow"))
        confidence = f"   confidence {decision.confidence:.3f}"
    parts.append(_text(f"action {turn.action}{confidence}", style="bold"))
    return Panel(Group(*parts), title=f"turn {number}", title_align="left")


def _stage_lines(task: Task, step: Step) -> Iterator[Text]:
    if step.choice is None:
        facts = (step.outcome.value or {}).items()
        short = (f"{key}: {value}" for key, value in facts if not isinstance(value, (list, dict)))
        yield _text(f"{step.stage}  {', '.join(short)}", style="cyan")
        yield from _told_lines(step)
        return
    yield _text(f"{step.stage}  {step.view}", style="cyan")
    for candidate in step.choice.ranked:
        mark, style = ("→", "bold") if candidate.name == step.function else (" ", "dim")
        bar = "█" * round(candidate.probability * 20)
        yield _text(
            f"  {mark} {candidate.name:<28} {candidate.probability:6.3f} {bar}", style=style
        )
    yield _text(f"    {'none of these':<28} {step.choice.none:6.3f}", style="dim")
    for name, error in step.failed.items():
        yield _text(f"    {name} failed: {error}", style="red")
    for number in step.rules:
        yield _text(f"    rule {number}: {task.rules[number - 1]}", style="green")
    yield from _told_lines(step)


def _text(text: str, style: str = "") -> Text:
    return Text(escaped(text), style=style)


def _told_lines(step: Step) -> Iterator[Text]:
    for rule in step.told:
        yield _text(f"    told: {escaped_line(rule)}", style="green")


def base_table(base: FunctionBase) -> Table:
    """All functions of a base by stage; names and origins are never broken."""
    shown = Table(title=escaped(f"{base.task}, snapshot {base.snapshot}"), title_justify="left")
    shown.add_column("function", no_wrap=True)
    shown.add_column("manual", overflow="fold")
    shown.add_column("origin", no_wrap=True)
    sections = [(stage, base.of_stage(stage.name)) for stage in base.stages]
    for stage, functions in [*sections, *([(HELPERS, base.helpers)] if base.helpers else [])]:
        shown.add_row(Text(stage.name, style="bold"), Text(stage.question, style="bold"), "")
        for function in functions:
            manual = function.manual
            said = [manual.use_when or manual.summary]
            if manual.when:
                said.append(f"when: {manual.when}")
            if manual.rules:
                said.append(f"rules: {', '.join(map(str, manual.rules))}")
            if function.helpers:
                said.append(f"calls: {', '.join(helper.name for helper in function.helpers)}")
            if manual.expires:
                said.append(f"until {manual.expires}")
            row = f"  {function.name}", "\n".join(map(escaped_line, said)), function.origin
            shown.add_row(*map(escaped, row))
        shown.add_section()
    return shown


def journal_lines(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The journal, a line an entry."""
    for entry in entries:
        states = f"{entry['states']} logged states" if "states" in entry else ""
        what = entry.get("function") or entry.get("to") or states
        if evidence := entry.get("evidence"):
            slowest = f"slowest {evidence['slowest_ms']} ms"
            what += f"  {evidence['examples']} examples hold, {slowest}"
        if "rule" in entry:
            what += f"  for the rule: {escaped_line(entry['rule'])}"
        if "by" in entry:
            what += f"  by {escaped_line(entry['by'])}"
        if "why" in entry:
            what += f": {escaped_line(entry['why'])}"
        yield f"{entry['time']}  {entry['snapshot']}  {entry['op']:<8} {what}"


def coverage_lines(rows: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """Each rule, the functions that cite it, and their usage examples."""
    for row in rows:
        yield textwrap.shorten(f"{row['rule']}. {row['text']}", 120, placeholder=" ...")
        if not row["functions"]:
            yield "   no function cites this rule"
        for function in row["functions"]:
            yield f"   {function['name']}"
            yield from (f"      {example}" for example in function["examples"])
