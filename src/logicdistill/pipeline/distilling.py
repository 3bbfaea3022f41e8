"""`distill`: from a task's rules to a policy, in Python; the same as ``logicdistill run``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import gymnasium

from logicdistill.errors import LogicDistillError, TaskError
from logicdistill.policy import Policy
from logicdistill.protocols import Task, Teacher
from logicdistill.tasks.gymnasium_task import GymnasiumTask
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import (
    get_task,
    is_only_here,
    newest,
    own_task,
    register_task,
    sizes_of,
)
from logicdistill.teacher.recorded import LIVE
from logicdistill.types import Json


def distill(
    task: str | Path | Task,
    out: str | Path | None = None,
    *,
    teacher: str | Teacher | None = None,
    base_url: str | None = None,
    budget: float | None = None,
    fine_tune: bool = False,
    seed: int = 0,
    progress: bool | Callable[[str], object] = False,
    **settings: Json,
) -> Policy:
    """Make a policy from a task's rules.

    The teacher writes functions (those of the task's folder stay), the gate checks them, examples
    are collected, a student is fitted and evaluated. What is done already is skipped: a second call
    with the same arguments takes a moment, and one after an interruption goes on.

    Args:
        task: a folder with rules, the name of a built-in or registered task, or a task object:
            `RecordTask`, `GymnasiumTask`, or your own that keeps the protocol `Task`.
        out: folder of the run; by default ``runs/`` and the task's name without its version.
        teacher: who writes functions: a model's name such as ``openai:gpt-5-mini``, or an object
            that keeps the protocol `Teacher`. By default recorded replies.
        base_url: an OpenAI-compatible server of that model.
        budget: dollars that a model named by its name may cost; 2 if no limit is given.
        fine_tune: train the whole encoder, with torch, instead of its last step alone.
        seed: of the training.
        progress: print what happens to standard error; or call this function with each line.
        settings: further settings of a run, as ``logicdistill run --set`` takes them, such as
            ``episodes=100``. A folder keeps them: a later call needs not repeat them.

    Returns:
        The policy of the run's folder.

    Raises:
        LogicDistillError: what is wrong, in one line; what was finished is kept.
    """
    from logicdistill.pipeline.settings import settings_of_run
    from logicdistill.pipeline.steps import RunPipeline

    found, given = _found(task), dict(settings)
    reporter = _Reporter(partial(print, file=sys.stderr) if progress is True else progress or None)
    if not isinstance(task, (str, Path)):
        usual = sizes_of(get_task(found.id)) if newest(found.id) else {}
        sizes = {key: size for key, size in sizes_of(found).items() if size != usual.get(key)}
        given = {"sizes": sizes, **given}
        if (not isinstance(found, RecordTask) and newest(found.id) is None) or _only_here(found):
            given["jobs"] = 1  # other processes may not know it, or its environment
    given |= {"seed": seed} if seed else {}
    given |= {"fine_tune": True} if fine_tune else {}
    folder = Path(out) if out is not None else Path("runs") / found.id.rpartition("-v")[0]
    if teacher is not None:
        name = teacher if isinstance(teacher, str) else getattr(teacher, "name", None)
        given["recording"] = f"{LIVE}{name or type(teacher).__name__}"
    elif base_url is not None or budget is not None:
        raise LogicDistillError("base_url and budget are about a teacher; name one (teacher=...)")
    name = str(task) if isinstance(task, (str, Path)) else found.id
    wanted = settings_of_run(folder, newest(name) or name, found.id, given)
    with ExitStack() as stack:
        if isinstance(teacher, str):
            from logicdistill.teacher.live import live_teacher

            options = wanted.teacher.options(teacher, base_url, budget)
            teacher = stack.enter_context(live_teacher(options, folder / "replies", reporter.line))
        RunPipeline(folder, wanted, reporter, teacher, task=found).run()
    return Policy.load(folder, task=found if _only_here(found) else None)


def _found(task: str | Path | Task) -> Task:
    """The task, which `get_task` finds by its id from now on."""
    if isinstance(task, (str, Path)):
        return get_task(str(task))
    if isinstance(task, gymnasium.Env):
        raise TaskError(
            "an environment has no rules yet: GymnasiumTask.of(env, rules, id='lane-v1') makes a "
            "task of it"
        )
    missing = [name for name in ("id", "rules", "state_schema") if not hasattr(task, name)]
    if missing:
        what = f"{type(task).__name__} is no task: it has no {missing[0]!r}"
        raise TaskError(f"{what}; name a folder or a task, or see logicdistill.Task")
    if isinstance(task, RecordTask):
        return task
    if newest(task.id) is not None and _same(get_task(task.id, **sizes_of(task)), task):
        return task
    if isinstance(task, GymnasiumTask):  # the run keeps its rules file
        return task if own_task(task) else task.kept_in(Path.cwd())
    register_task(task.id, partial(_itself, task))
    return task


def _itself(task: Task) -> Task:
    return task


def _only_here(task: Task) -> bool:
    """Whether no other process can make this task."""
    return not isinstance(task, RecordTask) and is_only_here(task.id)


def _same(one: Task, other: Task) -> bool:
    same = type(one) is type(other) and one.rules == other.rules
    return same and one.state_schema == other.state_schema


class _Reporter:
    """See `logicdistill.pipeline.settings.Reporter`."""

    def __init__(self, say: Callable[[str], object] | None) -> None:
        self._say = say

    def line(self, text: str) -> None:
        if self._say is not None:
            self._say(text)

    def progress(self, step: str, done: int, total: int) -> None:
        if self._say is not None and done == total:
            self._say(f"{step:<9} {done}/{total}")
