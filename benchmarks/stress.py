"""Decide in 8 threads and 4 processes while functions join, are rolled back and workers are killed.

python benchmarks/stress.py [--minutes 10] [--threads 8] [--seed 0] [--json stress.json]

Every decision is compared with the one that its snapshot of the base gives in a calm process. A
decision that differs is *wrong* if it is no fallback, and *unmarked* if its trace says nothing
either. One that takes longer than `HANGS` seconds *hung*. Fallbacks are right: they are counted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import psutil
from selecting import write_result

from logicdistill import Policy
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.tasks.records import RecordTask
from logicdistill.types import Decision, Stage

HANGS = 60.0
"""A decision that takes longer counts as one that hung."""

END = "end"
"""File that says until when to decide; it is there once all processes are ready."""

STARTS = ("fork", "fork", "spawn", "forkserver")
STATES = [{"weight_kg": weight, "express": weight % 3 == 0} for weight in range(1, 60)]
TASK = {
    "task.toml": """id = "stress-v1"
title = "Which way a parcel goes"
actions = ["freight", "post", "courier", "desk"]
fallback = "desk"
""",
    "rules.md": "1. A heavy parcel goes by freight.\n2. Any other goes by post.\n",
    "states.jsonl": "".join(json.dumps({"state": state}) + "\n" for state in STATES),
}
STAGES = (
    Stage("facts", "facts", "What is known?", mode="all"),
    Stage("way", "way", "Which way?", reads=("facts",)),
)
WEIGH = '''def weigh(weight_kg: int) -> dict[str, bool]:
    """Say whether a parcel is heavy.

    Use when: in every state.
    Rules: 1
    >>> weigh(weight_kg=30)
    {'heavy': True}
    """
    return {"heavy": weight_kg > 20}
'''
WAY = '''def {name}(weight_kg: int) -> str:
    """Send by {way}.

    Use when: {when}.
    When: {when}
    Rules: {rule}
    >>> {name}(weight_kg={weight})
    '{way}'
    """
    return "{way}"
'''
RUSH = '''def rush_{number}(express: bool, weight_kg: int) -> str:
    """Send what is urgent by courier.

    Use when: it is urgent.
    When: express and weight_kg > {number}
    Replaces: heavy, light
    Stage: way
    >>> rush_{number}(express=True, weight_kg=59)
    'courier'
    """
    return "courier"
'''


def make_run(folder: Path) -> Path:
    """A run whose conditions decide, with a stage of facts."""
    (folder / "task").mkdir(parents=True)
    for name, text in TASK.items():
        (folder / "task" / name).write_text(text)
    RecordTask(folder / "task")  # writes the schema
    (folder / "run.toml").write_text('task = "stress-v1"\n')
    ways = [
        ("heavy", "freight", "facts['heavy']", 1, 30),
        ("light", "post", "weight_kg < 21", 2, 3),
    ]
    manifest = FunctionBase("stress-v1", STAGES).to_manifest()
    manifest["files"] |= {"facts/weigh.py": WEIGH}
    for name, way, when, rule, weight in ways:
        given = {"name": name, "way": way, "when": when, "rule": rule, "weight": weight}
        manifest["files"][f"way/{name}.py"] = WAY.format(**given)
    BaseFolder(folder / "base").commit(FunctionBase.from_manifest(manifest), [{"op": "admit"}])
    return folder


def load(run: Path) -> Policy:
    """A policy that takes up what other processes change."""
    return Policy.load(run, "conditions", watch=True)


def resources() -> dict[str, int]:
    """Resident memory in KiB and open descriptors of this process."""
    me = psutil.Process()
    return {"memory_kib": me.memory_info().rss // 1024, "descriptors": me.num_fds()}


class Record:
    """What threads of one process decided: counts by snapshot, state and result."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()
        self.counts: dict[tuple[str, int, str, str], int] = {}
        self.slowest, self.raised, self.reasons = 0.0, dict[str, int](), dict[str, int]()
        self.begin: dict[str, int] = {}

    def keep(self, index: int, decision: Decision, seconds: float) -> None:
        """Count a decision."""
        marked = "fallback" if decision.fallback else "marked" if decision.marks else "plain"
        key = decision.snapshot, index, json.dumps(decision.action), marked
        with self.lock:
            self.counts[key] = self.counts.get(key, 0) + 1
            if decision.fallback:
                reason = decision.fallback[:160]
                self.reasons[reason] = self.reasons.get(reason, 0) + 1
            self.slowest = max(self.slowest, seconds)

    def write(self, folder: Path) -> None:
        """Write what was found, for the process that compares."""
        found = {
            "name": self.name,
            "counts": [[*key, count] for key, count in self.counts.items()],
            "slowest": self.slowest,
            "raised": self.raised,
            "reasons": self.reasons,
            "begin": self.begin,
            "end": resources(),
        }
        part = folder / f"{self.name}.part"
        part.write_text(json.dumps(found))
        part.rename(folder / f"{self.name}.json")


def decide_on(policy: Policy, record: Record, until: float, seed: int) -> None:
    """Decide states at random, alone and in batches."""
    rng = random.Random(seed)
    while time.time() < until:
        indices = rng.choices(range(len(STATES)), k=rng.choice((1, 1, 8)))
        started = time.perf_counter()
        try:
            decisions = policy.decide_many([STATES[index] for index in indices])
        except Exception as error:  # a decision never raises here, so each is reported
            kind = f"{type(error).__name__}: {str(error)[:200]}"
            with record.lock:
                record.raised[kind] = record.raised.get(kind, 0) + 1
            continue
        seconds = time.perf_counter() - started
        for index, decision in zip(indices, decisions, strict=True):
            record.keep(index, decision, seconds)


def in_process(run: Path, out: Path, name: str, given: Policy | None) -> None:
    """What a process does: with its parent's policy (a fork), or with one of its own."""
    policy, record = given or load(run), Record(name)
    for state in STATES:
        policy.decide(state)
    record.begin = resources()
    (out / f"{name}.ready").touch()
    while not (out / END).is_file():
        time.sleep(0.05)
    decide_on(policy, record, float((out / END).read_text()), sum(map(ord, name)))
    record.write(out)
    if given is None:
        policy.close()


def workers() -> list[psutil.Process]:
    """The sandbox's workers and forked sandboxes below this process."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            command = " ".join(process.cmdline())
            if "monty" in command or "functions.forked" in command:
                found.append(process)
    return found


def kill(until: float, seed: int, killed: list[int]) -> None:
    """Kill a worker at random, again and again."""
    rng = random.Random(seed)
    while time.time() < until:
        time.sleep(rng.uniform(0.05, 1.0))
        if found := workers():
            with contextlib.suppress(psutil.NoSuchProcess):
                rng.choice(found).kill()
                killed.append(1)


def change(policy: Policy, folder: Path, until: float, seed: int, changes: list[str]) -> None:
    """Let functions join, and roll them back."""
    rng, first = random.Random(seed), policy.base.snapshot
    while time.time() < until:
        time.sleep(rng.uniform(0.2, 1.0))
        number = rng.randrange(1, 40)
        if len(policy.base.functions) > 5 or f"rush_{number}" in policy.base.by_name:
            policy.rollback(first)
            changes.append("rollback")
            continue
        file = folder / f"rush_{number}.py"
        file.write_text(RUSH.format(number=number))
        policy.add(file, emergency=True)
        changes.append("add")


def reference(run: Path, snapshots: set[str]) -> dict[tuple[str, int], str]:
    """The action of each state by each snapshot, decided calmly."""
    store, found = BaseFolder(run / "base"), {}
    with Policy.load(run, "conditions") as policy:
        for snapshot in sorted(snapshots):
            with Policy(
                policy.task, store.load_snapshot(snapshot), lambda sandbox: _conditions(sandbox)
            ) as calm:
                for index, decision in enumerate(calm.decide_many(STATES)):
                    assert decision.fallback is None, decision.fallback
                    found[snapshot, index] = json.dumps(decision.action)
    return found


def _conditions(sandbox: Any) -> Any:
    from logicdistill.students.floor import ConditionsStudent

    return ConditionsStudent(sandbox)


def tally(run: Path, records: list[dict[str, Any]]) -> dict[str, int]:
    """Count decisions by how they compare with the reference."""
    counts = [row for record in records for row in record["counts"]]
    right = reference(run, {row[0] for row in counts})
    found = dict.fromkeys(("decisions", "wrong", "unmarked", "fallbacks", "marked"), 0)
    for snapshot, index, action, marked, count in counts:
        found["decisions"] += count
        found["fallbacks"] += count * (marked == "fallback")
        found["marked"] += count * (marked == "marked")
        if action != right[snapshot, index] and marked != "fallback":
            found["wrong"] += count
            found["unmarked"] += count * (marked == "plain")
    return found


def stress(
    folder: Path, seconds: float, threads: int, seed: int, starts: Sequence[str] = STARTS
) -> dict[str, Any]:
    """One stress run in a folder of its own.

    Args:
        folder: for the run and what is recorded.
        seconds: how long it lasts.
        threads: how many decide in this process, beside the processes.
        seed: of what happens.
        starts: how each of the processes is started.
    """
    run, out = make_run(folder / "run"), folder / "out"
    out.mkdir()
    policy, record = load(run), Record("threads")
    for state in STATES:
        policy.decide(state)
    processes = []
    for number, how in enumerate(starts):
        context = multiprocessing.get_context(how)
        name, given = f"{how}-{number}", policy if how == "fork" else None
        process = context.Process(  # type: ignore[attr-defined]
            target=in_process, args=(run, out, name, given), name=name
        )
        process.start()
        processes.append(process)
    patience = time.time() + HANGS
    while len(list(out.glob("*.ready"))) < len(starts) and time.time() < patience:
        time.sleep(0.1)
    until = time.time() + seconds
    (out / "part").write_text(str(until))
    (out / "part").rename(out / END)
    killed, changes, faults = list[int](), list[str](), list[str]()

    def watched(work: Callable[..., None], *args: Any) -> threading.Thread:
        def go() -> None:
            try:
                work(*args)
            except Exception as error:
                faults.append(f"{work.__name__}: {type(error).__name__}: {error}")

        thread = threading.Thread(target=go, daemon=True)
        thread.start()
        return thread

    record.begin = resources()
    running = [watched(decide_on, policy, record, until, seed + n) for n in range(threads)]
    running.append(watched(kill, until, seed, killed))
    running.append(watched(change, policy, folder, until, seed, changes))
    deadline, hung = until + HANGS, list[str]()
    for thread in running:
        thread.join(max(0.1, deadline - time.time()))
        hung += ["a thread"] * thread.is_alive()
    for process in processes:
        process.join(max(0.1, deadline - time.time()))
        if process.is_alive():
            hung.append(process.name)
            process.kill()
        elif process.exitcode:
            faults.append(f"{process.name} ended with {process.exitcode}")
    record.write(out)
    policy.close()
    records = [json.loads(file.read_text()) for file in sorted(out.glob("*.json"))]
    hung += [item["name"] for item in records if item["slowest"] > HANGS]
    return {
        **tally(run, records),
        "hung": len(hung),
        "raised": _summed(item["raised"] for item in records),
        "reasons": _summed(item["reasons"] for item in records),
        "faults": faults,
        "killed": len(killed),
        "joined": changes.count("add"),
        "rolled_back": changes.count("rollback"),
        "slowest_seconds": round(max(item["slowest"] for item in records), 2),
        "processes": {
            item["name"]: {
                "decisions": sum(row[-1] for row in item["counts"]),
                "begin": item["begin"],
                "end": item["end"],
            }
            for item in records
        },
    }


def _summed(found: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for counts in found:
        for key, count in counts.items():
            total[key] = total.get(key, 0) + count
    return total


def main() -> int:
    """Print the figures; 1 where a decision was wrong, unmarked or hung."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = stress(Path(folder), options.minutes * 60, options.threads, options.seed)
    found = {"minutes": options.minutes, **found}
    if options.json:
        write_result(options.json, found, {"decisions": found["decisions"]})
    print(json.dumps(found, indent=1))
    bad = found["wrong"] + found["unmarked"] + found["hung"] + len(found["faults"])
    return int(bool(bad or found["raised"]))


if __name__ == "__main__":
    raise SystemExit(main())
