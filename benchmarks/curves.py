"""Selecting against writing, at equal accuracy: entropy and unusable answers while both are taught.

    python benchmarks/curves.py --run runs/guess [--shown 40 200 1000] [--quick] --out FILE

One causal model (SmolLM2-135M) is trained three ways on the same training episodes: it selects a
function (``ld-causal``), it writes the function's name (``call-causal``), or it writes the action
(``kd-causal``). Each point is a training of its own that shows so many examples, in several draws
of their order and of the adapter's start. The trained model then answers in the same unseen states,
which the run's own student met. What one reads: at the same share of answers as taught, how
uncertain is the answer, and how often is it none at all.

Selecting: the entropy of the choice's probabilities ("none of these" included, and once more where
one has to be named: a writer cannot answer that none fits), summed over the stages of a decision.
Writing: the entropy of the next-token distribution, summed over the tokens that were written.
"""

from __future__ import annotations

import argparse
import itertools
import math
import multiprocessing
import random
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from selecting import Cells, student_digest, write_result

from logicdistill.compare.baselines.teaching import Training
from logicdistill.compare.players import ROSTER
from logicdistill.compare.scenario import Scenario
from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import play
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.tasks.seeds import evaluation_seeds
from logicdistill.training.collect import LabelStudent
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Choice, Decision, Json

SELECTING = "ld-causal"
PLAYERS = (SELECTING, "call-causal", "kd-causal")
SHOWN, QUICK = (40, 200, 1_000), (40, 100)
"""Examples shown in a training."""

DRAWS = 3


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: entropy in bits, the same where something has to be answered, and the action."""

    bits: float
    forced: float
    action: Json


def entropy(choice: Choice) -> float:
    """Of a choice's probabilities, in bits."""
    return -sum(
        p * math.log2(p)
        for p in [*(candidate.probability for candidate in choice.ranked), choice.none]
        if p > 0
    )


def unseen_states(policy: Policy, episodes: int, states: int) -> list[dict[str, Json]]:
    """States of evaluation episodes that the policy plays, drawn at random."""
    played = play(policy.task, policy.player, evaluation_seeds(episodes))
    met = [dict(turn.state) for episode in played for turn in episode.turns]
    return random.Random(0).sample(met, min(states, len(met)))


def taught(policy: Policy, run: Path, states: Sequence[dict[str, Json]]) -> list[Json]:
    """The teacher's action in each state."""
    labelled = replace(
        policy.parts, student=LabelStudent(recorded_labeller(run, policy.parts), 0.0, seed=0)
    )
    return [decision.action for decision in decide(labelled, [dict(state) for state in states])]


def selected(decision: Decision) -> Given:
    """What a decision's choices say, summed over its stages."""
    choices = [step.choice for step in decision.trace if step.choice is not None]
    forced = sum(entropy(choice.without_none()) for choice in choices)
    return Given(sum(map(entropy, choices)), forced, decision.action)


def answers(
    name: str, policy: Policy, folder: Path, states: Sequence[dict[str, Json]]
) -> list[Given]:
    """What a trained player answers."""
    asked = [dict(state) for state in states]
    if name == SELECTING:
        from logicdistill.students.causal import CausalStudent

        return [*map(selected, decide(replace(policy.parts, student=CausalStudent(folder)), asked))]
    from logicdistill.compare.baselines.text import load_text_player

    found = load_text_player(name, folder, policy.parts).answers(asked)
    return [Given(one.entropy_bits or 0.0, one.entropy_bits or 0.0, one.action) for one in found]


def measure(
    name: str, run: Path, folder: Path, states: list[dict[str, Json]], right: Sequence[Json]
) -> dict[str, Any]:
    """One trained player on all states."""
    import torch

    torch.set_num_threads(1)
    with Policy.load(run, student="first") as policy:
        found = answers(name, policy, folder, states)
        illegal = [
            one.action is not None and policy.task.illegal(state, one.action) is not None
            for one, state in zip(found, states, strict=True)
        ]
    as_taught = [float(one.action == action) for one, action in zip(found, right, strict=True)]
    return {
        "answers": "selected" if name == SELECTING else "written",
        "entropy_bits": round(fmean(one.bits for one in found), 4),
        "forced_bits": round(fmean(one.forced for one in found), 4),
        "as_taught": fmean(as_taught),
        "illegal": sum(illegal),
        "unusable": sum(one.action is None for one in found),
    }


def trained(
    run: Path, causal: str, name: str, shown: int, draw: int, folder: Path
) -> dict[str, Any]:
    """Train one player, in a folder of its own; the seconds that it took."""
    import torch

    torch.set_num_threads(1)
    snapshot = BaseFolder(run / "base").load().snapshot
    scenario = Scenario(str(run), name, snapshot, "curves", causal)
    entry, settings = ROSTER[name], Run.open(run).settings
    assert entry.train is not None
    training = Training(folder, shown, settings["seed"] + draw)
    found = entry.train(scenario, settings["train_episodes"], training)
    return {"train_seconds": found["seconds"]}


def point(
    run: Path,
    causal: str,
    name: str,
    shown: int,
    draw: int,
    states: list[dict[str, Any]],
    right: list[Any],
) -> dict[str, Any]:
    """One training and what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            how = run, causal, name, shown, draw, Path(folder)
            taught_it = pool.submit(trained, *how).result()
            found = pool.submit(measure, name, run, Path(folder), states, right).result()
    return taught_it | found


def together(draws: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The draws of one player and length as one row: means, and the least and the most."""
    row = {name: draws[0][name] for name in ("player", "shown", "answers")}
    for name in ("entropy_bits", "forced_bits", "as_taught"):
        found = [draw[name] for draw in draws]
        row[name] = {"mean": round(fmean(found), 4), "least": min(found), "most": max(found)}
    counts = {name: sum(draw[name] for draw in draws) for name in ("illegal", "unusable")}
    return row | counts | {"draws": list(draws)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--players", nargs="+", choices=PLAYERS, default=list(PLAYERS))
    parser.add_argument("--causal", default="smollm2", help="or a folder, or a hub's name")
    parser.add_argument("--shown", type=int, nargs="+", default=SHOWN, help="examples")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--quick", action="store_true", help="two points, one draw, 40 states")
    parser.add_argument("--states", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    count = 40 if options.quick else options.states
    points, draws = (QUICK, 1) if options.quick else (options.shown, options.draws)
    with Policy.load(options.run) as policy:
        states, task = unseen_states(policy, 50, count), policy.task.id
        answers = states, taught(policy, options.run, states)
    cells = Cells(options.out, student_digest(options.run), count, options.causal)
    made: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for draw, shown, name in itertools.product(range(draws), points, options.players):
        asked = {"player": name, "shown": shown, "draw": draw}
        given = name, shown, draw, *answers
        cell = cells.cell(asked, lambda given=given: point(options.run, options.causal, *given))
        made.setdefault((name, shown), []).append(cell)
    rows = [together(made[key]) for key in sorted(made)]
    found = {"task": task, "states": len(states), "threads": 1, "rows": rows}
    write_result(options.out, found, {"states": len(states)}, draws)


if __name__ == "__main__":
    main()
