"""A comparison's summary as sections of a report; each is None where its data is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.report.document import (
    Chart,
    Exhibit,
    Point,
    Section,
    interval,
    number,
    p_value,
    percent,
    span,
)

Tasks = Mapping[str, Mapping[str, Any]]
"""Task id to its summary, as ``logicdistill compare`` writes it."""

Commands = Mapping[str, str]
"""Task id to the command that made its summary."""

PHASES = ("before", "during", "after", "retrained")
LITTLE_TO_WIN = 0.9
"""Where exact play succeeds in a smaller share of episodes, chance decides much, and the return says more than success."""


def success(tasks: Tasks, commands: Commands) -> Section | None:
    """Success of every player in every task, with Wilson intervals."""
    exhibits = []
    for task, summary in tasks.items():
        players = summary["players"]
        header = (
            "player",
            "episodes",
            "success",
            "95 % interval",
            "return",
            "steps",
            "selection",
            "McNemar p",
        )
        rows = [
            (
                *(
                    name,
                    f"{row['episodes']:,}",
                    percent(row["success"]),
                    interval(row["success_ci95"]),
                    f"{row['return_mean']:.4f}",
                ),
                *(
                    f"{row['steps_mean']:.2f}",
                    percent(row.get("selection_accuracy")),
                    p_value(row.get("mcnemar_p")),
                ),
            )
            for name, row in players.items()
        ]
        points = [
            Point(name, row["success"], *row["success_ci95"]) for name, row in players.items()
        ]
        chart = Chart(
            "rows",
            f"{task}: share of episodes won",
            {"success": points},
            "success (95 % Wilson interval)",
            limits=(-0.02, 1.02),
        )
        floor = ", ".join(
            f"{stage} {share:.1%}" for stage, share in summary.get("floor", {}).items()
        )
        notes = (
            [
                f"What always naming the most frequent right function would score as selection: {floor}."
            ]
            if floor
            else []
        )
        exhibits.append(Exhibit(f"`{task}`: success", header, rows, commands[task], [chart], notes))
    intro = (
        "Episodes on seeds that no training saw. The p value is McNemar's exact test against ld-encoder on the seeds that both played; "
        "selection is the share of selections whose outcome is as good as the right function's."
    )
    return Section("Success", intro, exhibits) if exhibits else None


def returns(tasks: Tasks, commands: Commands) -> Section | None:
    """Return and regret, in tasks whose optimum is known."""
    exhibits = []
    for task, summary in tasks.items():
        if "optimum" not in summary["players"]:
            continue
        rows, points = [], []
        for name, row in summary["players"].items():
            regret = f"{row['regret_mean']:.4f}" if "regret_mean" in row else ""
            rows.append((name, f"{row['return_mean']:.4f}", span(row.get("return_ci95")), regret))
            points.append(Point(name, row["return_mean"], *(row.get("return_ci95") or ())))
        chart = Chart(
            "rows",
            f"{task}: mean return",
            {"return": points},
            "return of an episode (95 % interval)",
        )
        exhibits.append(
            Exhibit(
                f"`{task}`: return and regret",
                ("player", "return", "95 % interval", "regret"),
                rows,
                commands[task],
                [chart],
            )
        )
    intro = "Regret is what exact play returns more on the same episodes, in the mean. Chance alone makes exact play lose some of them."
    return Section("Return and regret", intro, exhibits) if exhibits else None


def refused(tasks: Tasks, commands: Commands) -> Section | None:
    """Actions that were illegal, answers that were no action, and fallbacks."""
    exhibits = []
    kinds = ("illegal", "unusable", "fallbacks")
    for task, summary in tasks.items():
        rows, shares = [], []
        for name, row in summary["players"].items():
            decisions = max(1, round(row["episodes"] * row["steps_mean"]))
            counts = [row.get(kind) for kind in kinds]
            rows.append(
                (
                    name,
                    f"{decisions:,}",
                    *("" if n is None else f"{n:,} ({n / decisions:.1%})" for n in counts),
                )
            )
            shares.append([Point(name, (count or 0) / decisions) for count in counts])
        charts = []
        if any(point.y for row in shares for point in row):
            series = {
                kind: [row[place] for row in shares]
                for place, kind in enumerate(kinds)
                if any(row[place].y for row in shares)
            }
            charts = [
                Chart(
                    "bars",
                    f"{task}: decisions without a legal action of the player's own",
                    series,
                    "share of decisions",
                )
            ]
        exhibits.append(
            Exhibit(
                f"`{task}`: illegal and unusable answers",
                ("player", "decisions", *kinds),
                rows,
                commands[task],
                charts,
            )
        )
    intro = (
        "Illegal: an action that the rules forbid in its state. Unusable: an answer that is no action at all. Either is replaced by the "
        "task's fallback action. Fallbacks: decisions in which a policy took that action itself, since no function fitted."
    )
    return Section("Illegal and unusable answers", intro, exhibits) if exhibits else None


def emergencies(tasks: Tasks, commands: Commands) -> Section | None:
    """Every player before a change of the rules, during it, after the function was added, or after training anew."""
    exhibits = []
    for task, summary in tasks.items():
        optimum = summary["players"].get("optimum")
        by_return = optimum is not None and optimum["success"] < LITTLE_TO_WIN
        for change, found in summary.get("emergencies", {}).items():
            series: dict[str, list[Point]] = {}
            rows = []
            for row in sorted(
                found["rows"],
                key=lambda row: (
                    PHASES.index(row["phase"]) if row["phase"] in PHASES else len(PHASES)
                ),
            ):
                bounds = row.get("return_ci95") if by_return else row["success_ci95"]
                value = row["return_mean"] if by_return else row["success"]
                series.setdefault(row["player"], []).append(
                    Point(row["phase"], value, *(bounds or ()))
                )
                seconds, ms = row.get("retrain_seconds"), row.get("tell_to_decision_ms")
                cost = f"{seconds:,.0f} s of training" if seconds else f"{ms:,.0f} ms" if ms else ""
                rows.append(
                    (
                        *(
                            row["player"],
                            row["phase"],
                            f"{row['episodes']:,}",
                            percent(row["success"]),
                            interval(row["success_ci95"]),
                        ),
                        *(
                            f"{row['return_mean']:.3f}",
                            f"{row['steps_mean']:.1f}",
                            f"{row.get('illegal', 0):,}",
                        ),
                        *(number(row.get("unusable")), cost),
                    )
                )
            rows.sort(key=lambda cells: list(series).index(cells[0]))
            outcomes = (
                "episodes",
                "success",
                "95 % interval",
                "return",
                "steps",
                "illegal",
                "unusable",
            )
            header = ("player", "phase", *outcomes, "reacting took")
            value = "return of an episode" if by_return else "success (95 % Wilson interval)"
            limits = None if by_return else (0.0, 1.0)
            chart = Chart("phases", f"{task}, {change}", series, value, "phase", limits)
            notes = [f"The new rule: {found['rule']}"]
            exhibits.append(
                Exhibit(
                    f"`{task}`: {change}",
                    header,
                    rows,
                    found.get("command", commands.get(task, "")),
                    [chart],
                    notes,
                    left=2,
                )
            )
    intro = (
        "The rules change in the middle of each episode. Before: they do not. During: they do, nobody has reacted. After: functions for "
        "the new rule joined the base, nothing was trained. Retrained: a player that has no functions was trained on the new rule's "
        "decisions. The last column is what reacting took: the time from the rule to the first decision that obeys it, with recorded "
        "replies and the gate included, or the training."
    )
    return Section("When a rule changes", intro, exhibits) if exhibits else None


def training(tasks: Tasks, commands: Commands) -> Section | None:
    """How the trained players learned, side by side."""
    exhibits = []
    for task, summary in tasks.items():
        trained = {
            name: row["training"] for name, row in summary["players"].items() if row.get("training")
        }
        rows, series, notes = [], {}, []
        for name, found in trained.items():
            row, curve = summary["players"][name], found.get("curve") or []
            best = max((point["accuracy"] for point in curve), default=found.get("accuracy"))
            memory = f"{found['peak_rss_mb']:,.0f}" if found.get("peak_rss_mb") else ""
            examples = f"{found['examples']:,}" if found.get("examples") is not None else ""
            rows.append(
                (
                    name,
                    number(found.get("seconds")),
                    examples,
                    percent(best),
                    memory,
                    percent(row["success"]),
                )
            )
            if curve:
                series[name] = [Point(point["seconds"], point["accuracy"]) for point in curve]
            elif found.get("seconds") and row.get("selection_accuracy") is not None:
                series[name] = [Point(found["seconds"], row["selection_accuracy"])]
                notes.append(
                    f"{name} keeps no curve: its point is its selections in play on unseen seeds, at the end of its training."
                )
        if not trained:
            continue
        header = (
            "player",
            "seconds",
            "examples",
            "best on validation",
            "peak MB",
            "success in play",
        )
        exhibits.append(Exhibit(f"`{task}`: training", header, rows, commands[task]))
        if series:
            chart = Chart(
                "lines",
                f"{task}: accuracy on validation states",
                series,
                "accuracy",
                "seconds of training",
                (0.0, 1.0),
            )
            lines = [
                (name, number(point.x), percent(point.y))  # type: ignore[arg-type]
                for name, curve in series.items()
                for point in curve
            ]
            columns = ("player", "seconds", "accuracy")
            exhibits.append(
                Exhibit(
                    f"`{task}`: training curves", columns, lines, commands[task], [chart], notes
                )
            )
    intro = (
        "Accuracy is of whatever a player learns: LD's players the right function, the others the teacher's action. The two are not the "
        "same thing; success in play is. The checkpoint that is best on validation states plays."
    )
    return Section("Training", intro, exhibits) if exhibits else None


def selections(tasks: Tasks, commands: Commands) -> Section | None:
    """Which functions are taken for which, and whether the students' probabilities mean what they say."""
    exhibits = []
    for task, summary in tasks.items():
        selecting = {
            name: row
            for name, row in summary["players"].items()
            if name.startswith(("ld-", "call-")) and row.get("confusion")
        }
        for name, row in selecting.items():
            exhibits += [
                _confusion(task, name, stage, labels, commands[task])
                for stage, labels in row["confusion"].items()
            ]
        series = {
            name: _reliability(row["confidence"])
            for name, row in selecting.items()
            if row.get("confidence")
        }
        if series:
            exhibits.append(
                _calibration(
                    task,
                    series,
                    {name: row["confidence"] for name, row in selecting.items()},
                    commands[task],
                )
            )
    intro = (
        "On unseen seeds. A row is the right function, a column what was chosen. Calibration: of the selections made with a probability "
        "in a bin, the share that was right, counted by outcome."
    )
    return Section("Selections", intro, exhibits) if exhibits else None


def _confusion(
    task: str, player: str, stage: str, labels: Mapping[str, Mapping[str, int]], command: str
) -> Exhibit:
    names = list(
        dict.fromkeys([*labels, *sorted({name for chosen in labels.values() for name in chosen})])
    )
    rows, series = [], {}
    for label, chosen in labels.items():
        total = sum(chosen.values())
        rows.append((label, *(f"{chosen.get(name, 0):,}" for name in names), f"{total:,}"))
        series[label] = [Point(name, chosen.get(name, 0) / total) for name in names]
    chart = Chart(
        "matrix",
        f"{task}, stage {stage}: what {player} chose",
        series,
        "right function",
        "chosen function",
    )
    return Exhibit(
        f"`{task}`: {player}, stage {stage}",
        ("right \\ chosen", *names, "all"),
        rows,
        command,
        [chart],
    )


def _reliability(bins: Sequence[Sequence[int]]) -> list[Point]:
    width = 1 / len(bins)
    return [
        Point((place + 0.5) * width, right / n, *wilson_interval(right, n))
        for place, (n, right) in enumerate(bins)
        if n
    ]


def _calibration(
    task: str,
    series: Mapping[str, Sequence[Point]],
    bins: Mapping[str, Sequence[Sequence[int]]],
    command: str,
) -> Exhibit:
    rows, notes = [], []
    for name, points in series.items():
        counted = [(n, right) for n, right in bins[name] if n]
        for point, (n, right) in zip(points, counted, strict=True):
            low, half = float(point.x), 0.5 / len(bins[name])
            rows.append(
                (
                    name,
                    f"{low - half:.1f} - {low + half:.1f}",
                    f"{n:,}",
                    f"{right:,}",
                    percent(point.y),
                    interval(_bounds(point)),
                )
            )
        least, most = _miscalibration(bins[name])
        notes.append(
            f"{name}: on average the share right lies {least:.1%} outside its bin. The expected calibration error is no less than that and "
            f"at most {most:.1%}; where in a bin the probabilities lie is not kept."
        )
    title = f"{task}: right selections by stated probability"
    chart = Chart(
        "lines",
        title,
        series,
        "share right (95 % Wilson interval)",
        "stated probability",
        (0.0, 1.0),
        diagonal=True,
    )
    header = ("player", "probability", "selections", "right", "share", "95 % interval")
    return Exhibit(f"`{task}`: calibration", header, rows, command, [chart], notes)


def _miscalibration(bins: Sequence[Sequence[int]]) -> tuple[float, float]:
    """The least and the most that the expected calibration error can be, given [selections, right] of each bin."""
    least = most = 0.0
    for place, (n, right) in enumerate(bins):
        if n:
            low, high, share = place / len(bins), (place + 1) / len(bins), right / n
            least += n * max(low - share, share - high, 0.0)
            most += n * max(abs(share - low), abs(share - high))
    total = sum(n for n, _ in bins)
    return least / total, most / total


def _bounds(point: Point) -> tuple[float, float] | None:
    return None if point.low is None or point.high is None else (point.low, point.high)


def costs(tasks: Tasks, commands: Commands) -> Section | None:
    """Time, tokens and memory of a decision, by player."""
    exhibits = []
    keys = (
        "decision_ms_p50",
        "decision_ms_p99",
        "tokens_in_mean",
        "tokens_out_mean",
        "entropy_bits_mean",
    )
    for task, summary in tasks.items():
        known = {
            name: row
            for name, row in summary["players"].items()
            if any(row.get(key) is not None for key in keys)
        }
        if not known:
            continue
        rows = [(name, *(number(row.get(key)) for key in keys)) for name, row in known.items()]
        timed = [
            Point(name, row["decision_ms_p50"])
            for name, row in known.items()
            if row.get("decision_ms_p50")
        ]
        chart = Chart(
            "rows",
            f"{task}: a decision",
            {"time": timed},
            "milliseconds, median (logarithmic)",
            log="x",
        )
        header = ("player", "ms p50", "ms p99", "tokens in", "tokens out", "entropy in bits")
        exhibits.append(
            Exhibit(f"`{task}`: a decision", header, rows, commands[task], [chart] if timed else [])
        )
    intro = (
        "ms: of one decision at a time, on states met in play, the check of the state included. Nothing that was computed for one decision "
        "is kept for the next; a policy in use keeps the views that it has seen, and is faster where they come again."
    )
    return Section("What a decision costs", intro, exhibits) if exhibits else None


def break_evens(found: Sequence[Mapping[str, Any]], command: str) -> Section | None:
    """After how many decisions distilling has cost less than asking a large model each time (see `break_even.cost`)."""
    if not found:
        return None
    rows, charts = [], []
    for item in found:
        after = "never" if item["decisions"] is None else f"{item['decisions']:,}"
        once = item["written_dollars"] + item["trained_dollars"]
        rows.append(
            (
                *(
                    f"`{item['task']}`",
                    "{:,} / {:,}".format(*item["written_tokens"]),
                    f"{item['once_seconds']:.0f}",
                    f"{once:.4f}",
                ),
                *(
                    "{:.0f} / {:.0f}".format(*item["decision_tokens"]),
                    f"{item['asked_dollars'] * 1000:.3f}",
                ),
                *(
                    f"{item['decided_dollars'] * 1000:.6f}",
                    after,
                    f"{item['asked_ms']:,.0f}",
                    number(item["decision_ms"], 3),
                ),
                f"{item['latency_ratio']:,.0f}",
            )
        )
        counts = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0]
        series = {
            "large model each time": [
                Point(count, count * item["asked_dollars"]) for count in counts
            ],
            "distilled": [Point(count, once + count * item["decided_dollars"]) for count in counts],
        }
        charts.append(
            Chart(
                "lines", f"{item['task']}: dollars spent", series, "dollars", "decisions", log="xy"
            )
        )
    header = (
        *(
            "task",
            "tokens of writing, in / out",
            "s once",
            "$ once",
            "tokens a decision, in / out",
            "$ for 1,000 asked",
        ),
        *("$ for 1,000 decided", "break-even", "ms asked", "ms decided", "ratio"),
    )
    first = found[0]
    notes = [
        "Prices ({}): {:g} and {:g} dollars a million tokens in and out, {:g} dollars a core hour; `--prices FILE` takes yours.".format(
            first["prices"], *first["prices_per_million"], first["core_hour"]
        ),
        "Tokens are estimated from characters. No large model was called: the replies were recorded, and count as if one had written them. "
        "A large model is taken to read rules and state and to write the action alone; its latency is computed from the price list.",
        "For orientation: workflows compiled to code are reported to pay off after 17 transactions at 1/450 of the latency "
        "([arXiv 2604.05150](https://arxiv.org/abs/2604.05150)); another task, other prices.",
    ]
    intro = "Writing the functions and training are paid once; asking a large model is paid at every decision."
    return Section(
        "Break-even", intro, [Exhibit("Break-even", header, rows, command, charts, notes)]
    )
