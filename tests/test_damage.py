"""Every file of a run damaged in every way: one line that says so, or all is as before."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
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
from logicdistill.errors import BaseError, GateRefusal, LogicDistillError, UnknownNameError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.pipeline import recipe, steps
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.runs import Run
from logicdistill.tasks.registry import get_task
from logicdistill.types import stages_fault

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


def test_a_base_of_another_task_decides_nothing(run_folder: Path) -> None:
    base = replace(BaseFolder(run_folder / "base").load(), task="pursuit-v2")
    BaseFolder(run_folder / "base").commit(base, [{"op": "admit"}])
    with pytest.raises(LogicDistillError, match=r"is of task 'pursuit-v2', not of 'guess-v1'"):
        Policy.load(run_folder, "conditions")
    with pytest.raises(LogicDistillError, match=r"is of task 'pursuit-v2', not of 'guess-v1'"):
        RunPipeline(run_folder, RunSettings("guess", **QUICK), Lines()).run()


@pytest.mark.parametrize("name", ["con", "NUL", "com1", "Lpt9"])
def test_what_is_a_device_on_windows_names_no_stage_and_no_function(
    name: str, guess_base: FunctionBase
) -> None:
    stage = replace(guess_base.stages[-1], name=name)
    with pytest.raises(BaseError, match="devices"):
        FunctionBase("guess-v1", (*guess_base.stages[:-1], stage))
    assert "device" in str(stages_fault([stage], []))
    function = guess_base.of_stage(guess_base.stages[-1].name)[0]
    source = function.source.replace(function.name, name)
    gate = Gate.of(get_task("guess"), guess_base.stages)
    with pytest.raises(GateRefusal, match="device"):
        gate.admit(source, guess_base.stages[-1], {})


@pytest.mark.parametrize("beginning", ["x" * 300, "..", "/etc/passwd", "\0", "a" * 5000])
def test_a_snapshot_of_no_form_is_unknown_in_one_line(run_folder: Path, beginning: str) -> None:
    store = BaseFolder(run_folder / "base")
    for find in (store.load_snapshot, store.find_snapshot):
        with pytest.raises(UnknownNameError, match="unknown snapshot") as error:
            find(beginning)
        assert len(str(error.value)) < 1000
    (store.path / ".snapshots" / "SHOWN").write_text(beginning)
    store.repair()
    assert store.edits() == {}


def test_an_output_that_was_changed_is_made_again(run_folder: Path) -> None:
    notes = run_folder / "notes.txt"
    before = notes.read_bytes()
    notes.write_bytes(before + b"\xff")
    lines = Lines()
    RunPipeline(run_folder, RunSettings("guess", **QUICK), lines).run()
    assert notes.read_bytes() == before
    skipped = [line.split()[0] for line in lines.lines if "unchanged, skipped" in line]
    assert skipped == ["write", "train", "evaluate"]


def test_after_an_upgrade_nothing_is_called_unchanged_but_what_the_teacher_wrote(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "made_by", lambda: "another version")
    monkeypatch.setattr(RunPipeline, "_train", lambda *_: None)  # half a minute
    lines = Lines()
    RunPipeline(run_folder, RunSettings("guess", **QUICK), lines).run()
    assert [line.split()[0] for line in lines.lines if "unchanged, skipped" in line] == ["write"]


def test_the_key_of_a_training_knows_the_content_of_the_weights(tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_text(name)
    before = recipe.content_of(tmp_path)
    (tmp_path / "model.safetensors").write_text("other weights")
    after = recipe.content_of(tmp_path)
    assert [name for name in before if before[name] != after[name]] == ["model.safetensors"]


@pytest.mark.parametrize("line", ["recording = 3", "encoder = 3", "sizes = 3", "task = 3"])
def test_a_setting_of_the_wrong_type_is_one_line(line: str, run_folder: Path) -> None:
    name = line.partition(" ")[0]
    file = run_folder / "run.toml"
    kept = [old for old in file.read_text().splitlines() if not old.startswith((name, "[sizes]"))]
    file.write_text("\n".join([line, *kept]) + "\n")
    with pytest.raises(LogicDistillError, match=rf"run\.toml: {name} is 3"):
        Run.open(run_folder).settings  # noqa: B018
