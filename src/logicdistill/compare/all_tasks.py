"""``logicdistill compare``: players of one roster, with the same small models and teacher, on the same unseen seeds of several tasks.

A comparison is a folder: a run folder for each task, ``plays.jsonl`` (episodes as they were played), and at its end ``results.jsonl``
(the same, sorted, without what depends on the order), ``summary.json``, and ``measures/``. What is done is skipped.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import joblib

from logicdistill.compare import rule_changes as emergency
from logicdistill.compare.one_task import Records, TaskComparison, short
from logicdistill.compare.players import ROSTER, Place, leave, play_place, seated
from logicdistill.compare.workers import train_ahead
from logicdistill.errors import TaskError
from logicdistill.files import append_lines, locked, read_lines, write_atomic
from logicdistill.pipeline.results import CHUNK
from logicdistill.pipeline.settings import Reporter, RunSettings
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.live import LiveTeacher
from logicdistill.types import Json


def compare(
    out: Path,
    runs: Sequence[RunSettings],
    reporter: Reporter,
    *,
    players: Sequence[str],
    seconds: float | None = None,
    causal: str = "smollm2",
    emergencies: bool = False,
    jobs: int = -1,
    teacher: LiveTeacher | None = None,
) -> dict[str, dict[str, Json]]:
    """Compare players on tasks; what is done is skipped.

    Args:
        out: the comparison's folder.
        runs: a run's settings for each task.
        reporter: where progress goes.
        players: names in `logicdistill.compare.players.ROSTER`, ``ld-encoder`` among them.
        seconds: training time of each player besides ld-encoder; None takes the roster's.
        causal: the causal players' model: ``smollm2``, a local folder or a Hugging Face name.
        emergencies: play the changes of the tasks' rules as well.
        teacher: whom the player ``llm`` asks; what it answers is kept in its store.
        jobs: processes that train imitators, and play; inside ``joblib.parallel_config(backend=...)`` that backend's workers play (they
            have to see ``out``).

    Returns:
        A summary for each task id.

    Raises:
        LogicDistillError: what is wrong, in one line; what was finished is kept.
    """
    if seconds is not None and not seconds > 0:
        raise TaskError(f"the players' training time is {seconds}; give seconds above 0")
    if jobs == 0:
        raise TaskError("jobs is 0; give a number of processes, or -1 for one a core")
    with locked(out, "comparison"):
        out, asked = out.resolve(), teacher.name if teacher else ""
        tasks = [
            TaskComparison(
                out / short(get_task(settings.task).id),
                settings,
                reporter,
                players,
                seconds,
                causal,
                asked,
            )
            for settings in runs
        ]
        for task in tasks:
            task.prepare()
        train_ahead(tasks, emergencies, jobs)
        for task in tasks:
            task.train(emergencies)
        wanted = {place: seeds for task in tasks for place, seeds in task.places.items()}
        try:
            records = _play(out / "plays.jsonl", wanted, jobs, reporter, teacher)
            times = _time(out / "times.jsonl", wanted, reporter, teacher)
        finally:
            leave()
        summaries = {task.task.id: task.summary(records, times) for task in tasks}
        _write(out, tasks, records, summaries)
    return summaries


def _play(
    log: Path,
    wanted: Mapping[Place, range],
    jobs: int,
    reporter: Reporter,
    teacher: LiveTeacher | None,
) -> dict[Place, dict[int, dict[str, Json]]]:
    """Play what the log does not hold yet, in chunks of seeds of one player; each finished chunk is appended at once."""
    by_key = {(place.run, place.player, place.key): place for place in wanted}
    done: dict[Place, dict[int, dict[str, Json]]] = {place: {} for place in wanted}
    for line in read_lines(log):
        place = by_key.get((str(log.parent / short(line["task"])), line["player"], line["key"]))
        if place is not None and line["seed"] in wanted[place]:
            done[place][line["seed"]] = line
    chunks = [
        (place, seeds[start : start + CHUNK])
        for place, seeds in wanted.items()
        for start in range(0, len(seeds), CHUNK)
        if any(seed not in done[place] for seed in seeds[start : start + CHUNK])
    ]
    total, count = sum(len(seeds) for _, seeds in chunks), 0
    places = {(place.run, place.player, place.key): place for place, _ in chunks}
    with warnings.catch_warnings():
        # loky replaces a worker whose memory has grown, as it does when it loads a model, and warns of it.
        warnings.filterwarnings("ignore", "A worker stopped", UserWarning)
        local = [(place, seeds) for place, seeds in chunks if not ROSTER[place.player].live]
        workers = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        asked = (
            play_place(place, seeds, teacher)
            for place, seeds in chunks
            if ROSTER[place.player].live
        )
        # A live model comes last: a limit that it reaches stops no other player.
        for played in itertools.chain(
            workers(joblib.delayed(play_place)(place, seeds) for place, seeds in local), asked
        ):
            append_lines(log, [json.dumps(record) for record in played])
            place = places[
                str(log.parent / short(played[0]["task"])), played[0]["player"], played[0]["key"]
            ]
            done[place] |= {record["seed"]: record for record in played}
            count += len(played)
            reporter.progress("play", count, total)
    return done


def _time(
    log: Path, wanted: Mapping[Place, range], reporter: Reporter, teacher: LiveTeacher | None
) -> dict[Place, list[float]]:
    """Milliseconds of single decisions of every player in the comparison itself, one player after the other."""
    places = [place for place in wanted if not place.change and place.player != "optimum"]
    known = {(line["run"], line["key"]): line["times_ms"] for line in read_lines(log)}
    found: dict[Place, list[float]] = {}
    for number, place in enumerate(places, start=1):
        name = Path(place.run).name, place.key
        if name not in known:
            known[name] = seated(place, teacher).time(wanted[place])
            append_lines(
                log,
                [
                    json.dumps(
                        {
                            "run": name[0],
                            "key": place.key,
                            "player": place.player,
                            "times_ms": known[name],
                        }
                    )
                ],
            )
        found[place] = known[name]
        reporter.progress("time", number, len(places))
    return found


def _write(
    out: Path,
    tasks: Sequence[TaskComparison],
    records: Mapping[Place, Records],
    summaries: Mapping[str, Mapping[str, Json]],
) -> None:
    """The files that readers use; tasks that were compared in this folder before stay in them."""
    lines = [
        record for record in read_lines(out / "results.jsonl") if record["task"] not in summaries
    ]
    lines += [
        *(record for found in records.values() for record in found.values()),
        *(r for task in tasks for r in task.befores(records)),
    ]
    lines.sort(
        key=lambda line: (line["task"], line["change"], line["phase"], line["player"], line["seed"])
    )
    kept = ({name: value for name, value in line.items() if name != "key"} for line in lines)
    write_atomic(out / "results.jsonl", "".join(f"{json.dumps(line)}\n" for line in kept))
    before: dict[str, Json] = {}
    with contextlib.suppress(OSError, ValueError, KeyError):
        before = json.loads((out / "summary.json").read_text())["tasks"]
    write_atomic(
        out / "summary.json", json.dumps({"tasks": before | dict(summaries)}, indent=1) + "\n"
    )
    for task_id, summary in summaries.items():
        if "emergencies" in summary:
            report = json.dumps(emergency.measure(task_id, summary["emergencies"]), indent=1)
            write_atomic(out / "measures" / f"emergency-{short(task_id)}.json", report + "\n")
