"""Large stages are searched before their functions are looked at; here few functions are many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.writing.test_base import PICK, STATE, Ranked, function_file, parts_of

from logicdistill.deciding import standing as selection
from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.standing import Standing, queries_for
from logicdistill.errors import BaseError
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


@pytest.mark.parametrize("exact", [8, 4096])
def test_what_may_not_run_takes_no_place_among_the_k_that_a_search_finds(
    exact: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "EXACT", exact)
    near = [function_file(f"a_{i}", "return 5", "    When: n > 90\n") for i in range(12)]
    unclear = function_file("b", "return 5", "    When: 1 / (n - 10) > 5\n")
    mine = function_file("c", "return 5", "    When: n < 50\n")
    parts = parts_of([*near, unclear, mine], top_k=2)
    queries = queries_for(parts, parts.base.stages[0], [{**STATE, "n": n} for n in (10, 11, 99)])
    given = [[function.name for function in query.candidates] for query in queries]
    assert given[:2] == [["b", "c"], ["c"]]
    assert len(given[2]) == 2
    assert not {"b", "c"} & set(given[2])


def parts_by_conditions(mode: Any, *sources: str, origin: str = "teacher") -> Parts:
    base = FunctionBase("guess-v1", (replace(PICK, mode=mode),))
    base = base.having(parse_function(source, base.stages[0], origin) for source in sources)
    return replace(parts_of([]), base=base, sandbox=Sandbox(base.functions))


def answers(parts: Parts, *numbers: int) -> list[Any]:
    """The action, or why there is none, for each number as ``n``."""
    decisions = decide(parts, [{**STATE, "n": n} for n in numbers])
    return [decision.fallback or decision.action for decision in decisions]


def low(result: int = 5, name: str = "low", more: str = "", rule: int = 1) -> str:
    lines = f"    When: n < 50\n{more}"
    source = function_file(name, f"return {result}", lines, expected=str(result))
    return source.replace("Rules: 1", f"Rules: {rule}")


HIGH = function_file("high", "return 7", "    When: n > 20\n", example="n=60", expected="7")


def test_in_a_guarded_stage_conditions_decide_and_no_student_is_asked() -> None:
    parts = replace(parts_by_conditions("guarded", low(), HIGH), student=Ranked())
    assert answers(parts, 10, 60) == [5, 7]
    decision = decide(parts, [{**STATE, "n": 10}])[0]
    assert (decision.confidence, decision.trace[-1].function) == (1.0, "low")


def test_two_guards_that_hold_have_to_give_the_same_result() -> None:
    different = answers(parts_by_conditions("guarded", low(), HIGH), 30)[0]
    assert different.startswith("high and low both hold in stage 'pick' and give different results")
    assert answers(parts_by_conditions("guarded", low(7), HIGH), 30) == [7]
    settled = low(more="    Replaces: high\n")
    assert answers(parts_by_conditions("guarded", settled, HIGH), 30) == [5]


def test_a_guarded_stage_in_which_no_condition_holds_takes_the_fallback() -> None:
    assert answers(parts_by_conditions("guarded", HIGH), 10) == ["no 'When:' of stage 'pick' holds"]


def test_in_a_stage_in_order_the_first_condition_that_holds_decides() -> None:
    otherwise = function_file("otherwise", "return 9", expected="9")
    first = HIGH.replace("Rules: 1", "Rules: 2")
    second = low(name="a_later_one", rule=3)
    parts = parts_by_conditions("first", second, otherwise, first)
    assert parts.base.stages[0].order == ("high", "a_later_one", "otherwise")
    assert answers(parts, 10, 30, 60) == [5, 7, 7]
    assert answers(parts_by_conditions("first", second, otherwise), 60) == [9]
    assert FunctionBase.from_manifest(parts.base.to_manifest()) == parts.base


def test_a_new_function_of_a_stage_in_order_has_its_place_by_its_rule_an_emergency_goes_first() -> (
    None
):
    base = parts_by_conditions("first", HIGH.replace("Rules: 1", "Rules: 3")).base
    stage = base.stages[0]
    ordinary = parse_function(low(name="later", rule=5), stage)
    earlier = parse_function(low(name="sooner", rule=1), stage)
    told = parse_function(low(name="told"), stage, "emergency")
    changed = base.having([*base.functions, ordinary]).having([*base.functions, ordinary, earlier])
    changed = changed.having([*changed.functions, told])
    assert changed.stages[0].order == ("told", "sooner", "high", "later")
    assert changed.having(base.functions).snapshot == base.snapshot


def test_only_the_last_function_of_a_stage_in_order_may_lack_a_condition() -> None:
    always = function_file("always", "return 9", expected="9")
    stage = replace(PICK, mode="first", order=("always", "low"))
    base = FunctionBase("guess-v1", (stage,))
    with pytest.raises(BaseError, match="always: it always holds, and stage 'pick' has functions"):
        base.having([parse_function(always, stage), parse_function(low(), stage)])


@pytest.mark.parametrize("mode", ["first", "guarded"])
def test_what_cannot_be_evaluated_is_not_taken_for_a_condition_that_does_not_hold(
    mode: str,
) -> None:
    broken = function_file(
        "broken", "return 5", "    When: n < 50 or 1 // (n - 60) > 0\n", expected="5"
    )
    otherwise = function_file("otherwise", "return 9", "    When: n > 50\n", "n=60", "9")
    parts = parts_by_conditions(mode, broken, otherwise)
    unknown = answers(parts, 60)[0]
    assert unknown.startswith("the 'When:' of broken cannot be evaluated: ZeroDivisionError")


def test_a_function_that_fails_where_its_condition_holds_ends_in_the_fallback() -> None:
    fails = function_file("fails", "return 5 // (n - 12)", "    When: n < 50\n", "n=13", "5")
    illegal = function_file("illegal", "return n * 1000", "    When: n < 50\n", "n=0", "0")
    assert "fails failed: ZeroDivisionError" in answers(parts_by_conditions("first", fails), 12)[0]
    assert "illegal failed:" in answers(parts_by_conditions("first", illegal), 12)[0]


def test_guards_that_hold_are_candidates_even_where_they_are_more_than_k() -> None:
    guards = [Function(f"g{n}", "s", "", (), Manual("", ""), ("t",)) for n in range(3)]
    other = Function("other", "s", "", (), Manual("", ""), ("t",))
    assert Standing([], guards).best([other], 2).functions == guards
    assert Standing([], guards[:1]).best([other], 2).functions == [guards[0], other]
