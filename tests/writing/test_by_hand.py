"""Stages, functions and handlers that a person wrote into a task's folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.lamps import lamps_task

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.errors import TaskError
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Request
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import certain
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.scaffold import example_folder, new_task
from logicdistill.teacher.write import Author
from logicdistill.types import Choice, Query
from logicdistill.writing.base import build_base
from logicdistill.writing.by_hand import RefusedByHand, base_by_hand


class NamedIntents:
    """A student that is always right: it names what the records say."""

    name = "named"

    def __init__(self, task: RecordTask) -> None:
        self._task = task

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        found = []
        for query in queries:
            right = self._task.recorded(query.scope)[0].choices[query.stage.name]
            names = sorted(f.name for f in query.candidates if f.name != right)
            found.append(certain([right, *names] if right else names, right is not None))
        return found


class Asked:
    """A teacher that keeps what it was asked, and answers with one function."""

    def __init__(self, file: str) -> None:
        self.kinds: list[str] = []
        self._file = file

    def ask(self, request: Request) -> Any:
        self.kinds.append(request.kind)
        return {"files": [self._file]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_task(tmp_path / "expenses", "by-hand")
    return tmp_path / "expenses"


def refusals(folder: Path) -> list[str]:
    return base_by_hand(RecordTask(folder))[1]


def faults(folder: Path) -> str:
    with pytest.raises(TaskError) as caught:
        RecordTask(folder)
    return str(caught.value)


def test_the_returns_desk_serves_every_rule_and_gives_every_recorded_action_to_the_cent() -> None:
    task = RecordTask(example_folder("returns"))
    base, refused = base_by_hand(task)
    assert base is not None
    assert (refused, base.uncovered_rules(len(task.rules))) == ([], [])
    with Sandbox(base.functions) as sandbox:
        parts = Parts(task, base, FusedRetriever(None), NamedIntents(task), sandbox, 16)
        decisions = decide(parts, [record.state for record in task.records])
    wrong = {
        record.id: (decision.action, record.action)
        for record, decision in zip(task.records, decisions, strict=True)
        if decision.action != record.action
    }
    assert (len(decisions), wrong) == (150, {})


def test_functions_of_one_module_decide_in_its_order(folder: Path) -> None:
    base, refused = base_by_hand(RecordTask(folder))
    assert base is not None
    assert refused == []
    assert base.stages[0].order == ("refuse_late_claim", "ask_the_manager", "approve")
    assert not base.needs_student
    assert {function.origin for function in base.functions} == {"person"}


def test_every_refused_function_is_named_with_its_file(folder: Path) -> None:
    module = folder / "functions" / "decide.py"
    broken = module.read_text().replace("    'refuse'\n", "    'refused'\n", 1)
    module.write_text(broken.replace("not receipt\n", "not recipt\n"))
    one, two = refusals(folder)
    assert one.startswith("functions/decide.py:1: refuse_late_claim: usage example 1 expects")
    assert two.startswith("functions/decide.py:13: ask_the_manager: 'When:' uses 'recipt'")
    with pytest.raises(RefusedByHand, match=r"\(and 1 more: logicdistill check\)"):
        build_base(Author(Asked(""), RecordTask(folder)), [], lambda _: None)


def test_two_files_of_a_stage_with_pictures_that_define_one_name_are_refused(
    tmp_path: Path,
) -> None:
    task = lamps_task(tmp_path / "task")
    function = 'def dark() -> str:\n    """Answer dark.\n\n    Use when: dark.\n    """\n'
    files = task / "functions" / "look"
    files.mkdir(parents=True)
    for name, answer in (("dark", "green"), ("more", "red")):
        (files / f"{name}.py").write_text(f"{function}    return {answer!r}\n")
    (refusal,) = refusals(task)
    assert refusal == (
        "functions/look/more.py:1: dark: "
        "functions/look/dark.py has a function of this name; give one another"
    )


STAGES = """
[[stages]]
name = "money"
mode = "all"

[[stages]]
name = "ruling"
mode = "first"
"""


def test_the_teacher_is_asked_for_the_functions_of_a_stage_that_has_none(folder: Path) -> None:
    (folder / "stages.toml").write_text(STAGES)
    (folder / "functions" / "decide.py").rename(folder / "functions" / "ruling.py")
    written = (
        "def size(amount_eur: float) -> dict[str, str]:\n"
        '    """Say how large the amount is.\n\n    Use when: always.\n    >>> size(3)\n'
        "    {'size': 'small'}\n    \"\"\"\n"
        "    return {'size': 'small' if amount_eur < 50 else 'large'}\n"
    )
    teacher = Asked(written)
    base, entries = build_base(Author(teacher, RecordTask(folder)), [], lambda _: None)
    assert teacher.kinds == ["functions"]
    origins = {function.name: function.origin for function in base.functions}
    assert origins == {
        "size": "teacher",
        "refuse_late_claim": "person",
        "ask_the_manager": "person",
        "approve": "person",
    }
    assert len(entries) == 4


def test_what_the_stages_file_says_wrongly_is_a_fault(folder: Path) -> None:
    file = folder / "stages.toml"
    for text, said in {
        STAGES.replace('"first"', '"frist"'): "stage 2: mode: input should be 'one', 'all'",
        f"{STAGES}raeds = []": "stage 2: raeds: extra inputs are not permitted",
        STAGES.replace('"first"', '"all"'): "the last stage 'ruling' has the mode 'all'",
        STAGES.replace('"first"', '"one"'): "'reads' is empty, so the student would see nothing",
        STAGES: "functions/decide.py: belongs to no stage; put it into functions/STAGE/: money",
        "stages = 3": "stages.toml: stages: input should be a valid list",
    }.items():
        file.write_text(text)
        assert said in faults(folder)


def test_an_order_may_only_name_functions_of_the_stage(folder: Path) -> None:
    (folder / "stages.toml").write_text(
        '[[stages]]\nname = "decide"\nmode = "first"\norder = ["approve_all", "approve"]\n'
    )
    [line] = refusals(folder)
    assert line.startswith("stages.toml: 'order' names 'approve_all'; stage 'decide' has: approve,")


def test_a_function_that_always_holds_may_not_stand_before_others(folder: Path) -> None:
    (folder / "stages.toml").write_text(
        '[[stages]]\nname = "decide"\nmode = "first"\norder = ["approve", "refuse_late_claim"]\n'
    )
    [line] = refusals(folder)
    assert "approve: it always holds, and stage 'decide' has functions after it" in line


HANDLERS = {
    "card_arrival": "The customer asks when a card comes.",
    "PDF&URLTool": 'The message has a "link" or a file \\ path',
    "2fa": "A code is missing.",
    "print": "Something is to be printed.",
    "Prüfung": "Somebody asks for a check.",
}


def test_a_table_of_sentences_makes_the_functions_and_the_rules(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    table = "\n".join(f"{json.dumps(a)} = {json.dumps(s)}" for a, s in HANDLERS.items())
    head = 'id = "desk-v1"\ntitle = "Who answers"\nfallback = "person"\n\n[actions]\n'
    (folder / "task.toml").write_text(head + table + "\n")
    rows = [
        {"state": {"message": f"Where is {n}?"}, "split": s}
        for n, s in enumerate(("train", "test"))
    ]
    (folder / "states.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    task = RecordTask(folder)
    base, refused = base_by_hand(task)
    assert base is not None
    assert refused == []
    assert task.rules[1] == 'The message has a "link" or a file \\ path.'
    names = [function.name for function in base.functions]
    assert names == ["answer_2fa", "answer_print", "card_arrival", "pdf_urltool", "prufung"]
    with Sandbox(base.functions) as sandbox:
        given = {sandbox.call(function, {}).value for function in base.functions}
    assert given == set(HANDLERS)
    assert task.illegal({}, "person") is None
    assert base.stages[0].reads == ("message",)
    assert base.needs_student


def test_a_table_of_keywords_stays_a_schema(folder: Path) -> None:
    settings = (folder / "task.toml").read_text()
    text = settings.replace(
        '["approve", "manager", "refuse"]', '{ type = "string", pattern = "^[a-z]+$" }'
    )
    (folder / "task.toml").write_text(text)
    assert RecordTask(folder).settings.handlers == {}
