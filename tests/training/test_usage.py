"""Labelled messages become usage examples of the function that is right for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from logicdistill.deciding.parts import Parts
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.records import RecordTask, shots
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.training.collect import collect, reads_text_alone, with_usage_examples
from logicdistill.training.logged import labeller_for
from logicdistill.types import Function, Stage

STAGE = Stage("act", "act", "What now?", reads=("message",), text=("message",))
PAY = '''def pay(message: str) -> str:
    """Pay.

    Use when: a bill is to be paid.
    Example: pay 0
    >>> pay("the bill please")
    'pay'
    """
    return "pay"
'''
SHOUT = '''def shout(message: str) -> str:
    """Shout back.

    Use when: somebody shouts.
    >>> shout("HEY")
    'shout'
    """
    return "shout" if message.isupper() else ""
'''


def row(message: str, action: str, split: str = "train") -> dict[str, object]:
    return {"state": {"message": message}, "action": action, "split": split}


@pytest.fixture
def task(tmp_path: Path) -> RecordTask:
    (tmp_path / "task.toml").write_text(
        'id = "desk-v1"\ntitle = "t"\nactions = ["pay", "shout", "none"]\n'
        'fallback = "none"\ntext = ["message"]\n'
    )
    (tmp_path / "rules.md").write_text("1. A bill is paid.\n")
    rows = [row(f"pay {number}", "pay") for number in range(6)] + [
        row(f"AY {number}", "shout") for number in range(6)
    ]
    rows += [
        row("A \\ B", "shout"),
        row('A """ B', "shout"),
        row("the moon", "none"),
        row("pay 9", "pay", "test"),
    ]
    (tmp_path / "states.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in rows))
    return RecordTask(tmp_path)


@pytest.fixture
def parts(task: RecordTask) -> Iterator[Parts]:
    base = FunctionBase(task.id, (STAGE,)).having(
        parse_function(source, STAGE) for source in (PAY, SHOUT)
    )
    with Sandbox(base.functions) as sandbox:
        yield Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, 2)


def drawn(parts: Parts, count: int, few: int | None = None) -> dict[str, Function]:
    assert isinstance(parts.task, RecordTask)
    author = Author(RecordedTeacher(ReplyStore(parts.task.folder / "replies")), parts.task)
    labeller = labeller_for(author, parts.sandbox, parts.task, parts.base.stages[-1], strict=False)
    return with_usage_examples(parts, labeller, shots(parts.task, few), count).by_name


def words(function: Function) -> list[str]:
    return [example.text for example in function.manual.examples if example.text is not None]


def test_a_function_gets_training_messages_that_it_is_right_for_up_to_the_count(
    parts: Parts,
) -> None:
    found = drawn(parts, 4)
    assert len(words(found["pay"])) == len(words(found["shout"])) == 4
    assert words(found["pay"])[0] == "pay 0"
    assert set(words(found["pay"])) <= {f"pay {number}" for number in range(6)}
    assert found["pay"].texts == (found["pay"].texts[0], *words(found["pay"]), "the bill please")
    assert len(words(drawn(parts, 100)["pay"])) == 6


def test_the_messages_are_the_first_of_the_draw_of_shots(parts: Parts) -> None:
    assert isinstance(parts.task, RecordTask)
    three = {record.state["message"] for record in shots(parts.task, 3)}
    assert set(words(drawn(parts, 3)["pay"])) <= {*three, "pay 0"}
    assert drawn(parts, 3) == drawn(parts, 3)
    assert set(words(drawn(parts, 100, few=3)["shout"])) == {
        text for text in three if text[-1].isdigit() and text.startswith("AY")
    }


def test_a_message_that_a_docstring_cannot_hold_is_left_out(parts: Parts) -> None:
    assert set(words(drawn(parts, 100)["shout"])) == {f"AY {number}" for number in range(6)}


def test_only_the_manual_changes_and_the_gate_admits_the_function_again(parts: Parts) -> None:
    gate = Gate(frozenset({"message"}), 1, (STAGE,))
    for name, function in drawn(parts, 5).items():
        assert [
            line for line in function.source.splitlines() if not line.strip().startswith("Example:")
        ] == [
            line
            for line in parts.base.by_name[name].source.splitlines()
            if not line.strip().startswith("Example:")
        ]
        assert gate.admit(function.source, STAGE, {}, parts.sandbox)[0] == function


def test_a_message_that_no_function_is_right_for_has_none_of_these_as_its_answer(
    parts: Parts,
) -> None:
    assert isinstance(parts.task, RecordTask)
    author = Author(RecordedTeacher(ReplyStore(parts.task.folder / "replies")), parts.task)
    labeller = labeller_for(author, parts.sandbox, parts.task, parts.base.stages[-1], strict=False)
    found = collect(parts, labeller, range(15), explore=0.0)
    labels = {example.view: example.label for example in found.examples}
    assert labels.keys() == {record.state["message"] for record in parts.task.split("train")}
    assert [view for view, label in labels.items() if label is None] == ["the moon"]
    assert labeller.disagreements == []  # type: ignore[attr-defined]  # the labeller of a record task


def test_usage_examples_in_words_are_for_decisions_that_read_text_alone(parts: Parts) -> None:
    assert reads_text_alone(parts.base)
    for stages in (
        (Stage("act", "act", "?", reads=("message", "age"), text=("message",)),),
        (Stage("act", "act", "?"),),
        (Stage("act", "act", "?", mode="first", reads=("message",), text=("message",)),),
        (STAGE, Stage("then", "then", "?", reads=("message",), text=("message",))),
    ):
        assert not reads_text_alone(FunctionBase("desk-v1", stages))
