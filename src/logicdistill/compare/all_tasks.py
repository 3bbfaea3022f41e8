"""``logicdistill compare``: the players of one roster on the same unseen seeds of several tasks.

A comparison is a folder: a run folder for each task, ``plays.jsonl`` (episodes as they were
played), ``times.jsonl``, and at its end ``results.jsonl`` (the episodes, sorted) and
``summary.json``. What is done is skipped.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import joblib

from logicdistill.compare.one_task import Lineup, TaskComparison, short
from logicdistill.compare.players import ROSTER, close_player, load_player, play_scenario
from logicdistill.compare.scenario import Scenario
from logicdistill.compare.workers import train_ahead
from logicdistill.errors import TaskError
from logicdistill.files import append_lines, locked, read_lines, write_atomic, write_lines
from logicdistill.pipeline.results import CHUNK
from logicdistill.pipeline.settings import Reporter, RunSettings
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.live import LiveTeacher
from logicdistill.types import Json

ORDER = ("task", "change", "phase", "player", "seed")
"""What ``results.jsonl`` is sorted by."""

Wanted = Mapping[Scenario, range]
"""The seeds that each scenario plays."""


def compare(
    out: Path,
    runs: Sequence[RunSettings],
    reporter: Reporter,
    *,
    players: Sequence[str],
    train_examples: int | None = None,
    causal: str = "smollm2",
    rule_changes: bool = False,
    jobs: int = -1,
    teacher: LiveTeacher | None = None,
) -> dict[str, dict[str, Json]]:
    """Compare players on tasks; what is done is skipped.

    Args:
        out: the comparison's folder.
        runs: a run's settings for each task.
        reporter: where progress goes.
        players: names in `logicdistill.compare.players.ROSTER`, ``ld-encoder`` among them.
        train_examples: examples that each player besides ld-encoder is shown in training, repeats
            counted; None takes the roster's.
        causal: the causal players' model: ``smollm2``, a local folder or a Hugging Face name.
        rule_changes: play the changes of the tasks' rules as well.
        teacher: whom the player ``llm`` asks; its answers are kept in the teacher's store.
        jobs: processes that train imitators and play; -1 takes one a core. Inside
            ``joblib.parallel_config(backend=...)`` that backend's workers play; they have to see
            ``out``.

    Returns:
        A summary for each task id.

    Raises:
        LogicDistillError: what is wrong, in one line; what was finished is kept.
    """
    if train_examples is not None and train_examples < 1:
        raise TaskError(f"train_examples is {train_examples}; give a number above 0")
    if jobs == 0:
        raise TaskError("jobs is 0; give a number of processes, or -1 for one a core")
    with locked(out, "comparison"):
        out = out.resolve()
        lineup = Lineup(tuple(players), train_examples, causal, teacher.name if teacher else "")
        folders = [out / short(get_task(run.task).id) for run in runs]
        tasks = [TaskComparison(*at, reporter, lineup) for at in zip(folders, runs, strict=True)]
        for task in tasks:
            task.prepare()
        train_ahead(tasks, rule_changes, jobs)
        for task in tasks:
            task.train(rule_changes)
        wanted = {found: seeds for task in tasks for found, seeds in task.scenarios.items()}
        try:
            records = _play(out / "plays.jsonl", wanted, jobs, reporter, teacher)
            times = _time(out / "times.jsonl", wanted, reporter, teacher)
        finally:
            close_player()
        summaries = {task.task.id: task.summary(records, times) for task in tasks}
        lines = [record for found in records.values() for record in found.values()]
        lines += [record for task in tasks for record in task.befores(records)]
        _write(out, lines, summaries)
    return summaries


def _play(
    log: Path, wanted: Wanted, jobs: int, reporter: Reporter, teacher: LiveTeacher | None
) -> dict[Scenario, dict[int, dict[str, Json]]]:
    """Play what the log does not hold yet, in chunks of one player's seeds."""
    by_key = {(Path(found.run).name, found.player, found.key): found for found in wanted}
    done: dict[Scenario, dict[int, dict[str, Json]]] = {found: {} for found in wanted}
    for line in read_lines(log):
        known = by_key.get((short(line["task"]), line["player"], line["key"]))
        if known is not None and line["seed"] in wanted[known]:
            done[known][line["seed"]] = line
    chunks = [
        (found, seeds[start : start + CHUNK])
        for found, seeds in wanted.items()
        for start in range(0, len(seeds), CHUNK)
        if not done[found].keys() >= set(seeds[start : start + CHUNK])
    ]
    total, count = sum(len(seeds) for _, seeds in chunks), 0
    local = [chunk for chunk in chunks if not ROSTER[chunk[0].player].live]
    live = [chunk for chunk in chunks if ROSTER[chunk[0].player].live]
    with warnings.catch_warnings():
        # loky replaces a worker whose memory has grown, as a model's does, and warns of it.
        warnings.filterwarnings("ignore", "A worker stopped", UserWarning)
        workers = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        # A live model comes last: a limit that it reaches stops no other player.
        chunks_played = itertools.chain(
            workers(joblib.delayed(play_scenario)(*chunk) for chunk in local),
            (play_scenario(*chunk, teacher) for chunk in live),
        )
        for found, records in chunks_played:
            append_lines(log, [json.dumps(record) for record in records])
            done[found] |= {record["seed"]: record for record in records}
            count += len(records)
            reporter.progress("play", count, total)
    return {found: dict(sorted(played.items())) for found, played in done.items()}


def _time(
    log: Path, wanted: Wanted, reporter: Reporter, teacher: LiveTeacher | None
) -> dict[Scenario, list[float]]:
    """Milliseconds of single decisions without rule changes, one player after the other."""
    timed = [found for found in wanted if not found.change and found.player != "optimum"]
    known = {(line["run"], line["key"]): line["times_ms"] for line in read_lines(log)}
    times: dict[Scenario, list[float]] = {}
    for number, scenario in enumerate(timed, start=1):
        name = Path(scenario.run).name
        if (name, scenario.key) not in known:
            measured = load_player(scenario, teacher).time(wanted[scenario])
            who = {"run": name, "key": scenario.key, "player": scenario.player}
            append_lines(log, [json.dumps(who | {"times_ms": measured})])
            known[name, scenario.key] = measured
        times[scenario] = known[name, scenario.key]
        reporter.progress("time", number, len(timed))
    return times


def _write(out: Path, lines: list[dict[str, Json]], summaries: dict[str, dict[str, Json]]) -> None:
    """The files that readers use; tasks that were compared in this folder before stay in them."""
    lines += [line for line in read_lines(out / "results.jsonl") if line["task"] not in summaries]
    lines.sort(key=lambda line: tuple(line[name] for name in ORDER))
    kept = [{name: value for name, value in line.items() if name != "key"} for line in lines]
    write_lines(out / "results.jsonl", kept)
    before: dict[str, Json] = {}
    with contextlib.suppress(OSError, ValueError, KeyError):
        before = json.loads((out / "summary.json").read_text())["tasks"]
    summary = json.dumps({"tasks": before | summaries}, indent=1)
    write_atomic(out / "summary.json", f"{summary}\n")
