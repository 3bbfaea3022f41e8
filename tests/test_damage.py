"""Every file of a run damaged in every way: one line that says so, or all is as before."""

from __future__ import annotations

import functools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from logicdistill import Policy
from logicdistill.cli.main import app
from logicdistill.errors import LogicDistillError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.tasks.registry import get_task
from tests.conftest import QUICK, Lines

EXAMPLES = int(os.environ.get("DAMAGES", "40"))
"""Damages of one kind that are tried: ``DAMAGES=2000 pytest tests/test_damage.py`` tries more."""

COSTLY = ("model.onnx", "tokenizer.json")
STATES = [first_state(get_task("guess"), seed) for seed in range(4)]
OTHERS: list[Any] = [None, True, -1, 10**30, 0.5, "", "x" * 300, "\ud800", [], [[]], {}, {"a": 1}]
COMMANDS = [
    ["base", "log"],
    ["base", "list"],
    ["base", "coverage"],
    ["base", "rollback", "previous", "--yes"],
    ["consolidate", "--dry-run"],
]


def files_of(run: Path) -> list[Path]:
    found = (file for file in run.rglob("*") if file.is_file() and file.name != ".lock")
    return sorted(file.relative_to(run) for file in found)


def bytes_damaged(data: bytes, draw: Callable[..., Any]) -> bytes | None:
    """A file that was cut, emptied, lengthened, overwritten, encoded otherwise, or is gone."""
    at = draw(st.integers(0, max(0, len(data) - 1)))
    damages = [
        None,
        b"",
        data[:at],
        data[:at] + draw(st.binary(max_size=20)) + data[at:],
        data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :],
        data + data,
        data.decode(errors="replace").encode("utf-16"),
        b"null",
        b"[" * 5000,
        b"\xff\xfe\0",
        b"x" * 5000,
    ]
    return draw(st.sampled_from(damages))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a JSON value has values."""
    yield path
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list) else pairs
    for key, inner in pairs:
        yield from places(inner, (*path, key))


def value_damaged(value: Any, draw: Callable[..., Any]) -> Any:
    """A JSON value of which one field has another type, another name, or is gone."""
    value = json.loads(json.dumps(value))
    path = draw(st.sampled_from(list(places(value))))
    other = draw(st.sampled_from(OTHERS))
    if not path:
        return other
    *way, last = path
    holder = functools.reduce(lambda at, key: at[key], way, value)
    match draw(st.sampled_from(["retype", "delete", "rename", "lengthen"])):
        case "delete":
            del holder[last]
        case "rename" if isinstance(holder, dict):
            holder[f"{last}_"] = holder.pop(last)
        case "lengthen" if isinstance(holder[last], str):
            holder[last] = holder[last] * 300
        case "lengthen" if isinstance(holder[last], list):
            holder[last] = [*holder[last], *holder[last], other]
        case _:
            holder[last] = other
    return value


def field_damaged(file: Path, data: bytes, draw: Callable[..., Any]) -> bytes | None:
    """A file of JSON, JSON lines or TOML of which one field was damaged."""
    if file.suffix == ".jsonl":
        lines = data.decode().splitlines()
        if not lines:
            return b"[]\n"
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = json.dumps(value_damaged(json.loads(lines[at]), draw))
        return "".join(f"{line}\n" for line in lines).encode()
    if file.suffix == ".toml":
        lines = data.decode().splitlines()
        at = draw(st.sampled_from([n for n, line in enumerate(lines) if "=" in line]))
        value = draw(st.sampled_from(["3", "-0.5", '""', '"x"', "[]", "{}", "true", "nan", "[[1]]"]))
        key = lines[at].split("=")[0]
        lines[at] = draw(st.sampled_from([f"{key}= {value}", "", f"x{lines[at]}"]))
        return "\n".join(lines).encode()
    return json.dumps(value_damaged(json.loads(data), draw)).encode()


def has_fields(file: Path) -> bool:
    return file.suffix in (".json", ".jsonl", ".toml") or file.name == "HEAD"


@pytest.fixture(scope="module")
def run(quick_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the quick run with a log and an emergency function."""
    folder = Path(shutil.copytree(quick_run, tmp_path_factory.mktemp("damage") / "guess"))
    with Policy.load(folder, log=True) as policy:
        policy.decide_many(STATES)
        policy.remove("halve_above", why="for a second snapshot")
        policy.rollback(json.loads((folder / "base/journal.jsonl").read_text().splitlines()[0])["snapshot"])
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
