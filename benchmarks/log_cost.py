"""What the log of decisions costs: the same states decided with and without it.

    python benchmarks/log_cost.py --run runs/expenses --states expenses/states.jsonl

Interleaved in this one process, so that the ratios hold on a noisy machine; medians. The states are
repeated up to ``--decisions``; views that were seen before are remembered, so the log's share is
the largest that it gets.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from selecting import write_result

from logicdistill.cli.states import states_of
from logicdistill.policy import Policy

BATCH = 256
"""States of one call of `decide_many`, as many as the command line takes together."""


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Of the clock, and of this process's processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def measured(run: Path, states: Sequence[dict[str, Any]], repeats: int) -> dict[str, float]:
    """Milliseconds a decision without and with the log, one by one and together."""
    batches = [states[at : at + BATCH] for at in range(0, len(states), BATCH)]
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "decisions.jsonl"
        with Policy.load(run) as plain, Policy.load(run, log=log) as logged:
            for repeat in range(repeats + 1):
                for name, policy in (("", plain), (", logged", logged)):
                    many, cpu = seconds(partial(each, policy.decide_many, batches))
                    single, _ = seconds(partial(each, policy.decide, batches[0]))
                    if repeat:  # the first one starts the sandboxes
                        times.setdefault(f"decide_many{name}", []).append(many / len(states))
                        times.setdefault(f"its processor{name}", []).append(cpu / len(states))
                        times.setdefault(f"decide{name}", []).append(single / len(batches[0]))
        found = {name: 1000 * statistics.median(mine) for name, mine in times.items()}
        found["bytes a decision"] = log.stat().st_size / log.read_bytes().count(b"\n")
    for name in ("decide_many", "its processor", "decide"):
        found[f"{name}, ratio"] = found[f"{name}, logged"] / found[name]
    return {name: round(value, 4) for name, value in found.items()}


def each(work: Callable[[Any], object], items: Sequence[Any]) -> None:
    for item in items:
        work(item)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--states", type=Path, required=True)
    parser.add_argument("--decisions", type=int, default=2048)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    given = [one.state for one in states_of(options.states, fields=())]
    states = list(itertools.islice(itertools.cycle(given), options.decisions))
    found = measured(options.run, states, options.repeats)
    for name, value in found.items():
        print(f"{name:<24} {value:.4g}")
    if options.out:
        found = {"run": options.run.name, **found}
        write_result(options.out, found, {"decisions": options.decisions}, options.repeats)


if __name__ == "__main__":
    main()
