"""Large stages are searched before their functions are looked at; here few functions are many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.writing.test_base import PICK, STATE, Ranked, function_file, parts_of

from logicdistill.deciding import stage as selection
from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.stage import Standing, queries_for
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.types import Function, Manual, Stage

SOURCES = [
    *(function_file(f"plain_{number}", "return 5") for number in range(12)),
    *(
        function_file(f"later_{number}", "return later", parameter="later: int")
        for number in range(12)
    ),
    function_file(
        "urgent",
        "return 7",
        "    When: n > 50\n    Replaces: plain_0, plain_1\n",
        example="n=60",
        expected="7",
    ),
]
SCOPES: list[dict[str, Any]] = [{**STATE, "n": n} for n in (10, 60)]


def names(top_k: int) -> list[list[str]]:
    parts = parts_of(SOURCES, Ranked("plain_2"), top_k=top_k, origin="emergency")
    return [
        [function.name for function in query.candidates]
        for query in queries_for(parts, parts.base.stages[0], SCOPES)
    ]


TALKS = """def {name}(message: str, form: dict[str, str]) -> str:
    \"\"\"Do {name}.

    Use when: {name}.
    Example: {text}
    \"\"\"
    return "{name}"
"""


@pytest.mark.parametrize("exact", [8, 1])
def test_where_facts_stand_beside_words_functions_are_looked_for_by_words(
    exact: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Usage examples are in words; those of `track` happen to be what the form says."""
    monkeypatch.setattr(selection, "EXACT", exact)
    stage = Stage("ask", "ask", "What is asked?", reads=("message", "form"), text=("message",))
    texts = {
        "cancel": "stop my order",
        "track": "status pending, reason given, address given",
        "greet": "good day",
    }
    functions = [
        parse_function(TALKS.format(name=name, text=text), stage) for name, text in texts.items()
    ]
    base = FunctionBase("desk-v1", (stage,)).having(functions)
    with Sandbox(base.functions) as sandbox:
        parts = replace(parts_of(SOURCES[:1]), base=base, sandbox=sandbox, top_k=1)
        scope = {
            "message": "please stop my order",
            "form": {"status": "pending", "reason": "given", "address": "given"},
        }
        [query] = queries_for(parts, stage, [scope])
    assert [function.name for function in query.candidates] == ["cancel"]
    assert query.view == "please stop my order, address: given, reason: given, status: pending"


@pytest.mark.parametrize("top_k", [4, 11])
def test_a_stage_searched_first_has_the_same_candidates_as_one_looked_at_first(
    top_k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at_first = names(top_k)
    monkeypatch.setattr(selection, "EXACT", 8)
    searched_first = names(top_k)
    for calm, urgent in (looked_at_first, searched_first):
        assert all(name.startswith("plain_") for name in calm)
        assert "urgent" in urgent
        assert not {"plain_0", "plain_1"} & set(urgent)
        assert (len(calm), len(urgent)) == (top_k, top_k)


def test_a_stage_with_fewer_fitting_functions_than_k_gives_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selection, "EXACT", 8)
    calm, urgent = names(16)
    assert sorted(calm) == sorted(f"plain_{number}" for number in range(12))
    assert sorted(urgent) == sorted(["urgent", *(f"plain_{number}" for number in range(2, 12))])


def guarded_parts(*sources: str) -> Parts:
    base = FunctionBase("guess-v1", (replace(PICK, guarded=True),))
    base = base.having(parse_function(source, base.stages[0]) for source in sources)
    return replace(parts_of([]), base=base, sandbox=Sandbox(base.functions))


LOW = function_file("low", "return 5", "    When: n < 50\n")
HIGH = function_file("high", "return 7", "    When: n > 20\n", example="n=60", expected="7")


def test_in_a_guarded_stage_conditions_decide_and_the_student_where_several_hold() -> None:
    """The student is one that always takes the first by name, `high`."""
    parts = guarded_parts(LOW, HIGH)
    decisions = decide(parts, [{**STATE, "n": n} for n in (10, 30, 60)])
    assert [(decision.action, decision.fallback) for decision in decisions] == [
        (5, None),
        (7, None),
        (7, None),
    ]
    [one, several, _] = queries_for(
        parts, parts.base.stages[0], [{**STATE, "n": n} for n in (10, 30, 60)]
    )
    assert (one.decided, several.decided) == (True, False)


def test_a_guarded_stage_in_which_no_condition_holds_takes_the_fallback() -> None:
    decision = decide(guarded_parts(HIGH), [STATE])[0]
    assert decision.fallback is not None
    assert "no function of stage 'pick' fits this state" in decision.fallback


def test_guards_that_hold_are_candidates_even_where_they_are_more_than_k() -> None:
    guards = [Function(f"g{n}", "s", "", (), Manual("", ""), ("t",)) for n in range(3)]
    other = Function("other", "s", "", (), Manual("", ""), ("t",))
    assert Standing([], guards).best([other], 2).functions == guards
    assert Standing([], guards[:1]).best([other], 2).functions == [guards[0], other]
