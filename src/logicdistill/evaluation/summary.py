"""``results.jsonl`` to ``summary.json`` and its table."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from logicdistill.evaluation.metrics import Z95, auroc, macro_f1, percentile, wilson_interval
from logicdistill.tasks.record_folder import Record
from logicdistill.types import Json


def summarise_player(
    records: Sequence[Mapping[str, Json]], times_ms: Sequence[float]
) -> dict[str, Json]:
    """One player's row.

    Args:
        records: one an episode, as `logicdistill.evaluation.evaluate` writes them.
        times_ms: milliseconds of single decisions.
    """
    successes = sum(bool(record["success"]) for record in records)
    asked = sum(record.get("asked", 0) for record in records)
    low, high = wilson_interval(successes, len(records))
    returns = [float(record["return"]) for record in records]
    half = Z95 * statistics.stdev(returns) / math.sqrt(len(returns)) if len(returns) > 1 else 0.0
    row = {
        "episodes": len(records),
        "success": round(successes / len(records), 6),
        "success_ci95": [round(low, 6), round(high, 6)],
        "return_mean": round(statistics.fmean(returns), 6),
        "return_ci95": [round(statistics.fmean(returns) + side * half, 6) for side in (-1, 1)]
        if len(returns) > 1
        else None,
        "steps_mean": round(statistics.fmean(record["steps"] for record in records), 4),
        "illegal": sum(record["illegal"] for record in records),
        "unusable": sum(record.get("unusable", 0) for record in records),
        "fallbacks": sum(record["fallbacks"] for record in records),
        "unlabelled": sum(record.get("unlabelled", 0) for record in records),
        "selection_accuracy": round(sum(record.get("right", 0) for record in records) / asked, 6)
        if asked
        else None,
        "decision_ms_p50": round(percentile(times_ms, 50), 3) if times_ms else None,
        "decision_ms_p99": round(percentile(times_ms, 99), 3) if times_ms else None,
    }
    scored = [record for record in records if "confusion" in record]
    return row | (
        {"confusion": confusion_of(scored), "confidence": confidence_of(scored)} if scored else {}
    )


def confusion_of(records: Sequence[Mapping[str, Json]]) -> dict[str, dict[str, dict[str, int]]]:
    """For each selecting stage and right function how often each function was chosen."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for record in records:
        for stage, labels in record["confusion"].items():
            for label, chosen in labels.items():
                row = found.setdefault(stage, {}).setdefault(label, {})
                for name, count in chosen.items():
                    row[name] = row.get(name, 0) + count
    return {
        stage: {label: dict(sorted(row.items())) for label, row in sorted(labels.items())}
        for stage, labels in sorted(found.items())
    }


def confidence_of(records: Sequence[Mapping[str, Json]]) -> list[list[int]]:
    """How many selections were made with a probability in each bin, and how many of them were right: pairs (n, right)."""
    return [
        [sum(column) for column in zip(*pairs, strict=True)]
        for pairs in zip(*(r["confidence"] for r in records), strict=True)
    ]


def label_floor(records: Sequence[Mapping[str, Json]]) -> dict[str, float]:
    """For each selecting stage the share of the function that is right most often: what always naming it would score."""
    counts: dict[str, dict[str, int]] = {}
    for record in records:
        for stage, labels in record.get("labels", {}).items():
            for label, count in labels.items():
                counts.setdefault(stage, {})[label] = (
                    counts.setdefault(stage, {}).get(label, 0) + count
                )
    return {
        stage: round(max(labels.values()) / sum(labels.values()), 6)
        for stage, labels in counts.items()
    }


def table(summary: Mapping[str, Any]) -> list[list[str]]:
    """The players' table as rows of text, the header first."""
    rows = [
        [
            "player",
            "episodes",
            "success",
            "95 % interval",
            "return",
            "steps",
            "illegal",
            "selection",
            "ms p50",
            "ms p99",
        ]
    ]
    for name, row in summary["players"].items():
        low, high = row["success_ci95"]
        rows.append(
            [
                name,
                f"{row['episodes']:,}",
                f"{row['success']:.1%}",
                f"{low:.1%} - {high:.1%}",
                f"{row['return_mean']:.4f}",
                f"{row['steps_mean']:.2f}",
                str(row["illegal"]),
                "" if row["selection_accuracy"] is None else f"{row['selection_accuracy']:.2%}",
                "" if row["decision_ms_p50"] is None else f"{row['decision_ms_p50']:.2f}",
                "" if row["decision_ms_p99"] is None else f"{row['decision_ms_p99']:.2f}",
            ]
        )
    return rows


def message_figures(
    played: Sequence[Mapping[str, Json]], tested: Sequence[Record], out_of_scope: Json
) -> dict[str, Json]:
    """One player's figures.

    Args:
        played: a record a test state, in the order of ``tested``, with its ``action`` and ``none``.
        tested: test states with their right actions.
        out_of_scope: the action that no function gives.

    Returns:
        ``in_scope`` and ``out_of_scope``: ``{"messages", "right", "share", "ci95"}``, None without such messages; ``macro_f1`` over all
        right actions; ``auroc`` of the probability of "none of these", None without messages of both kinds.
    """
    pairs = [
        (json.dumps(record.action), json.dumps(answer["action"]))
        for record, answer in zip(tested, played, strict=True)
    ]
    outside = json.dumps(out_of_scope)
    scores = [
        (label == outside, answer["none"]) for (label, _), answer in zip(pairs, played, strict=True)
    ]
    positive, negative = ([score for out, score in scores if out == kind] for kind in (True, False))
    return {
        "in_scope": _share([label == given for label, given in pairs if label != outside]),
        "macro_f1": round(macro_f1(pairs), 6),
        "out_of_scope": _share([label == given for label, given in pairs if label == outside]),
        "auroc": round(auroc(positive, negative), 6) if positive and negative else None,
    }


def _share(right: Sequence[bool]) -> dict[str, Json] | None:
    if not right:
        return None
    low, high = wilson_interval(sum(right), len(right))
    share = round(sum(right) / len(right), 6)
    return {
        "messages": len(right),
        "right": sum(right),
        "share": share,
        "ci95": [round(low, 6), round(high, 6)],
    }


def message_rows(summary: Mapping[str, Json]) -> list[list[str]]:
    """The figures of a run's summary as rows of text, the header first."""
    rows = [
        [
            "player",
            "in scope",
            "95 % interval",
            "macro F1",
            "out of scope",
            "95 % interval",
            "AUROC",
        ]
    ]
    for name, row in summary["messages"].items():
        area = "" if row["auroc"] is None else f"{row['auroc']:.3f}"
        rows.append(
            [
                name,
                *_shown(row["in_scope"]),
                f"{row['macro_f1']:.1%}",
                *_shown(row["out_of_scope"]),
                area,
            ]
        )
    return rows


def _shown(share: Mapping[str, Json] | None) -> tuple[str, str]:
    if share is None:
        return "", ""
    return (
        f"{share['share']:.1%} of {share['messages']:,}",
        f"{share['ci95'][0]:.1%} - {share['ci95'][1]:.1%}",
    )
