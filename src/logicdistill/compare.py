"""``logicdistill compare``: players of one roster, with the same small models and teacher, on the same unseen seeds of several tasks.

A comparison is a folder: a run folder for each task, ``plays.jsonl`` (episodes as they were played), and at its end ``results.jsonl``
(the same, sorted, without what depends on the order), ``summary.json``, and ``measures/``. What is done is skipped.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import statistics
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import joblib

from logicdistill import emergency
from logicdistill.errors import TaskError
from logicdistill.evaluation.evaluate import has_optimum
from logicdistill.evaluation.metrics import mcnemar
from logicdistill.evaluation.summary import label_floor, summarise_player
from logicdistill.pipeline import CHUNK, RunPipeline
from logicdistill.players import RETRAINED, ROSTER, Lessons, Place, leave, play_place, seated
from logicdistill.runs import Run, append_lines, digest, locked, read_lines, write_atomic
from logicdistill.settings import FIRST_EVALUATION_SEED, Reporter, RunSettings
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.live import LiveTeacher
from logicdistill.types import Json

Records = Mapping[int, Mapping[str, Json]]


class TaskComparison:
    """One task of a comparison: its run, its players' trainings, and what is to be played.

    Args:
        folder: the run's folder.
        settings: of the run; ``episodes`` holds for every player that plays its full share.
        reporter: where progress goes.
        players: names in the roster.
        seconds: training time of each player besides ld-encoder; None takes the roster's.
        causal: name or path of the causal model.
        asked: name of the live model that the player ``llm`` asks; "" without one.
    """

    def __init__(
        self,
        folder: Path,
        settings: RunSettings,
        reporter: Reporter,
        players: Sequence[str],
        seconds: float | None,
        causal: str,
        asked: str = "",
    ) -> None:
        self.pipeline = RunPipeline(folder, settings, reporter)
        self.folder, self.settings, self.reporter, self.seconds, self.causal = folder, settings, reporter, seconds, causal
        self.task, self.asked = self.pipeline.task, asked
        self.made_with = folder, settings, list(players), seconds, causal, asked
        self.players = [name for name in players if name != "optimum" or has_optimum(self.task)]
        self.trained: dict[str, dict[str, Json]] = {}
        self.notes: dict[str, dict[tuple[str, str], dict[str, Json]]] = {}
        self.places: dict[Place, range] = {}

    def prepare(self) -> None:
        """Write, collect and train what Logic Distillation plays with."""
        self.snapshot = self.pipeline.prepare().snapshot

    def train(self, with_changes: bool) -> None:
        """Train the imitators, tell what is to be told, and set ``places`` with their seeds."""
        student = digest((self.folder / "student" / "student.toml").read_bytes())
        self.made_of = digest(self.snapshot, self.pipeline.variant, student)
        base = Place(str(self.folder), "", self.snapshot, self.made_of, self.causal)
        self.trained = {name: self._train(name, base) for name in self._models()}
        for name in self.players:
            self.places[self._place(base, name)] = self._seeds(ROSTER[name].share)
        for change in sorted(self.task.changes) if with_changes else ():
            self._change(replace(base, change=change))

    def _change(self, base: Place) -> None:
        told = {name: emergency.tell(self.folder, base.change, name, self.snapshot) for name in self.players if name.startswith("ld-")}
        snapshot = str(told["ld-encoder"]["snapshot"])
        lesson = replace(base, phase="retrained", snapshot=snapshot, key=digest(self.made_of, base.change, snapshot))
        again = {name: self._train(name, lesson) for name in self._models() if ROSTER[name].again and not ROSTER[name].selects}
        self.notes[base.change] = {
            (name, "after"): {key: told[name][key] for key in ("tell_to_decision_ms", "obeyed", "functions")} for name in told
        } | {
            (name, "retrained"): {
                "retrain_seconds": training["seconds"],
                "new_decisions": training["states"],
                "accuracy": training["accuracy"],
            }
            for name in self.players
            if (training := again.get(ROSTER[name].model))
        }
        for name in self.players:
            for place in emergency.phases(name, base, snapshot):
                key = digest(
                    base.change, place.phase, place.snapshot, again.get(ROSTER[name].model) if place.phase == "retrained" else None
                )
                self.places[self._place(replace(place, key=key), name)] = self._seeds(ROSTER[name].share * emergency.SHARE)

    def _models(self) -> list[str]:
        return list(dict.fromkeys(ROSTER[name].model for name in self.players if ROSTER[name].model))

    def _place(self, base: Place, name: str) -> Place:
        made_of = [self.made_of, base.key, name, self.causal, self.trained.get(ROSTER[name].model)]
        return replace(base, player=name, key=digest(*made_of, *([self.asked] if ROSTER[name].live else [])))

    def _seeds(self, share: float) -> range:
        episodes = self.settings.episodes or self.task.episodes
        return range(FIRST_EVALUATION_SEED, FIRST_EVALUATION_SEED + max(1, round(episodes * share)))

    def _train(self, name: str, base: Place) -> dict[str, Json]:
        """The training of one player, or the same again under changed rules from the old checkpoint on."""
        train, seconds = ROSTER[name].train, (self.seconds or ROSTER[name].seconds) * (RETRAINED if base.phase else 1.0)
        if train is None:
            raise TaskError(f"{name} has no training that another player could play")
        folder, start = base.folder / "players" / name, self.folder / "players" / name if base.phase else None
        lessons = Lessons(replace(base, player=name), self.settings.train_episodes, self.settings.encoder, self.settings.seed)
        label = "-".join(part for part in ("train", name, base.change) if part)

        def work() -> Mapping[str, Json]:
            found = dict(train(lessons, folder, seconds, start, lambda done, total: self.reporter.progress(label, done, total)))
            return found | {"trained_seconds": round(seconds, 2)}

        key = digest(base.key, self.settings.train_episodes, self.settings.seed, seconds, self.causal, self.trained.get(name))
        record, skipped = Run.open(self.folder).step(label, key, work, [folder])
        self.reporter.line(f"{label:<9} {'unchanged, skipped' if skipped else f'{seconds:.0f} s'}; accuracy: {record['accuracy']}")
        return {key: value for key, value in record.items() if key not in ("key", "trained_seconds")} | {
            "seconds": record["trained_seconds"]
        }

    def summary(self, records: Mapping[Place, Records], times: Mapping[Place, Sequence[float]]) -> dict[str, Json]:
        """The task's entry of ``summary.json``."""
        found: dict[str, Json] = {"task": self.task.id, "snapshot": self.snapshot, "seconds": dict(self.pipeline.seconds)}
        main = {place.player: place for place in self.places if not place.change}
        ours = records[main["ld-encoder"]]
        found["players"] = {name: self._row(name, records[place], ours, times.get(place, ())) for name, place in main.items()}
        found["floor"] = label_floor(_sorted(ours))
        live = {name for name, entry in ROSTER.items() if entry.live}
        names = "all" if set(ROSTER) - set(main) <= {"optimum"} | live else ",".join(name for name in main if name != "ld-encoder")
        found["command"] = f"logicdistill compare {_short(self.task.id)} --players {names}{' --emergency' if self.notes else ''}"
        if live & set(main):
            found["command"] += f" --teacher {self.asked}"
        if self.notes:
            found["emergencies"] = {change: self._emergency(change, records, main) for change in self.notes}
        return found

    def _row(self, name: str, records: Records, ours: Records, times: Sequence[float]) -> dict[str, Json]:
        row = summarise_player(_sorted(records), times)
        pairs = [(bool(ours[seed]["success"]), bool(record["success"])) for seed, record in records.items() if seed in ours]
        row["mcnemar_p"] = None if name == "ld-encoder" else float(f"{mcnemar(pairs):.3g}")
        for key in ("tokens_in", "tokens_out", "entropy_bits"):
            values = [record[key] / record["steps"] for record in records.values() if key in record]
            if values:
                row[f"{key}_mean"] = round(statistics.fmean(values), 4)
        if name == "ld-encoder":
            step = json.loads((self.folder / "steps" / "train.json").read_text())
            examples = len((self.folder / "examples.jsonl").read_text().splitlines())
            row["training"] = {"seconds": step["seconds"], "examples": examples, "curve": [], "peak_rss_mb": step.get("peak_rss_mb")}
        elif ROSTER[name].model:
            row["training"] = self.trained[ROSTER[name].model]
        return row

    def _emergency(self, change: str, records: Mapping[Place, Records], main: Mapping[str, Place]) -> dict[str, Json]:
        played: dict[tuple[str, str], list[Mapping[str, Json]]] = {}
        for name in self.players:
            places = [place for place in self.places if (place.player, place.change) == (name, change)]
            for place in places[:1]:  # the same game as the comparison's own until the rules change
                played[name, "before"] = [records[main[name]][seed] for seed in self.places[place]]
            played |= {(name, place.phase): _sorted(records[place]) for place in places}
        return {"rule": self.task.changes[change].rule, "rows": emergency.rows(played, self.notes[change])}

    def befores(self, records: Mapping[Place, Records]) -> Iterable[Mapping[str, Json]]:
        """The episodes that a change's phase ``before`` shares with the comparison itself."""
        for place, seeds in self.places.items():
            if place.phase == "during":
                main = next(other for other in self.places if (other.player, other.change) == (place.player, ""))
                yield from ({**records[main][seed], "phase": "before", "change": place.change} for seed in seeds)


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
        players: names in `logicdistill.players.ROSTER`, ``ld-encoder`` among them.
        seconds: training time of each player besides ld-encoder; None takes the roster's.
        causal: the causal players' model: ``smollm2``, a local folder or a Hugging Face name.
        emergencies: play the changes of the tasks' rules as well.
        teacher: whom the player ``llm`` asks; what it answers is kept in its store.
        jobs: processes that play; inside ``joblib.parallel_config(backend=...)`` that backend's workers do (they have to see ``out``).

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
            TaskComparison(out / _short(get_task(settings.task).id), settings, reporter, players, seconds, causal, asked)
            for settings in runs
        ]
        for task in tasks:
            task.prepare()
        if _side_by_side(jobs, len(tasks)) > 1:
            _train_ahead(tasks, emergencies, jobs)
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


@dataclass(frozen=True, slots=True)
class Beside:
    """Says in lines what a process does that trains beside others.

    Attributes:
        name: of its task.
    """

    name: str

    def line(self, text: str) -> None:
        """See `logicdistill.settings.Reporter`."""
        print(f"{self.name}: {text}", file=sys.stderr, flush=True)

    def progress(self, step: str, done: int, total: int) -> None:
        """Nothing: several bars would write over each other."""


def _side_by_side(jobs: int, tasks: int) -> int:
    return min(int(joblib.effective_n_jobs(jobs)), tasks)


def _train_ahead(tasks: Sequence[TaskComparison], emergencies: bool, jobs: int) -> None:
    """The imitators of several tasks in processes of this machine, side by side; `TaskComparison.train` then finds them trained.

    Two trainings with a thread each get further in the same time than one after the other with two threads.
    """
    count = _side_by_side(jobs, len(tasks))
    trainings = [joblib.delayed(_train_one)(emergencies, task.snapshot, *task.made_with) for task in tasks]
    with joblib.parallel_config("loky", inner_max_num_threads=max(1, joblib.cpu_count() // count)):
        joblib.Parallel(count, batch_size=1)(trainings)


def _train_one(emergencies: bool, snapshot: str, folder: Path, settings: RunSettings, *others: Any) -> None:
    task = TaskComparison(folder, settings, Beside(folder.name), *others)
    task.snapshot = snapshot
    task.train(emergencies)


def _play(
    log: Path, wanted: Mapping[Place, range], jobs: int, reporter: Reporter, teacher: LiveTeacher | None
) -> dict[Place, dict[int, dict[str, Json]]]:
    """Play what the log does not hold yet, in chunks of seeds of one player; each finished chunk is appended at once."""
    by_key = {(place.run, place.player, place.key): place for place in wanted}
    done: dict[Place, dict[int, dict[str, Json]]] = {place: {} for place in wanted}
    for line in read_lines(log):
        place = by_key.get((str(log.parent / _short(line["task"])), line["player"], line["key"]))
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
        asked = (play_place(place, seeds, teacher) for place, seeds in chunks if ROSTER[place.player].live)
        # A live model comes last: a limit that it reaches stops no other player.
        for played in itertools.chain(workers(joblib.delayed(play_place)(place, seeds) for place, seeds in local), asked):
            append_lines(log, [json.dumps(record) for record in played])
            place = places[str(log.parent / _short(played[0]["task"])), played[0]["player"], played[0]["key"]]
            done[place] |= {record["seed"]: record for record in played}
            count += len(played)
            reporter.progress("play", count, total)
    return done


def _time(log: Path, wanted: Mapping[Place, range], reporter: Reporter, teacher: LiveTeacher | None) -> dict[Place, list[float]]:
    """Milliseconds of single decisions of every player in the comparison itself, one player after the other."""
    places = [place for place in wanted if not place.change and place.player != "optimum"]
    known = {(line["run"], line["key"]): line["times_ms"] for line in read_lines(log)}
    found: dict[Place, list[float]] = {}
    for number, place in enumerate(places, start=1):
        name = Path(place.run).name, place.key
        if name not in known:
            known[name] = seated(place, teacher).time(wanted[place])
            append_lines(log, [json.dumps({"run": name[0], "key": place.key, "player": place.player, "times_ms": known[name]})])
        found[place] = known[name]
        reporter.progress("time", number, len(places))
    return found


def _write(
    out: Path, tasks: Sequence[TaskComparison], records: Mapping[Place, Records], summaries: Mapping[str, Mapping[str, Json]]
) -> None:
    """The files that readers use; tasks that were compared in this folder before stay in them."""
    lines = [record for record in read_lines(out / "results.jsonl") if record["task"] not in summaries]
    lines += [*(record for found in records.values() for record in found.values()), *(r for task in tasks for r in task.befores(records))]
    lines.sort(key=lambda line: (line["task"], line["change"], line["phase"], line["player"], line["seed"]))
    kept = ({name: value for name, value in line.items() if name != "key"} for line in lines)
    write_atomic(out / "results.jsonl", "".join(f"{json.dumps(line)}\n" for line in kept))
    before: dict[str, Json] = {}
    with contextlib.suppress(OSError, ValueError, KeyError):
        before = json.loads((out / "summary.json").read_text())["tasks"]
    write_atomic(out / "summary.json", json.dumps({"tasks": before | dict(summaries)}, indent=1) + "\n")
    for task_id, summary in summaries.items():
        if "emergencies" in summary:
            report = json.dumps(emergency.measure(task_id, summary["emergencies"]), indent=1)
            write_atomic(out / "measures" / f"emergency-{_short(task_id)}.json", report + "\n")


def _short(task: str) -> str:
    """A task's name without its version, if it has one."""
    name, _, version = task.rpartition("-v")
    return name if name and version.isdigit() else task


def _sorted(records: Records) -> list[Mapping[str, Json]]:
    return [records[seed] for seed in sorted(records)]
