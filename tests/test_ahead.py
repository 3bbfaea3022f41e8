from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.conftest import QUICK, Lines

from logicdistill.ahead import train_ahead
from logicdistill.comparison import TaskComparison
from logicdistill.settings import RunSettings


def test_trainings_side_by_side_are_said_once_each_and_then_found_done(
    quick_run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each in a process of its own, those under changed rules after the one that they go on from."""
    folder, lines = Path(shutil.copytree(quick_run, tmp_path / "guess")), Lines()
    task = TaskComparison(folder, RunSettings("guess-v1", **QUICK), lines, ("ld-encoder", "kd-encoder"), 0.2, "smollm2")
    task.prepare()
    train_ahead([task], emergencies=True, jobs=2)
    trained = ["train-kd-encoder", "train-kd-encoder-answers-turned", "train-kd-encoder-even-only"]
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("guess: train-")]
    assert sorted(line.split()[1] for line in said) == trained
    assert said[0].split()[1] == trained[0]
    assert not any(line.startswith("train-") for line in lines.lines)
    task.train(with_changes=True)
    assert [line.split()[0] for line in lines.lines if line.startswith("train-") and "skipped" in line] == trained
    assert "train-" not in capfd.readouterr().err


def test_one_process_trains_nothing_ahead(quick_run: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(quick_run, tmp_path / "guess"))
    task = TaskComparison(folder, RunSettings("guess-v1", **QUICK), Lines(), ("ld-encoder", "kd-encoder"), 0.2, "smollm2")
    task.prepare()
    train_ahead([task], emergencies=True, jobs=1)
    assert not (folder / "players").exists()
