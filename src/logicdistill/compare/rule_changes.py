"""A comparison under changed rules: LD is told the new rule, the imitators are trained again, and the same seeds are played."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from logicdistill.compare.players import ROSTER, Place, change_at, phase_folder, task_at
from logicdistill.deciding.parts import make_student
from logicdistill.evaluation.evaluate import first_state, has_optimum
from logicdistill.evaluation.summary import summarise_player
from logicdistill.files import digest
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.seeds import FIRST_TEST_SEED
from logicdistill.types import Json
from logicdistill.writing.replies import recorded_teacher

SHARE = 0.5
"""Share of the comparison's episodes that each phase of a change plays."""

ROW = (
    "episodes",
    "success",
    "success_ci95",
    "return_mean",
    "steps_mean",
    "illegal",
    "unusable",
    "refused",
    "fallbacks",
)


def tell(run: Path, change: str, player: str, snapshot: str) -> dict[str, Json]:
    """Tell the teacher a change's rule once, with a player that selects; the told base is kept in the change's folder.

    Args:
        run: the run's folder; its own base stays as it is.
        change: of the task's changes.
        player: one of `logicdistill.deciding.parts.STUDENTS`, whose first decision under the new rule is timed.
        snapshot: of the run's base.

    Returns:
        The step's record: ``snapshot`` of the told base, ``functions`` that joined, and ``tell_to_decision_ms``, from the start of
        `Policy.tell` (reply, gate, journal on disk) to the end of the first decision of a state in which the rule is in force, in
        milliseconds (sandbox and student were warm), and ``obeyed``: that decision was a legal one and no fallback.
    """
    base = phase_folder(run, change) / "base"
    place = Place(str(run), player, snapshot, "", change=change)
    task, now = task_at(place), task_at(place, at=0)
    state = first_state(now, FIRST_TEST_SEED)

    def work() -> Mapping[str, Json]:
        with tempfile.TemporaryDirectory(dir=run) as scratch:
            copy = Path(shutil.copytree(run / "base", Path(scratch) / "base"))
            store = BaseFolder(copy)
            with Policy(
                task, store.load(), make_student(player, run / "student"), folder=store
            ) as policy:
                policy.decide(state)
                started = time.perf_counter()
                functions = policy.tell(
                    task.changes[change].rule, recorded_teacher(run, task), [state]
                )
                decision = policy.decide(state)
                milliseconds = (time.perf_counter() - started) * 1000
                told = policy.base.snapshot
            obeyed = decision.fallback is None and task.illegal(state, decision.action) is None
            if not (base / "base.toml").is_file() or BaseFolder(base).load().snapshot != told:
                shutil.rmtree(base, ignore_errors=True)
                base.parent.mkdir(parents=True, exist_ok=True)
                copy.rename(base)
        return {
            "tell_to_decision_ms": round(milliseconds, 3),
            "obeyed": obeyed,
            "functions": [f.name for f in functions],
            "snapshot": told,
        }

    record, _ = Run.open(run).step(
        f"tell-{change}-{player}",
        digest(snapshot, change, player, task.changes[change].rule),
        work,
        [base],
    )
    return record


def phases(player: str, place: Place, told: str) -> list[Place]:
    """The places of a player under a change, besides the comparison's own, which is its ``before``; none for one that cannot react.

    Args:
        player: name in the roster.
        place: of the comparison, with the change; without a phase.
        told: snapshot of the told base.
    """
    entry = ROSTER[player]
    during = replace(place, phase="during")
    if player == "optimum":
        return [during] if has_optimum(task_at(place, at=0)) else []
    if entry.selects or entry.live:
        return [during, replace(place, phase="after", snapshot=told)]
    return (
        [during, replace(place, phase="retrained", snapshot=told)]
        if entry.model and ROSTER[entry.model].again
        else []
    )


def rows(
    records: Mapping[tuple[str, str], Sequence[Mapping[str, Json]]],
    notes: Mapping[tuple[str, str], Mapping[str, Json]],
) -> list[Json]:
    """A change's rows of ``summary.json``, one a player and phase.

    Args:
        records: of the episodes, by player and phase.
        notes: what else a row says, by player and phase.
    """
    found = []
    for (player, phase), played in records.items():
        row = summarise_player(played, [])
        row["refused"] = sum(record["refused"] for record in played)
        found.append(
            {
                "player": player,
                "phase": phase,
                **{name: row[name] for name in ROW},
                **notes.get((player, phase), {}),
            }
        )
    return found


def measure(
    task_id: str, emergencies: Mapping[str, Mapping[str, Json]], player: str = "ld-encoder"
) -> dict[str, Json]:
    """One player's phases with the optimum, by change: the form of ``measures/emergency-TASK.json``."""
    report: dict[str, Json] = {
        "task": task_id,
        "student": player,
        "change_at": change_at(task_id),
        "changes": {},
    }
    for change, found in emergencies.items():
        of_player = {row["phase"]: dict(row) for row in found["rows"] if row["player"] == player}
        optimum = [
            dict(row)
            for row in found["rows"]
            if (row["player"], row["phase"]) == ("optimum", "during")
        ]
        after = of_player["after"]
        report["episodes"] = after["episodes"]
        entry = {
            "rule": found["rule"],
            "tell_to_decision_ms": after.pop("tell_to_decision_ms"),
            "functions": after.pop("functions"),
        }
        entry["obeyed"] = after.pop("obeyed")
        entry |= of_player | ({"optimum": optimum[0]} if optimum else {})
        report["changes"][change] = entry
    return report
