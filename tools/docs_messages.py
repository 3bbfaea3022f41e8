"""Tables of docs/messages.md, from ``docs/measured``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).resolve().parent.parent / "docs" / "measured"


def _read(name: str) -> dict[str, Any]:
    return json.loads((MEASURED / f"{name}.json").read_text())


def _player(row: dict[str, Any]) -> str:
    """Its name, and whether more steps still gained on validation: the longest were chosen."""
    setting = row.get("setting", {"steps": 0, "schedule": 1})
    rising = setting["steps"] == setting["schedule"]
    return f"`{row['player']}`" + (", not converged" if rising else "")


def text_table() -> str:
    """Decisions from text beside other ways to take them."""
    lines = [
        "| task | player | messages, doctests, manuals | right in scope | draws | none, AUROC "
        "| with none: right, found | found at -2 | ECE (raw) | ECE of all | training, s "
        "| ms | MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in sorted(_read("text")["rows"], key=lambda row: (row["task"], -row["accuracy"])):
        low, high = row["ci95"]
        cells = [
            row["task"].partition("-")[0],
            _player(row),
            ", ".join(f"{count:,}" for count in row["given"].values()),
            f"{row['accuracy']:.1%} ({low:.1%} - {high:.1%})",
            str(row["draws"]),
            f"{row['auroc']:.3f}" if "auroc" in row else "",
            f"{row['selective_accuracy']:.1%} / {row['oos_recall']:.1%}"
            if "oos_recall" in row
            else "",
            f"{row['oos_recall_at_2']:.1%}" if "oos_recall_at_2" in row else "",
            f"{row['ece']:.1%}" + (f" ({row['ece_raw']:.1%})" if "ece_raw" in row else "")
            if "ece" in row
            else "",
            f"{row['ece_all']:.1%}" if "ece_all" in row else "",
            f"{row['train_seconds']:.0f}",
            f"{row['ms']:.1f}",
            f"{row['mb_at_rest']:.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def calibration_table() -> str:
    """Whether a policy is as sure as it is right, on sets that nothing was chosen on."""
    lines = [
        "| set | labels | test texts | draws | right | ECE | by chance | by draw "
        "| `logistic`: right, ECE "
        "| none, AUROC | by confidence alone |",
        "|---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|",
    ]
    for row in _read("calibration")["rows"]:
        ends, (low, high) = row["ece_ci95"], row["logistic_ece_ci95"]
        cells = [
            row["set"],
            str(row["labels"]),
            f"{row['n']:,}",
            str(row["draws"]),
            f"{row['accuracy']:.1%}",
            f"{row['ece']:.1%} ({ends[0]:.1%} - {ends[1]:.1%})",
            f"{row['ece_floor']:.1%}",
            ", ".join(f"{share:.1%}" for share in row["ece_by_draw"]),
            f"{row['logistic_accuracy']:.1%}, {row['logistic_ece']:.1%} ({low:.1%} - {high:.1%})",
            f"{row['auroc_by_none']:.3f}",
            f"{row['auroc_by_confidence']:.3f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def factors_table() -> str:
    """What the logits are usually multiplied by, and what knowing it does to the ECE."""
    lines = [
        "| tasks of | drawn | usual factor | spread | texts of a task | tasks "
        "| ECE: held-out texts alone | with the others' prior | the prior alone | best factor |",
        "|---|---:|---:|---:|---|---:|---:|---:|---:|---:|",
    ]
    for row in _read("factors")["rows"]:
        of = [row["set"], str(row["tasks"]), f"{row['usual']:.2f}", f"{row['spread']:.2f}"]
        for found in row["ece"]:
            ways = [f"{found[how]:.1%}" for how in ("alone", "prior", "usual", "best")]
            cells = [*of, found["texts"], str(found["tasks"]), *ways]
            lines.append(f"| {' | '.join(cells)} |")
            of = [""] * len(of)
    return "\n".join(lines)


def promises_table() -> str:
    """Whether a promised error rate is kept on those sets."""
    lines = [
        "| set | rate | promised | kept | most wrong | decided |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in _read("calibration")["rows"]:
        for found in row["promises"]:
            most = found["most_wrong"]
            cells = [
                row["set"],
                f"{found['rate']:.0%}",
                f"{found['promised']} of {found['draws']} draws",
                f"{found['kept']} of {found['promised']}",
                "" if most is None else f"{most:.1%}",
                f"{found['decided']:.1%}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def hot_add_table() -> str:
    """Functions that were left out of training, added to a text policy."""
    lines = [
        "| task | usage examples | right on their messages | with none | others, before and after "
        "| with none, both | ECE of all, before and after | ms an add |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for task in ("clinc150", "banking77"):
        for row in _read(f"hot-add-{task}")["rows"]:
            low, high = row["new_ci95"]
            cells = [task, str(row["usage_examples"])]
            cells.append(f"{row['new']:.1%} ({low:.1%} - {high:.1%})")
            cells.append(f"{row['new_selective']:.1%}")
            cells += [
                f"{row[f'{name}_before']:.1%}, {row[name]:.1%}"
                for name in ("others", "others_selective", "ece")
            ]
            cells.append(f"{row['ms']:.0f}" if row["ms"] else "")
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


SECTIONS = {
    "text": text_table,
    "calibration": calibration_table,
    "factors": factors_table,
    "promises": promises_table,
    "hot-add": hot_add_table,
}
