"""Every file of a run damaged in every way: one line that says so, or all is as before."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from benchmarks.fuzz import COMMANDS, bytes_damaged, field_damaged, files_of, has_fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import QUICK, Lines
from typer.testing import CliRunner

from logicdistill import Policy
from logicdistill.cli.main import app
from logicdistill.errors import LogicDistillError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.tasks.registry import get_task

EXAMPLES = int(os.environ.get("DAMAGES", "12"))
"""Damages of one kind that are tried: ``DAMAGES=2000 pytest tests/test_damage.py`` tries more."""

COSTLY = ("model.onnx", "tokenizer.json")
STATES = [first_state(get_task("guess"), seed) for seed in range(4)]


@pytest.fixture(scope="module")
def run(quick_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the quick run with a log and an emergency function."""
    folder = Path(shutil.copytree(quick_run, tmp_path_factory.mktemp("damage") / "guess"))
    with Policy.load(folder, log=True) as policy:
        policy.decide_many(STATES)
        policy.remove("halve_above", why="for a second snapshot")
        journal = (folder / "base" / "journal.jsonl").read_text().splitlines()
        policy.rollback(json.loads(journal[0])["snapshot"])
    return folder


@pytest.fixture(scope="module")
def decided(run: Path) -> list[Any]:
    with Policy.load(run) as policy:
        return [decision.action for decision in policy.decide_many(STATES)]


def in_one_line(error: BaseException | None) -> bool:
    if error is None or isinstance(error, SystemExit):
        return True
    assert isinstance(error, LogicDistillError), repr(error)
    assert "\n" not in str(error), error
    assert len(str(error)) < 1500, error
    return True


class Damaged:
    """The run with one file damaged; in the end all is as it was."""

    def __init__(self, run: Path, file: Path, data: bytes | None) -> None:
        self.run, self.file, self.data = run, run / file, data
        self.copy = run.with_name("copy")

    def __enter__(self) -> Path:
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.run, self.copy, copy_function=self._copy)
        target = self.copy / self.file.relative_to(self.run)
        target.unlink()
        if self.data is not None:
            target.write_bytes(self.data)
        return self.copy

    @staticmethod
    def _copy(source: str, target: str) -> None:
        # A model is never written in place, so that a link costs nothing.
        (os.link if Path(source).suffix == ".onnx" else shutil.copy2)(source, target)

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.copy, ignore_errors=True)


def check(run: Path, decided: list[Any], file: Path, damage: bytes | None, command: int) -> None:
    with Damaged(run, file, damage) as copy:
        try:
            with Policy.load(copy) as policy:
                assert [d.action for d in policy.decide_many(STATES)] == decided
        except LogicDistillError as error:
            in_one_line(error)
        arguments = COMMANDS[command % len(COMMANDS)]
        found = CliRunner().invoke(app, [*arguments, "--run", str(copy)])
        in_one_line(found.exception)


SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SETTINGS
@given(data=st.data())
def test_a_damaged_file_is_one_line_or_changes_nothing(
    run: Path, decided: list[Any], data: st.DataObject
) -> None:
    file = data.draw(st.sampled_from(files_of(run)))
    damage = bytes_damaged((run / file).read_bytes(), data.draw)
    check(run, decided, file, damage, data.draw(st.integers(0, 4)))


@SETTINGS
@given(data=st.data())
def test_a_damaged_field_is_one_line_or_changes_nothing(
    run: Path, decided: list[Any], data: st.DataObject
) -> None:
    fields = [file for file in files_of(run) if has_fields(file) and file.name not in COSTLY]
    file = data.draw(st.sampled_from(fields))
    damage = field_damaged(file, (run / file).read_bytes(), data.draw)
    check(run, decided, file, damage, data.draw(st.integers(0, 4)))


@settings(SETTINGS, max_examples=max(6, EXAMPLES // 8))
@given(data=st.data())
def test_a_run_over_a_damaged_file_is_one_line_or_makes_it_again(
    run: Path, data: st.DataObject
) -> None:
    made_again = ("student", "train.json", "examples.jsonl")  # half a minute of training
    fields = [
        file
        for file in files_of(run)
        if has_fields(file) and not any(name in str(file) for name in made_again)
    ]
    file = data.draw(st.sampled_from(fields))
    damage = field_damaged(file, (run / file).read_bytes(), data.draw)
    with Damaged(run, file, damage) as copy:
        try:
            RunPipeline(copy, RunSettings("guess", **QUICK), Lines()).run()
        except LogicDistillError as error:
            in_one_line(error)
