"""The README's tables, short ones, from ``docs/results`` and ``docs/measured``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docs_results import GAMES

DOCS = Path(__file__).resolve().parent.parent / "docs"
FOLDERS = (DOCS / "results", DOCS / "measured")
PLAYERS = {
    "ld-encoder": "Logic Distillation, MiniLM encoder (22M)",
    "kd-encoder": "KD: the encoder imitates actions",
    "kd-encoder-legal": "KD, most probable legal action",
    "ld-causal": "Logic Distillation, SmolLM2 (135M)",
    "kd-causal": "KD: SmolLM2 writes the action",
    "kd-causal-legal": "KD, most probable legal action",
    "cot-kd": "KD with the teacher's reasons",
    "call-causal": "SmolLM2 writes the function's name",
    "zero-shot": "SmolLM2, untrained, with the rules",
    "conditions": "the `When:` lines alone, no model",
    "first": "always the first function",
    "random": "any function",
    "optimum": "exact play",
}


def _read(name: str) -> dict[str, Any] | None:
    files = [file for folder in FOLDERS if (file := folder / f"{name}.json").exists()]
    return json.loads(files[0].read_text()) if files else None


def _measured(task: str, row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    if task == "twentyone":
        return (
            f"{row['return_mean']:+.3f} ± {_half(row):.3f}"
            if row.get("return_ci95")
            else f"{row['return_mean']:+.3f}"
        )
    low, high = row["success_ci95"]
    return f"{row['success']:.1%} ({low:.1%} - {high:.1%})"


def _half(row: Mapping[str, Any]) -> float:
    low, high = row["return_ci95"]
    return float(high - low) / 2


def results_table() -> str:
    """Every player on every game: success, in twentyone the return; milliseconds in pursuit."""
    found = {task: summary for task in GAMES if (summary := _read(task))}
    lines = [
        "| player | | pursuit, success | guess, success | twentyone, return "
        "| unusable or illegal | ms |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for name, words in PLAYERS.items():
        rows = {task: summary["players"].get(name) for task, summary in found.items()}
        if not any(rows.values()):
            continue
        bad = sum(row["illegal"] + row.get("unusable", 0) for row in rows.values() if row)
        steps = sum(row["steps_mean"] * row["episodes"] for row in rows.values() if row)
        ms = (rows.get("pursuit") or {}).get("decision_ms_p50")
        cells = [_measured(task, rows.get(task)) for task in GAMES]
        lines.append(
            f"| `{name}` | {words} | {' | '.join(cells)} | {bad / steps:.1%} "
            f"| {'' if ms is None else f'{ms:.1f}'} |"
        )
    return "\n".join(lines)


def lofo_table() -> str:
    """Functions left out of training and added afterwards: the mean and the worst of each game."""
    lines = [
        "| game | functions | they win before | after, mean | after, worst | others lose at most |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for task in GAMES:
        if found := _read(f"lofo-{task}"):
            rows = found["rows"]
            worst = min(rows, key=lambda row: row["after"])
            lost = max(row["others_before"] - row["others_after"] for row in rows)
            mean = {key: sum(row[key] for row in rows) / len(rows) for key in ("before", "after")}
            last = f"{worst['after']:.1%} ({worst['function'].partition('/')[2]})"
            lines.append(
                f"| {task} | {len(rows)} | {mean['before']:.1%} | {mean['after']:.1%} "
                f"| {last} | {max(0.0, lost):.1%} |"
            )
    return "\n".join(lines)


def rule_changes_table() -> str:
    """Success (in twentyone: return) of ld-encoder before, during and after a rule change."""
    lines = [
        "| game, change | episodes | before | during | told, not trained | optimum "
        "| rule to decision |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for task in GAMES:
        for change, found in (_read(task) or {}).get("rule_changes", {}).items():
            entry = {
                "optimum" if row["player"] == "optimum" else row["phase"]: row
                for row in found["rows"]
                if row["player"] in ("ld-encoder", "optimum")
            }
            cells = [
                _measured(task, entry.get(phase))
                for phase in ("before", "during", "after", "optimum")
            ]
            if task == "pursuit":
                cells = [
                    f"{cell}, {entry[phase]['steps_mean']:.1f} steps" if cell else "not known"
                    for cell, phase in zip(
                        cells, ("before", "during", "after", "optimum"), strict=True
                    )
                ]
            episodes = entry["after"]["episodes"]
            lines.append(
                f"| {task}, {change} | {episodes:,} | {' | '.join(cells)} "
                f"| {entry['after']['tell_to_decision_ms']:.0f} ms |"
            )
    return "\n".join(lines)


def cost_table() -> str:
    """Milliseconds of a decision and its parts, from the benchmark's files."""
    names = ("decide", "decide, view cache on", "forward passes", "sandbox calls", "torch passes")
    lines = [
        f"| task, p50 / p99 in ms | {' | '.join(names)} | decide / parts "
        "| with torch / decide | decide_many |"
    ]
    lines.append(f"|---|{'---:|' * (len(names) + 3)}")
    for task in GAMES:
        if found := _read(f"decision-{task}"):
            cells = [
                f"{found['ms'][name]['p50']:.2f} / {found['ms'][name]['p99']:.2f}" for name in names
            ]
            shares = "{decide_over_parts:.2f} | {torch_over_decide:.2f} | {decide_many_share:.0%}"
            ratios = shares.format_map(found)
            lines.append(f"| `{found['task']}` | {' | '.join(cells)} | {ratios} |")
    return "\n".join(lines)


def text_table() -> str:
    """Decisions from text beside other ways to take them."""
    lines = [
        "| task | examples | player | right in scope | none, AUROC "
        "| with none: right, found | found at -2 | ECE | training, s | ms | MB |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in (_read("text") or {"rows": []})["rows"]:
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
    """Functions that were never trained, added to a text policy."""
    lines = [
        "| usage examples | right on their messages | others, before and after "
        "| with none, both | ECE, before and after | ms an add |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for row in (_read("hot-add-clinc150") or {"rows": []})["rows"]:
        low, high = row["new_ci95"]
        cells = [str(row["usage_examples"]), f"{row['new']:.1%} ({low:.1%} - {high:.1%})"]
        cells += [
            f"{row[f'{name}_before']:.1%}, {row[name]:.1%}"
            for name in ("others", "others_selective", "ece")
        ]
        cells.append(f"{row['ms']:.0f}" if row["ms"] else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


SECTIONS = {
    "text": text_table,
    "hot-add": hot_add_table,
    "results": results_table,
    "lofo": lofo_table,
    "cost": cost_table,
    "rule-changes": rule_changes_table,
}
