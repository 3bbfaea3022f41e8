"""The trainings of a comparison side by side: two with a thread each get further on two cores than one after the other with both."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import joblib

from logicdistill.compare.one_task import TaskComparison
from logicdistill.errors import StorageError, needs_extra, one_line


@dataclass(frozen=True, slots=True)
class Beside:
    """Says in lines what a process does that works beside others.

    Attributes:
        name: of its task.
    """

    name: str

    def line(self, text: str) -> None:
        """See `logicdistill.pipeline.settings.Reporter`; what was done before is said by who finds it done."""
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
    with joblib.parallel_config(
        "loky"
    ):  # where a cluster plays, its workers are not this machine's
        most = int(joblib.effective_n_jobs(jobs))
    if most < 2:
        return
    changes = [
        (task, change)
        for task in tasks
        for change in (sorted(task.task.changes) if emergencies else ())
    ]
    taught = [task for task in tasks if any(not model.startswith("ld-") for model in task.models())]
    _each(TaskComparison.teach, [(task,) for task in taught], most)
    _each(
        TaskComparison.train_one, [(task, model) for task in tasks for model in task.models()], most
    )
    for task, change in changes:
        task.tell(change)  # timed, so alone
    _each(
        TaskComparison.teach,
        [(task, change) for task, change in changes if task.models(change)],
        most,
    )
    _each(
        TaskComparison.train_one,
        [(task, model, change) for task, change in changes for model in task.models(change)],
        most,
    )


def _each(
    work: Callable[..., None], asked: Sequence[tuple[TaskComparison, *tuple[str, ...]]], most: int
) -> None:
    """All of them, at most so many at once; the machine's threads are shared out among those."""
    count = min(most, len(asked))
    if not count:
        return
    threads = max(1, joblib.cpu_count() // count)
    with warnings.catch_warnings(), joblib.parallel_config("loky", inner_max_num_threads=threads):
        warnings.filterwarnings(
            "ignore", "A worker stopped", UserWarning
        )  # it is replaced when its memory has grown, as a training's does
        joblib.Parallel(count, batch_size=1)(
            joblib.delayed(_do)(work, task.snapshot, task.made_with, *names)
            for task, *names in asked
        )


def _do(work: Callable[..., None], snapshot: str, made_with: tuple[Any, ...], *names: str) -> None:
    folder, settings, *others = made_with
    task = TaskComparison(folder, settings, Beside(folder.name), *others)
    task.attach(snapshot)
    work(task, *names)


PATIENCE = 10.0
"""Seconds to wait for a scheduler."""


@contextlib.contextmanager
def workers(scheduler: str | None) -> Iterator[None]:
    """Play on the workers of a Dask scheduler inside this block; None changes nothing.

    The workers need the same package and see the comparison's folder under the same path. Any other backend that is registered with
    joblib (such as Ray's) is chosen in Python the same way: ``with joblib.parallel_config(backend="ray"): compare(...)``.

    Args:
        scheduler: address, such as ``tcp://127.0.0.1:8786``.

    Raises:
        MissingExtraError: Dask is not installed.
        StorageError: no scheduler answers at that address.
    """
    if scheduler is None:
        yield
        return
    with needs_extra("playing on a cluster", "dask"):
        import distributed
    try:
        client = distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]  # it is not typed
    except (OSError, ValueError) as error:
        raise StorageError(
            f"no Dask scheduler answers at {scheduler!r}: {one_line(error)}"
        ) from None
    with client, joblib.parallel_config(backend="dask", client=client):
        yield
