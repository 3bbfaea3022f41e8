"""``results.jsonl`` of a run: a line for each player and episode, and one with its decision times.

A line holds its player's key, the digest of what the player consists of. Lines with an older key
are dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import joblib

from logicdistill.deciding.students import make_student
from logicdistill.evaluation.evaluate import play_chunk, time_decisions
from logicdistill.files import append_lines, read_lines, write_lines
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.tasks.registry import task_of_run
from logicdistill.tasks.seeds import evaluation_seeds
from logicdistill.types import Json

CHUNK = 50
"""Seeds that a worker process plays side by side with every player before it reports."""


def current_records(file: Path, keys: Mapping[str, str]) -> dict[str, list[dict[str, Json]]]:
    """Lines with the players' present keys (by name), one a seed, in the order of the seeds."""
    found: dict[str, dict[int, dict[str, Json]]] = {name: {} for name in keys}
    for record in read_lines(file):
        if isinstance(record, dict) and keys.get(record.get("player", "")) == record.get("key"):
            found[record["player"]][record.get("seed", -1)] = record
    return {name: [by_seed[seed] for seed in sorted(by_seed)] for name, by_seed in found.items()}


def play_missing(
    run: Path,
    snapshot: str,
    keys: Mapping[str, str],
    episodes: int,
    jobs: int,
    on_progress: Callable[[int, int], None],
) -> None:
    """Play the episodes that ``results.jsonl`` does not hold yet; append each chunk at once.

    Args:
        run: the run's folder.
        snapshot: of the function base.
        keys: of the players, by name.
        episodes: of each player.
        jobs: processes; -1 takes one a core.
        on_progress: called with the episodes done, and with their number.
    """
    file, store = run / "results.jsonl", BaseFolder(run / "base")
    records = current_records(file, keys)
    write_lines(file, [record for name in keys for record in records[name]])
    played = {name: {record.get("seed") for record in records[name]} for name in keys}
    seeds, chunks = evaluation_seeds(episodes), []
    for start in range(0, episodes, CHUNK):
        part = seeds[start : start + CHUNK]
        missing = {name: key for name, key in keys.items() if not played[name].issuperset(part)}
        if missing:
            chunks.append((missing, part))
    done, total = 0, sum(len(missing) * len(part) for missing, part in chunks)
    jobs = 1 if len(chunks) < 2 else jobs  # starting a process costs more than a chunk
    parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
    play = joblib.delayed(play_chunk)
    for lines in parallel(play(str(run), snapshot, *chunk) for chunk in chunks):
        append_lines(file, [json.dumps(line) for line in lines])
        done += len(lines)
        on_progress(done, total)
    base, task = store.load(), task_of_run(run, Run.open(run).settings)
    for name, key in keys.items():
        if name != "optimum" and not any("times_ms" in record for record in records[name]):
            student = make_student(name, run / "student", keeps=False)
            with Policy(task, base, student, folder=store) as policy:
                times = time_decisions(policy, evaluation_seeds(episodes))
            append_lines(file, [json.dumps({"player": name, "key": key, "times_ms": times})])
