"""Selecting against writing, at equal accuracy: entropy and unusable answers while both are taught.

    python benchmarks/curves.py --run runs/guess [--seconds 5 10 20 40 80] [--quick] --out FILE

One causal model (SmolLM2-135M) is trained three ways on the same training episodes: it selects a
function (``ld-causal``), it writes the function's name (``call-causal``), or it writes the action
(``kd-causal``). Each point is a training of its own of so many processor seconds a thread; the
trained model then answers in the same unseen states. What one reads: at the same share of answers
as taught, how uncertain is the answer, and how often is it none at all.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from entropy import measure, taught, unseen_states
from selecting import Cells, student_digest, write_result

from logicdistill.compare.baselines.teaching import Training
from logicdistill.compare.players import ROSTER
from logicdistill.compare.scenario import Scenario
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.runs import Run

PLAYERS = ("ld-causal", "call-causal", "kd-causal")
SECONDS = (5.0, 10.0, 20.0, 40.0, 80.0, 160.0)
QUICK = (5.0, 20.0)


def trained(run: Path, causal: str, name: str, seconds: float, folder: Path) -> dict[str, Any]:
    """Train one player for so long, in a folder of its own; examples seen, accuracy, seconds."""
    import torch

    torch.set_num_threads(1)
    snapshot = BaseFolder(run / "base").load().snapshot
    scenario = Scenario(str(run), name, snapshot, "curves", causal)
    entry, settings = ROSTER[name], Run.open(run).settings
    assert entry.train is not None
    training = Training(folder, seconds, settings["seed"])
    found = entry.train(scenario, settings["train_episodes"], training)
    return {"examples": found["examples"], "train_seconds": found["seconds"]}


def point(
    run: Path,
    causal: str,
    name: str,
    seconds: float,
    states: list[dict[str, Any]],
    right: list[Any],
) -> dict[str, Any]:
    """One training and what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            taught_it = pool.submit(trained, run, causal, name, seconds, Path(folder)).result()
            found = pool.submit(measure, name, run, Path(folder), states, right, 3).result()
    kept = ("answers", "entropy_bits", "forced_bits", "as_taught", "illegal", "unusable")
    return taught_it | {key: found[key] for key in kept}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--players", nargs="+", choices=PLAYERS, default=list(PLAYERS))
    parser.add_argument("--causal", default="smollm2", help="or a folder, or a hub's name")
    parser.add_argument("--seconds", type=float, nargs="+", default=SECONDS)
    parser.add_argument("--quick", action="store_true", help="two points and 40 states")
    parser.add_argument("--states", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    count = 40 if options.quick else options.states
    points = QUICK if options.quick else options.seconds
    with Policy.load(options.run) as policy:
        states, task = unseen_states(policy, 50, count), policy.task.id
        answers = states, taught(policy, options.run, states)
    cells = Cells(options.out, student_digest(options.run), count, options.causal)
    rows = [
        cells.cell(
            {"player": name, "seconds": seconds},
            lambda asked=(name, seconds): point(options.run, options.causal, *asked, *answers),
        )
        for seconds in points
        for name in options.players
    ]
    found = {"task": task, "states": len(states), "threads": 1, "rows": rows}
    write_result(options.out, found, {"states": len(states)})


if __name__ == "__main__":
    main()
