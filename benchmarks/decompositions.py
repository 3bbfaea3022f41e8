"""The same rules in other functions: a run for each recording of each task, side by side.

    python benchmarks/decompositions.py [--tasks ...] [--variants ...] [--runs FOLDER] --out
    docs/results/decompositions.json

Each variant is a run in a folder of its own (``FOLDER/TASK@VARIANT``), so an interrupted benchmark
goes on and a finished variant is skipped. ``wrong-manuals`` has the shipped functions under each
other's manuals: what it loses is what the manuals carry.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from selecting import write_result

from logicdistill.cli.terminal import TerminalReporter
from logicdistill.functions.folder import BaseFolder
from logicdistill.pipeline.settings import TRAIN_EPISODES, RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.tasks.registry import get_task, task_ids
from logicdistill.teacher.recorded import SHIPPED, recordings
from logicdistill.types import Json

EPISODES = {"guess-v1": 300, "pursuit-v2": 300, "twentyone-v1": 3000}


class Counting:
    """Passes on what a run says."""

    def __init__(self, variant: str) -> None:
        self.variant = variant
        self.inner = TerminalReporter(Console(stderr=True))

    def line(self, text: str) -> None:
        """See `logicdistill.pipeline.settings.Reporter`."""
        self.inner.line(f"{self.variant}: {text}")

    def progress(self, step: str, done: int, total: int) -> None:
        """See `logicdistill.pipeline.settings.Reporter`."""
        self.inner.progress(step, done, total)


def refusals(folder: Path) -> int:
    """Functions that the gate refused while the base was written.

    Each refusal asked the teacher for a repair.
    """
    records = [json.loads(file.read_text()) for file in (folder / "replies").glob("*.json")]
    return sum(record["request"]["kind"] == "repair" for record in records)


def row(variant: str, folder: Path, summary: Mapping[str, Any]) -> dict[str, Json]:
    """What is reported of a run."""
    base = BaseFolder(folder / "base").load()
    player = summary["players"]["ld-encoder"]
    train = json.loads((folder / "steps" / "train.json").read_text())
    collect = json.loads((folder / "steps" / "collect.json").read_text())
    return {
        "variant": variant,
        "functions": len(base.functions),
        "selectable": sum(len(base.of_stage(stage.name)) for stage in base.stages if stage.selects),
        "stages": len(base.stages),
        "selecting_stages": sum(stage.selects for stage in base.stages),
        "gate_refusals": refusals(folder),
        "examples": collect["examples"],
        "train_seconds": train["seconds"],
        "floor": summary["floor"],
        "snapshot": summary["snapshot"],
        "optimum": {key: summary["players"]["optimum"][key] for key in ("success", "return_mean")}
        if "optimum" in summary["players"]
        else None,
        **{key: value for key, value in player.items() if key != "decision_ms_p99"},
    }


def against_shipped(rows: list[dict[str, Any]]) -> None:
    """Add the differences from the shipped recording, where it was run as well."""
    shipped = next((row for row in rows if row["variant"] == SHIPPED), None)
    for item in rows:
        if shipped is not None:
            item["success_against_shipped"] = round(item["success"] - shipped["success"], 6)
            item["return_against_shipped"] = round(item["return_mean"] - shipped["return_mean"], 6)


def table(results: Mapping[str, list[dict[str, Any]]]) -> Table:
    """The rows for a terminal."""
    shown = Table(title="other decompositions of the same rules")
    columns = (
        "task",
        "variant",
        "functions",
        "stages",
        "refused",
        "train s",
        "success",
        "95 %",
        "return",
        "selection",
        "floor",
    )
    for name in (*columns, "illegal", "fallbacks", "ms p50"):
        shown.add_column(name, justify="left" if name in ("task", "variant") else "right")
    for task, rows in results.items():
        for item in rows:
            low, high = item["success_ci95"]
            floor = " ".join(f"{value:.0%}" for value in item["floor"].values())
            accuracy = (
                "" if item["selection_accuracy"] is None else f"{item['selection_accuracy']:.2%}"
            )
            cells = (
                task,
                item["variant"],
                item["functions"],
                item["stages"],
                item["gate_refusals"],
                f"{item['train_seconds']:.0f}",
            )
            played = (
                f"{item['success']:.1%}",
                f"{low:.1%}-{high:.1%}",
                f"{item['return_mean']:.3f}",
                accuracy,
                floor,
            )
            shown.add_row(
                *map(
                    str,
                    (
                        *cells,
                        *played,
                        item["illegal"],
                        item["fallbacks"],
                        f"{item['decision_ms_p50']:.2f}",
                    ),
                )
            )
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", nargs="*", default=task_ids())
    parser.add_argument("--variants", nargs="*", help="recordings; by default all of a task")
    parser.add_argument(
        "--episodes", type=int, help="evaluation episodes; by default 300, and 3,000 for twentyone"
    )
    parser.add_argument("--train-episodes", type=int, default=TRAIN_EPISODES)
    parser.add_argument("--train-steps", type=int)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--runs", type=Path, default=Path("runs/decompositions"))
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    console = Console(width=160)
    results: dict[str, list[dict[str, Any]]] = {}
    for name in options.tasks:
        task = get_task(name).id
        for variant in options.variants or recordings(task):
            folder = options.runs / f"{task}@{variant}"
            episodes = options.episodes or EPISODES[task]
            settings = RunSettings(
                task,
                {},
                episodes,
                options.train_episodes,
                train_steps=options.train_steps,
                recording=variant,
                jobs=options.jobs,
            )
            summary = RunPipeline(folder, settings, Counting(f"{task}@{variant}")).run()
            results.setdefault(task, []).append(row(variant, folder, summary))
            against_shipped(results[task])
            counts = {item["variant"]: item["episodes"] for item in results[task]}
            write_result(options.out, results, {"episodes": max(counts.values())})
    console.print(table(results))


if __name__ == "__main__":
    main()
