"""Figures of players that answer messages with an intent or "none of these", for `text.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table
from scipy.optimize import minimize_scalar
from sklearn.metrics import roc_auc_score

from logicdistill.tasks.messages import OUT_OF_SCOPE

MAY_COST = 0.02
"""In-scope accuracy that "none of these" may cost where recalls are compared."""
COVERAGES = [number / 20 for number in range(1, 21)]


@dataclass(slots=True)
class Answers:
    """A player's answers to test messages.

    Attributes:
        best: the most probable intent of each, nothing being out of scope.
        confidence: in ``best``; only its order counts.
        given: the answer, which may be `OUT_OF_SCOPE`; None where the player cannot say so.
        outside: how much each looks out of scope; None is the less sure, the more.
        sure: probability of the answer, where the player gives one.
        raw: the same before a temperature was fitted, where one was.
    """

    best: list[str]
    confidence: list[float]
    given: list[str] | None = None
    outside: list[float] | None = None
    sure: list[float] | None = None
    raw: list[float] | None = None


def temperature(probabilities: Any, right: Sequence[int]) -> float:
    """The power of probabilities, shape (messages, intents), that makes ``right`` the likeliest."""
    logs = np.log(np.clip(probabilities, 1e-12, None))
    rows = np.arange(len(logs))

    def unlikely(log_power: float) -> float:
        scaled = np.exp(log_power) * logs
        return float((np.logaddexp.reduce(scaled, axis=1) - scaled[rows, right]).mean())

    return float(np.exp(minimize_scalar(unlikely, bounds=(-4, 4), method="bounded").x))


def figures(found: Answers, labels: Sequence[str]) -> dict[str, Any]:
    """What is shown beside the accuracy in scope; ``labels`` are the right answers."""
    inside = [index for index, label in enumerate(labels) if label != OUT_OF_SCOPE]
    outside = [index for index, label in enumerate(labels) if label == OUT_OF_SCOPE]
    best = [answer == label for answer, label in zip(found.best, labels, strict=True)]
    row: dict[str, Any] = {"risk_coverage": risk_coverage(found.confidence, best)}
    if found.sure is not None:
        given = (
            best
            if found.given is None
            else [answer == label for answer, label in zip(found.given, labels, strict=True)]
        )
        row["ece"] = calibration_error(found.sure, given, inside)
        if found.raw is not None:
            row["ece_raw"] = calibration_error(found.raw, given, inside)
        if found.given is not None:
            row["ece_all"] = calibration_error(found.sure, given, range(len(labels)))
    if outside:
        none = [-sure for sure in found.confidence] if found.outside is None else found.outside
        row["auroc"] = float(
            roc_auc_score(
                [1] * len(outside) + [0] * len(inside), [none[at] for at in (*outside, *inside)]
            )
        )
        row["oos_recall_at_2"] = recall_at(none, best, inside, outside)
    if outside and found.given is not None:
        row["selective_accuracy"] = sum(
            found.given[index] == labels[index] for index in inside
        ) / len(inside)
        row["oos_recall"] = sum(found.given[index] == OUT_OF_SCOPE for index in outside) / len(
            outside
        )
    return row


def recall_at(
    none: Sequence[float], best: Sequence[bool], inside: Sequence[int], outside: Sequence[int]
) -> float:
    """Out-of-scope recall at the threshold that costs at most `MAY_COST` of accuracy in scope."""
    right = sorted((none[index] for index in inside if best[index]), reverse=True)
    threshold = right[int(MAY_COST * len(inside))]
    return sum(none[index] > threshold for index in outside) / len(outside)


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> list[list[float]]:
    """Share of wrong answers among the surest, for each of `COVERAGES`.

    An answer to what is out of scope is wrong.
    """
    order = np.argsort(-np.asarray(confidence), kind="stable")
    wrong = np.cumsum(~np.asarray(right)[order])
    counts = [max(1, round(coverage * len(order))) for coverage in COVERAGES]
    return [
        [coverage, round(float(wrong[count - 1]) / count, 4)]
        for coverage, count in zip(COVERAGES, counts, strict=True)
    ]


def calibration_error(
    sure: Sequence[float], right: Sequence[bool], rows: Sequence[int], bins: int = 15
) -> float:
    """Expected calibration error of these rows.

    The mean gap between confidence and accuracy over equal bins of confidence.
    """
    total = 0.0
    for number in range(bins):
        mine = [row for row in rows if number / bins < sure[row] <= (number + 1) / bins]
        if mine:
            total += abs(sum(sure[row] for row in mine) - sum(right[row] for row in mine))
    return total / len(rows)


def calibration_spread(
    sure: Sequence[float], right: Sequence[bool], bins: int = 15, repeats: int = 200
) -> float:
    """Standard deviation of `calibration_error` over so many redraws of the texts."""
    count = len(sure)
    at = np.clip(np.ceil(np.asarray(sure) * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.zeros((count, bins))
    gaps[np.arange(count), at] = np.asarray(sure) - np.asarray(right)
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), repeats)
    return float((np.abs(drawn @ gaps).sum(axis=1) / count).std())


def calibration_floor(sure: Sequence[float], repeats: int = 200) -> float:
    """`calibration_error` of who is right exactly as often as they say, on so many texts.

    Chance alone makes gaps in bins; the mean over so many draws of who is right.
    """
    dice = np.random.default_rng(0).uniform(size=(repeats, len(sure)))
    drawn = (dice < np.asarray(sure)).tolist()
    return float(np.mean([calibration_error(sure, right, range(len(sure))) for right in drawn]))


def table(rows: Sequence[dict[str, Any]]) -> Table:
    """Rows as a person reads them."""
    shown = Table(title="test splits; same weights, messages and threads")
    columns = (
        "task",
        "shots",
        "player",
        "in scope",
        "95 %",
        "ECE",
        "AUROC",
        "selective",
        "at -2",
        "train s",
        "ms",
        "MB",
    )
    for column in columns:
        shown.add_column(column, justify="left" if column in ("task", "player") else "right")
    for row in rows:
        shown.add_row(
            row["task"],
            str(row["shots"] or "full"),
            row["player"],
            f"{row['accuracy']:.2%}",
            f"{row['ci95'][0]:.1%} - {row['ci95'][1]:.1%}",
            f"{row['ece']:.1%}" if "ece" in row else "",
            f"{row['auroc']:.3f}" if "auroc" in row else "",
            f"{row['selective_accuracy']:.1%} / {row['oos_recall']:.1%}"
            if "oos_recall" in row
            else "",
            f"{row['oos_recall_at_2']:.1%}" if "oos_recall_at_2" in row else "",
            f"{row['train_seconds']:.0f}",
            f"{row['ms']:.2f}",
            f"{row['mb_at_rest']:.0f}",
        )
    return shown


def pareto(rows: Sequence[dict[str, Any]], out: Path) -> None:
    """Accuracy against seconds of training and milliseconds of a decision, a row of panels a task.

    The line joins the players that no other one beats in both.
    """
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot
    from matplotlib.ticker import LogLocator, NullLocator

    mpl.rcParams.update({"svg.hashsalt": "text", "font.size": 9})
    panels = list(dict.fromkeys((row["task"], row["shots"]) for row in rows))
    costs = {
        "train_seconds": "training, processor seconds",
        "ms": "a decision, processor milliseconds",
    }
    figure, grid = pyplot.subplots(
        len(panels), 2, figsize=(8.4, 0.6 + 3.2 * len(panels)), squeeze=False
    )
    dots: dict[str, Any] = {}
    for line, (task, shots) in zip(grid, panels, strict=True):
        mine = [row for row in rows if (row["task"], row["shots"]) == (task, shots)]
        for axes, (cost, label) in zip(line, costs.items(), strict=True):
            points = sorted((row[cost], 100 * row["accuracy"]) for row in mine)
            best = [
                point
                for index, point in enumerate(points)
                if all(point[1] > other[1] for other in points[:index])
            ]
            axes.step(*zip(*best, strict=True), where="post", color="0.8", zorder=0)
            for row in mine:
                low, high = (100 * end for end in row["ci95"])
                at = 100 * row["accuracy"]
                known = dots.get(row["player"])
                colour = known.lines[0].get_color() if known else f"C{len(dots)}"
                dot = axes.errorbar(
                    row[cost], at, [[at - low], [high - at]], fmt="o", capsize=2, color=colour
                )
                dots.setdefault(row["player"], dot)
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_locator(NullLocator())
            axes.grid(alpha=0.3)
            axes.set_xlabel(label)
            axes.set_title(f"{task}, {shots or 'all'} messages an intent", fontsize=9)
        line[0].set_ylabel("right in scope, %")
    legend(figure, dots, 0.6 / (0.6 + 3.2 * len(panels)))
    figure.savefig(out, metadata={"Date": None})
    pyplot.close(figure)


def legend(figure: Any, players: dict[str, Any], height: float) -> None:
    """Names of the players below the panels, in two lines; ``height`` is a share of the figure."""
    columns = (len(players) + 1) // 2
    figure.legend(
        list(players.values()), list(players), loc="lower center", ncols=columns, frameon=False
    )
    figure.tight_layout(rect=(0, height, 1, 1))


def plot(rows: Sequence[dict[str, Any]], out: Path) -> None:
    """Risk against coverage, one panel a task and number of training messages."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    mpl.rcParams.update({"svg.hashsalt": "text", "font.size": 9})
    panels = list(dict.fromkeys((row["task"], row["shots"]) for row in rows))
    figure, grid = pyplot.subplots(
        1, len(panels), figsize=(0.6 + 3.4 * len(panels), 3.4), squeeze=False
    )
    lines: dict[str, Any] = {}
    for axes, (task, shots) in zip(grid[0], panels, strict=True):
        for row in rows:
            if (row["task"], row["shots"]) == (task, shots):
                style = (
                    {"linewidth": 2.4}
                    if row["player"] == "logicdistill"
                    else {"linestyle": "--", "linewidth": 1.2}
                )
                known = lines.get(row["player"])
                colour = known.get_color() if known else f"C{len(lines)}"
                coverage, risk = zip(*row["risk_coverage"], strict=True)
                (line,) = axes.plot(
                    [100 * share for share in coverage],
                    [100 * share for share in risk],
                    color=colour,
                    **style,
                )
                lines.setdefault(row["player"], line)
        axes.set_title(
            f"{task}, {f'{shots} messages an intent' if shots else 'all messages'}", fontsize=9
        )
        axes.set_xlabel("messages answered, %")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    grid[0][0].set_ylabel("wrong among those answered, %")
    legend(figure, lines, 0.16)
    figure.savefig(out, metadata={"Date": None})
