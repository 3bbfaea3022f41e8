"""How uncertain an answer is, and what it costs.

Selecting a function against writing text, with the same states and the same teacher.

    python benchmarks/entropy.py --run runs/pursuit [--player kd-causal=FOLDER ...] [--states 200]
    --out docs/results/entropy-pursuit.json

The states are met by the run's own student on unseen seeds. Selecting: the entropy of the choice's
probabilities ("none of these" included, and once more where one has to be named: a writer cannot
answer that none fits), summed over the stages of a decision. Writing: the entropy of the next-token
distribution, summed over the tokens that were written. Each player is measured in a process of its
own, whose peak memory is noted; single decisions are timed with nothing kept between them. By
default the players are those that lie in the run's ``players/``, ld-encoder, and zero-shot.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from selecting import write_result

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import play
from logicdistill.deciding.standing import queries_for
from logicdistill.policy import Policy
from logicdistill.protocols import Student
from logicdistill.students.pretrained import load_student
from logicdistill.tasks.seeds import evaluation_seeds
from logicdistill.training.collect import LabelStudent
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Choice, Decision, Json, Query

SELECTING = ("ld-encoder", "ld-causal")
WRITING = ("kd-causal", "cot-kd", "call-causal", "zero-shot")
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Cost:
    """One answer.

    Entropy in bits, the same where something has to be answered, tokens read and written, and the
    action, if any.
    """

    bits: float
    forced: float
    tokens_in: int
    tokens_out: int
    action: Json


def entropy(choice: Choice) -> float:
    """Of a choice's probabilities, in bits."""
    return -sum(
        p * math.log2(p)
        for p in [*(candidate.probability for candidate in choice.ranked), choice.none]
        if p > 0
    )


def interval(values: Sequence[float], seed: int = 0) -> dict[str, Any]:
    """Mean with its 95 % bootstrap interval (percentiles of the means of resamples)."""
    array, rng = np.asarray(values), np.random.default_rng(seed)
    means = [float(array[rng.integers(0, len(array), len(array))].mean()) for _ in range(RESAMPLES)]
    return {
        "mean": round(float(array.mean()), 4),
        "ci95": [round(float(end), 4) for end in np.percentile(means, [2.5, 97.5])],
    }


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


def selecting(
    policy: Policy, student: Student, tokens_of: Callable[[Any], int]
) -> Callable[[list[dict[str, Json]]], list[Cost]]:
    """Decides with a student; what it reads is counted for each question of each stage."""
    parts = replace(policy.parts, student=student)

    def ask(states: list[dict[str, Json]]) -> list[Cost]:
        return [
            cost(decision, state)
            for decision, state in zip(decide(parts, states), states, strict=True)
        ]

    def cost(decision: Decision, state: dict[str, Json]) -> Cost:
        scope, bits, forced, tokens = dict(state), 0.0, 0.0, 0
        for step in decision.trace:
            stage = policy.base.stage(step.stage)
            if step.choice is not None:
                bits += entropy(step.choice)
                forced += entropy(step.choice.without_none())
                tokens += tokens_of(queries_for(parts, stage, [scope])[0])
            scope[stage.output] = step.outcome.value
        return Cost(bits, forced, tokens, 0, decision.action)

    return ask


def player_of(
    name: str, policy: Policy, run: Path, folder: Path
) -> Callable[[list[dict[str, Json]]], list[Cost]]:
    """A player that keeps nothing between its answers."""
    if name == "ld-encoder":
        encoder = load_student(run / "student", cached_views=0)
        return selecting(
            policy, encoder, lambda query: len(encoder.embedder.tokenizer.encode(query.view).ids)
        )
    if name == "ld-causal":
        from logicdistill.students.causal import CausalStudent, pair_of
        from logicdistill.students.language import merged_tokens

        causal = CausalStudent(folder, cached=0)

        def tokens_of(query: Query) -> int:
            asked = causal.model, query.stage, query.view
            return merged_tokens([pair_of(*asked, function) for function in query.candidates])

        return selecting(policy, causal, tokens_of)
    from logicdistill.compare.baselines.text import load_text_player

    player = load_text_player(name, folder, policy.parts)

    def ask(states: list[dict[str, Json]]) -> list[Cost]:
        player.forget()
        return [
            Cost(bits, bits, answer.tokens_in, answer.tokens_out, answer.action)
            for answer in player.answers(states)
            for bits in [answer.entropy_bits or 0.0]
        ]

    return ask


def measure(
    name: str,
    run: Path,
    folder: Path,
    states: list[dict[str, Json]],
    right: Sequence[Json],
    timed: int,
) -> dict[str, Any]:
    """One player on all states."""
    if name != "ld-encoder":
        import torch

        torch.set_num_threads(1)
    with Policy.load(run, student="first") as policy:
        ask = player_of(name, policy, run, folder)
        costs = ask([dict(state) for state in states])
        times = []
        for state in states[:timed]:
            started = time.perf_counter()
            ask([dict(state)])
            times.append((time.perf_counter() - started) * 1000)
        illegal = [
            c.action is not None and policy.task.illegal(s, c.action) is not None
            for c, s in zip(costs, states, strict=True)
        ]
    return {
        "player": name,
        "answers": "selected" if name in SELECTING else "written",
        "entropy_bits": interval([cost.bits for cost in costs]),
        "forced_bits": interval([cost.forced for cost in costs]),
        "tokens_in_mean": round(statistics.fmean(cost.tokens_in for cost in costs), 2),
        "tokens_out_mean": round(statistics.fmean(cost.tokens_out for cost in costs), 2),
        "decision_ms_p50": round(statistics.median(times), 2),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "as_taught": interval(
            [float(cost.action == action) for cost, action in zip(costs, right, strict=True)]
        ),
        "illegal": sum(illegal),
        "unusable": sum(cost.action is None for cost in costs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument(
        "--player",
        action="append",
        default=[],
        help="NAME or NAME=FOLDER; by default all that the run has",
    )
    parser.add_argument("--states", type=int, default=200)
    parser.add_argument(
        "--timed", type=int, default=30, help="single decisions that are timed, of each player"
    )
    parser.add_argument(
        "--episodes", type=int, default=50, help="episodes whose states are drawn from"
    )
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    folders = {name: options.run / "players" / name for name in (*SELECTING, *WRITING)}
    chosen = [
        name for name in folders if name in ("ld-encoder", "zero-shot") or folders[name].is_dir()
    ]
    if options.player:
        pairs = [text.partition("=") for text in options.player]
        folders |= {name: Path(folder) for name, _, folder in pairs if folder}
        chosen = [name for name, _, _ in pairs]
    if unknown := set(chosen) - {*SELECTING, *WRITING}:
        parser.error(f"no such player: {min(unknown)}; known: {', '.join((*SELECTING, *WRITING))}")
    with Policy.load(options.run) as policy:
        states, task = unseen_states(policy, options.episodes, options.states), policy.task.id
        right = taught(policy, options.run, states)
    rows = []
    for name in chosen:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            rows.append(
                pool.submit(
                    measure, name, options.run, folders[name], states, right, options.timed
                ).result()
            )
        print(rows[-1], flush=True)
    found = {"task": task, "states": len(states), "threads": 1, "rows": rows}
    write_result(options.out, found, {"states": len(states)})


if __name__ == "__main__":
    main()
