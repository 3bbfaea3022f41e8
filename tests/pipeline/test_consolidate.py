"""What came after a training is taken into the next; the old student stays if it is better."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import TINY, Lines
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.deciding.log import FOLDED, LOG
from logicdistill.errors import (
    BaseError,
    CorruptError,
    InvalidStateError,
    RunLockedError,
)
from logicdistill.files import locked, read_lines, write_lines
from logicdistill.functions.folder import BaseFolder
from logicdistill.pipeline import consolidate as work
from logicdistill.pipeline.settings import RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.policy import Policy
from logicdistill.protocols import Teacher
from logicdistill.students.floor import certain
from logicdistill.students.pretrained import PretrainedStudent
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import task_of_run
from logicdistill.tasks.scaffold import new_task
from logicdistill.types import Choice, Query
from logicdistill.writing.replies import recorded_teacher

RULE = '''def {name}(facts: dict[str, str]) -> str:
    """Hand the item to the desk.

    Use when: the speed is express and the kind is fragile.
    When: facts["speed"] == "express" and facts["kind"] == "fragile" and facts["size"] != "huge" and facts["customs"] != "missing"
    Rules: 1
    Replaces: {replaces}
    >>> {name}(facts={{"size": "small", "kind": "fragile", "destination": "inland", "customs": "not needed", "speed": "express"}})
    'desk'
    """
    return "desk"
'''  # noqa: E501
FRAGILE = {
    "weight_kg": 3.0,
    "longest_cm": 34,
    "contents": "glass",
    "country": "inland",
    "declared": True,
    "express": True,
}
LOGGED = [
    {**FRAGILE, "weight_kg": weight, "contents": contents, "express": express}
    for weight, contents, express in itertools.product(
        (0.3, 4.0, 17.5, 44.0), ("glass", "clothes", "battery"), (True, False)
    )
]


def teacher(run: Path) -> Teacher:
    return recorded_teacher(run, task_of_run(run, {}))


def sha(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.iterdir())
    }


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the parcels example, with a function that joined later, and logged decisions."""
    folder = tmp_path_factory.mktemp("trained")
    new_task(folder / "parcels", "parcels")
    run = folder / "run"
    RunPipeline(
        run, RunSettings(str(folder / "parcels"), train_episodes=21, encoder=TINY), Lines()
    ).prepare()
    with Policy.load(run, student="conditions", log=True) as policy:
        for name, replaces, expires in (
            ("to_desk", "by_courier", None),
            ("for_now", "by_courier, to_desk", "2099-01-01"),
        ):
            (folder / f"{name}.py").write_text(RULE.format(name=name, replaces=replaces))
            policy.add(folder / f"{name}.py", stage="service", emergency=True, expires=expires)
        policy.remove("for_now")
        policy.decide_many(LOGGED)
        policy.decide(LOGGED[0])
    return run


@pytest.fixture(scope="module")
def interrupted(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, interrupted between training and comparing."""
    run = Path(shutil.copytree(trained, tmp_path_factory.mktemp("interrupted") / "run"))

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "_compared", stop)
        with pytest.raises(KeyboardInterrupt):
            work.consolidate(run, work.plan(run, teacher(run)), teacher(run), Lines())
    return run


@pytest.fixture
def run(interrupted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(interrupted, tmp_path / "run"))


def judged(new: float) -> Any:
    """A comparison: the new student has this share of logged states right, the old one half."""

    def compared(*_: Any) -> dict[str, Any]:
        same = {"success": 1.0, "selection": 0.9}
        return {
            "states": 4,
            "episodes": 4,
            "old": same | {"logged": 0.5},
            "new": same | {"logged": new},
            "losses": {"logged": 5 * (new < 0.5)},
            "wins": {"logged": 0},
            "worse": ["logged"] * (new < 0.5),
        }

    return compared


def test_the_plan_lifts_what_the_views_show_and_counts_each_logged_state_once(
    trained: Path,
) -> None:
    planned = work.plan(trained, teacher(trained))
    assert planned.ordinary == ("to_desk",)
    assert (planned.old.function("to_desk").guarded, planned.new.function("to_desk").guarded) == (
        True,
        False,
    )
    assert planned.fresh + planned.unlabelled == len(LOGGED)
    assert planned.fresh == len(planned.logged) > 0
    assert {line["split"] for line in planned.logged} == {"train", "validation"}
    assert not (trained / work.MARKER).exists()


def test_a_function_that_expires_keeps_its_guard(trained: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run"))
    (tmp_path / "for_now.py").write_text(
        RULE.format(name="for_now", replaces="by_courier, to_desk")
    )
    with Policy.load(run, student="conditions") as policy:
        policy.add(tmp_path / "for_now.py", stage="service", emergency=True, expires="2099-01-01")
    planned = work.plan(run, teacher(run))
    assert planned.guarded["for_now"] == "it expires at 2099-01-01T00:00:00+00:00"
    assert "no state was seen" in planned.guarded["to_desk"]


def test_an_emergency_in_a_guarded_stage_stays_one_since_its_condition_decides(
    trained: Path,
) -> None:
    base = BaseFolder(trained / "base").load()
    desk = base.function("to_desk")
    stages = tuple(
        replace(s, mode="guarded" if s.name == desk.stage else s.mode) for s in base.stages
    )
    assert work._reason(base, desk) is None
    why = work._reason(replace(base, stages=stages, functions=(desk,)), desk)
    assert why == "in its stage conditions decide"


def test_an_interrupted_consolidation_leaves_student_and_base_and_goes_on_where_it_was(
    trained: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sha(run / "student") == sha(trained / "student")
    assert BaseFolder(run / "base").load() == BaseFolder(trained / "base").load()
    lines = Lines()
    monkeypatch.setattr(work, "_compared", judged(0.6))
    assert work.consolidate(run, work.plan(run, teacher(run)), teacher(run), lines)["swapped"]
    assert any(line.startswith("train     unchanged, skipped") for line in lines.lines)


def test_a_better_student_is_swapped_in_with_the_base_that_it_learned(
    trained: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_compared", judged(0.5))
    new = sha(run / work.NEXT / "student")
    planned = work.plan(run, teacher(run))
    assert work.consolidate(run, planned, teacher(run), Lines())["swapped"]
    assert sha(run / "student") == new != sha(trained / "student")
    base = BaseFolder(run / "base")
    assert base.load().function("to_desk").origin == "consolidated"
    assert [entry["op"] for entry in base.journal()[-2:]] == ["lift", "consolidate"]
    assert not (run / work.NEXT).exists()
    assert not work.plan(run, teacher(run)).changed
    learned = [json.loads(line) for line in (run / "examples.jsonl").read_text().splitlines()]
    assert any(
        example["label"] == "to_desk" and "by_courier" in example["candidates"]
        for example in learned
    )
    lines = Lines()
    task = RunSettings(str(run / "task"), train_episodes=21, encoder=TINY)
    RunPipeline(run, task, lines).prepare()
    assert [
        line.split(";")[0].split(maxsplit=1)[1]
        for line in lines.lines
        if line[:5] in ("colle", "train")
    ] == ["unchanged, skipped"] * 2


def test_a_worse_student_changes_nothing_and_is_not_trained_again(
    trained: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_compared", judged(0.4))
    assert not work.consolidate(run, work.plan(run, teacher(run)), teacher(run), Lines())["swapped"]
    assert sha(run / "student") == sha(trained / "student")
    assert BaseFolder(run / "base").load() == BaseFolder(trained / "base").load()
    result = CliRunner().invoke(app, ["consolidate", "--run", str(run)])
    assert result.exit_code == 0
    assert "keeps its guard: to_desk: looked at in the last consolidation" in result.stdout
    assert "nothing new since 20" in result.stdout


def test_states_of_a_rejected_consolidation_are_taken_in_with_those_that_come_later(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_compared", judged(0.4))
    before = work.plan(run, teacher(run))
    work.consolidate(run, before, teacher(run), Lines())
    log = (run / LOG).read_text().splitlines()
    write_lines(run / LOG, [json.loads(line) for line in [*log, log[0]]])
    assert len(work.plan(run, teacher(run)).logged) == len(before.logged)


def test_closed_files_of_a_log_count_and_redacted_states_are_counted_and_left_out(
    run: Path,
) -> None:
    before = work.plan(run, teacher(run))
    lines = read_lines(run / LOG)
    (run / LOG).rename(run / f"{LOG}.1")
    kept = {name: value for name, value in lines[0]["state"].items() if name != "contents"}
    write_lines(run / LOG, [{**lines[0], "state": kept, "redacted": ["contents"]}])
    after = work.plan(run, teacher(run))
    assert after.logged == before.logged
    assert (before.redacted, after.redacted) == (0, 1)
    assert (after.lines, after.fresh) == (before.lines + 1, before.fresh)


def test_a_base_that_another_process_holds_keeps_the_old_student(
    trained: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_compared", judged(0.6))
    planned = work.plan(run, teacher(run))
    with locked(run / "base"), pytest.raises(RunLockedError):
        work.consolidate(run, planned, teacher(run), Lines())
    assert sha(run / "student") == sha(trained / "student")
    assert BaseFolder(run / "base").load() == BaseFolder(trained / "base").load()


@pytest.mark.parametrize(
    "text", ["[]", '"a"', '{"lines": null}', '{"lines": "x"}', '{"lines": -5}', '{"tried": true}']
)
def test_a_marker_that_is_none_is_named(text: str, run: Path) -> None:
    (run / work.MARKER).write_text(text)
    with pytest.raises(CorruptError, match=work.MARKER):
        work.plan(run, teacher(run))


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        '{"split": "train"}',
        '{"state": [], "split": "train"}',
        '{"state": {}, "split": "test"}',
    ],
)
def test_a_line_that_no_consolidation_kept_is_named(line: str, run: Path) -> None:
    (run / FOLDED).write_text(
        json.dumps({"state": LOGGED[0], "split": "train"}) + "\n" + line + "\n"
    )
    with pytest.raises(CorruptError, match="line 2 holds no state"):
        work.plan(run, teacher(run))


def test_a_kept_state_that_the_task_no_longer_has_is_named(run: Path) -> None:
    (run / FOLDED).write_text('{"state": {}, "split": "train"}\n')
    with pytest.raises(InvalidStateError, match="line 1: field 'weight_kg'"):
        work.plan(run, teacher(run))


def test_a_swap_interrupted_after_the_new_base_is_in_force_keeps_the_new_student(
    trained: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "_compared", judged(0.6))
    monkeypatch.setattr(BaseFolder, "_materialise", interrupted)
    new = sha(run / work.NEXT / "student")
    with pytest.raises(KeyboardInterrupt):
        work.consolidate(run, work.plan(run, teacher(run)), teacher(run), Lines())
    assert BaseFolder(run / "base").load().function("to_desk").origin == "consolidated"
    assert sha(run / "student") == new != sha(trained / "student")


def test_a_run_without_its_record_of_writing_is_not_written_again(
    trained: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run"))
    (run / "steps" / "write.json").unlink()
    planned = work.plan(run, teacher(run))
    with pytest.raises(CorruptError, match=r"write\.json is missing"):
        work.consolidate(run, planned, teacher(run), Lines())


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ([True] * 9, [True] * 5 + [False] * 4, True),
        ([True] * 9, [True] * 7 + [False] * 2, False),  # as often by chance
        ([True] * 9 + [False] * 6, [False] * 6 + [True] * 9, False),  # as many are won
        ([None] * 9, [1.0] * 9, False),  # nothing was judged before
    ],
)
def test_a_student_is_worse_where_it_loses_more_states_than_by_chance(
    before: list[float | None], after: list[float | None], worse: bool
) -> None:
    assert (work._worse({"a": before}, {"a": after})["worse"] == ["a"]) is worse


def test_students_are_never_compared_on_states_that_were_trained_on(
    trained: Path, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(trained, tmp_path / "run"))
    planned = work.plan(run, teacher(run))
    states = [line for line in planned.logged if line["split"] == "train"]
    file = run / "task" / "states.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    splits = [record.split for record in RecordTask(run / "task").records]
    for row, split in zip(rows, splits, strict=True):
        row["split"] = "test" if split == "validation" else split
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    with pytest.raises(BaseError, match="no state is left to compare the students on"):
        work.consolidate(run, replace(planned, logged=states), teacher(run), Lines())
    assert not (run / work.NEXT).exists()


def test_a_student_that_takes_none_of_these_everywhere_loses_the_comparison(
    trained: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work.RunPipeline, "prepare", lambda _: None)  # it would be trained again
    select = PretrainedStudent.select

    def none_of_these(student: PretrainedStudent, queries: Sequence[Query]) -> list[Choice]:
        if work.NEXT not in str(student.folder):
            return select(student, queries)
        return [certain([function.name for function in q.candidates], False) for q in queries]

    monkeypatch.setattr(PretrainedStudent, "select", none_of_these)
    planned = work.plan(run, teacher(run))
    report = work.consolidate(run, planned, teacher(run), Lines())
    assert not report["swapped"]
    assert report["states"] == sum(line["split"] == "validation" for line in planned.logged) > 0
    assert all(
        report["new"][name] < report["old"][name] for name in ("success", "selection", "logged")
    )
    assert sha(run / "student") == sha(trained / "student")


def test_a_swap_that_was_cut_short_between_its_renames_is_undone(trained: Path, run: Path) -> None:
    (run / "student").rename(run / "student.before")
    work.plan(run, teacher(run))
    assert sha(run / "student") == sha(trained / "student")
    assert not (run / "student.before").exists()


def test_both_students_are_compared_on_the_same_states_and_shown_in_a_table(run: Path) -> None:
    command = ["consolidate", "--run", str(run)]
    dry = CliRunner().invoke(app, [*command, "--dry-run"])
    assert "becomes an ordinary function: to_desk" in dry.stdout
    assert "give --yes" in str(CliRunner().invoke(app, command).exception)
    assert not (run / work.MARKER).exists()
    result = CliRunner().invoke(app, [*command, "--yes"])
    assert result.exit_code == 0, result.output
    report = json.loads((run / work.MARKER).read_text())
    for row in ("old", "new"):
        assert all(
            f"{report[row][name]:.1%}" in result.stdout
            for name in ("success", "selection", "logged")
        )
    assert ("decides from now on" in result.stdout) == report["swapped"]
