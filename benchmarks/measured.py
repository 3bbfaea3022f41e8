"""The benchmarks' files as sections of a report; each function takes all files of one kind.

python benchmarks/measured.py FOLDER    the report of a comparison, with the benchmarks' files in
FOLDER/measures/
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from logicdistill.report.document import Chart, Exhibit, Point, Section, interval, number, percent
from logicdistill.report.report import write_report

Measure = Mapping[str, Any]
Row = Mapping[str, Any]


def _share(found: Mapping[str, Any] | None) -> float | None:
    return found.get("share") if found else None


def _with_interval(found: Mapping[str, Any] | None) -> str:
    if not found or "share" not in found:
        return ""
    return f"{percent(found['share'])} ({interval(found['ci95'])})"


def _point(x: str | float, found: Mapping[str, Any] | None) -> list[Point]:
    return [Point(x, found["share"], *found["ci95"])] if found and "share" in found else []


def lofo(measures: Sequence[Measure]) -> Section:
    """Functions left out of training and added afterwards."""
    exhibits = []
    for found in measures:
        keys = ("before", "after", "others_before", "others_after")
        rows = [
            (row["function"], f"{row['states']:,}", *(percent(row[key]) for key in keys))
            for row in found["rows"]
        ]
        series = {
            key: [Point(row["function"], row[key]) for row in found["rows"]]
            for key in ("before", "after")
        }
        chart = Chart(
            "bars",
            f"{found['task']}: states won by a function that was not trained",
            series,
            "share",
            limits=(0.0, 1.0),
        )
        header = (
            "function",
            "unseen states",
            "wins before",
            "wins after",
            "others before",
            "others after",
        )
        command = found.get(
            "command", f"python benchmarks/lofo.py --run runs/{_short(found)} --out FILE"
        )
        exhibits.append(
            Exhibit(f"`{found['task']}`: leave one function out", header, rows, command, [chart])
        )
    intro = (
        "Each function in turn is left out of training and added afterwards by its file. Wins: the "
        "share of the states where it is right "
        "in which it is chosen; others: the same for the other functions of its stage. Most views "
        "that these games show stand word for word among the functions' usage examples (14 of 14 "
        "in twentyone, 8 of 11 in guess, 27 of 38 in pursuit), so an added function is mostly "
        "known by its own examples. The tables do not say how well a student generalises."
    )
    return Section("A function left out of training", intro, exhibits)


def _short(found: Measure) -> str:
    return str(found["task"]).rpartition("-v")[0]


def growth(measures: Sequence[Measure]) -> Section:
    """Accuracy, search and time as a base grows."""
    exhibits = []
    for found in measures:
        stages: dict[str, list[Row]] = {}
        for row in found["rows"]:
            stages.setdefault(f"{row['task']}, stage {row['stage']}", []).append(row)
        for stage, rows in stages.items():
            command = found.get("command", "python benchmarks/growth.py")
            exhibits.append(_growth(stage, sorted(rows, key=lambda row: row["functions"]), command))
    intro = (
        "Beside the real functions stand those of other tasks and near-twins, whose conditions are "
        "near the real ones' and false in every "
        "state asked. Nothing is trained again. Recall: how often the right function is among the "
        "16 found."
    )
    return Section("As a base grows", intro, exhibits)


def _growth(stage: str, rows: Sequence[Row], command: str) -> Exhibit:
    students, searches = ("top_16", "whole"), ("lexical", "dense", "fused")
    accuracy = {
        name: [
            p
            for row in rows
            for p in _point(row["functions"], row["students"][name]["states"]["all"])
        ]
        for name in students
    }
    recall = {
        name: [Point(row["functions"], row["retrieval"][name]["16"]["recall"]) for row in rows]
        for name in searches
    }
    timed = {
        name: [Point(row["functions"], row["ms_p50"][name]) for row in rows]
        for name in ("top_16", "student_alone", "fused_search")
    }
    cells = [
        (
            *(
                f"{row['functions']:,}",
                *(_with_interval(row["students"][name]["states"]["all"]) for name in students),
            ),
            *(percent(row["retrieval"][name]["16"]["recall"]) for name in searches),
            *(number(row["ms_p50"][name], 3) for name in ("top_16", "student_alone")),
        )
        for row in rows
    ]
    header = (
        "functions",
        "right of top 16",
        "right of all",
        "recall@16 lexical",
        "dense",
        "fused",
        "ms, top 16",
        "ms, whole base",
    )
    size = "functions in the stage"
    charts = [
        Chart(
            "lines",
            f"{stage}: right selections",
            accuracy,
            "share of states",
            size,
            (0.0, 1.0),
            "x",
        ),
        Chart(
            "lines",
            f"{stage}: the right function is among the 16 found",
            recall,
            "recall@16",
            size,
            (0.0, 1.0),
            "x",
        ),
        Chart("lines", f"{stage}: time of a selection", timed, "ms, median", size, None, "xy"),
    ]
    return Exhibit(stage, header, cells, command, charts, left=0)


def few_examples(measures: Sequence[Measure]) -> Section:
    """Success and selection against how much was shown."""
    exhibits = []
    for found in measures:
        command = found.get(
            "command", f"python benchmarks/few_examples.py --run runs/{_short(found)}"
        )
        for unit in ("episodes", "states"):
            rows = [
                row
                for row in found["rows"]
                if ("by episodes" in row["curve"]) == (unit == "episodes")
            ]
            series: dict[str, list[Point]] = {}
            for row in rows:
                series.setdefault(row["curve"], []).extend(_point(row["count"], row["success"]))
            if not rows:
                continue
            cells = [
                (
                    *(
                        row["curve"],
                        f"{row['count']:,}",
                        f"{row.get('states', row['count']):,}",
                        _with_interval(row["success"]),
                    ),
                    *(
                        _with_interval(row["selection"]["all"]) if "selection" in row else "",
                        _with_interval(row.get("new_views")),
                    ),
                )
                for row in rows
            ]
            title = f"{found['task']}: success against training {unit}"
            chart = Chart("lines", title, series, "success", f"training {unit}", (0.0, 1.0), "x")
            header = ("learner", unit, "distinct states", "success", "selection", "on new views")
            exhibits.append(
                Exhibit(f"`{found['task']}`: training {unit}", header, cells, command, [chart])
            )
    intro = (
        "Every cell is trained on the first so many training states or episodes alone, and plays "
        "on unseen seeds. LD's training states are "
        "distinct views with the right function, KD's are states of play with the teacher's "
        "action; KD trains as long as LD's run did."
    )
    return Section("Few examples", intro, exhibits)


def generalise(measures: Sequence[Measure]) -> Section:
    """Selectors trained on some tasks, in others."""
    exhibits = []
    for found in measures:
        series: dict[str, list[Point]] = {}
        for row in found["rows"]:
            series.setdefault(row["selector"], []).extend(
                _point(row["task"], row["selection"]["all"])
            )
        cells = [
            (
                *(
                    row["selector"],
                    row["task"],
                    "yes" if row["trained_on_it"] else "no",
                    _with_interval(row["selection"]["all"]),
                ),
                *(percent(_share(row.get("forced"))), _with_interval(row.get("success"))),
            )
            for row in found["rows"]
        ]
        chart = Chart("matrix", "right selections", series, "trained on", "selects in")
        header = (
            "selector",
            "task",
            "trained on it",
            "selection",
            'without "none"',
            "success in play",
        )
        command = found.get("command", "python benchmarks/generalise.py")
        exhibits.append(Exhibit("Selectors in every task", header, cells, command, [chart], left=3))
    intro = (
        "A selector gets a task's function base and no training in it. `without TASK` was trained "
        "on all the others, `untrained` is the "
        "pretrained encoder; first, random and frequent are floors."
    )
    return Section("Across tasks", intro, exhibits)


def decompositions(measures: Sequence[Measure]) -> Section:
    """The same rules in other functions."""
    exhibits = []
    for found in measures:
        for task, rows in found.items():
            if not isinstance(rows, list):
                continue
            cells = [
                (
                    *(
                        row["variant"],
                        f"{row['functions']:,}",
                        f"{row['stages']}",
                        f"{row['train_seconds']:.0f}",
                        percent(row["success"]),
                    ),
                    *(
                        interval(row["success_ci95"]),
                        f"{row['return_mean']:.4f}",
                        percent(row["selection_accuracy"]),
                    ),
                    *(
                        " ".join(percent(share) for share in row["floor"].values()),
                        f"{row['fallbacks']:,}",
                    ),
                )
                for row in rows
            ]
            points = [Point(row["variant"], row["success"], *row["success_ci95"]) for row in rows]
            title = f"{task}: share of episodes won"
            chart = Chart(
                "rows",
                title,
                {"success": points},
                "success (95 % Wilson interval)",
                limits=(-0.02, 1.02),
            )
            header = (
                "variant",
                "functions",
                "stages",
                "train s",
                "success",
                "95 %",
                "return",
                "selection",
                "floor",
                "fallbacks",
            )
            command = found.get("command", "python benchmarks/decompositions.py")
            exhibits.append(
                Exhibit(
                    f"`{task}`: other functions for the same rules", header, cells, command, [chart]
                )
            )
    intro = (
        "Each row is a run of its own. `wrong-manuals` has the shipped functions under each "
        "other's manuals."
    )
    return Section("Other decompositions", intro, exhibits)


def decision(measures: Sequence[Measure]) -> Section:
    """What a decision consists of."""
    names = ("decide", "decide, view cache on", "forward passes", "sandbox calls", "torch passes")
    rows = [
        (
            *(
                f"`{found['task']}`",
                *(
                    f"{found['ms'][name]['p50']:.2f} / {found['ms'][name]['p99']:.2f}"
                    for name in names
                ),
            ),
            *(
                f"{found['decide_over_parts']:.2f}",
                f"{found['torch_over_decide']:.2f}",
                f"{found['decide_many_share']:.0%}",
            ),
        )
        for found in measures
    ]
    header = ("ms, p50 / p99", *names, "decide / parts", "with torch / decide", "decide_many")
    series = {
        name: [Point(found["task"], found["ms"][name]["p50"]) for found in measures]
        for name in names
    }
    chart = Chart("bars", "a decision and its parts", series, "ms, median")
    command = "\n".join(
        found.get("command", f"python benchmarks/decision.py --run runs/{_short(found)}")
        for found in measures
    )
    intro = (
        "One process, one thread each, interleaved. `decide_many` is its throughput as a share of "
        "the bare encoder's."
    )
    return Section(
        "A decision and its parts", intro, [Exhibit("Milliseconds", header, rows, command, [chart])]
    )


def control(measures: Sequence[Measure]) -> Section:
    """Gymnasium's control tasks beside published agents."""
    exhibits = []
    for found in measures:
        rows = [
            (
                *(
                    name,
                    "measured here",
                    f"{row['episodes']:,}",
                    f"{row['return_mean']:.2f}",
                    f"{row['return_std']:.2f}",
                ),
                percent(row["success"]),
            )
            for name, row in found["players"].items()
        ]
        rows += [
            (
                name,
                f"published, {row['trained_steps']} steps",
                f"{row['episodes']:,}",
                f"{row['mean']:.2f}",
                f"{row['std']:.2f}",
                "",
            )
            for name, row in found["published"].items()
        ]
        here = [
            (name, row["return_mean"], row["return_std"]) for name, row in found["players"].items()
        ]
        there = [(name, row["mean"], row["std"]) for name, row in found["published"].items()]
        origins = (("measured here", here), ("published", there))
        series = {
            origin: [Point(name, mean, mean - std, mean + std) for name, mean, std in rows]
            for origin, rows in origins
        }
        chart = Chart(
            "rows",
            f"{found['task']}: return of an episode",
            series,
            "return (mean, one standard deviation)",
        )
        notes = [
            f"Published returns: {found['source']}; one training run each, other start states."
        ]
        header = ("player", "origin", "episodes", "return", "standard deviation", "success")
        exhibits.append(
            Exhibit(f"`{found['task']}`", header, rows, found["command"], [chart], notes, left=2)
        )
    intro = (
        "The same loop on control tasks, whose functions are written from the rules. Published "
        "agents learned from rewards."
    )
    return Section("Control tasks", intro, exhibits)


def entropy(measures: Sequence[Measure]) -> Section:
    """Bits of a selection beside bits of a written answer."""
    exhibits = []
    for found in measures:
        rows, points = [], []
        for row in found["rows"]:
            bits, taught = row["entropy_bits"], row["as_taught"]
            (low, high), forced = bits["ci95"], f"{row['forced_bits']['mean']:.4f}"
            rows.append(
                (
                    *(
                        row["player"],
                        row["answers"],
                        f"{bits['mean']:.4f}",
                        f"{low:.4f} to {high:.4f}",
                        forced,
                        percent(taught["mean"]),
                    ),
                    *(f"{row['illegal']:,}", f"{row['unusable']:,}"),
                    *(
                        number(row[key])
                        for key in (
                            "tokens_in_mean",
                            "tokens_out_mean",
                            "decision_ms_p50",
                            "peak_rss_mb",
                        )
                    ),
                )
            )
            points.append(Point(f"{row['player']} ({row['answers']})", bits["mean"], low, high))
        chart = Chart(
            "bars",
            f"{found['task']}: entropy of an answer",
            {"entropy": points},
            "bits (95 % bootstrap interval)",
        )
        costs = ("tokens in", "tokens out", "ms p50", "peak MB")
        header = (
            "player",
            "answers",
            "bits",
            "95 % interval",
            "bits, one has to be named",
            "as taught",
            "illegal",
            "unusable",
            *costs,
        )
        title = f"`{found['task']}`: {found['states']:,} unseen states"
        exhibits.append(Exhibit(title, header, rows, found["command"], [chart], left=2))
    intro = (
        "All players answer in the same states. Selected: the entropy of the choice's "
        "probabilities, over the stages of a decision, with "
        '"none of these", and where one has to be named: a writer cannot answer that none fits. '
        "Written: the entropy of the next token, over the tokens that were written. Nothing is "
        "kept between decisions; one thread, "
        "beside another measurement."
    )
    return Section("Selecting and writing", intro, exhibits)


KINDS: Mapping[str, Callable[[Sequence[Measure]], Section]] = {
    "lofo": lofo,
    "growth": growth,
    "few-examples": few_examples,
    "generalise": generalise,
    "decompositions": decompositions,
    "entropy": entropy,
    "control": control,
    "decision": decision,
}
"""Kinds of measures, in the order in which a report shows them."""


if __name__ == "__main__":
    for written in write_report(Path(sys.argv[1]), kinds=KINDS):
        print(written)
