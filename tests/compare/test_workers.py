from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.conftest import QUICK, Lines

from logicdistill.compare.one_task import Lineup, TaskComparison
from logicdistill.compare.workers import LineReporter, train_ahead
from logicdistill.functions.folder import BaseFolder
from logicdistill.pipeline.settings import RunSettings

TRAININGS = ["train-kd-encoder", "train-kd-encoder-even-only"]


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def task(quick_run: Path, tmp_path: Path, lines: Lines) -> TaskComparison:
    folder = Path(shutil.copytree(quick_run, tmp_path / "guess"))
    found = TaskComparison(
        folder,
        RunSettings("guess-v1", **QUICK | {"train_episodes": 2}),
        lines,
        Lineup(("ld-encoder", "kd-encoder"), 0.2),
    )
    object.__setattr__(
        found.task, "changes", {"even-only": found.task.changes["even-only"]}
    )  # one is enough
    found.attach(BaseFolder(folder / "base").load().snapshot)
    return found


def test_trainings_side_by_side_are_found_done(task: TaskComparison, lines: Lines) -> None:
    """Each in a process of its own; under changed rules after the one that it continues from."""
    train_ahead([task], rule_changes=True, jobs=2)
    times = [(task.folder / "steps" / f"{name}.json").stat().st_mtime_ns for name in TRAININGS]
    assert times[0] == min(times)
    assert not any(line.startswith("train-") for line in lines.lines)
    task.train(rule_changes=True)
    assert [
        line.split()[0] for line in lines.lines if line.startswith("train-") and "skipped" in line
    ] == TRAININGS


def test_one_process_trains_nothing_ahead(task: TaskComparison) -> None:
    train_ahead([task], rule_changes=True, jobs=1)
    assert not (task.folder / "players").exists()


def test_a_process_says_in_a_line_what_it_trained(capsys: pytest.CaptureFixture[str]) -> None:
    beside = LineReporter("guess")
    beside.line("train-kd-encoder 120 s; accuracy: 0.27")
    beside.line("train-cot-kd unchanged, skipped; accuracy: 0.18")
    beside.progress("train-kd-encoder", 1, 120)
    assert capsys.readouterr().err == "guess: train-kd-encoder 120 s; accuracy: 0.27\n"
