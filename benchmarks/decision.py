"""What a decision costs, part by part, beside the same decision with torch; and decide_many.

    python benchmarks/decision.py --run runs/pursuit [--decisions 300]

Everything is measured in this one process, one thread each, interleaved, so that the ratios hold on
a noisy machine. The student's cache of views is off, so that every decision pays its forward
passes; the row with the cache on is what a user sees.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from rich.console import Console
from rich.table import Table
from selecting import write_result

from logicdistill.deciding.episodes import play
from logicdistill.policy import Policy
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.pretrained import load_student
from logicdistill.students.weights import find_weights
from logicdistill.types import Choice, Query

torch.set_num_threads(1)


class Watched:
    """A student whose questions are kept."""

    name = "watched"

    def __init__(self, student: EncoderStudent) -> None:
        self.student = student
        self.asked: list[Query] = []

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        self.asked += queries
        return self.student.select(queries)


class Numbering:
    """A student that sees each view with a number of its own."""

    name = "numbering"

    def __init__(self, student: EncoderStudent) -> None:
        self.student = student
        self.views: list[str] = []

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        numbered = [
            replace(query, view=f"{query.view}, number: {index}")
            for index, query in enumerate(queries)
        ]
        self.views += [query.view for query in numbered]
        return self.student.select(numbered)


def states_of_play(policy: Policy, count: int) -> list[dict[str, Any]]:
    """States met on unseen seeds: distinct ones as long as there are any, then the same again."""
    found: dict[str, dict[str, Any]] = {}
    seed, last = 3_000_000, 3_002_000
    while len(found) < count and seed < last:
        for episode in play(policy.task, policy.player, range(seed, seed + 20)):
            for turn in episode.turns:
                found.setdefault(json.dumps(turn.state), turn.state)
        seed += 20
    return list(itertools.islice(itertools.cycle(found.values()), count))


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def torch_pass(folder: Path) -> Callable[[str], object]:
    """A forward pass of the same architecture in torch (eager), tokenising included."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()

    @torch.inference_mode()
    def run(text: str) -> object:
        return model(**tokenizer(text, return_tensors="pt")).last_hidden_state.mean(dim=1)

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--decisions", type=int, default=300)
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    console = Console(width=120)
    with Policy.load(options.run) as cached, Policy.load(options.run) as policy:
        student = load_student(options.run / "student", cached_views=0)
        watched = Watched(student)
        policy = policy.with_student(watched)
        sandbox = policy.parts.sandbox
        states = states_of_play(cached, max(1000, options.decisions))
        run_torch = torch_pass(find_weights("minilm"))
        session = onnxruntime_pass(student)
        rows: dict[str, list[float]] = {
            name: []
            for name in (
                "decide",
                "decide, view cache on",
                "forward passes",
                "sandbox calls",
                "torch passes",
            )
        }
        lengths: list[int] = []
        for state in states[: options.decisions]:
            watched.asked.clear()
            rows["decide, view cache on"].append(
                milliseconds(lambda state=state: cached.decide(state))
            )
            rows["decide"].append(milliseconds(lambda state=state: policy.decide(state)))
            decision = policy.decide(state)
            views = [
                query.view
                for query in watched.asked[
                    : sum(step.choice is not None for step in decision.trace)
                ]
            ]
            lengths += [len(student.embedder.tokenizer.encode(view).ids) for view in views]
            rows["forward passes"].append(
                milliseconds(lambda views=views: [session(view) for view in views])
            )
            rows["torch passes"].append(
                milliseconds(lambda views=views: [run_torch(view) for view in views])
            )
            scope = dict(state)
            calls = []
            for stage, step in zip(policy.base.stages, decision.trace, strict=True):
                ran = (
                    [policy.base.function(step.function)]
                    if step.function
                    else policy.base.of_stage(stage.name)
                )
                before = dict(scope)
                scope[stage.output] = step.outcome.value
                calls += [(function, before) for function in ran]
            rows["sandbox calls"].append(
                milliseconds(
                    lambda calls=calls: [sandbox.call(function, scope) for function, scope in calls]
                )
            )
        figures: dict[str, Any] = {
            name: {
                "p50": round(float(np.percentile(times, 50)), 3),
                "p99": round(float(np.percentile(times, 99)), 3),
            }
            for name, times in rows.items()
        }
        table = Table(
            title=f"{policy.task.id}: milliseconds, {options.decisions} decisions, "
            f"median {statistics.median(lengths):.0f} tokens a view"
        )
        for name in ("", "p50", "p99"):
            table.add_column(name, justify="right" if name else "left")
        for name, times in rows.items():
            table.add_row(
                name, f"{np.percentile(times, 50):.2f}", f"{np.percentile(times, 99):.2f}"
            )
        console.print(table)
        own = np.median(np.asarray(rows["forward passes"]) + np.asarray(rows["sandbox calls"]))
        with_torch = np.median(
            np.asarray(rows["decide"])
            - np.asarray(rows["forward passes"])
            + np.asarray(rows["torch passes"])
        )
        over_parts = float(np.median(rows["decide"]) / own)
        over_torch = float(with_torch / np.median(rows["decide"]))
        console.print(f"decide / (forward passes + sandbox calls): {over_parts:.2f} (at most 1.5)")
        console.print(f"same decision with torch / decide: {over_torch:.2f} (at least 3)")
        share = many(console, policy, student, states[:1000])
        found = {
            "task": policy.task.id,
            "decisions": options.decisions,
            "tokens_median": statistics.median(lengths),
            "ms": figures,
        }
        found |= {
            "decide_over_parts": round(over_parts, 3),
            "torch_over_decide": round(over_torch, 3),
            "decide_many_share": round(share, 3),
        }
        if options.out:
            write_result(options.out, found, {"decisions": found["decisions"]})


def onnxruntime_pass(student: EncoderStudent) -> Callable[[str], object]:
    """A bare forward pass: tokenise, run the session, nothing else."""
    embedder = student.embedder
    session: onnxruntime.InferenceSession = embedder.session
    names = {item.name for item in session.get_inputs()}

    def run(text: str) -> object:
        ids = np.asarray([embedder.tokenizer.encode(text).ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        return session.run(None, {name: value for name, value in feed.items() if name in names})

    return run


def many(
    console: Console, policy: Policy, student: EncoderStudent, states: list[dict[str, Any]]
) -> float:
    """decide_many on 1,000 distinct states against the encoder's raw throughput on the same views.

    Symbolic states share views, and a batch embeds each once. So that this does not flatter the
    figure, every view is made distinct by a number at its end, for decide_many and for the encoder
    alone.
    """
    numbering = Numbering(student)
    numbered = policy.with_student(numbering)
    numbered.decide_many(states[:8])
    numbering.views.clear()
    numbered.decide_many(states)
    views = list(numbering.views)
    whole = statistics.median(milliseconds(lambda: numbered.decide_many(states)) for _ in range(3))
    raw = statistics.median(milliseconds(lambda: student.embedder.vectors(views)) for _ in range(3))
    shared = statistics.median(
        milliseconds(lambda: policy.with_student(student).decide_many(states)) for _ in range(3)
    )
    console.print(
        f"decide_many, {len(states)} states, {len(views)} views made distinct: {whole / 1000:.2f} "
        f"s; the encoder alone {raw / 1000:.2f} s: "
        f"{raw / whole:.0%} of its raw throughput (at least 80 %). Views as they are (shared ones "
        f"embedded once): {shared / 1000:.2f} s"
    )
    return raw / whole


if __name__ == "__main__":
    main()
