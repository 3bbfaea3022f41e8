"""``logicdistill consolidate``: what came after the training, emergency functions and logged decisions, becomes part of the next one.

A new student is trained in a folder of its own, ``next/`` in the run, and compared with the old one on validation states. Nothing of
the run changes before it is at least as good; then folders and files are renamed into place, and the marker is written last.
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
from logicdistill.deciding.parts import TOP_K, Parts
from logicdistill.errors import BaseError, CorruptError
from logicdistill.evaluation.evaluate import Scorer
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.settings import Reporter, RunSettings, training_episodes
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.protocols import Task, Teacher
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.runs import (
    TASK_FOLDER,
    Run,
    digest,
    locked,
    read_json,
    read_lines,
    write_atomic,
    write_lines,
)
from logicdistill.seeds import validation_seeds
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.checker import validate_state
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import task_of_run
from logicdistill.teacher.write import Author
from logicdistill.training.collect import Collected, LabelStudent, collect
from logicdistill.training.logged import labeller_for, recorded_labeller
from logicdistill.types import CONSOLIDATED, EMERGENCY, Function, Json
from logicdistill.writing.base import journal_entry

NEXT = "next"
MARKER = "consolidated.json"
WRITTEN = Path("steps/write.json")
SAMPLED = 100
"""Training episodes that show whether the views tell where an emergency function is right."""

VALIDATED = 200
"""Validation episodes of an environment."""

HELD_OUT_EVERY = 5
"""Every fifth logged state, by its hash, is kept for validation."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a consolidation would change.

    Attributes:
        old: the base as it is.
        new: the base in which the guards of ``lifted`` are lifted.
        lifted: names of the emergency functions that become ordinary ones.
        kept: for each other emergency function why it keeps its guard.
        folded: all states of logged decisions that count, ``{"state", "split"}`` each; those of earlier consolidations first.
        fresh: how many of them are new.
        unlabelled: logged states for which neither a ``When:`` nor the teacher names the right function.
        lines: lines of the log that were read.
        since: time of the last consolidation, None before the first.
        changed: whether anything came since then.
    """

    old: FunctionBase
    new: FunctionBase
    lifted: tuple[str, ...]
    kept: Mapping[str, str]
    folded: Sequence[Mapping[str, Json]]
    fresh: int
    unlabelled: int
    lines: int
    since: str | None
    changed: bool


def plan(folder: Path, teacher: Teacher) -> Plan:
    """Look at what came since the last consolidation; nothing is written but the teacher's replies.

    Args:
        folder: the run's folder.
        teacher: labels the states where no ``When:`` does.

    Raises:
        LogicDistillError: the run, its log or a logged state cannot be read.
    """
    run = Run.open(folder)
    with locked(folder):
        _recover(folder)
    task, old = task_of_run(folder, run.settings), BaseFolder(folder / "base").load()
    marker = _marker(folder)
    log, folded = read_lines(folder / LOG), folded_states(folder, task)
    seen = marker["lines"] if len(log) >= marker["lines"] else 0
    changed = marker.get("snapshot") != old.snapshot or len(log) != marker["tried"]
    logged = [
        validate_state(
            task,
            line.get("state", {}) if isinstance(line, dict) else line,
            f"{folder / LOG}, line {number}: ",
        )
        for number, line in enumerate(log, start=1)
        if number > seen
    ]
    states = _distinct(logged, [line["state"] for line in folded])
    learnt = {stage.name for stage in old.stages if stage.selects and not stage.guarded}
    waiting = [
        f
        for f in old.functions
        if f.origin == EMERGENCY and f.manual.expires is None and f.stage in learnt
    ]
    if not changed or not (waiting or states):
        return Plan(
            old, old, (), _standing(old, {}), folded, 0, 0, len(log), marker.get("time"), False
        )
    trial = _lifted(old, [function.name for function in waiting])
    with Sandbox(trial.functions) as sandbox:
        parts = Parts(task, trial, FusedRetriever(None), FirstStudent(), sandbox, TOP_K)
        labeller = labeller_for(
            Author(teacher, task), sandbox, task, trial.stages[-1].name, strict=False
        )
        follower = replace(parts, student=LabelStudent(labeller, explore=0.0, seed=0))
        known = [
            state
            for state, decision in zip(states, decide(follower, states), strict=True)
            if decision.fallback is None
        ]
        count = min(SAMPLED, run.settings.get("train_episodes", training_episodes(task)))
        found = collect(
            parts,
            labeller,
            range(count),
            states=[*known, *(line["state"] for line in folded)],
        )
    reasons = {
        function.name: why
        for function in waiting
        if (why := _why_guarded(function, found)) is not None
    }
    lifted = tuple(function.name for function in waiting if function.name not in reasons)
    fresh = [{"state": state, "split": _split(state)} for state in known]
    kept = _standing(_lifted(old, lifted), reasons)
    return Plan(
        *(
            old,
            _lifted(old, lifted),
            lifted,
            kept,
            [*folded, *fresh],
            len(fresh),
            len(states) - len(known),
            len(log),
        ),
        since=marker.get("time"),
        changed=bool(lifted or fresh),
    )


def consolidate(
    folder: Path, planned: Plan, teacher: Teacher, reporter: Reporter
) -> dict[str, Json]:
    """Train beside the old student, compare, and swap where the new one is at least as good. An interrupted call can be repeated.

    Args:
        folder: the run's folder.
        planned: see `plan`.
        teacher: labels the states where no ``When:`` does.
        reporter: told of the steps.

    Returns:
        ``old`` and ``new``: ``success`` and ``selection`` on validation episodes and ``logged``, the share of held-out logged states
        that are decided as labelled, shares of ``episodes`` and ``states``; ``swapped``.

    Raises:
        BaseError: the base was changed since the plan was made.
        RunLockedError: another process is writing the run.
    """
    with locked(folder):
        work = _prepared(folder, planned)
        settings = dict(Run.open(folder).settings)
        if (folder / TASK_FOLDER).is_dir():
            settings["task"] = str(folder / TASK_FOLDER)
        RunPipeline(work, RunSettings(**settings), reporter, teacher).prepare()
        report = _compared(folder, planned)
        report["swapped"] = all(
            report["new"][name] >= report["old"][name] for name in report["new"]
        )
        store = BaseFolder(folder / "base")
        if store.load().snapshot != planned.old.snapshot:
            raise BaseError(
                f"{store.path}: the base changed during the training; consolidate again"
            )
        if report["swapped"]:
            _swap(folder, store, planned)
        snapshot = planned.new.snapshot if report["swapped"] else planned.old.snapshot
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        taken = (
            planned.lines if report["swapped"] else _marker(folder)["lines"]
        )  # the rest is tried again with what comes
        marker = {
            "time": now,
            "snapshot": snapshot,
            "lines": taken,
            "tried": planned.lines,
            **report,
        }
        write_atomic(folder / MARKER, json.dumps(marker, indent=1) + "\n")
        shutil.rmtree(work)
        return report


def _marker(folder: Path) -> dict[str, Json]:
    """What the last consolidation left."""
    marker = read_json(folder / MARKER) if (folder / MARKER).is_file() else {}
    counts = (
        [marker.get(name, 0) for name in ("lines", "tried")] if isinstance(marker, dict) else [None]
    )
    if not all(type(count) is int and count >= 0 for count in counts):
        raise CorruptError(
            f"{folder / MARKER}: no record of a consolidation; delete it to take the whole log anew"
        )
    return {"lines": 0, "tried": 0, **marker}


def _recover(folder: Path) -> None:
    """Bring the old student back where a swap was cut short between its two renames."""
    before, student = folder / "student.before", folder / "student"
    if before.is_dir():
        if student.is_dir():
            shutil.rmtree(before)
        else:
            before.rename(student)


def _prepared(folder: Path, planned: Plan) -> Path:
    """The folder of the training; one that an interrupted call left for the same plan is gone on with."""
    work, key = folder / NEXT, digest(planned.new.snapshot, list(planned.folded))
    if (work / "plan.json").is_file() and read_json(work / "plan.json") == {"key": key}:
        return work
    if not (folder / WRITTEN).is_file():
        raise CorruptError(
            f"{folder / WRITTEN} is missing, the record of who wrote the base; restore it, or repeat 'logicdistill run'"
        )
    shutil.rmtree(work, ignore_errors=True)
    Run.create(work, Run.open(folder).settings)
    BaseFolder(work / "base").commit(planned.new, [{"op": "consolidate"}])
    write_atomic(work / WRITTEN, (folder / WRITTEN).read_bytes())
    write_lines(work / FOLDED, list(planned.folded))
    write_atomic(work / "plan.json", json.dumps({"key": key}))
    return work


def _compared(folder: Path, planned: Plan) -> dict[str, Json]:
    """Both policies on the same validation episodes and held-out states, scored by the same labels."""
    held_out = [line["state"] for line in planned.folded if line["split"] == "validation"]
    report: dict[str, Json] = {"states": len(held_out)}
    for name, base, student in (
        ("old", planned.old, folder / "student"),
        ("new", planned.new, folder / NEXT / "student"),
    ):
        task = task_of_run(folder, Run.open(folder).settings)
        with Policy(task, base, EncoderStudent(student)) as policy:
            labeller = recorded_labeller(folder, policy)
            seeds = _validation_seeds(task)
            records = Scorer(policy, labeller).episodes(seeds)
            asked = sum(record["asked"] for record in records)
            right = decide(
                policy.with_student(LabelStudent(labeller, explore=0.0, seed=0)).parts, held_out
            )
            same = [
                one.action == other.action
                for one, other in zip(policy.decide_many(held_out), right, strict=True)
            ]
            report["episodes"] = len(records)
            report[name] = {
                "success": sum(record["success"] for record in records) / len(records),
                "selection": sum(record["right"] for record in records) / asked if asked else 1.0,
                "logged": sum(same) / len(same) if same else 1.0,
            }
    return report


def _swap(folder: Path, store: BaseFolder, planned: Plan) -> None:
    """The student first: it knows what the guards say, so it decides well on the old base too, should this be cut short."""
    work, before = folder / NEXT, folder / "student.before"
    (folder / "student").rename(before)
    (work / "student").rename(folder / "student")
    entries = [journal_entry("lift", planned.new.function(name)) for name in planned.lifted]
    try:
        store.commit(
            planned.new,
            [*entries, {"op": "consolidate", "states": planned.fresh}],
            parent=planned.old.snapshot,
        )
    except BaseException:
        if store.load().snapshot != planned.new.snapshot:
            (folder / "student").rename(work / "student")
            before.rename(folder / "student")
        raise
    shutil.rmtree(before)
    for name in (
        FOLDED,
        "examples.jsonl",
        "notes.txt",
        "disagreements.jsonl",
        "steps/collect.json",
        "steps/train.json",
    ):
        (work / name).replace(folder / name)


def _lifted(base: FunctionBase, names: Sequence[str]) -> FunctionBase:
    return base.having(
        replace(f, origin=CONSOLIDATED) if f.name in names else f for f in base.functions
    )


def _standing(base: FunctionBase, reasons: Mapping[str, str]) -> dict[str, str]:
    """For each function that is still an emergency why it stays one."""
    kept = {}
    for function in base.functions:
        if function.origin == EMERGENCY:
            dated = f"it expires at {function.manual.expires}" if function.manual.expires else None
            stage = base.stage(function.stage)
            facts = (
                "in a stage of facts every function runs, where its guard holds"
                if not stage.selects
                else None
            )
            decided = "in a guarded stage its 'When:' decides" if stage.guarded else None
            kept[function.name] = (
                dated
                or facts
                or decided
                or reasons.get(function.name, "looked at in the last consolidation")
            )
    return kept


def _why_guarded(function: Function, found: Collected) -> str | None:
    """Why a student cannot learn where the function is right, or None."""
    views = [
        view
        for (stage, view), labels in found.labels.items()
        if stage == function.stage and function.name in labels
    ]
    if not views:
        return "no state was seen in which it is right; log decisions ('decide --log')"
    for view in views:
        others = found.labels[function.stage, view] - {function.name}
        if others:
            return f"the view {view[:80]!r} does not tell it from {min(others)}"
    return None


def _distinct(
    states: Sequence[Mapping[str, Json]], known: Sequence[Mapping[str, Json]]
) -> list[dict[str, Json]]:
    seen, found = {digest(state) for state in known}, []
    for state in states:
        if (key := digest(state)) not in seen:
            seen.add(key)
            found.append(dict(state))
    return found


def _split(state: Mapping[str, Json]) -> str:
    return "validation" if int(digest(state), 16) % HELD_OUT_EVERY == 0 else "train"


def _validation_seeds(task: Task) -> range:
    count = (
        len(task.split("validation")) or len(task.split("train"))
        if isinstance(task, RecordTask)
        else VALIDATED
    )
    return validation_seeds(count)
