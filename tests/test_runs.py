from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from logicdistill.errors import CorruptError, TaskError, UnknownNameError
from logicdistill.runs import Run, begun
from logicdistill.tasks.scaffold import new_task


def test_a_step_is_skipped_only_while_key_and_outputs_are_the_same(tmp_path: Path) -> None:
    run, calls, output = Run(tmp_path), [0], tmp_path / "out.txt"

    def work() -> dict[str, int]:
        calls[0] += 1
        output.write_text("made")
        return {"calls": calls[0]}

    assert run.step("one", "k1", work, [output])[1] is False
    record, skipped = run.step("one", "k1", work, [output])
    assert (record["calls"], record["key"], skipped) == (1, "k1", True)
    assert run.step("one", "k2", work, [output])[1] is False
    assert run.step("one", "k1", work, [output])[1] is False
    output.unlink()
    assert run.step("one", "k1", work, [output])[1] is False
    assert run.step("two", "k1", work, [output])[1] is False
    assert calls == [5]


def test_a_step_that_fails_is_done_again(tmp_path: Path) -> None:
    run = Run(tmp_path)
    with pytest.raises(ZeroDivisionError):
        run.step("one", "k", lambda: {"x": 1 // 0})
    assert run.step("one", "k", lambda: {"x": 1})[0]["x"] == 1


def test_what_a_step_returns_cannot_replace_its_key(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.step("one", "k", lambda: {"key": "other", "seconds": -1})
    record, skipped = run.step("one", "k", dict)
    assert (record["key"], skipped) == ("k", True)
    assert record["seconds"] != -1


def test_a_damaged_step_record_is_named(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.step("one", "k", dict)
    (tmp_path / "steps" / "one.json").write_text("{")
    with pytest.raises(CorruptError, match=r"one\.json"):
        run.step("one", "k", dict)


def test_settings_come_back_and_none_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    Run.create(folder, {"task": "größer", "seed": 1, "sizes": {"n": 2}, "model": None})
    assert Run.open(folder).settings == {"task": "größer", "seed": 1, "sizes": {"n": 2}}
    before = (folder / "run.toml").stat().st_mtime_ns
    Run.create(folder, {"task": "größer", "seed": 1, "sizes": {"n": 2}})
    assert (folder / "run.toml").stat().st_mtime_ns == before
    (folder / "run.toml").write_bytes(b"\xff = ")
    with pytest.raises(CorruptError, match=r"run\.toml") as caught:
        _ = Run.open(folder).settings
    assert "\n" not in str(caught.value)
    assert Run.create(folder, {"seed": 2}).settings == {"seed": 2}


def test_an_unknown_run_offers_its_nearest_sibling(tmp_path: Path) -> None:
    Run.create(tmp_path / "first", {"seed": 1})
    with pytest.raises(UnknownNameError, match=r"did you mean .*first"):
        Run.open(tmp_path / "frist")
    with pytest.raises(UnknownNameError, match="there is none yet"):
        Run.open(tmp_path / "none" / "at" / "all")


def test_a_tasks_folder_in_place_of_a_runs_names_the_run_to_take(tmp_path: Path) -> None:
    new_task(tmp_path / "post", "parcels")
    (tmp_path / "post").rename(tmp_path / "renamed")
    with pytest.raises(
        TaskError,
        match=r"is a task's folder, not a run's; its run is runs/post unless --out named another",
    ):
        Run.open(tmp_path / "renamed")


def test_a_folder_that_fails_with_nothing_done_is_gone_and_one_with_work_in_it_stays(
    tmp_path: Path,
) -> None:
    for folder, kept in ((tmp_path / "runs" / "a", None), (tmp_path / "runs" / "b", "replies")):
        with contextlib.suppress(ValueError), begun(folder, "base", "replies"):
            (folder / (kept or "other")).mkdir()
            raise ValueError
        assert folder.parent.exists() == folder.exists() == bool(kept)
