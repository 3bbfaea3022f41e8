from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from logicdistill.deciding.parts import Parts
from logicdistill.errors import BaseError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Request
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.write import Author
from logicdistill.types import Candidate, Choice, Query, Stage
from logicdistill.writing.base import build_base

PICK = Stage("pick", "pick", "Which number?", reads=("n",))
STATE = {"n": 10, "guesses": [], "answers": [], "guesses_left": 4}


def function_file(
    name: str,
    body: str,
    manual: str = "",
    parameter: str = "n: int",
    example: str = "n=10",
    expected: str = "5",
) -> str:
    return (
        f'def {name}({parameter}) -> int:\n    """Name a number.\n\n'
        f"    Use when: {name} fits.\n{manual}    Rules: 1\n"
        f'    >>> {name}({example})\n    {expected}\n    """\n    {body}\n'
    )


def parts_of(
    sources: Sequence[str], student: Any = None, top_k: int = 16, origin: str = "teacher"
) -> Parts:
    functions = [
        parse_function(source, PICK, origin if "Replaces:" in source else "teacher")
        for source in sources
    ]
    base = FunctionBase("guess-v1", (PICK,)).having(functions)
    return Parts(
        get_task("guess"),
        base,
        FusedRetriever(None),
        student or FirstStudent(),
        Sandbox(base.functions),
        top_k,
    )


class Ranked:
    """A student with a fixed order of preference."""

    name = "ranked"

    def __init__(self, *names: str, none: float = 0.0) -> None:
        self.names, self.none = names, none
        self.queries: list[Query] = []

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        self.queries += queries
        return [
            Choice(
                tuple(Candidate(name, 0.5 / 2**i) for i, name in enumerate(self.names)), self.none
            )
            for _ in queries
        ]


class QueuedTeacher:
    """Gives its replies in order, by kind."""

    def __init__(self, **replies: list[Any]) -> None:
        self.replies = replies
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Any:
        self.asked.append(request)
        return self.replies[request.kind].pop(0)


STAGES = {
    "stages": [
        {
            "name": "pick",
            "output": "pick",
            "question": "Which number?",
            "mode": "one",
            "reads": ["n"],
        }
    ]
}


def test_a_refused_function_goes_back_with_the_reason_and_joins_once_repaired() -> None:
    lie, truth = function_file("good", "return 6"), function_file("good", "return 5")
    teacher = QueuedTeacher(
        stages=[STAGES], functions=[{"files": [lie]}], repair=[{"files": [truth]}]
    )
    base, entries = build_base(Author(teacher, get_task("guess")), [STATE], lambda line: None)
    assert [function.source for function in base.functions] == [truth]
    assert entries[0]["evidence"]["examples"] == 1
    assert "expects 5 but the function returns 6" in teacher.asked[-1].messages[-1][1]


def test_a_file_in_a_code_fence_is_taken_without_it() -> None:
    file = function_file("good", "return 5")
    teacher = QueuedTeacher(stages=[STAGES], functions=[{"files": [f"```python\n{file}```"]}])
    base, _ = build_base(Author(teacher, get_task("guess")), [STATE], lambda line: None)
    assert [function.source for function in base.functions] == [file]


def test_a_stage_without_a_usable_function_ends_with_the_last_refusal() -> None:
    lie = {"files": [function_file("good", "return 6")]}
    teacher = QueuedTeacher(stages=[STAGES], functions=[lie], repair=[lie] * 3)
    with pytest.raises(
        BaseError,
        match="no usable function for stage 'pick' after 3 repairs; "
        "last refusal: good: usage example 1",
    ):
        build_base(Author(teacher, get_task("guess")), [STATE], lambda line: None)
