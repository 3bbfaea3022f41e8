"""The trainings of a comparison side by side: two with a thread each get further on two cores than one after the other with both."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import joblib

from logicdistill.comparison import TaskComparison


@dataclass(frozen=True, slots=True)
class Beside:
    """Says in lines what a process does that works beside others.

    Attributes:
        name: of its task.
    """

    name: str

    def line(self, text: str) -> None:
        """See `logicdistill.settings.Reporter`; what was done before is said by who finds it done."""
        if "unchanged, skipped" not in text:
            print(f"{self.name}: {text}", file=sys.stderr, flush=True)

    def progress(self, step: str, done: int, total: int) -> None:
        """Nothing: several bars would write over each other."""


def train_ahead(tasks: Sequence[TaskComparison], emergencies: bool, jobs: int) -> None:
    """What `TaskComparison.train` does one after the other, in processes of this machine; it then finds all of it done.

    Args:
        tasks: prepared.
        emergencies: whether the rules change as well.
        jobs: processes; -1 takes one a core. With one, nothing is done here.
    """
    with joblib.parallel_config("loky"):  # where a cluster plays, its workers are not this machine's
        count = int(joblib.effective_n_jobs(jobs))
    if count < 2:
        return
    changes = [(task, change) for task in tasks for change in (sorted(task.task.changes) if emergencies else ())]
    threads = max(1, joblib.cpu_count() // count)
    with joblib.parallel_config("loky", inner_max_num_threads=threads), joblib.Parallel(count, batch_size=1) as workers:

        def do(work: Callable[..., None], asked: Iterable[tuple[TaskComparison, *tuple[str, ...]]]) -> None:
            workers(joblib.delayed(_do)(work, task.snapshot, task.made_with, *names) for task, *names in asked)

        do(TaskComparison.teach, [(task,) for task in tasks if task.models()])
        do(TaskComparison.train_one, [(task, model) for task in tasks for model in task.models()])
        for task, change in changes:
            task.tell(change)  # timed, so alone
        do(TaskComparison.teach, [(task, change) for task, change in changes if task.models(change)])
        do(TaskComparison.train_one, [(task, model, change) for task, change in changes for model in task.models(change)])


def _do(work: Callable[..., None], snapshot: str, made_with: tuple[Any, ...], *names: str) -> None:
    folder, settings, *others = made_with
    task = TaskComparison(folder, settings, Beside(folder.name), *others)
    task.attach(snapshot)
    work(task, *names)
