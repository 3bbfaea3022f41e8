"""A control task of Gymnasium.

The run's players beside published agents, with the standard deviation of the return.

    python benchmarks/control.py --task pendulum --runs runs/control --out
    docs/results/control-pendulum.json

The run lies in ``RUNS/TASK`` and goes on where it was. Published returns:
``docs/results-sources/control.toml``.
"""

from __future__ import annotations

import argparse
import statistics
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from selecting import write_result

from logicdistill.cli.terminal import TerminalReporter
from logicdistill.errors import TaskError
from logicdistill.files import read_lines
from logicdistill.pipeline.settings import TRAIN_EPISODES, RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.tasks.gymnasium_task import GymnasiumTask
from logicdistill.tasks.registry import get_task

SOURCE = Path(__file__).resolve().parent.parent / "docs" / "results-sources" / "control.toml"


def beside_published(
    task: GymnasiumTask, summary: Mapping[str, Any], records: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The measure.

    The summary's players with the standard deviation of their returns, and the published agents of
    the environment.
    """
    source = tomllib.loads(SOURCE.read_text())
    players = {}
    for name, row in summary["players"].items():
        returns = [
            record["return"]
            for record in records
            if record["player"] == name and "return" in record
        ][: row["episodes"]]
        players[name] = {**row, "return_std": round(statistics.pstdev(returns), 6)}
    return {
        "task": task.id,
        "env": task.settings.env,
        "players": players,
        "floor": summary["floor"],
        "published": source[task.settings.env],
        "source": source["source"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--task",
        required=True,
        help="a task of the registry whose environment has published returns",
    )
    parser.add_argument("--episodes", type=int)
    parser.add_argument("--train-episodes", type=int, default=TRAIN_EPISODES)
    parser.add_argument("--train-steps", type=int)
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--runs", type=Path, default=Path("runs/control"))
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    task = get_task(options.task)
    if not isinstance(task, GymnasiumTask):
        raise TaskError(f"{task.id} is no control task")
    folder = options.runs / task.id.rpartition("-v")[0]
    settings = RunSettings(
        task.id,
        {},
        options.episodes,
        options.train_episodes,
        train_steps=options.train_steps,
        jobs=options.jobs,
    )
    summary = RunPipeline(folder, settings, TerminalReporter(Console(stderr=True))).run()
    found = beside_published(task, summary, read_lines(folder / "results.jsonl"))
    episodes = {name: int(row["episodes"]) for name, row in found["players"].items()}
    write_result(options.out, found, {"episodes": episodes["ld-encoder"]})


if __name__ == "__main__":
    main()
