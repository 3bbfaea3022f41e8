"""Make the recorded replies that ship with the package from the texts under ``recordings/``.

    python tools/record.py [TASK ...]

Each request that `logicdistill run` makes at default settings is answered from ``recordings/TASK``: ``stages.toml``,
one file a function, ``labels.py`` for the states where no ``When:`` decides, and ``changes/CHANGE/STAGE`` with the functions for
each change of the rules. Run it after a change of a prompt,
of a rule or of a recording; the replies of a task are written anew.
"""

from __future__ import annotations

import itertools
import runpy
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

from logicdistill.algorithm import build_base, react
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.sandbox import Sandbox
from logicdistill.policy import TOP_K
from logicdistill.protocols import Request
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.selection import Parts
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.registry import get_task, task_ids
from logicdistill.teacher.recorded import ReplyStore, shipped_replies
from logicdistill.teacher.write import Author
from logicdistill.training.collect import Labeller, collect

ROOT = Path(__file__).resolve().parent.parent / "recordings"
ORIGIN = "recorded: written for logicdistill by its authors (with an AI assistant) from the task's rules alone; no model was called"


class RecordingTeacher:
    """Answers from a folder of texts and stores each answer."""

    def __init__(self, task: str, store: ReplyStore) -> None:
        self.task = task
        self.folder = ROOT / task
        self.store = store
        self.stages = tomllib.loads((self.folder / "stages.toml").read_text())["stages"]
        self.label = runpy.run_path(str(self.folder / "labels.py"))["label"]

    def ask(self, request: Request) -> Any:
        """The answer to a request."""
        reply = getattr(self, f"_{request.kind}")(request.messages[-1][1])
        if self.store.get(request) is None:
            self.store.put(request, reply, ORIGIN)
        return reply

    def _stages(self, text: str) -> Any:
        return {"stages": self.stages}

    def _functions(self, text: str) -> Any:
        stage = text.split("Write the functions of this stage:")[1].split("->")[0].strip()
        return {"files": [file.read_text() for file in sorted((self.folder / stage).glob("*.py"))]}

    def _emergency(self, text: str) -> Any:
        rule = text.split("goes before the others where they disagree:\n\n")[1].split("\n")[0]
        change = next(change for change in get_task(self.task).changes.values() if change.rule == rule)
        files = sorted((self.folder / "changes" / change.name).glob("*/*.py"))
        return {"functions": [{"stage": file.parent.name, "file": file.read_text()} for file in files]}

    def _repair(self, text: str) -> Any:
        raise SystemExit(f"the gate refused a recorded function:\n{text}")

    def _label(self, text: str) -> Any:
        view = text.split("State: ")[1].split("\n")[0]
        question = text.split("Question: ")[1].split("\n")[0]
        stage = next(stage["name"] for stage in self.stages if stage["question"] == question)
        facts = dict(part.split(": ", 1) for part in view.split(", "))
        name, why = self.label(stage, {key.replace(" ", "_"): value for key, value in facts.items()})
        return {"function": name, "why": why}


def record(name: str) -> None:
    """Record one task."""
    task = get_task(name)
    store = shipped_replies(name)
    shutil.rmtree(store.folder, ignore_errors=True)
    author = Author(RecordingTeacher(name, store), task)
    base, _ = build_base(author, [first_state(task, seed) for seed in range(2)], print)
    with Sandbox(base.functions) as sandbox:
        parts = Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, TOP_K)
        for explore in (0.1, 0.5, 1.0):
            found = collect(parts, Labeller(author, sandbox.holds), range(300), explore=explore)
    for change in task.changes.values():
        changed = get_task(name, change=change.name)
        react(author, base, change.rule, [first_state(changed, seed) for seed in range(2)], print)
    print(f"{name}: {len(base.functions)} functions, {len(found.examples)} views, {len(list(store.folder.glob('*.json')))} replies")
    print("uncovered rules:", base.uncovered_rules(len(task.rules)), "snapshot:", base.snapshot)
    for stage, examples in itertools.groupby(found.examples, key=lambda example: example.stage):
        counts: dict[str, int] = {}
        for example in examples:
            counts[example.label] = counts.get(example.label, 0) + example.count
        total = sum(counts.values())
        print(
            f"  {stage}: " + ", ".join(f"{label} {count / total:.0%}" for label, count in sorted(counts.items(), key=lambda item: -item[1]))
        )


if __name__ == "__main__":
    for task_name in sys.argv[1:] or task_ids():
        record(task_name)
