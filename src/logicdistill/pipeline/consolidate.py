"""``logicdistill consolidate``: emergency functions and logged decisions are taken into training.

A new student is trained in the folder ``next/`` of the run and compared with the old one on states
that neither was trained on. Unless it is worse beyond chance, folders and files are renamed into
place; the marker is written last.
"""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from logicdistill.deciding.decide import decide
from logicdistill.deciding.log import FOLDED, LOG, folded_states
from logicdistill.deciding.log_files import is_open, is_redacted, read_log
from logicdistill.deciding.parts import TOP_K, Parts
from logicdistill.errors import BaseError, CorruptError
from logicdistill.evaluation.evaluate import Scorer
from logicdistill.evaluation.metrics import chance_of_losses
from logicdistill.files import digest, locked, read_json, write_atomic, write_lines
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.settings import Reporter, RunSettings, training_episodes
from logicdistill.pipeline.steps import COLLECTED, RunPipeline
from logicdistill.policy import Policy
from logicdistill.protocols import Task, Teacher
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.runs import Run
from logicdistill.students.floor import FirstStudent
from logicdistill.students.pretrained import load_student
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import TASK_FOLDER, task_of_run
from logicdistill.tasks.schema import check_state
from logicdistill.tasks.seeds import training_seeds, validation_seeds
from logicdistill.teacher.write import Author
from logicdistill.training.collect import Collected, LabelStudent, collect
from logicdistill.training.labelling import LabelBudget
from logicdistill.training.logged import labeller_for, recorded_labeller
from logicdistill.types import CONSOLIDATED, EMERGENCY, Function, Json
from logicdistill.writing.base import journal_entry

NEXT = "next"
BEFORE = "student.before"
MARKER = "consolidated.json"
WRITTEN = Path("steps/write.json")
SAMPLED_EPISODES = 100
"""Training episodes that show whether the views tell where an emergency function is right."""

VALIDATION_EPISODES = 200
"""Of an environment; a record task has its validation states."""

WORSE_BY_CHANCE = 0.1
"""Probability of as many losses against the old student, if both were as good, below which the new
one counts as worse."""

HELD_OUT_EVERY = 5
"""Every fifth logged state, by its hash, is kept for validation."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a consolidation would change.

    Attributes:
        old: the base as it is.
        new: the base in which the functions of ``ordinary`` have no guard.
        ordinary: names of the emergency functions that become ordinary ones.
        guarded: for each other emergency function why it keeps its guard.
        logged: logged states, ``{"state", "split"}`` each; those of earlier consolidations first.
        fresh: how many of them are new.
        unlabelled: new states for which neither a ``When:`` nor the teacher names a function.
        redacted: new states that cannot be taken, because the log keeps only a part of them.
        lines: lines of the log that were read.
        since: time of the last consolidation, None before the first.
    """

    old: FunctionBase
    new: FunctionBase
    ordinary: tuple[str, ...]
    guarded: Mapping[str, str]
    logged: Sequence[Mapping[str, Json]]
    fresh: int
    unlabelled: int
    redacted: int
    lines: int
    since: str | None

    @property
    def changed(self) -> bool:
        """Whether there is anything to train for."""
        return bool(self.ordinary or self.fresh)


def plan(folder: Path, teacher: Teacher, budget: LabelBudget | None = None) -> Plan:
    """Look at what came since the last consolidation; nothing is written but the teacher's replies.

    The teacher labels the states where no ``When:`` does, within the budget.

    Raises:
        LogicDistillError: the run, its log or a logged state cannot be read.
    """
    settings, before, student = RunSettings.read(folder), folder / BEFORE, folder / "student"
    with locked(folder):
        if before.is_dir() and student.is_dir():
            shutil.rmtree(before)
        elif before.is_dir():  # A swap was interrupted between its two renames.
            before.rename(student)
    task, old = task_of_run(folder, Run.open(folder).settings), BaseFolder(folder / "base").load()
    marker, taken, log = _marker(folder), folded_states(folder, task), read_log(folder / LOG)
    # All lines, if the log became shorter.
    unread = log[marker["lines"] if len(log) >= marker["lines"] else 0 :]
    states = _new_states(task, unread, taken)
    emergencies = [function for function in old.functions if function.origin == EMERGENCY]
    waiting = [function for function in emergencies if _reason(old, function) is None]
    came = marker.get("snapshot") != old.snapshot or len(log) != marker["tried"]
    why: dict[str, str | None] = {}
    labelled: list[Mapping[str, Json]] = []
    if came and (waiting or states):
        trial = _without_guards(old, [function.name for function in waiting])
        count = min(SAMPLED_EPISODES, settings.train_episodes or training_episodes(task))
        with Sandbox(trial.functions) as sandbox:
            parts = Parts(task, trial, FusedRetriever(None), FirstStudent(), sandbox, TOP_K)
            author, last = Author(teacher, task), trial.stages[-1]
            labeller = labeller_for(author, sandbox, task, last, False, budget)
            labels = replace(parts, student=LabelStudent(labeller, explore=0.0, seed=0))
            decisions = zip(states, decide(labels, states), strict=True)
            labelled = [state for state, decision in decisions if decision.fallback is None]
            seen = [*labelled, *(line["state"] for line in taken)]
            found = collect(parts, labeller, training_seeds(count), states=seen)
        why = {function.name: _why_guarded(function, found) for function in waiting}
    ordinary = tuple(name for name, reason in why.items() if reason is None)
    guarded = {
        f.name: _reason(old, f) or why.get(f.name) or "looked at in the last consolidation"
        for f in emergencies
        if f.name not in ordinary
    }
    new, fresh = _without_guards(old, ordinary), len(labelled)
    logged = [*taken, *({"state": state, "split": _split(state)} for state in labelled)]
    redacted = sum(is_redacted(line) for _, line in unread)
    counts = fresh, len(states) - fresh, redacted, len(log)
    return Plan(old, new, ordinary, guarded, logged, *counts, since=marker.get("time"))


def consolidate(
    folder: Path,
    plan: Plan,
    teacher: Teacher,
    reporter: Reporter,
    budget: LabelBudget | None = None,
) -> dict[str, Json]:
    """Train beside the old student, compare, and swap unless the new one is worse beyond chance.

    An interrupted call can be repeated.

    Returns:
        ``old`` and ``new``: ``success`` and ``selection`` on validation ``episodes``, ``logged``,
        the share of the held-out ``states`` that are decided as labelled (each None where nothing
        was judged). ``losses`` and ``wins``: by the same names, in how many episodes or states the
        new one is worse, and better; ``worse``, the names of those where that is more than chance;
        ``swapped``.

    Raises:
        BaseError: the base was changed since the plan was made, or there is nothing to judge by.
        RunLockedError: another process is writing the run.
    """
    _check_judged(folder, plan)
    with locked(folder):
        work, store = _prepared(folder, plan), BaseFolder(folder / "base")
        settings = RunSettings.read(folder)
        if (own := folder / TASK_FOLDER).is_dir():
            settings = replace(settings, task=str(own))
        pipeline = RunPipeline(work, settings, reporter, teacher)
        if budget is not None:
            pipeline.label_budget = budget
        pipeline.prepare()
        report = _compared(folder, plan)
        swapped = not report["worse"]
        if store.load().snapshot != plan.old.snapshot:
            changed = "the base changed during the training; consolidate again"
            raise BaseError(f"{store.path}: {changed}")
        if swapped:
            _swap(folder, store, plan)
        marker = {
            "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "snapshot": (plan.new if swapped else plan.old).snapshot,
            # After a rejection the same lines are tried again, with those that come later.
            "lines": plan.lines if swapped else _marker(folder)["lines"],
            "tried": plan.lines,
            **report,
            "swapped": swapped,
        }
        write_atomic(folder / MARKER, json.dumps(marker, indent=1) + "\n")
        shutil.rmtree(work)
        return report | {"swapped": swapped}


def _marker(folder: Path) -> dict[str, Json]:
    """What the last consolidation left."""
    marker = read_json(folder / MARKER) if (folder / MARKER).is_file() else {}
    found = {"lines": 0, "tried": 0, **marker} if isinstance(marker, dict) else {}
    if not all(type(found.get(name)) is int and found[name] >= 0 for name in ("lines", "tried")):
        wrong = "no record of a consolidation; delete it to read the whole log again"
        raise CorruptError(f"{folder / MARKER}: {wrong}")
    return found


def _new_states(
    task: Task, unread: Sequence[tuple[str, Json]], taken: Sequence[Mapping[str, Json]]
) -> list[Mapping[str, Json]]:
    """Logged states that no consolidation has taken, each once; redacted ones are none."""
    known = {digest(line["state"]) for line in taken}
    found: dict[str, Mapping[str, Json]] = {}
    for place, line in unread:
        if not is_redacted(line) and not is_open(line):
            state = line.get("state", {}) if isinstance(line, dict) else line
            state = check_state(task, state, f"{place}: ")
            found.setdefault(digest(state), state)
    return [state for key, state in found.items() if key not in known]


def _prepared(folder: Path, plan: Plan) -> Path:
    """The folder of the training; that of an interrupted call is used again for the same plan."""
    work, key = folder / NEXT, digest(plan.new.snapshot, list(plan.logged))
    if (work / "plan.json").is_file() and read_json(work / "plan.json") == {"key": key}:
        return work
    if not (folder / WRITTEN).is_file():
        what = "the record of who wrote the base; restore it, or repeat 'logicdistill run'"
        raise CorruptError(f"{folder / WRITTEN} is missing, {what}")
    shutil.rmtree(work, ignore_errors=True)
    Run.create(work, Run.open(folder).settings)
    BaseFolder(work / "base").commit(plan.new, [{"op": "consolidate"}])
    write_atomic(work / WRITTEN, (folder / WRITTEN).read_bytes())
    write_lines(work / FOLDED, list(plan.logged))
    write_atomic(work / "plan.json", json.dumps({"key": key}))
    return work


def _validation(task: Task) -> int:
    """How many episodes judge: never one whose state was trained on."""
    if isinstance(task, RecordTask):
        return len(task.split("validation"))
    return VALIDATION_EPISODES


def _check_judged(folder: Path, plan: Plan) -> None:
    held_out = any(line["split"] == "validation" for line in plan.logged)
    if not held_out and not _validation(task_of_run(folder, Run.open(folder).settings)):
        raise BaseError(
            f"{folder}: no state is left to compare the students on: the task has no validation "
            'state, and no logged state is held out; give some states "split": "validation", or '
            "log more decisions ('decide --log')"
        )


def _compared(folder: Path, plan: Plan) -> dict[str, Json]:
    """Both policies on the same validation episodes and held-out states."""
    task = task_of_run(folder, Run.open(folder).settings)
    held_out = [line["state"] for line in plan.logged if line["split"] == "validation"]
    count = _validation(task)
    report: dict[str, Json] = {"episodes": count, "states": len(held_out)}
    scores: dict[str, dict[str, list[float | None]]] = {}
    for name, base, home in (("old", plan.old, folder), ("new", plan.new, folder / NEXT)):
        with Policy(task, base, load_student(home / "student")) as policy:
            labeller = recorded_labeller(folder, policy.parts)
            seeds = validation_seeds(count)
            records = Scorer(policy, labeller).episodes(seeds) if count else []
            labels = policy.with_student(LabelStudent(labeller, explore=0.0, seed=0))
            pairs = zip(policy.decide_many(held_out), decide(labels.parts, held_out), strict=True)
            same = [decision.action == right.action for decision, right in pairs]
        asked = sum(record["asked"] for record in records)
        report[name] = {
            "success": _share([record["success"] for record in records]),
            "selection": sum(record["right"] for record in records) / asked if asked else None,
            "logged": _share(same),
        }
        scores[name] = {
            "success": [record["success"] for record in records],
            "selection": [r["right"] / r["asked"] if r["asked"] else None for r in records],
            "logged": [*same],
        }
    return report | _worse(scores["old"], scores["new"])


def _worse(
    old: Mapping[str, Sequence[float | None]], new: Mapping[str, Sequence[float | None]]
) -> dict[str, Json]:
    """Losses and wins of the new student, pair by pair, and where they are more than chance."""
    losses, wins = {}, {}
    for name in old:
        pairs = zip(old[name], new[name], strict=True)
        gains = [b - a for a, b in pairs if a is not None and b is not None]
        losses[name], wins[name] = sum(g < 0 for g in gains), sum(g > 0 for g in gains)
    worse = [n for n in losses if chance_of_losses(losses[n], wins[n]) < WORSE_BY_CHANCE]
    return {"losses": losses, "wins": wins, "worse": worse}


def _share(right: Sequence[bool]) -> float | None:
    return sum(right) / len(right) if right else None


def _swap(folder: Path, store: BaseFolder, plan: Plan) -> None:
    """Swap the student before the base: it works with either."""
    work, before = folder / NEXT, folder / BEFORE
    (folder / "student").rename(before)
    (work / "student").rename(folder / "student")
    entries = [journal_entry("lift", plan.new.function(name)) for name in plan.ordinary]
    entries.append({"op": "consolidate", "states": plan.fresh})
    try:
        store.commit(plan.new, entries, parent=plan.old.snapshot)
    except BaseException:
        if store.load().snapshot != plan.new.snapshot:
            (folder / "student").rename(work / "student")
            before.rename(folder / "student")
        raise
    shutil.rmtree(before)
    for name in (FOLDED, *COLLECTED, "steps/collect.json", "steps/train.json"):
        (work / name).replace(folder / name)


def _without_guards(base: FunctionBase, names: Sequence[str]) -> FunctionBase:
    lifted = (replace(base.function(name), origin=CONSOLIDATED) for name in names)
    return base.having([*(f for f in base.functions if f.name not in names), *lifted])


def _reason(base: FunctionBase, function: Function) -> str | None:
    """Why the function keeps its guard whatever the student sees, or None."""
    stage = base.stage(function.stage)
    if function.manual.expires:
        return f"it expires at {function.manual.expires}"
    if function.by_words:
        return "its guard says where it may be right, and words where it is"
    if not stage.selects:
        return "in a stage of facts every function runs, where its guard holds"
    return None if stage.asks else "in its stage conditions decide"


def _why_guarded(function: Function, found: Collected) -> str | None:
    """Why a student cannot learn where the function is right, or None."""
    views = {key: names for key, names in found.labels.items() if function.name in names}
    for (_, view), names in views.items():
        if others := names - {function.name}:
            return f"the view {view[:80]!r} does not tell it from {min(others)}"
    if views:
        return None
    return "no state was seen in which it is right; log decisions ('decide --log')"


def _split(state: Mapping[str, Json]) -> str:
    return "train" if int(digest(state), 16) % HELD_OUT_EVERY else "validation"
