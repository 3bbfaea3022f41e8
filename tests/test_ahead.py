from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.conftest import QUICK, Lines

from logicdistill.compare import compare
from logicdistill.settings import RunSettings

PLAYERS = ("ld-encoder", "kd-encoder", "first")


def test_trainings_side_by_side_are_found_done_and_said_once_each(
    quick_run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each in a process of its own, those under changed rules after those that they go on from; a second comparison trains nothing."""
    shutil.copytree(quick_run, tmp_path / "guess")
    settings, lines = [RunSettings("guess-v1", **QUICK | {"episodes": 4})], Lines()
    summary = compare(tmp_path, settings, lines, players=PLAYERS, seconds=0.3, emergencies=True, jobs=2)["guess-v1"]
    trained = {"train-kd-encoder", "train-kd-encoder-answers-turned", "train-kd-encoder-even-only"}
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("guess: train-kd")]
    assert {line.split()[1] for line in said} == trained
    assert len(said) == len(trained)
    assert {line.split()[0] for line in lines.lines if line.startswith("train-kd") and "skipped" in line} == trained
    assert {row["phase"] for row in summary["emergencies"]["even-only"]["rows"] if row["player"] == "kd-encoder"} == {
        "before",
        "during",
        "retrained",
    }
    steps = {file.name: json.loads(file.read_text()) for file in (tmp_path / "guess" / "steps").glob("*.json")}
    compare(tmp_path, settings, Lines(), players=PLAYERS, seconds=0.3, emergencies=True, jobs=2)
    assert {file.name: json.loads(file.read_text()) for file in (tmp_path / "guess" / "steps").glob("*.json")} == steps
    assert "train" not in capfd.readouterr().err
