"""Emergencies: a run's policy before a change of the rules, during it, and once functions for the new rule joined the base.

    python benchmarks/emergency.py --run runs/pursuit [--episodes 200] [--change-at 3] [--change NAME ...] [--out FILE.json]

For each change that the run's task knows, on the same seeds (evaluation seeds, which training never saw):

- before: the game without the change;
- during: the change comes into force in the middle of each episode, the base is as it was;
- after: the recorded teacher was told the new rule (``Policy.tell``); the student and the base's other functions are untouched;
- optimum: exact play under the changed rules, where the task knows it.

``tell_to_decision_ms`` is the time from the start of ``Policy.tell`` (reply, gate, journal on disk) to the end of the first
decision of a state in which the rule is in force, in milliseconds; the policy had decided before, so its sandbox and its
student were warm. The run is copied to a temporary folder first; nothing is written into it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from logicdistill.episodes import Player, play
from logicdistill.errors import LogicDistillError, UnknownNameError
from logicdistill.evaluation.evaluate import first_state, has_optimum, optimum_player
from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.pipeline import FIRST_EVALUATION_SEED
from logicdistill.policy import Policy, make_student
from logicdistill.protocols import Task
from logicdistill.runs import Run
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore, shipped_replies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="folder of a finished run")
    parser.add_argument("--episodes", type=int, default=200, help="episodes a row")
    parser.add_argument("--first-seed", type=int, default=FIRST_EVALUATION_SEED, help="seed of the first episode")
    parser.add_argument("--change-at", type=int, default=3, help="episode step from which a change is in force")
    parser.add_argument("--change", nargs="*", help="changes; by default all that the task knows")
    parser.add_argument("--student", default="ld-encoder", help="ld-encoder or a floor")
    parser.add_argument("--out", type=Path, help="JSON file for the results")
    arguments = parser.parse_args()
    try:
        report = measure(arguments)
    except LogicDistillError as error:
        sys.exit(f"error: {error}")
    if arguments.out is not None:
        arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    settings = Run.open(arguments.run).settings
    sizes, name = settings.get("sizes", {}), str(settings["task"])
    task = get_task(name, **sizes)
    chosen = arguments.change or sorted(task.changes)
    for unknown in set(chosen) - set(task.changes):
        raise UnknownNameError(f"change of {task.id}", unknown, task.changes)
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.episodes)
    report: dict[str, Any] = {"task": task.id, "student": arguments.student, "episodes": arguments.episodes}
    report |= {"change_at": arguments.change_at, "changes": {}}
    for change in chosen:
        changed = get_task(name, change=change, change_at=arguments.change_at, **sizes)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "run"
            shutil.copytree(arguments.run, copy)
            state = first_state(get_task(name, change=change, **sizes), seeds[0])
            rows = one_change(copy, arguments.student, task, changed, change, seeds, state)
        if has_optimum(get_task(name, change=change, **sizes)):
            rows["optimum"] = played(optimum_player(changed), changed, seeds)
        report["changes"][change] = {"rule": task.changes[change].rule, **rows}
        for row in (row for row in ("before", "during", "after", "optimum") if row in rows):
            print(f"{change:<16} {row:<7} {shown(rows[row])}")
        print(
            f"{change:<16} {', '.join(rows['functions'])}: {rows['tell_to_decision_ms']:.0f} ms from the rule to a decision that obeys it"
        )
    return report


def one_change(copy: Path, student: str, task: Task, changed: Task, change: str, seeds: range, state: dict[str, Any]) -> dict[str, Any]:
    with Policy.load(copy, student=student) as loaded:
        rows: dict[str, Any] = {"before": played(loaded.player, task, seeds)}
        snapshot = loaded.base.snapshot
    with Policy(changed, loaded.base, make_student(student, copy / "student"), folder=loaded.folder) as policy:
        rows["during"] = played(policy.player, changed, seeds)
        policy.decide(state)
        teacher = RecordedTeacher(ReplyStore(copy / "replies"), [shipped_replies(changed.id)])
        started = time.perf_counter()
        functions = policy.tell(changed.changes[change].rule, teacher, [state])
        decision = policy.decide(state)
        rows["tell_to_decision_ms"] = (time.perf_counter() - started) * 1000
        if decision.fallback is not None or changed.illegal(state, decision.action) is not None or policy.base.snapshot == snapshot:
            raise LogicDistillError(f"{change}: the first decision after the rule does not obey it: {decision.fallback or decision.action}")
        rows["functions"] = [function.name for function in functions]
        rows["after"] = played(policy.player, changed, seeds)
    return rows


def played(player: Player, task: Task, seeds: range) -> dict[str, Any]:
    """``illegal`` counts actions that the task refused, ``refused`` results of functions that were illegal before another one was taken."""
    episodes = play(task, player, seeds)
    wins, count = sum(episode.success for episode in episodes), len(episodes)
    decisions = [turn.decision for episode in episodes for turn in episode.turns if turn.decision is not None]
    return {
        "success": wins / count,
        "success_ci95": list(wilson_interval(wins, count)),
        "return_mean": sum(episode.total for episode in episodes) / count,
        "steps_mean": sum(len(episode.turns) for episode in episodes) / count,
        "illegal": sum(episode.illegal for episode in episodes),
        "refused": sum(len(step.failed) for decision in decisions for step in decision.trace),
        "fallbacks": sum(decision.fallback is not None for decision in decisions),
    }


def shown(row: dict[str, Any]) -> str:
    low, high = row["success_ci95"]
    return (
        f"success {row['success']:.1%} [{low:.1%}, {high:.1%}], return {row['return_mean']:+.3f}, {row['steps_mean']:.1f} steps, "
        f"illegal {row['illegal']}, refused results {row['refused']}, fallbacks {row['fallbacks']}"
    )


if __name__ == "__main__":
    main()
