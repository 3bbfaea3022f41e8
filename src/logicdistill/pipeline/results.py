"""``results.jsonl`` of a run: a line for each player and episode, and one with its decision times.

A line holds its player's key, the digest of what the player consists of. Lines with an older key
are dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import joblib
from pydantic import BaseModel, Field, ValidationError

from logicdistill.deciding.students import make_student
from logicdistill.errors import CorruptError
from logicdistill.evaluation.evaluate import CONFIDENCE_BINS, play_chunk, time_decisions
from logicdistill.files import append_lines, read_lines, write_lines
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.tasks.registry import task_of_run
from logicdistill.tasks.seeds import evaluation_seeds
from logicdistill.types import Json

OPTIMUM = "optimum"
"""The player whose lines name no action."""

CHUNK = 50
"""Seeds that a worker process plays side by side with every player before it reports."""


_Number = Annotated[float, Field(allow_inf_nan=False)]
_Bins = Annotated[
    list[Annotated[list[int], Field(min_length=2, max_length=2)]],
    Field(min_length=CONFIDENCE_BINS, max_length=CONFIDENCE_BINS),
]


class _Line(BaseModel, strict=True):
    """What the evaluation of an episode writes, as far as its summary relies on it."""

    player: str
    key: str
    seed: int
    success: bool
    total: _Number = Field(alias="return")
    steps: int
    illegal: int
    unusable: int
    fallbacks: int
    asked: int = 0
    right: int = 0
    unlabelled: int = 0
    confusion: dict[str, dict[str, dict[str, int]]] | None = None
    confidence: _Bins | None = None
    none: _Number | None = None


class _Times(BaseModel, strict=True):
    """Milliseconds of a player's decisions."""

    player: str
    key: str
    times_ms: list[_Number]


def current_records(
    file: Path, keys: Mapping[str, str], answers: bool = False
) -> dict[str, list[dict[str, Json]]]:
    """Lines with the players' present keys (by name), one a seed, in the order of the seeds.

    Args:
        file: ``results.jsonl``.
        keys: of the players, by name.
        answers: whether an episode is one decision, and its line names the action.

    Raises:
        CorruptError: a line is not what an evaluation writes.
    """
    found: dict[str, dict[int, dict[str, Json]]] = {name: {} for name in keys}
    for number, record in enumerate(read_lines(file), start=1):
        if not _is_result(record, answers):
            todo = "remove that line, and run again"
            raise CorruptError(f"{file}: line {number} is no result; {todo}")
        if keys.get(record["player"]) == record["key"]:
            found[record["player"]][record.get("seed", -1)] = record
    return {name: [by_seed[seed] for seed in sorted(by_seed)] for name, by_seed in found.items()}


def _is_result(record: Json, answers: bool) -> bool:
    if not isinstance(record, dict):
        return False
    try:
        if "times_ms" in record:
            _Times.model_validate(record)
            return "seed" not in record
        line = _Line.model_validate(record)
    except ValidationError:
        return False
    named = "action" in record and "none" in record
    counted = [count for stage in (line.confusion or {}).values() for count in stage.values()]
    whole = (line.confusion is None) == (line.confidence is None)
    whole = whole and all(sum(count.values()) > 0 for count in counted)
    return whole and (named or not answers or line.player == OPTIMUM)


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
        if name != OPTIMUM and not any("times_ms" in record for record in records[name]):
            student = make_student(name, run / "student", keeps=False)
            with Policy(task, base, student, folder=store) as policy:
                times = time_decisions(policy, evaluation_seeds(episodes))
            append_lines(file, [json.dumps({"player": name, "key": key, "times_ms": times})])
