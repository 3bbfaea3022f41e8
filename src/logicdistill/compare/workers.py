"""Trainings of a comparison in processes of this machine.

They run side by side: two with a thread each get further on two cores than one after the other
with both.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import joblib

from logicdistill.compare.one_task import Lineup, TaskComparison
from logicdistill.compare.players import ROSTER
from logicdistill.pipeline.settings import RunSettings

Work = Callable[..., None]


@dataclass(frozen=True, slots=True)
class LineReporter:
    """The reporter of a process that works beside others: lines, with the name of its task."""

    name: str

    def line(self, text: str) -> None:
        """See `logicdistill.pipeline.settings.Reporter`; the main process names skipped steps."""
        if "unchanged, skipped" not in text:
            print(f"{self.name}: {text}", file=sys.stderr, flush=True)

    def progress(self, step: str, done: int, total: int) -> None:
        """Nothing: several bars would write over each other."""


def train_ahead(tasks: Sequence[TaskComparison], rule_changes: bool, jobs: int) -> None:
    """Train in processes, if more than one; `TaskComparison.train` then finds it done."""
    with joblib.parallel_config("loky"):  # the workers of a cluster are not this machine's
        most = int(joblib.effective_n_jobs(jobs))
    if most < 2:
        return
    changes = [(task, change) for task in tasks for change in task.task.changes if rule_changes]
    models = [(task, model) for task in tasks for model in task.models()]
    imitated = dict.fromkeys(task for task, model in models if not ROSTER[model].distilled)
    _each(TaskComparison.teach, [(task,) for task in imitated], most)
    _each(TaskComparison.train_one, models, most)
    for task, change in changes:
        task.told(change)  # timed, so alone
    taught = [(task, change) for task, change in changes if task.models(change)]
    _each(TaskComparison.teach, taught, most)
    again = [(task, model, change) for task, change in changes for model in task.models(change)]
    _each(TaskComparison.train_one, again, most)


def _each(work: Work, asked: Sequence[tuple[TaskComparison, *tuple[str, ...]]], most: int) -> None:
    """All of them, at most so many at once; they share the machine's threads."""
    count = min(most, len(asked))
    if not count:
        return
    threads = max(1, joblib.cpu_count() // count)
    with warnings.catch_warnings(), joblib.parallel_config("loky", inner_max_num_threads=threads):
        # loky replaces a worker whose memory has grown, as a training's does, and warns of it.
        warnings.filterwarnings("ignore", "A worker stopped", UserWarning)
        joblib.Parallel(count, batch_size=1)(
            joblib.delayed(_do)(work, task.settings, task.lineup, task.folder, task.snapshot, names)
            for task, *names in asked
        )


def _do(
    work: Work, settings: RunSettings, lineup: Lineup, folder: Path, snapshot: str, names: list[str]
) -> None:
    """In a process: the task's comparison, and one piece of its work."""
    task = TaskComparison(folder, settings, LineReporter(folder.name), lineup)
    task.attach(snapshot)
    work(task, *names)
