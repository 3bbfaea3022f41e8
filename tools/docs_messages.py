"""Tables of docs/messages.md, from ``docs/measured``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).resolve().parent.parent / "docs" / "measured"


def _read(name: str) -> dict[str, Any]:
    return json.loads((MEASURED / f"{name}.json").read_text())


def text_table() -> str:
    """Decisions from text beside other ways to take them."""
    lines = [
        "| task | examples | player | right in scope | none, AUROC "
        "| with none: right, found | found at -2 | ECE | training, s | ms | MB |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in _read("text")["rows"]:
        low, high = row["ci95"]
        cells = [
            row["task"].partition("-")[0],
            str(row["shots"] or "all"),
            f"`{row['player']}`",
            f"{row['accuracy']:.1%} ({low:.1%} - {high:.1%})",
            f"{row['auroc']:.3f}" if "auroc" in row else "",
            f"{row['selective_accuracy']:.1%} / {row['oos_recall']:.1%}"
            if "oos_recall" in row
            else "",
            f"{row['oos_recall_at_2']:.1%}" if "oos_recall_at_2" in row else "",
            f"{row['ece']:.1%}" if "ece" in row else "",
            f"{row['train_seconds']:.0f}",
            f"{row['ms']:.1f}",
            f"{row['mb_at_rest']:.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def hot_add_table() -> str:
    """Functions that were left out of training, added to a text policy."""
    lines = [
        "| usage examples | right on their messages | others, before and after "
        "| with none, both | ECE, before and after | ms an add |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for row in _read("hot-add-clinc150")["rows"]:
        low, high = row["new_ci95"]
        cells = [str(row["usage_examples"]), f"{row['new']:.1%} ({low:.1%} - {high:.1%})"]
        cells += [
            f"{row[f'{name}_before']:.1%}, {row[name]:.1%}"
            for name in ("others", "others_selective", "ece")
        ]
        cells.append(f"{row['ms']:.0f}" if row["ms"] else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


SECTIONS = {"text": text_table, "hot-add": hot_add_table}
