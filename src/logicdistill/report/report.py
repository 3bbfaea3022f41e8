"""A comparison's folder to ``report.md`` and ``report.html``: what was measured, with intervals, floors and the commands behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from logicdistill.errors import CorruptError, UnknownNameError, needs_extra
from logicdistill.report import sections
from logicdistill.report.break_even import Costs, cost, read_costs
from logicdistill.report.document import Chart, Section, to_html, to_markdown
from logicdistill.runs import Run, read_json, write_atomic
from logicdistill.tasks.registry import task_of_run
from logicdistill.types import Json

INTRO = "Measured with `logicdistill`. Every section names the command that makes its figures; what is not there was not measured."


Kinds = Mapping[str, Callable[[Sequence[Mapping[str, Any]]], Section]]
"""Kind of a measure to the section that shows all files of that kind."""


@dataclass(frozen=True, slots=True)
class Results:
    """What a report is made of.

    Attributes:
        tasks: task id to summary (see ``summary.json`` of ``logicdistill compare``).
        measures: kind (keys of ``kinds``, ``emergency``, ``break-even``) to its files' contents.
        commands: task id to the command that made its summary.
        cost_command: made the break-even.
        kinds: how further measures are shown.
    """

    tasks: Mapping[str, Mapping[str, Any]]
    measures: Mapping[str, Sequence[Mapping[str, Any]]]
    commands: Mapping[str, str]
    cost_command: str
    kinds: Kinds = field(default_factory=dict)

    def sections(self) -> list[Section]:
        """The sections whose data is there, in order.

        Raises:
            CorruptError: a summary or a measure has not the form that its command writes.
        """
        tasks = _with_emergencies(self.tasks, self.measures.get("emergency", ()))
        makers: dict[str, Callable[[], Section | None]] = {
            make.__name__: lambda make=make: make(tasks, self.commands)  # type: ignore[misc]
            for make in (
                *(
                    sections.success,
                    sections.returns,
                    sections.refused,
                    sections.emergencies,
                    sections.training,
                    sections.selections,
                ),
            )
        }
        for kind, measured in self.kinds.items():
            if self.measures.get(kind):
                makers[kind] = lambda measured=measured, kind=kind: measured(self.measures[kind])  # type: ignore[misc]
        makers["costs"] = lambda: sections.costs(tasks, self.commands)
        makers["break-even"] = lambda: sections.break_evens(
            self.measures.get("break-even", ()), self.cost_command
        )
        found = []
        for name, make in makers.items():
            try:
                section = make()
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                what = f"{type(error).__name__}: {error}"
                raise CorruptError(
                    f"{name}: its figures are not in the form that its command writes ({what}); measure it again"
                ) from None
            if section is not None:
                found.append(section)
        return found


def _with_emergencies(
    tasks: Mapping[str, Mapping[str, Any]], measures: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """Summaries with the rows of emergencies that were measured by themselves, where a summary has none."""
    found = dict(tasks)
    for measure in measures:
        task, changes = measure["task"], {}
        command = measure.get(
            "command",
            f"logicdistill compare {task.rpartition('-v')[0]} --players optimum --emergency",
        )
        for change, phases in measure["changes"].items():
            rows = []
            for phase in (
                name for name in ("before", "during", "after", "optimum") if name in phases
            ):
                player, name = (
                    ("optimum", "during") if phase == "optimum" else (measure["student"], phase)
                )
                rows.append(
                    {
                        "player": player,
                        "phase": name,
                        "episodes": measure["episodes"],
                        **phases[phase],
                    }
                )
            next(row for row in rows if row["phase"] == "after")["tell_to_decision_ms"] = phases[
                "tell_to_decision_ms"
            ]
            changes[change] = {"rule": phases["rule"], "rows": rows, "command": command}
        if not found.get(task, {}).get("emergencies"):
            found[task] = {"players": {}, **found.get(task, {}), "emergencies": changes}
    return found


def read_measures(folder: Path, kinds: Kinds) -> dict[str, list[Mapping[str, Any]]]:
    """Contents of ``KIND.json`` and ``KIND-TASK.json`` in a folder, by kind; other files are passed over.

    Raises:
        CorruptError: a file is not a JSON object.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for file in sorted(folder.glob("*.json")):
        kind = next(
            (
                kind
                for kind in (*kinds, "emergency", "break-even")
                if file.stem == kind or file.stem.startswith(f"{kind}-")
            ),
            None,
        )
        if kind is not None:
            found.setdefault(kind, []).append(_json_object(file))
    return found


def _json_object(file: Path) -> dict[str, Json]:
    value = read_json(file)
    if not isinstance(value, dict):
        raise CorruptError(
            f"{file}: holds {type(value).__name__}, not a JSON object; measure it again"
        )
    return value


def read_results(folder: Path, prices: Costs, kinds: Kinds) -> Results:
    """What a comparison's folder (or a single run's) holds.

    Raises:
        UnknownNameError: there is no comparison.
        CorruptError: a file is damaged.
    """
    file = folder / "summary.json"
    if not file.is_file():
        siblings = (
            [item.parent for item in folder.parent.glob("*/summary.json")]
            if folder.parent.is_dir()
            else []
        )
        raise UnknownNameError("comparison", str(folder), [str(item) for item in siblings])
    summary = _json_object(file)
    single = "task" in summary and "players" in summary
    tasks = {summary["task"]: summary} if single else summary.get("tasks")
    if not isinstance(tasks, dict) or not all(
        isinstance(item, dict) and isinstance(item.get("players"), dict) for item in tasks.values()
    ):
        raise CorruptError(
            f"{file}: not a comparison's summary; make it again with 'logicdistill compare'"
        )
    names, place = (
        " ".join(task.rpartition("-v")[0] for task in tasks),
        folder.name if folder.is_absolute() else folder,
    )
    command = (
        _made_by(folder)
        or summary.get("command")
        or f"logicdistill {'run' if single else 'compare'} {names} --out {place}"
    )
    measures = read_measures(folder / "measures", kinds)
    costs: list[Mapping[str, Any]] = []
    for task, found in tasks.items():
        run = folder if single else folder / task.rpartition("-v")[0]
        if (run / "examples.jsonl").is_file() and found["players"].get("ld-encoder", {}).get(
            "decision_ms_p50"
        ):
            costs.append(
                cost(run, task_of_run(run, Run.open(run).settings | {"task": task}), found, prices)
            )
    if costs:
        measures["break-even"] = costs
    return Results(
        tasks,
        measures,
        {task: found.get("command", str(command)) for task, found in tasks.items()},
        f"logicdistill report {place}",
        kinds,
    )


def _made_by(folder: Path) -> str | None:
    """The command of ``make results`` that made the comparison, where it was made so."""
    steps = folder / "steps.json"
    command = _json_object(steps).get("compare", {}).get("command") if steps.is_file() else None
    return command if isinstance(command, str) else None


def write_report(
    folder: Path, prices: Path | None = None, plots: bool = True, kinds: Kinds | None = None
) -> list[Path]:
    """Write ``report.md`` and ``report.html`` into a comparison's folder.

    Args:
        folder: written by ``logicdistill compare`` (or ``run``); further measures lie in its ``measures/``.
        prices: a price list, see `logicdistill.report.break_even.Costs`.
        plots: whether the page has charts; they need matplotlib.
        kinds: how further measures are shown.

    Returns:
        The files.

    Raises:
        LogicDistillError: what is missing or damaged, in one line.
    """
    found = read_results(folder, read_costs(prices), kinds or {}).sections()
    draw: Callable[[Chart, str], str] | None = None
    if plots:
        with needs_extra("a page with charts (--no-plots makes one without)", "report"):
            from logicdistill.report.plots import draw
    title = f"Report on {folder.resolve().name}"
    markdown, page = folder / "report.md", folder / "report.html"
    write_atomic(markdown, to_markdown(title, INTRO, found))
    write_atomic(page, to_html(title, INTRO, found, draw))
    return [markdown, page]
