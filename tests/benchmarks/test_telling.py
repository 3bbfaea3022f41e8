from __future__ import annotations

from pathlib import Path

import pytest

from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.runs import Run
from logicdistill.tasks.registry import get_task


def test_a_rule_is_told_in_a_copy_and_the_times_add_up(
    guess_base: FunctionBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    from telling import told

    Run.create(tmp_path, {"task": "guess-v1"})
    BaseFolder(tmp_path / "base").commit(guess_base, [{"op": "admit"}])
    task = get_task("guess", change="even-only")
    times = told(tmp_path, task, task.changes["even-only"].rule, first_state(task, 0), "conditions")
    assert set(times) == {"decision", "teacher", "tell", "next"}
    assert all(milliseconds > 0 for milliseconds in times.values())
    assert BaseFolder(tmp_path / "base").load().snapshot == guess_base.snapshot
