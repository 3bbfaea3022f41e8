"""A hostile teacher: what refuses its files. tests/functions/test_sandbox.py attacks what runs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from logicdistill.errors import BaseError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.sandbox import Limits
from logicdistill.protocols import Request
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.write import Author
from logicdistill.types import Json
from logicdistill.writing.base import build_base
from logicdistill.writing.events import Event, Refused

TASK = get_task("guess")
STATE = first_state(TASK, 0)
STAGE = {
    "name": "pick",
    "output": "pick",
    "question": "Which number?",
    "mode": "one",
    "reads": ["n"],
}


def file(
    name: str = "bad",
    body: str = "return n",
    use: str = "always.",
    summary: str = "Name the largest.",
    more: str = "",
    want: str = "7",
) -> str:
    manual = (
        f'    """{summary}\n\n    Use when: {use}\n{more}    >>> {name}(7)\n    {want}\n    """'
    )
    return f"def {name}(n: int) -> int:\n{manual}\n    {body}\n"


HONEST = file("honest")


class Hostile:
    """Writes one honest function and a hostile one, which it insists on."""

    def __init__(self, hostile: str, stages: Json = None) -> None:
        self.hostile, self.stages_reply = hostile, stages
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Json:
        self.asked.append(request)
        if request.kind == "stages":
            return self.stages_reply or {"stages": [STAGE]}
        return {"files": [HONEST, self.hostile] if request.kind == "functions" else [self.hostile]}


ATTACKS = {
    "endless loop": (file(body="while True:\n        pass"), "TimeoutError|time limit"),
    "endless recursion": (
        file(body="def f(k: int) -> int:\n        return f(k) + 1\n    return f(n)"),
        "RecursionError",
    ),
    "memory": (file(body="return len([0] * 10**10)"), "MemoryError"),
    "a number without end": (file(body="return 10 ** 10 ** 8"), "MemoryError|TimeoutError"),
    "another type than it says": (file(body="return 'seven'"), "type check"),
    "another result than it says": (file(body="return 1"), "expects 7 but the function returns 1"),
    "shadows another function": (
        file("honest", "return 1", want="1"),
        "already has a function of this name",
    ),
    "shadows another function by case": (file("Honest"), "only in upper and lower case"),
    "shadows a builtin": (file("len"), "this name is Python's"),
    "takes an internal name": (
        file(body="import math as __fn_honest\n    return n"),
        "'__fn_honest' is not allowed",
    ),
    "cites a rule that is not there": (
        file(more="    Rules: 99\n"),
        "cites rule 99; the task has rules 1 to",
    ),
    "replaces a function that is not there": (
        file(more="    When: n > 0\n    Replaces: nobody\n"),
        "replaces 'nobody'",
    ),
    "several functions in a file": (file() + file("second"), "exactly one top-level function"),
    "code beside the function": (file() + "print('here')\n", "at top level only"),
    "imports a module that reaches out": ("import socket\n" + file(), r"import of \['socket'\]"),
    "imports inside": (file(body="import os\n    return n"), r"import of \['os'\]"),
    "climbs through dunder names": (file(body="return n.__class__.__mro__[1]"), "is not allowed"),
    "a name that leads out of the folder": (
        file().replace("def bad", "def ../../bad"),
        "not valid Python",
    ),
    "a name with a long tail": (file("b" * 200), "at most 60 letters"),
    "a huge file": (file(body="return n  " + "#" * 30_000), "at most 20000"),
    "no text at all": ("", "found 0 definitions"),
    "prose in place of code": ("I am sorry, I cannot do that.", "not valid Python"),
    "a terminal escape in the manual": (file(summary="Name \\x1b]0;it."), "control character"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_in_one_line_and_the_honest_function_stays(
    attack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine gives a function that does not end up to the watchdog, four times.
    monkeypatch.setattr("logicdistill.writing.base.PATIENT", Limits(seconds=0.2, watchdog=2.0))
    hostile, refusal = ATTACKS[attack]
    events: list[Event] = []
    teacher = Hostile(hostile)
    base, _ = build_base(Author(teacher, TASK), [STATE], events.append)
    assert [function.source for function in base.functions] == [HONEST]
    refused = [event.refusal for event in events if isinstance(event, Refused)]
    assert len(refused) == 4
    assert re.search(refusal, refused[0]), refused[0]
    assert all(line.isprintable() for line in refused)
    assert sum(request.kind == "repair" for request in teacher.asked) == 3


BAD_STAGES = {
    "a folder above": ({"name": "../../pick"}, "stage name '../../pick' cannot be a folder's"),
    "a hidden folder": ({"name": ".snapshots"}, "stage name '.snapshots' cannot be a folder's"),
    "an output that hides a field": (
        {"output": "n"},
        "output 'n' of stage 'pick' is no new Python name",
    ),
    "an output that is code": (
        {"output": "x = 1"},
        "output 'x = 1' of stage 'pick' is no new Python name",
    ),
    "a dunder output": ({"output": "__builtins__"}, "is no new Python name"),
    "reads what is not there": ({"reads": ["password"]}, "reads 'password'; there are: answers"),
    "no action": ({"mode": "all"}, "the last stage 'pick' has the mode 'all'"),
}


@pytest.mark.parametrize("attack", BAD_STAGES)
def test_stages_that_no_base_can_have_are_refused_before_anything_is_written(attack: str) -> None:
    change, message = BAD_STAGES[attack]
    teacher = Hostile(HONEST, {"stages": [STAGE | change]})
    with pytest.raises(BaseError, match=message):
        build_base(Author(teacher, TASK), [STATE], lambda _: None)
    assert [request.kind for request in teacher.asked] == ["stages"]
    assert teacher.asked[0].check({"stages": [STAGE | change]})


@pytest.mark.parametrize(
    ("reply", "message"),
    [({"stages": []}, "no stage"), ({"files": []}, "stages: Field required"), ([1], "reply: ")],
)
def test_an_answer_without_stages_is_refused(reply: Any, message: str) -> None:
    with pytest.raises(BaseError, match=message):
        Author(Hostile("", reply), TASK).stages([STATE])


def test_half_a_character_is_refused_before_it_is_stored_or_asked_about() -> None:
    with pytest.raises(BaseError, match="holds half of a Unicode character"):
        build_base(Author(Hostile(HONEST + "# \ud800\n"), TASK), [STATE], lambda _: None)
