"""``results.jsonl`` to ``summary.json`` and its table."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from logicdistill.evaluation.metrics import percentile, wilson_interval
from logicdistill.types import Json


def summarise_player(records: Sequence[Mapping[str, Json]], times_ms: Sequence[float]) -> dict[str, Json]:
    """One player's row.

    Args:
        records: one an episode, as `logicdistill.evaluation.evaluate` writes them.
        times_ms: milliseconds of single decisions.
    """
    successes = sum(bool(record["success"]) for record in records)
    asked = sum(record.get("asked", 0) for record in records)
    low, high = wilson_interval(successes, len(records))
    return {
        "episodes": len(records),
        "success": round(successes / len(records), 6),
        "success_ci95": [round(low, 6), round(high, 6)],
        "return_mean": round(statistics.fmean(record["return"] for record in records), 6),
        "steps_mean": round(statistics.fmean(record["steps"] for record in records), 4),
        "illegal": sum(record["illegal"] for record in records),
        "unusable": sum(record.get("unusable", 0) for record in records),
        "fallbacks": sum(record["fallbacks"] for record in records),
        "unlabelled": sum(record.get("unlabelled", 0) for record in records),
        "selection_accuracy": round(sum(record.get("right", 0) for record in records) / asked, 6) if asked else None,
        "decision_ms_p50": round(percentile(times_ms, 50), 3) if times_ms else None,
        "decision_ms_p99": round(percentile(times_ms, 99), 3) if times_ms else None,
    }


def label_floor(records: Sequence[Mapping[str, Json]]) -> dict[str, float]:
    """For each selecting stage the share of the function that is right most often: what always naming it would score."""
    counts: dict[str, dict[str, int]] = {}
    for record in records:
        for stage, labels in record.get("labels", {}).items():
            for label, count in labels.items():
                counts.setdefault(stage, {})[label] = counts.setdefault(stage, {}).get(label, 0) + count
    return {stage: round(max(labels.values()) / sum(labels.values()), 6) for stage, labels in counts.items()}


def table(summary: Mapping[str, Any]) -> list[list[str]]:
    """The players' table as rows of text, the header first."""
    rows = [["player", "episodes", "success", "95 % interval", "return", "steps", "illegal", "selection", "ms p50", "ms p99"]]
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
