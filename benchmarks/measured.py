"""The benchmarks' files as sections of a report; each function takes all files of one kind.

python benchmarks/measured.py FOLDER    the report of a comparison, with the benchmarks' files in
FOLDER/measures/
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from logicdistill.report.document import (
    Chart,
    Exhibit,
    Point,
    Section,
    interval,
    number,
    p_value,
    percent,
)
from logicdistill.report.report import write_report

Measure = Mapping[str, Any]
Row = Mapping[str, Any]


def _with_interval(found: Mapping[str, Any] | None) -> str:
    if not found or "share" not in found:
        return ""
    return f"{percent(found['share'])} ({interval(found['ci95'])})"


def _of(found: Mapping[str, Any] | None) -> str:
    """Right ones of those asked: few are counted, not shared out."""
    if not found or "share" not in found:
        return ""
    return f"{round(found['share'] * found['asked'])} of {found['asked']}"


def _point(x: str | float, found: Mapping[str, Any] | None) -> list[Point]:
    return [Point(x, found["share"], *found["ci95"])] if found and "share" in found else []


def inputs(measures: Sequence[Measure]) -> Section:
    """How many inputs a game has, and what floors make of them."""
    exhibits = []
    for found in measures:
        counts, task = found["inputs"], found["task"]
        cells = [
            (
                row["player"],
                _with_interval(row["success"]),
                f"{row['return_mean']:.3f}",
                f"{row['steps_mean']:.1f}",
                _of(row.get("selection")),
                _of(row.get("selection_new")),
            )
            for row in found["rows"]
        ]
        header = (
            *("player", "success", "return", "steps"),
            *("right inputs", "right without such a usage example"),
        )
        points = [p for row in found["rows"] for p in _point(row["player"], row["success"])]
        value = f"success of {found['episodes']:,} episodes"
        chart = Chart("rows", f"{task}: won", {"success": points}, value, limits=(-0.02, 1.02))
        notes = [
            f"{counts['training']:,} distinct inputs in training, {counts['test']:,} in the test "
            f"({counts['questions']:,} questions). {counts['test_in_training']:,} of the test's "
            f"stand in training word for word, {counts['test_in_usage_examples']:,} among the "
            f"{counts['usage_examples']:,} usage examples."
        ]
        if counts["unlabelled"]:
            notes.append(f"Left out: {counts['unlabelled']:,} inputs without a recorded label.")
        title = f"`{task}`: {found['episodes']:,} episodes, {counts['test']:,} distinct inputs"
        exhibits.append(Exhibit(title, header, cells, found["command"], [chart], notes))
    intro = (
        "All players play the same evaluation seeds with the same functions. `random` and "
        "`frequent` (always the function that was right most often in training) read nothing. "
        "`exact` takes the function with a usage example that reads like the input, else the "
        "frequent one. `conditions` takes what a `When:` says, else the first function without "
        "one. `untrained` is the encoder with manuals and usage examples alone. `right` follows "
        "the labels: what the functions can do. Right inputs are counted once each, whatever "
        "their frequency."
    )
    return Section("What selecting takes", intro, exhibits)


def equal(measures: Sequence[Measure]) -> Section:
    """LD and imitation, with the same episodes and the same information."""
    exhibits = []
    for found in measures:
        cells, series = [], dict[str, list[Point]]()
        for row in found["rows"]:
            name = row["player"] if row["flat"] else f"{row['player']} (not converged)"
            how = row.get("model", "")
            if "trainings" in row:
                shown = [training["curve"][-1]["examples"] for training in row["trainings"]]
                ends = " to ".join(f"{count:,}" for count in sorted({min(shown), max(shown)}))
                how = f"{len(shown)} trainings, {ends} examples"
            plays = {name: row} | ({f"{name}, legal": row["legal"]} if "legal" in row else {})
            for played, won in plays.items():
                series.setdefault(played, []).extend(_point(row["episodes"], won["success"]))
                cells.append(
                    (
                        *(f"{row['episodes']:,}", played, how, f"{row['lessons']:,}"),
                        percent(row.get("accuracy")),
                        *(_with_interval(won["success"]), f"{won['return_mean']:.3f}"),
                        p_value(row.get("mcnemar_p")) if won is row else "",
                    )
                )
        title = f"{found['task']}: success against training episodes"
        chart = Chart("lines", title, series, "success", "training episodes", (0.0, 1.0), "x")
        header = (
            *("episodes", "player", "how", "lessons", "agrees with the teacher"),
            *("success", "return", "McNemar p"),
        )
        caption = f"`{found['task']}`: {found['episodes']:,} evaluation episodes"
        exhibits.append(Exhibit(caption, header, cells, found["command"], [chart], left=3))
    intro = (
        "All learn from the same training episodes of the same teacher and see the same: the "
        "state, and the facts that the base computes. LD has the functions beside that, which is "
        "the method. A lesson is a distinct input with its function (LD) or a state with its "
        "action (KD: an imitator). `legal` takes the most probable legal action. `kd-table` is the "
        "best of learners for tables by validation states, "
        "`kd-encoder` the encoder that LD has, shown examples until four rounds of 5,000 gain no "
        "more than a point on validation states; where a training has not come there, its cell "
        "says so. It is the mean of several trainings; its interval holds their spread and the "
        "games. The p value is McNemar's exact test against LD with as many episodes, on the same "
        "seeds; of several trainings, the largest."
    )
    return Section("Logic Distillation and imitation on equal terms", intro, exhibits)


def imitation(measures: Sequence[Measure]) -> Section:
    """What imitation reaches, by what it sees and by its lessons."""
    exhibits = []
    for found in measures:
        cells, series = [], dict[str, list[Point]]()
        for row in (found["ld"], *found["floors"], *found["rows"]):
            flat = row.get("flat", True)
            if "gathered" in row:
                name = f"{row['sees']}, {row['gathered']}"
                series.setdefault(name, []).extend(_point(row["lessons"], row["success"]))
            cells.append(
                (
                    row["sees"] if flat else f"{row['sees']} (not converged)",
                    *(row.get("gathered", ""), f"{row['lessons']:,}" if "lessons" in row else ""),
                    *(number(row.get("seconds"), 3), percent(row.get("agrees"))),
                    *(percent(row.get("as_good")), _of(row.get("validation"))),
                    *(_of(row["success"]), _with_interval(row["success"])),
                    p_value(row.get("mcnemar_p")),
                )
            )
        header = (
            *("sees", "games played by", "lessons", "seconds", "agrees", "as good"),
            *("validation games won", "won", "success", "McNemar p"),
        )
        title = f"{found['task']}: games won against lessons"
        chart = Chart("lines", title, series, "success", "lessons", (0.0, 1.0), "x")
        caption = f"`{found['task']}`: {found['episodes']:,} evaluation games"
        exhibits.append(Exhibit(caption, header, cells, found["command"], [chart], left=2))
    intro = (
        "A lesson is a state with the teacher's joint move, each state once. The teacher played "
        "the games, or the imitator as it was by then, the teacher saying what was right "
        "(DAgger). `fields`: forests on the state's fields, and on the facts. `board`: a "
        "convolution net on the board as planes, and on planes of the steps from each piece; it "
        "learns in rounds until two in a row gain no more than a point. The others score each "
        "joint move by what comes of it, beside the other moves of the state: the `distances` of "
        "the pieces after it, the evader's `room` too, and the `flights` that are left to it; "
        "`alone` is without that comparison. The states of twenty validation episodes say when "
        "trees and net stop, beside the lessons. *Agrees*: with the teacher's move, on those "
        "states. *As good*: captures as soon by exact play, or sooner; several moves often do. "
        "Nothing was chosen on the evaluation games. The p value is McNemar's exact test against "
        "LD on the same seeds."
    )
    return Section("Imitation in pursuit", intro, exhibits)


def curves(measures: Sequence[Measure]) -> Section:
    """Selecting and writing while both are taught."""
    exhibits = []
    for found in measures:
        cells, series = [], dict[str, list[Point]]()
        for row in found["rows"]:
            bits, right = row["entropy_bits"], row["as_taught"]
            series.setdefault(row["player"], []).append(Point(right["mean"], bits["mean"]))
            ends = f"{percent(right['least'])} to {percent(right['most'])}"
            cells.append(
                (
                    *(row["player"], row["answers"], f"{row['shown']:,}"),
                    f"{percent(right['mean'])} ({ends})",
                    f"{bits['mean']:.3f} ({bits['least']:.3f} to {bits['most']:.3f})",
                    f"{row['forced_bits']['mean']:.3f}",
                    *(f"{row['unusable']:,}", f"{row['illegal']:,}"),
                )
            )
        header = (
            *("player", "answers", "examples shown", "as taught", "bits", "bits, forced"),
            *("unusable", "illegal"),
        )
        title = f"{found['task']}: entropy against accuracy"
        chart = Chart("lines", title, series, "bits", "share of answers as taught")
        caption = f"`{found['task']}`: {found['states']:,} unseen states; draws: {found['draws']}"
        exhibits.append(Exhibit(caption, header, cells, found["command"], [chart], left=2))
    intro = (
        "One causal model, trained three ways: `ld-causal` selects a function, `call-causal` "
        "writes its name, `kd-causal` writes the action. Each row is a training that shows so many "
        "examples, in several draws of their order and of the start: the mean, with the least and "
        "the most. To compare is at equal accuracy (`as taught`), since entropy falls "
        "with it. Selected: the entropy of the choice's probabilities, with and without (forced) "
        '"none of these". Written: the entropy of the next token, over the tokens written. '
        "Unusable: an answer that is no action at all."
    )
    return Section("Selecting and writing", intro, exhibits)


def growth(measures: Sequence[Measure]) -> Section:
    """Accuracy, search and time as a base grows."""
    exhibits = []
    for found in measures:
        stages: dict[str, dict[int, list[Row]]] = {}
        for row in sorted(found["rows"], key=lambda row: row["functions"]):
            sizes = stages.setdefault(f"{row['task']}, stage {row['stage']}", {})
            sizes.setdefault(row["functions"], []).append(row)
        command = found.get("command", "python benchmarks/growth.py")
        exhibits += [_growth(stage, sizes, command) for stage, sizes in stages.items()]
    intro = (
        "Beside the real functions stand those of other tasks and near-twins, whose conditions are "
        "near the real ones' and false in every state asked. Each draw makes other near-twins. "
        "Nothing is trained again. *As found*: the student chooses among the 16 functions that the "
        "search finds. *That may run*: among the first 16 of those found whose `When:` holds, as "
        "a policy does it. Right: of the distinct inputs, in the mean over the draws, with the "
        "worst and the best draw. Found: how often the right function is among the 16."
    )
    return Section("As a base grows", intro, exhibits)


WAYS = {"as found": "as_found", "that may run": "that_may_run"}


def _growth(stage: str, sizes: Mapping[int, Sequence[Row]], command: str) -> Exhibit:
    def over_draws(rows: Sequence[Row], way: str, figure: str) -> Point:
        shares = [row[way][figure]["share"] for row in rows]
        return Point(rows[0]["functions"], sum(shares) / len(shares), min(shares), max(shares))

    def shown(point: Point) -> str:
        if point.low == point.high:
            return percent(point.y)
        return f"{percent(point.y)} ({interval((point.low, point.high))})"

    cells, right = [], {name: list[Point]() for name in WAYS}
    for size, rows in sizes.items():
        row = [f"{size:,}", f"{rows[0]['views']}", f"{len(rows)}"]
        for name, way in WAYS.items():
            right[name].append(over_draws(rows, way, "inputs"))
            row += [shown(right[name][-1]), shown(over_draws(rows, way, "found"))]
            times = sorted(one[way]["ms_p50"] for one in rows)
            row.append(number(times[len(times) // 2], 3))
        cells.append(tuple(row))
    header = ["functions", "inputs", "draws"]
    for name in WAYS:
        header += [f"right, {name}", "found", "ms"]
    axes = ("share of inputs", "functions in the stage", (0.0, 1.0), "x")
    charts = [Chart("lines", f"{stage}: right selections", right, *axes)]
    return Exhibit(stage, tuple(header), cells, command, charts, left=0)


def decompositions(measures: Sequence[Measure]) -> Section:
    """The same rules in other functions."""
    exhibits = []
    for found in measures:
        for task, rows in found.items():
            if not isinstance(rows, list):
                continue
            cells = [
                (
                    row["variant"],
                    f"{row['episodes']:,}",
                    f"{row['functions']:,}",
                    f"{row['stages']}",
                    f"{row['train_seconds']:.0f}",
                    percent(row["success"]),
                    interval(row["success_ci95"]),
                    f"{row['return_mean']:.4f}",
                    percent(row["selection_accuracy"]),
                    " ".join(percent(share) for share in row["floor"].values()),
                    f"{row['fallbacks']:,}",
                )
                for row in rows
            ]
            points = [Point(row["variant"], row["success"], *row["success_ci95"]) for row in rows]
            title = f"{task}: share of episodes won"
            axis = "success (95 % Wilson interval)"
            chart = Chart("rows", title, {"success": points}, axis, limits=(-0.02, 1.02))
            header = ("variant", "episodes", "functions", "stages", "train s", "success", "95 %")
            header += ("return", "selection", "floor", "fallbacks")
            command = found.get("command", "python benchmarks/decompositions.py")
            title = f"`{task}`: other functions for the same rules"
            exhibits.append(Exhibit(title, header, cells, command, [chart]))
    intro = (
        "Each row is a run of its own. `wrong-manuals` has the shipped functions under each "
        "other's manuals. *Selection*: how often the student takes the function that the run's own "
        "labels name, so `wrong-manuals` learns its wrong labels well and loses. *Floor*: what the "
        "most frequent function gets of that, for each stage that selects."
    )
    return Section("Other decompositions", intro, exhibits)


def decision(measures: Sequence[Measure]) -> Section:
    """What a decision consists of."""
    names = ("decide", "decide, view cache on", "forward passes", "sandbox calls", "torch passes")
    rows = [
        (
            f"`{found['task']}`",
            *(f"{found['ms'][name]['p50']:.2f} / {found['ms'][name]['p99']:.2f}" for name in names),
            f"{found['decide_over_parts']:.2f}",
            f"{found['torch_over_decide']:.2f}",
            f"{found['decide_many_share']:.0%}",
        )
        for found in measures
    ]
    header = ("ms, p50 / p99", *names, "decide / parts", "with torch / decide", "decide_many")
    series = {
        name: [Point(found["task"], found["ms"][name]["p50"]) for found in measures]
        for name in names
    }
    chart = Chart("bars", "a decision and its parts", series, "ms, median")
    command = "\n".join(found["command"] for found in measures)
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
                name,
                "measured here",
                f"{row['episodes']:,}",
                f"{row['return_mean']:.2f}",
                f"{row['return_std']:.2f}",
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
        title, axis = f"{found['task']}: return of an episode", "return (mean, one deviation)"
        chart = Chart("rows", title, series, axis)
        notes = [
            f"Published returns: {found['source']}; one training run each, other start states."
        ]
        header = ("player", "origin", "episodes", "return", "standard deviation", "success")
        exhibits.append(
            Exhibit(f"`{found['task']}`", header, rows, found["command"], [chart], notes, left=2)
        )
    intro = (
        "The same loop on control tasks. Their functions are written from the rules, with constants"
        " that were searched in a simulation (pendulum 432 combinations, mountain car 183)."
        " Published agents learned from rewards."
    )
    return Section("Control tasks", intro, exhibits)


KINDS: Mapping[str, Callable[[Sequence[Measure]], Section]] = {
    "inputs": inputs,
    "equal": equal,
    "imitation": imitation,
    "curves": curves,
    "growth": growth,
    "decompositions": decompositions,
    "control": control,
    "decision": decision,
}
"""Kinds of measures, in the order in which a report shows them."""


if __name__ == "__main__":
    for written in write_report(Path(sys.argv[1]), kinds=KINDS):
        print(written)
