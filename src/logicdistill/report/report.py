"""A comparison's folder to ``report.md`` and ``report.html``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from logicdistill.errors import CorruptError, UnknownNameError, needs_extra
from logicdistill.files import read_json, read_record, write_atomic
from logicdistill.report import sections
from logicdistill.report.break_even import Costs, cost, read_costs
from logicdistill.report.document import Chart, Section, to_html, to_markdown
from logicdistill.report.sections import COMPARED, TEXTS
from logicdistill.runs import COVERAGE, Run
from logicdistill.tasks.registry import task_of_run
from logicdistill.types import Json

BREAK_EVEN = "break-even"
UNREACHED = "coverage"
Kinds = Mapping[str, Callable[[Sequence[Mapping[str, Any]]], Section]]
"""Kind of a measure to the section that shows all files of that kind."""


@dataclass(frozen=True, slots=True)
class Results:
    """What a report is made of.

    Attributes:
        tasks: task id to summary (see ``summary.json`` of ``logicdistill compare``), each with its
            ``command``.
        measures: kind (keys of ``kinds``, ``break-even``) to its files' contents.
        cost_command: made the break-even.
        kinds: how further measures are shown.
        written_by: task id to who wrote its functions, as the run recorded it.
        coverage: task id to what its usage examples and training states reach, and the command.
    """

    tasks: Mapping[str, Mapping[str, Any]]
    measures: Mapping[str, Sequence[Mapping[str, Any]]]
    cost_command: str
    kinds: Kinds = field(default_factory=dict)
    written_by: Mapping[str, str] = field(default_factory=dict)
    coverage: Mapping[str, tuple[Mapping[str, Any], str]] = field(default_factory=dict)

    @property
    def intro(self) -> str:
        """What a report begins with: what it is, and who wrote the functions of each task."""
        lines = [f"- `{task}`: {author}" for task, author in self.written_by.items()]
        wrote = ["Who wrote the functions:\n\n" + "\n".join(lines)] if lines else []
        return "\n\n".join([TEXTS["intro"], *wrote])

    def sections(self) -> list[Section]:
        """The sections whose data is there, in order.

        Raises:
            CorruptError: a summary or a measure has not the form that its command writes.
        """
        makers = {title: partial(sections.compared, title, self.tasks) for title in COMPARED}
        for kind, make in self.kinds.items():
            if kind in self.measures:
                makers[kind] = partial(make, self.measures[kind])
        costs = self.measures.get(BREAK_EVEN, ())
        makers[UNREACHED] = partial(sections.unreached, self.coverage)
        makers[BREAK_EVEN] = partial(sections.break_evens, costs, self.cost_command)
        found = []
        for name, maker in makers.items():
            try:
                found.append(maker())
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                raise CorruptError(
                    f"{name}: its figures are not in the form that its command writes "
                    f"({type(error).__name__}: {error}); measure it again"
                ) from None
        return [section for section in found if section.exhibits]


def read_measures(folder: Path, kinds: Kinds) -> dict[str, list[Mapping[str, Any]]]:
    """Contents of ``KIND.json`` and ``KIND-TASK.json`` in a folder, by kind.

    Raises:
        CorruptError: a file is not a JSON object.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for file in sorted(folder.glob("*.json")):
        for kind in (*kinds, BREAK_EVEN):
            if f"{file.stem}-".startswith(f"{kind}-"):
                found.setdefault(kind, []).append(_json_object(file))
    return found


def read_results(folder: Path, prices: Costs, kinds: Kinds) -> Results:
    """What a comparison's folder (or a single run's) holds.

    Raises:
        UnknownNameError: there is no comparison.
        CorruptError: a file is damaged.
    """
    file = folder / "summary.json"
    if not file.is_file():
        siblings = [str(other.parent) for other in folder.parent.glob("*/summary.json")]
        raise UnknownNameError("comparison", str(folder), siblings)
    summary = _json_object(file)
    single = "task" in summary and "players" in summary
    found = {summary["task"]: summary} if single else summary.get("tasks")
    if not isinstance(found, dict) or not all(
        isinstance(item, dict) and isinstance(item.get("players"), dict) for item in found.values()
    ):
        raise CorruptError(
            f"{file}: not a comparison's summary; make it again with 'logicdistill compare'"
        )
    names = {task: task.rpartition("-v")[0] for task in found}
    place = folder.name if folder.is_absolute() else folder
    made = f"logicdistill {'run' if single else 'compare'} {' '.join(names.values())} --out {place}"
    steps = folder / "steps.json"  # written by `make results`
    step = _json_object(steps).get("compare", {}) if steps.is_file() else {}
    command = step.get("command") or summary.get("command") or made
    tasks = {task: {"command": command, **item} for task, item in found.items()}
    measures = read_measures(folder / "measures", kinds)
    costs: list[Mapping[str, Any]] = []
    written_by, coverage = dict[str, str](), dict[str, tuple[Mapping[str, Any], str]]()
    for task, item in tasks.items():
        run = folder if single else folder / names[task]
        if author := Run(run).record("write").get("written_by"):
            written_by[task] = str(author)
        if (run / COVERAGE).is_file():
            at = place if single else f"{place}/{names[task]}"
            shown = f"logicdistill base coverage --run {at}"
            coverage[task] = read_record(run / COVERAGE), shown
        timed = item["players"].get("ld-encoder", {}).get("decision_ms_p50")
        if timed and (run / "examples.jsonl").is_file():
            played = task_of_run(run, Run.open(run).settings | {"task": task})
            costs.append(cost(run, played, item, prices))
    if costs:
        measures[BREAK_EVEN] = costs
    return Results(tasks, measures, f"logicdistill report {place}", kinds, written_by, coverage)


def _json_object(file: Path) -> dict[str, Json]:
    value = read_json(file)
    if not isinstance(value, dict):
        raise CorruptError(
            f"{file}: holds {type(value).__name__}, not a JSON object; measure it again"
        )
    return value


def write_report(
    folder: Path, prices: Path | None = None, plots: bool = True, kinds: Kinds | None = None
) -> list[Path]:
    """Write ``report.md`` and ``report.html`` into a comparison's folder, and return their paths.

    Args:
        folder: written by ``logicdistill compare`` (or ``run``); may hold ``measures/``.
        prices: a price list, see `logicdistill.report.break_even.Costs`.
        plots: whether the page has charts; they need matplotlib.
        kinds: how further measures are shown.

    Raises:
        LogicDistillError: what is missing or damaged, in one line.
    """
    results = read_results(folder, read_costs(prices), kinds or {})
    found = results.sections()
    draw: Callable[[Chart, str], str] | None = None
    if plots:
        with needs_extra("a page with charts (--no-plots makes one without)", "report"):
            from logicdistill.report.plots import draw
    title = f"Report on {folder.resolve().name}"
    markdown, page = folder / "report.md", folder / "report.html"
    write_atomic(markdown, to_markdown(title, results.intro, found))
    write_atomic(page, to_html(title, results.intro, found, draw))
    return [markdown, page]
