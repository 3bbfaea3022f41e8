"""``results.jsonl`` to ``summary.json``, and the tables of a summary as rows of text."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from logicdistill.evaluation.metrics import auroc, macro_f1, wilson_interval
from logicdistill.tasks.record_folder import Record
from logicdistill.types import Json

Z95 = statistics.NormalDist().inv_cdf(0.975)
COUNTS = ("illegal", "unusable", "fallbacks", "unlabelled")
"""Figures of a row that are sums over its episodes."""


def summarise_player(records: Sequence[Json], times_ms: Sequence[float]) -> dict[str, Json]:
    """One player's row.

    Args:
        records: one an episode, as `logicdistill.evaluation.evaluate` writes them; one or more.
        times_ms: milliseconds of single decisions.
    """
    counted = ("success", "asked", "right", *COUNTS)
    total = {name: sum(int(record.get(name, 0)) for record in records) for name in counted}
    returns = [float(record["return"]) for record in records]
    mean = statistics.fmean(returns)
    half = Z95 * statistics.stdev(returns) / len(returns) ** 0.5 if len(returns) > 1 else None
    p50, p99 = np.percentile(times_ms, (50, 99)).round(3).tolist() if times_ms else (None, None)
    row = {
        "episodes": len(records),
        "success": round(total["success"] / len(records), 6),
        "success_ci95": _ci95(total["success"], len(records)),
        "return_mean": round(mean, 6),
        "return_ci95": None if half is None else [round(mean + half * at, 6) for at in (-1, 1)],
        "steps_mean": round(statistics.fmean(record["steps"] for record in records), 4),
        **{name: total[name] for name in COUNTS},
        "selections": total["asked"],
        "selection_accuracy": round(total["right"] / total["asked"], 6) if total["asked"] else None,
        "decision_ms_p50": p50,
        "decision_ms_p99": p99,
    }
    scored = [record for record in records if "confusion" in record]
    if scored:
        # Pairs (n, right): selections in each bin of stated probability, and the right ones.
        bins = np.sum([record["confidence"] for record in scored], axis=0).tolist()
        row |= {"confusion": _confusion(scored), "confidence": bins}
    return row


def _confusion(records: Sequence[Mapping[str, Json]]) -> dict[str, dict[str, dict[str, int]]]:
    counts = Counter[tuple[str, ...]]()
    for record in records:
        for stage, labels in record.get("confusion", {}).items():
            for label, chosen in labels.items():
                counts.update({(stage, label, name): count for name, count in chosen.items()})
    return nested(counts)


def nested(counts: Mapping[tuple[str, ...], int]) -> dict[str, dict[str, dict[str, int]]]:
    """Of counts by (stage, right function, chosen one): {stage: {right: {chosen: n}}}."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for (stage, label, name), count in sorted(counts.items()):
        found.setdefault(stage, {}).setdefault(label, {})[name] = count
    return found


def label_floor(records: Sequence[Mapping[str, Json]]) -> dict[str, float]:
    """For each selecting stage what always naming the most frequent right function would score."""
    floor = {}
    for stage, labels in _confusion(records).items():
        counts = [sum(chosen.values()) for chosen in labels.values()]
        floor[stage] = round(max(counts) / sum(counts), 6)
    return floor


def message_figures(
    played: Sequence[Json], tested: Sequence[Record], out_of_scope: Json
) -> dict[str, Json]:
    """One player's figures where messages are read.

    Args:
        played: a record a test state, in the order of ``tested``, with its ``action`` and ``none``.
        tested: test states with their right actions.
        out_of_scope: the action that no function gives.

    Returns:
        ``in_scope`` and ``out_of_scope``: ``{"messages", "right", "share", "ci95"}``, None without
        such messages; ``macro_f1`` over all right actions; ``auroc`` of the probability of "none
        of these", None without messages of both kinds.
    """
    right = [json.dumps(record.action) for record in tested]
    given = [json.dumps(answer["action"]) for answer in played]
    outside = [label == json.dumps(out_of_scope) for label in right]
    hits = [label == answer for label, answer in zip(right, given, strict=True)]
    none = [answer["none"] for answer in played]
    both = len(set(outside)) == 2
    return {
        "in_scope": _share([hit for hit, out in zip(hits, outside, strict=True) if not out]),
        "macro_f1": round(macro_f1(right, given), 6),
        "out_of_scope": _share([hit for hit, out in zip(hits, outside, strict=True) if out]),
        "auroc": round(auroc(outside, none), 6) if both else None,
    }


def _share(right: Sequence[bool]) -> dict[str, Json] | None:
    if not right:
        return None
    messages, hits = len(right), sum(right)
    figures = {"share": round(hits / messages, 6), "ci95": _ci95(hits, messages)}
    return {"messages": messages, "right": hits, **figures}


def _ci95(successes: int, trials: int) -> list[float]:
    return [round(bound, 6) for bound in wilson_interval(successes, trials)]


def table(summary: Mapping[str, Any]) -> list[Sequence[str]]:
    """The players' table as rows of text, the header first.

    A recorded state is one step, its return is its success, and the optimum is what was recorded:
    there these are left out.
    """
    recorded = "frequent" in summary
    first = ("player", "episodes", "success", "95 % interval")
    of_episodes = () if recorded else ("return", "steps")
    rows: list[Sequence[str]] = [(*first, *of_episodes, "illegal", "selection", "ms p50", "ms p99")]
    for name, row in summary["players"].items():
        if recorded and name == "optimum":
            continue
        shares = (f"{row['success']:.1%}", _interval(row["success_ci95"]))
        means = () if recorded else (f"{row['return_mean']:.4f}", f"{row['steps_mean']:.2f}")
        times = (_shown(row[key], ".2f") for key in ("decision_ms_p50", "decision_ms_p99"))
        selected = (str(row["illegal"]), _selection(row))
        rows.append((name, f"{row['episodes']:,}", *shares, *means, *selected, *times))
    return rows


def _selection(row: Mapping[str, Any]) -> str:
    """The share of right selections, and how many were judged: not those without a label."""
    judged = row["selections"]
    return f"{row['selection_accuracy']:.1%} of {judged:,}" if judged else ""


def message_rows(summary: Mapping[str, Json]) -> list[Sequence[str]]:
    """The figures of messages as rows of text, the header first."""
    first = ("player", "in scope", "95 % interval", "macro F1")
    rows: list[Sequence[str]] = [(*first, "out of scope", "95 % interval", "AUROC")]
    for name, row in summary["messages"].items():
        inside, outside = (_of_messages(row[key]) for key in ("in_scope", "out_of_scope"))
        area = _shown(row["auroc"], ".3f")
        rows.append((name, *inside, f"{row['macro_f1']:.1%}", *outside, area))
    return rows


def _of_messages(share: Mapping[str, Json] | None) -> tuple[str, str]:
    if share is None:
        return "", ""
    return f"{share['share']:.1%} of {share['messages']:,}", _interval(share["ci95"])


def _interval(bounds: Sequence[float]) -> str:
    return f"{bounds[0]:.1%} - {bounds[1]:.1%}"


def _shown(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
