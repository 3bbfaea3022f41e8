from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from logicdistill.errors import CorruptError, MissingReplyError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.lint import copied_logic
from logicdistill.protocols import Request
from logicdistill.tasks.registry import get_task, task_ids
from logicdistill.teacher.recorded import (
    LABELS_FILE,
    RecordedTeacher,
    ReplyStore,
    request_key,
    shipped_replies,
)
from logicdistill.teacher.write import Author
from logicdistill.writing.base import build_base

REQUEST = Request("label", "guess-v1", (("user", "which?"),), {"type": "object"})


def test_a_reply_is_used_once_from_the_recording_and_then_from_the_run(tmp_path: Path) -> None:
    shipped = ReplyStore(tmp_path / "shipped")
    shipped.put(REQUEST, {"function": "f"}, "a test")
    teacher = RecordedTeacher(ReplyStore(tmp_path / "run"), [shipped])
    assert [teacher.ask(REQUEST), teacher.ask(REQUEST)] == [{"function": "f"}] * 2
    assert RecordedTeacher(ReplyStore(tmp_path / "run")).ask(REQUEST) == {"function": "f"}


@pytest.mark.parametrize(
    "text", ["{", "{}", "[]", '{"origin": "a test", "request": 1, "reply": 2}']
)
def test_a_file_that_is_no_reply_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / f"{request_key(REQUEST)}.json").write_text(text)
    for found in (
        lambda: ReplyStore(tmp_path).get(REQUEST),
        lambda: ReplyStore(tmp_path).about(replace(REQUEST, subject="a")),
    ):
        with pytest.raises(CorruptError, match=request_key(REQUEST)):
            found()


def test_a_request_without_a_reply_says_so_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        MissingReplyError, match="no recorded reply for 'label' of task 'guess-v1'"
    ) as caught:
        RecordedTeacher(ReplyStore(tmp_path)).ask(REQUEST)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("stages", "nobody has written functions for these rules: write the functions yourself"),
        (
            "label",
            "where a function without 'When:' joined, give it a 'When:' .*, "
            "or take it back with 'logicdistill base rollback'",
        ),
        ("emergency", "nobody has recorded an answer to this new rule: .* 'logicdistill base add'"),
        ("unfitting", "nobody has recorded an answer to this state: .* 'logicdistill base add'"),
    ],
)
def test_what_a_folder_of_own_rules_lacks_is_told_by_what_was_asked(
    kind: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(MissingReplyError, match=said) as caught:
        RecordedTeacher(ReplyStore(tmp_path)).ask(replace(REQUEST, kind=kind, task="mine-v1"))
    assert "built-in" not in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(
        MissingReplyError, match="recordings cover the built-in tasks at default settings"
    ):
        RecordedTeacher(ReplyStore(tmp_path)).ask(replace(REQUEST, kind=kind))


def test_a_label_stays_when_only_the_wording_of_its_question_changes(tmp_path: Path) -> None:
    asked = replace(REQUEST, subject="pick | n: 1 | a, b")
    store = ReplyStore(tmp_path / "shipped")
    store.put(asked, {"function": "a"}, "a test")
    reworded = replace(asked, messages=(("user", "which one then?"),))
    assert RecordedTeacher(ReplyStore(tmp_path / "run"), [store]).ask(reworded) == {"function": "a"}
    elsewhere = replace(asked, messages=(("user", "and here?"),), subject="pick | n: 2 | a, b")
    with pytest.raises(MissingReplyError):
        RecordedTeacher(ReplyStore(tmp_path / "run"), [store]).ask(elsewhere)


def test_many_labels_share_one_file(tmp_path: Path) -> None:
    asked = replace(REQUEST, subject="pick | n: 1 | a, b")
    store = ReplyStore(tmp_path / "shipped")
    store.put(asked, {"function": "a"}, "a test")
    (file,) = store.folder.glob("*.json")
    (store.folder / LABELS_FILE).write_text(json.dumps(json.loads(file.read_text())) + "\n")
    file.unlink()
    run = ReplyStore(tmp_path / "run")
    assert (
        RecordedTeacher(run, [ReplyStore(store.folder)]).ask(asked)
        == {"function": "a"}
        == run.get(asked)["reply"]
    )
    (store.folder / LABELS_FILE).write_text('{"origin": "a test"}\n')
    with pytest.raises(CorruptError, match=LABELS_FILE):
        ReplyStore(store.folder).about(asked)


@pytest.mark.parametrize("name", task_ids())
def test_the_shipped_recordings_cover_every_rule_and_repeat_no_logic(
    name: str, tmp_path: Path
) -> None:
    task = get_task(name)
    teacher = RecordedTeacher(ReplyStore(tmp_path), [shipped_replies(task.id)])
    base, entries = build_base(
        Author(teacher, task), [first_state(task, seed) for seed in range(2)], lambda line: None
    )
    assert base.uncovered_rules(len(task.rules)) == []
    assert copied_logic(base) == []
    assert len(entries) == len(base.by_name)
    selecting = [stage for stage in base.stages if stage.selects]
    for stage in selecting:
        assert sum(function.manual.when is None for function in base.of_stage(stage.name)) >= 2


@pytest.mark.parametrize("name", task_ids())
def test_every_recorded_reply_says_honestly_what_wrote_it(name: str) -> None:
    for file in shipped_replies(name).folder.glob("*.json"):
        origin = json.loads(file.read_text())["origin"]
        assert "no run called a model" in origin
        assert "alone" not in origin
        assert ("constants" in origin) == name.startswith(("pursuit", "mountain-car", "pendulum"))


def test_an_answer_that_was_corrected_in_its_recording_replaces_the_runs_copy(
    tmp_path: Path,
) -> None:
    recording, run = ReplyStore(tmp_path / "replies"), ReplyStore(tmp_path / "run")
    recording.put(REQUEST, {"files": ["bad"]}, "recorded")
    assert RecordedTeacher(run, [recording]).ask(REQUEST) == {"files": ["bad"]}
    recording.put(REQUEST, {"files": ["good"]}, "recorded")
    assert RecordedTeacher(run, [recording]).ask(REQUEST) == {"files": ["good"]}
    assert RecordedTeacher(run).ask(REQUEST) == {"files": ["good"]}
