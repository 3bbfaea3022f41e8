"""Recorded actions label states; where they contradict the functions, that is reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from logicdistill.deciding.parts import Parts
from logicdistill.errors import MissingReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.steps import RECORD_SAMPLES
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.scaffold import new_task
from logicdistill.teacher.recorded import SHIPPED, RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.training.collect import Collected, collect
from logicdistill.training.logged import LoggedLabeller, labeller_for
from logicdistill.writing.base import build_base
from logicdistill.writing.replies import recorded_stores


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_task(tmp_path / "post", "parcels")
    return tmp_path / "post"


def author_of(task: RecordTask) -> Author:
    return Author(
        RecordedTeacher(ReplyStore(task.folder.parent / "replies"), recorded_stores(task, SHIPPED)),
        task,
    )


@pytest.fixture
def base(folder: Path) -> FunctionBase:
    task = RecordTask(folder)
    return build_base(author_of(task), task.samples(RECORD_SAMPLES), lambda line: None)[0]


def edit(folder: Path, change: Callable[[int, dict[str, Any]], dict[str, Any]]) -> None:
    rows = [json.loads(line) for line in (folder / "states.jsonl").read_text().splitlines()]
    rows = [
        change(index, row | {"split": "train" if index else "test"})
        for index, row in enumerate(rows)
    ]
    (folder / "states.jsonl").write_text("\n".join(map(json.dumps, rows)))


def known(_: int, row: dict[str, Any]) -> dict[str, Any]:
    """Only states with a recorded action are trained on."""
    return row if "action" in row else row | {"split": "validation"}


def collected(
    folder: Path, base: FunctionBase, author: Author | None = None
) -> tuple[Collected, LoggedLabeller]:
    task = RecordTask(folder)
    with Sandbox(base.functions) as sandbox:
        parts = Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, 16)
        labeller = labeller_for(author or author_of(task), sandbox, task, base.stages[-1])
        assert isinstance(labeller, LoggedLabeller)
        return collect(parts, labeller, range(len(task.split("train"))), explore=0.0), labeller


def test_recorded_actions_label_what_no_when_decides_and_the_teacher_is_not_asked(
    folder: Path, base: FunctionBase, tmp_path: Path
) -> None:
    edit(folder, known)
    asked_of_nobody = Author(RecordedTeacher(ReplyStore(tmp_path / "none")), RecordTask(folder))
    found, labeller = collected(folder, base, asked_of_nobody)
    assert labeller.disagreements == []
    right = {
        "as_letter": "letter",
        "as_parcel": "parcel",
        "by_courier": "courier",
        "by_freight": "freight",
        "to_the_desk": "desk",
    }
    assert {example.label for example in found.examples} == set(right)
    assert sum(example.count for example in found.examples) == len(
        RecordTask(folder).split("train")
    )


def test_without_recorded_actions_the_teacher_is_asked(
    folder: Path, base: FunctionBase, tmp_path: Path
) -> None:
    edit(folder, lambda index, row: {key: row[key] for key in ("id", "state", "split")})
    found, labeller = collected(folder, base)
    assert labeller.disagreements == []
    assert len({example.label for example in found.examples}) == 5
    with pytest.raises(MissingReplyError):
        collected(
            folder, base, Author(RecordedTeacher(ReplyStore(tmp_path / "none")), RecordTask(folder))
        )


def test_an_action_against_a_when_is_reported_and_not_trained_on(
    folder: Path, base: FunctionBase
) -> None:
    edit(folder, known)
    clean, _ = collected(folder, base)
    wrong = next(r for r in RecordTask(folder).split("train") if r.action == "desk")
    edit(
        folder,
        lambda index, row: (
            known(index, row) | ({"action": "letter"} if row["id"] == wrong.id else {})
        ),
    )
    found, labeller = collected(folder, base)
    assert [item["id"] for item in labeller.disagreements] == [wrong.id]
    item = labeller.disagreements[0]
    assert (item["action"], item["leading"], item["when"]) == (
        "letter",
        ["as_letter"],
        ["to_the_desk"],
    )
    assert (
        item["says"] == f"{wrong.id}: recorded 'letter', but the 'When:' of to_the_desk holds, "
        "which leads to another action"
    )
    assert sum(e.count for e in found.examples) == sum(e.count for e in clean.examples) - 1


def test_an_action_that_no_function_gives_is_reported(folder: Path, base: FunctionBase) -> None:
    edit(folder, known)
    without = base.having(function for function in base.functions if function.name != "by_courier")
    _, labeller = collected(folder, without)
    couriers = [
        record.id for record in RecordTask(folder).split("train") if record.action == "courier"
    ]
    assert couriers
    assert [item["id"] for item in labeller.disagreements] == couriers
    assert all("no function leads to it" in item["says"] for item in labeller.disagreements)


def test_one_state_with_two_recorded_actions_is_reported(folder: Path, base: FunctionBase) -> None:
    edit(folder, known)
    parcel = next(
        record for record in RecordTask(folder).split("train") if record.action == "parcel"
    )
    with (folder / "states.jsonl").open("a") as file:
        file.write(
            "\n"
            + json.dumps(
                {"id": "again", "state": parcel.state, "action": "letter", "split": "train"}
            )
        )
    _, labeller = collected(folder, base)
    assert [item["says"].partition(", but ")[2] for item in labeller.disagreements] == [
        "again has the same state and another action"
    ]


def test_of_several_functions_that_lead_to_the_action_the_teacher_names_the_right_one(
    folder: Path, base: FunctionBase
) -> None:
    edit(folder, known)
    letter = base.function("as_letter")
    twin = replace(letter, source=letter.source.replace('"letter"', '"parcel"'))
    found, labeller = collected(
        folder, base.having([f for f in base.functions if f.name != "as_letter"] + [twin])
    )
    train = RecordTask(folder).split("train")
    parcels = sum(record.action == "parcel" for record in train)
    assert sum(e.count for e in found.examples if e.label == "as_parcel") == parcels > 0
    assert [item["id"] for item in labeller.disagreements] == [
        record.id for record in train if record.action == "letter"
    ]
