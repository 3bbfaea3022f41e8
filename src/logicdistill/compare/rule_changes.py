"""A comparison under changed rules: LD is told the new rule, imitators are trained again."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from logicdistill.compare.players import ROSTER
from logicdistill.compare.scenario import Phase, Scenario
from logicdistill.deciding.students import make_student
from logicdistill.evaluation.evaluate import first_state, has_optimum
from logicdistill.evaluation.summary import summarise_player
from logicdistill.files import digest
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.runs import Run
from logicdistill.tasks.seeds import FIRST_TEST_SEED
from logicdistill.types import Json
from logicdistill.writing.replies import recorded_teacher

SHARE = 0.5
"""Share of the comparison's episodes that each phase of a change plays."""

FIGURES = (
    *("player", "phase", "episodes", "success", "success_ci95", "return_mean", "steps_mean"),
    *("illegal", "unusable", "refused", "fallbacks"),
)
"""What every row says."""


def tell(run: Path, change: str, player: str, snapshot: str) -> dict[str, Json]:
    """Tell the teacher a change's rule once; the told base is kept in the change's folder.

    Args:
        run: the run's folder; its own base stays as it is.
        change: of the task's changes.
        player: its first decision under the new rule is timed; with a warm sandbox and student.
        snapshot: of the run's base.

    Returns:
        The step's record: ``snapshot`` of the told base, ``functions`` that joined, ``obeyed`` (the
        first decision was legal and no fallback), and ``tell_to_decision_ms``: milliseconds from
        the start of `Policy.tell` (reply, gate, journal on disk) to the end of that decision.
    """
    scenario = Scenario(str(run), player, snapshot, "", change=change)
    base = replace(scenario, phase=Phase.AFTER).folder / "base"
    task = scenario.task()
    rule = task.changes[change].rule
    state = first_state(scenario.task(change_at=0), FIRST_TEST_SEED)

    def work() -> Mapping[str, Json]:
        with tempfile.TemporaryDirectory(dir=run) as scratch:
            copy = Path(shutil.copytree(run / "base", Path(scratch) / "base"))
            store, student = BaseFolder(copy), make_student(player, run / "student")
            with Policy(task, store.load(), student, folder=store) as policy:
                policy.decide(state)
                started = time.perf_counter()
                functions = policy.tell(rule, recorded_teacher(run, task), [state])
                decision = policy.decide(state)
                milliseconds = (time.perf_counter() - started) * 1000
                told = policy.base.snapshot
            if not (base / "base.toml").is_file() or BaseFolder(base).load().snapshot != told:
                shutil.rmtree(base, ignore_errors=True)
                base.parent.mkdir(parents=True, exist_ok=True)
                copy.rename(base)
        legal = task.illegal(state, decision.action) is None
        return {
            "tell_to_decision_ms": round(milliseconds, 3),
            "obeyed": decision.fallback is None and legal,
            "functions": [function.name for function in functions],
            "snapshot": told,
        }

    key = digest(snapshot, change, player, rule)
    return Run.open(run).step(f"tell-{change}-{player}", key, work, [base])[0]


def phases(player: str, scenario: Scenario, told: str) -> list[Scenario]:
    """What a player plays under a scenario's change, where ``told`` is the told base's snapshot.

    Nothing for a player that cannot react to the change.
    """
    entry = ROSTER[player]
    during = replace(scenario, phase=Phase.DURING)
    if player == "optimum":
        return [during] if has_optimum(scenario.task(change_at=0)) else []
    if entry.selects or entry.live:
        return [during, replace(scenario, phase=Phase.AFTER, snapshot=told)]
    if entry.model and ROSTER[entry.model].again:
        return [during, replace(scenario, phase=Phase.RETRAINED, snapshot=told)]
    return []


def rows(
    records: Mapping[tuple[str, Phase], Sequence[Mapping[str, Json]]],
    notes: Mapping[tuple[str, Phase], Mapping[str, Json]],
) -> list[Json]:
    """A change's rows of ``summary.json``, from the episodes' records and what else a row says."""
    found = []
    for (player, phase), played in records.items():
        refused = sum(record["refused"] for record in played)
        row = {"player": player, "phase": phase, "refused": refused, **summarise_player(played, [])}
        found.append({name: row[name] for name in FIGURES} | dict(notes.get((player, phase), {})))
    return found
