"""A comparison's summaries as sections of a report; without its data a section has no exhibits."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.functions.unreached import coverage_line, unreached_lines
from logicdistill.report.document import (
    Chart,
    Exhibit,
    Point,
    Section,
    count,
    foreign,
    interval,
    number,
    p_value,
    percent,
    span,
)
from logicdistill.tasks.unseen import unseen_line

TEXTS = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
"""What stands above sections and below tables, and the columns of the tables."""

NOTES = TEXTS["notes"]

Row = Mapping[str, Any]
Summary = Mapping[str, Any]
"""A task's entry of ``summary.json``, with the ``command`` that made it."""

FLOORS = ("conditions", "first", "random", "bm25", "optimum")
"""Players that are not trained."""

PHASES = ("before", "during", "after", "retrained")
FLAT = 0.01
"""A gain in accuracy that no longer counts as one."""

CHANCE_DECIDES = 0.9
"""Where exact play succeeds in a smaller share of episodes, the return says more than success."""

REFUSED = ("illegal", "unusable", "fallbacks")
DECISIONS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0)
"""Where the break-even's lines are drawn."""

FORMATS: Mapping[str, Callable[[Any], str]] = {
    **{shown.__name__: shown for shown in (count, interval, number, p_value, percent, span)},
    "three_digits": partial(number, digits=3),
}


def table(name: str, rows: Sequence[Row]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Header and rows of an `Exhibit`; the columns are those of that table in ``texts.toml``."""
    columns = TEXTS["tables"][name]
    return [*columns], [tuple(_cell(row, *column) for column in columns.values()) for row in rows]


def _cell(row: Row, key: str, shown: str) -> str:
    if key.endswith("?") and row.get(key[:-1]) is None:
        return ""
    return FORMATS.get(shown, shown.format)(row[key.removesuffix("?")])


def success(task: str, summary: Summary) -> list[Exhibit]:
    """Success of every player, with Wilson intervals."""
    rows = _players(summary)
    floor = ", ".join(f"{stage} {part:.1%}" for stage, part in summary.get("floor", {}).items())
    points = [Point(row["player"], row["success"], *row["success_ci95"]) for row in rows]
    title, value = f"{task}: share of episodes won", "success (95 % Wilson interval)"
    chart = Chart("rows", title, {"success": points}, value, limits=(-0.02, 1.02))
    notes = [NOTES["floor"].format(floor=floor)] if floor else []
    if rising := {row["player"] for row in rows if _still_rising(row)}:
        notes.append(NOTES["not_converged"])
        said = {name: f"{name} (not converged)" for name in rising}
        rows = [{**row, "player": said.get(row["player"], row["player"])} for row in rows]
    return [_exhibit(f"`{task}`: success", "success", rows, summary, chart, notes=notes)]


def _still_rising(row: Row) -> bool:
    """Whether a player gained more than `FLAT` in the last quarter of its training."""
    curve = [point["accuracy"] for point in (row.get("training") or {}).get("curve") or []]
    late = math.ceil(len(curve) * 3 / 4)
    return 0 < late < len(curve) and max(curve[late:]) > max(curve[:late]) + FLAT


def returns(task: str, summary: Summary) -> list[Exhibit]:
    """Return and regret, where the optimum is known."""
    if "optimum" not in summary["players"]:
        return []
    rows = _players(summary)
    points = [
        Point(row["player"], row["return_mean"], *(row.get("return_ci95") or ())) for row in rows
    ]
    value = "return of an episode (95 % interval)"
    chart = Chart("rows", f"{task}: mean return", {"return": points}, value)
    return [_exhibit(f"`{task}`: return and regret", "returns", rows, summary, chart)]


def refused(task: str, summary: Summary) -> list[Exhibit]:
    """Actions that were illegal, answers that were no action, and fallbacks."""
    rows = _players(summary)
    series = {
        kind: [Point(row["player"], (row.get(kind) or 0) / _decisions(row)) for row in rows]
        for kind in REFUSED
        if any(row.get(kind) for row in rows)
    }
    title = f"{task}: decisions without a legal action of the player's own"
    charts = [Chart("bars", title, series, "share of decisions")] if series else []
    caption, header = f"`{task}`: illegal and unusable answers", ("player", "decisions", *REFUSED)
    cells = [
        (row["player"], count(_decisions(row)), *(_counted(row, kind) for kind in REFUSED))
        for row in rows
    ]
    return [Exhibit(caption, header, cells, summary["command"], charts)]


def _counted(row: Row, kind: str) -> str:
    found = row.get(kind)
    return "" if found is None else f"{found:,} ({found / _decisions(row):.1%})"


def _decisions(row: Row) -> int:
    return int(max(1, round(row["episodes"] * row["steps_mean"])))


def rule_changes(task: str, summary: Summary) -> list[Exhibit]:
    """Every player before a change of the rules, during it, and after the reaction to it."""
    optimum = summary["players"].get("optimum")
    by_return = optimum is not None and optimum["success"] < CHANCE_DECIDES
    value, bounds, title = "success", "success_ci95", "success (95 % Wilson interval)"
    if by_return:
        value, bounds, title = "return_mean", "return_ci95", "return of an episode"
    limits = None if by_return else (0.0, 1.0)
    exhibits = []
    for change, found in summary.get("rule_changes", {}).items():
        rows = sorted(found["rows"], key=lambda row: PHASES.index(row["phase"]))
        series: dict[str, list[Point]] = {}
        for row in rows:
            point = Point(row["phase"], row[value], *(row.get(bounds) or ()))
            series.setdefault(row["player"], []).append(point)
        order = list(series)
        rows.sort(key=lambda row: order.index(row["player"]))
        rows = [{"illegal": 0, **row, "reaction": _reaction(row)} for row in rows]
        chart = Chart("phases", f"{task}, {change}", series, title, "phase", limits)
        caption, notes = f"`{task}`: {change}", [f"The new rule: {foreign(found['rule'])}"]
        how: dict[str, Any] = {"left": 2, "notes": notes}
        exhibits.append(_exhibit(caption, "rule_changes", rows, summary, chart, **how))
    return exhibits


def _reaction(row: Row) -> str:
    if row.get("retrain_seconds"):
        return f"{row['retrain_seconds']:,.0f} s of training"
    milliseconds = row.get("tell_to_decision_ms")
    return f"{milliseconds:,.0f} ms" if milliseconds else ""


def training(task: str, summary: Summary) -> list[Exhibit]:
    """How the trained players learned, side by side."""
    rows, series, notes = [], dict[str, list[Point]](), []
    for row in _players(summary):
        found = row.get("training")
        if not found:
            continue
        name, curve = row["player"], found.get("curve") or []
        best = max((point["accuracy"] for point in curve), default=found.get("accuracy"))
        rows.append({**found, "player": name, "best": best, "success": row["success"]})
        if curve:
            series[name] = [Point(point["seconds"], point["accuracy"]) for point in curve]
        elif found.get("seconds") and row.get("selection_accuracy") is not None:
            series[name] = [Point(found["seconds"], row["selection_accuracy"])]
            notes.append(NOTES["no_curve"].format(name=name))
    exhibits = [_exhibit(f"`{task}`: training", "training", rows, summary)] if rows else []
    if series:
        cells = [
            (name, number(float(point.x)), percent(point.y))
            for name, points in series.items()
            for point in points
        ]
        title, along = f"{task}: accuracy on validation states", "seconds of training"
        chart = Chart("lines", title, series, "accuracy", along, (0.0, 1.0))
        caption, header = f"`{task}`: training curves", ("player", "seconds", "accuracy")
        exhibits.append(Exhibit(caption, header, cells, summary["command"], [chart], notes))
    return exhibits


def selections(task: str, summary: Summary) -> list[Exhibit]:
    """Which functions are taken for which, and whether stated probabilities hold."""
    selecting = [
        row for row in _players(summary) if row["player"] not in FLOORS and row.get("confusion")
    ]
    exhibits = [
        _confusion(task, row["player"], stage, labels, summary["command"])
        for row in selecting
        for stage, labels in row["confusion"].items()
    ]
    bins = {row["player"]: row["confidence"] for row in selecting if row.get("confidence")}
    return [*exhibits, *([_calibration(task, bins, summary["command"])] if bins else [])]


def _confusion(
    task: str, player: str, stage: str, labels: Mapping[str, Mapping[str, int]], command: str
) -> Exhibit:
    others = sorted({name for chosen in labels.values() for name in chosen})
    names = list(dict.fromkeys([*labels, *others]))
    totals = {label: sum(chosen.values()) for label, chosen in labels.items()}
    rows = [
        (label, *(count(chosen.get(name, 0)) for name in names), count(totals[label]))
        for label, chosen in labels.items()
    ]
    series = {
        label: [Point(name, chosen.get(name, 0) / totals[label]) for name in names]
        for label, chosen in labels.items()
    }
    title = f"{task}, stage {stage}: what {player} chose"
    chart = Chart("matrix", title, series, "right function", "chosen function")
    header = ("right \\ chosen", *names, "all")
    return Exhibit(f"`{task}`: {player}, stage {stage}", header, rows, command, [chart])


def _calibration(task: str, bins: Mapping[str, Sequence[Sequence[int]]], command: str) -> Exhibit:
    rows, series, notes = [], {}, []
    for name, pairs in bins.items():
        points, total = [], sum(asked for asked, _ in pairs)
        least = most = 0.0  # bounds of the expected calibration error
        for place, (asked, right) in enumerate(pairs):
            if asked:
                low, high, share = place / len(pairs), (place + 1) / len(pairs), right / asked
                bounds = wilson_interval(right, asked)
                counts = (count(asked), count(right), percent(share), interval(bounds))
                rows.append((name, f"{low:.1f} - {high:.1f}", *counts))
                points.append(Point((low + high) / 2, share, *bounds))
                least += asked / total * max(low - share, share - high, 0.0)
                most += asked / total * max(abs(share - low), abs(share - high))
        series[name] = points
        notes.append(NOTES["calibration"].format(name=name, least=least, most=most))
    title = f"{task}: right selections by stated probability"
    axes = ("share right (95 % Wilson interval)", "stated probability", (0.0, 1.0))
    chart = Chart("lines", title, series, *axes, diagonal=True)
    header = ("player", "probability", "selections", "right", "share", "95 % interval")
    return Exhibit(f"`{task}`: calibration", header, rows, command, [chart], notes)


def costs(task: str, summary: Summary) -> list[Exhibit]:
    """Time, tokens and memory of a decision, by player."""
    header, cells = table("costs", _players(summary))
    shown = [row for row in cells if any(row[1:])]
    medians = {row["player"]: row.get("decision_ms_p50") for row in _players(summary)}
    timed = [Point(player, median) for player, median in medians.items() if median]
    title, value = f"{task}: a decision", "milliseconds, median (logarithmic)"
    charts = [Chart("rows", title, {"time": timed}, value, log="x")] if timed else []
    exhibit = Exhibit(f"`{task}`: a decision", header, shown, summary["command"], charts)
    return [exhibit] if shown else []


def break_evens(found: Sequence[Row], command: str) -> Section:
    """After how many decisions distilling has cost less than asking each time."""
    title, charts = "Break-even", []
    intro = TEXTS["intros"][title]
    if not found:
        return Section(title, intro, [])
    rows = []
    for row in found:
        once, decisions = row["written_dollars"] + row["trained_dollars"], row["decisions"]
        asked, decided = row["asked_dollars"], row["decided_dollars"]
        series = {
            "large model each time": [Point(n, n * asked) for n in DECISIONS],
            "distilled": [Point(n, once + n * decided) for n in DECISIONS],
        }
        spent = f"{row['task']}: dollars spent"
        charts.append(Chart("lines", spent, series, "dollars", "decisions", log="xy"))
        pays_after = "never" if decisions is None else count(decisions)
        thousand = {"thousand_asked": 1000 * asked, "thousand_decided": 1000 * decided}
        rows.append({**row, **thousand, "once_dollars": once, "pays_after": pays_after})
    prices = (found[0]["prices"], *found[0]["prices_per_million"], found[0]["core_hour"])
    notes = [note.format(*prices) for note in NOTES["break_even"]]
    exhibit = Exhibit(title, *table("break_even", rows), command, charts, notes)
    return Section(title, intro, [exhibit])


def unreached(found: Mapping[str, tuple[Row, str]]) -> Section:
    """Branches that neither usage examples nor training states reach, and values not held."""
    title, exhibits = "What no example reaches", list[Exhibit]()
    for task, (reached, command) in found.items():
        rows = [(foreign(line),) for line in unreached_lines(reached)]
        rows += [(foreign(unseen_line(one, reached["states"])),) for one in reached["values"]]
        notes = [coverage_line(reached)]
        shown = rows or [("nothing",)]
        exhibits.append(
            Exhibit(f"`{task}`: reached by nothing", ["what"], shown, command, notes=notes)
        )
    return Section(title, TEXTS["intros"][title], exhibits)


def _players(summary: Summary) -> list[Row]:
    """A summary's rows, each with its player's name."""
    return [{**row, "player": name} for name, row in summary["players"].items()]


def _exhibit(
    caption: str, name: str, rows: Sequence[Row], summary: Summary, *charts: Chart, **more: Any
) -> Exhibit:
    """An exhibit with one of the `table`s; ``more`` as `Exhibit` takes it."""
    return Exhibit(caption, *table(name, rows), summary["command"], charts, **more)


COMPARED: Mapping[str, Callable[[str, Summary], list[Exhibit]]] = {
    "Success": success,
    "Return and regret": returns,
    "Illegal and unusable answers": refused,
    "When a rule changes": rule_changes,
    "Training": training,
    "Selections": selections,
    "What a decision costs": costs,
}
"""A comparison's sections: title, and what makes the exhibits of a task."""


def compared(title: str, tasks: Mapping[str, Summary]) -> Section:
    """The section of that title, with the exhibits of all tasks."""
    found = [exhibit for task, item in tasks.items() for exhibit in COMPARED[title](task, item)]
    return Section(title, TEXTS["intros"][title], found)
