"""Shared real parts: bases from the shipped recordings, a tiny task of our own, and a run trained in a few steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from logicdistill.algorithm import build_base
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.policy import Policy
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore, shipped_replies
from logicdistill.teacher.write import Author


def recorded_author(task_name: str, folder: Path) -> Author:
    """A teacher that replays the shipped recordings, keeping what it used in ``folder``."""
    task = get_task(task_name)
    return Author(RecordedTeacher(ReplyStore(folder), [shipped_replies(task.id)]), task)


@pytest.fixture(scope="session")
def guess_author(tmp_path_factory: pytest.TempPathFactory) -> Author:
    return recorded_author("guess", tmp_path_factory.mktemp("replies"))


@pytest.fixture(scope="session")
def guess_base(guess_author: Author) -> FunctionBase:
    base, _ = build_base(guess_author, [first_state(guess_author.task, seed) for seed in range(2)], lambda line: None)
    return base


@pytest.fixture
def guess_policy(guess_base: FunctionBase) -> Iterator[Policy]:
    with Policy(get_task("guess"), guess_base, lambda sandbox: ConditionsStudent(sandbox.holds)) as policy:
        yield policy
