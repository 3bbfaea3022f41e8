"""Figures of a task of messages: accuracy in scope, and how well what is out of scope is told from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from logicdistill.evaluation.metrics import auroc, macro_f1, wilson_interval
from logicdistill.tasks.record_folder import Record
from logicdistill.types import Json


def message_figures(played: Sequence[Mapping[str, Json]], tested: Sequence[Record], out_of_scope: Json) -> dict[str, Json]:
    """One player's figures.

    Args:
        played: a record a test state, in the order of ``tested``, with its ``action`` and ``none``.
        tested: test states with their right actions.
        out_of_scope: the action that no function gives.

    Returns:
        ``in_scope`` and ``out_of_scope``: ``{"messages", "right", "share", "ci95"}``, None without such messages; ``macro_f1`` over all
        right actions; ``auroc`` of the probability of "none of these", None without messages of both kinds.
    """
    pairs = [(json.dumps(record.action), json.dumps(answer["action"])) for record, answer in zip(tested, played, strict=True)]
    outside = json.dumps(out_of_scope)
    scores = [(label == outside, answer["none"]) for (label, _), answer in zip(pairs, played, strict=True)]
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
    return {"messages": len(right), "right": sum(right), "share": share, "ci95": [round(low, 6), round(high, 6)]}


def message_rows(summary: Mapping[str, Json]) -> list[list[str]]:
    """The figures of a run's summary as rows of text, the header first."""
    rows = [["player", "in scope", "95 % interval", "macro F1", "out of scope", "95 % interval", "AUROC"]]
    for name, row in summary["messages"].items():
        area = "" if row["auroc"] is None else f"{row['auroc']:.3f}"
        rows.append([name, *_shown(row["in_scope"]), f"{row['macro_f1']:.1%}", *_shown(row["out_of_scope"]), area])
    return rows


def _shown(share: Mapping[str, Json] | None) -> tuple[str, str]:
    if share is None:
        return "", ""
    return f"{share['share']:.1%} of {share['messages']:,}", f"{share['ci95'][0]:.1%} - {share['ci95'][1]:.1%}"
