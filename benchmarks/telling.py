"""How long a new rule takes to count.

From the teacher's reply to the first decision under it, beside a decision without it.

    python benchmarks/telling.py --run runs/pursuit [--repeats 5] [--student conditions]

For each change of the rules that the run's task knows, in a copy of its base: gate, usage examples
of the base, journal on disk, and the decision that follows. The teacher's own time is measured
apart. Medians; the student is the same and nothing is trained.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from selecting import write_result

from logicdistill.deciding.students import make_student
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.protocols import Request, Task, Teacher
from logicdistill.runs import Run
from logicdistill.tasks.registry import get_task, task_of_run
from logicdistill.tasks.seeds import FIRST_TEST_SEED
from logicdistill.writing.replies import recorded_teacher


class Timed:
    """A teacher whose answers are timed."""

    def __init__(self, teacher: Teacher) -> None:
        self._teacher = teacher
        self.milliseconds = 0.0

    def ask(self, request: Request) -> Any:
        started = time.perf_counter()
        try:
            return self._teacher.ask(request)
        finally:
            self.milliseconds += (time.perf_counter() - started) * 1000


def told(run: Path, task: Task, rule: str, state: dict[str, Any], student: str) -> dict[str, float]:
    """One rule, told once."""
    with tempfile.TemporaryDirectory() as scratch:
        store = BaseFolder(Path(shutil.copytree(run / "base", Path(scratch) / "base")))
        teacher = Timed(recorded_teacher(run, task))
        with Policy(
            task, store.load(), make_student(student, run / "student"), folder=store
        ) as policy:
            policy.decide(state)
            times = [time.perf_counter()]
            policy.decide(state)
            times.append(time.perf_counter())
            policy.tell(rule, teacher, [state])
            times.append(time.perf_counter())
            policy.decide(state)
            times.append(time.perf_counter())
        before, tell, after = (
            round((end - start) * 1000, 2) for start, end in itertools.pairwise(times)
        )
        return {
            "decision": before,
            "teacher": round(teacher.milliseconds, 2),
            "tell": round(tell - teacher.milliseconds, 2),
            "next": after,
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--student", default="ld-encoder")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    task = task_of_run(options.run, Run.open(options.run).settings)
    result: dict[str, Any] = {
        "task": task.id,
        "student": options.student,
        "repeats": options.repeats,
        "changes": {},
    }
    for change in task.changes.values():
        changed = get_task(task.id, change=change.name)
        state = first_state(changed, FIRST_TEST_SEED)
        runs = [
            told(options.run, changed, change.rule, state, options.student)
            for _ in range(options.repeats)
        ]
        row = {f"{name}_ms": statistics.median(one[name] for one in runs) for name in runs[0]}
        row["decisions"] = round((row["tell_ms"] + row["next_ms"]) / row["decision_ms"], 1)
        result["changes"][change.name] = row
        print(change.name, json.dumps(row), flush=True)
    if options.out:
        write_result(options.out, result, {"repeats": options.repeats})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
