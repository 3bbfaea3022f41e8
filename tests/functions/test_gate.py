from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.functions.conftest import FACTS, HONEST, PLAY, written

from logicdistill.errors import GateRefusal
from logicdistill.functions.gate import Gate, _types_are_seen, check_replaced
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Limits, Sandbox
from logicdistill.types import Function, Json, Scope, Stage
from logicdistill.views import example_call

REPLIES = Stage("reply", "name", "What now?", reads=("message",), text=("message",))


@pytest.fixture(scope="module")
def workers() -> Iterator[Sandbox]:
    with Sandbox(limits=Limits(seconds=0.2, watchdog=1.0)) as made:
        yield made


@pytest.fixture(scope="module")
def others() -> dict[str, Function]:
    return {
        "taken": parse_function(written("taken"), PLAY),
        "elsewhere": parse_function(written("elsewhere"), FACTS),
    }


def when(expression: str, call: str = "1") -> str:
    return written(
        "one",
        manual=f"Use when: always.\n    When: {expression}\n    >>> one({call})\n    2".replace(
            "{", "{{"
        ).replace("}", "}}"),
    )


def cells(body: str, want: str) -> str:
    return f'''def one(cells: list[int]) -> list[int]:
    """Do one.

    Use when: always.
    >>> one([3, 1, 2])
    {want}
    """
    {body}
'''


def head(line: str, body: str = "return n + 1") -> str:
    return f"{line}\n{written('one', body)}"


def signed(signature: str) -> str:
    return HONEST.replace("(n: int) -> int", signature).replace("honest(1)", "honest(n=1)")


BAD = {
    "two_functions": (
        HONEST + HONEST.replace("honest", "second"),
        "exactly one top-level function",
    ),
    "no_docstring": ("def one(n: int) -> int:\n    return n\n", "no docstring"),
    "no_use_when": (written("one", manual=">>> {name}(1)\n    2"), "no 'Use when:'"),
    "no_doctest": (written("one", manual="Use when: always."), "no usage example that runs"),
    "lying_doctest": (written("one", "return n + 2"), "expects 2 but the function returns 3"),
    "doctest_of_another_type": (
        written("one", "return True if n else False", "Use when: a.\n    >>> one(1)\n    1"),
        "expects 1 but",
    ),
    "doctest_of_another_inner_type": (cells("return [True]", "[1]"), r"expects \[1\] but"),
    "doctest_computed": (
        written("one", manual="Use when: a.\n    >>> one(1 + 0)\n    2"),
        "literal arguments",
    ),
    "doctest_with_too_much": (
        written("one", manual="Use when: a.\n    >>> one(1, 2)\n    2"),
        "more arguments",
    ),
    "doctest_by_wrong_name": (
        written("one", manual="Use when: a.\n    >>> one(m=1)\n    2"),
        "usage example 1 gives",
    ),
    "doctest_set": (
        written("one", manual="Use when: a.\n    >>> one({{1}})\n    2"),
        "JSON does not have",
    ),
    "unknown_rule": (
        written("one", manual="Use when: a.\n    Rules: 1, 4\n    >>> one(1)\n    2"),
        "cites rule 4; the task has rules 1 to 3, and a rule that was added later has no number:"
        " leave 'Rules:' out and give its words with --rule",
    ),
    "name_taken": (written("taken"), "already has a function of this name in stage 'play'"),
    "name_differs_by_case": (written("Taken"), "upper and lower case"),
    "name_of_builtin": (written("sorted"), "this name is Python's"),
    "name_private": (written("_one"), "starts with '_'"),
    "name_not_ascii": (written("größe"), "a to z"),
    "name_too_long": (written("a" * 100), "at most 60"),
    "default": (signed("(n: int = 1) -> int"), "no defaults"),
    "keyword_default": (signed("(*, n: int = 1) -> int"), "no defaults"),
    "star_args": (signed("(n: int, *rest: int) -> int"), r"no \*args"),
    "star_kwargs": (signed("(n: int, **rest: int) -> int"), r"no \*\*kwargs"),
    "positional_only": (signed("(n: int, /) -> int"), "no '/'"),
    "no_types": (signed("(n) -> int"), "give a type to n"),
    "no_result_type": (signed("(n: int)"), "give a type to the result"),
    "wrong_types": (written("one", "return str(n)"), "type check"),
    "decorator": ("import functools\n@functools.cache\n" + HONEST, "decorators"),
    "class": (written("one", "class A:\n        pass\n    return n + 1"), "a class is not allowed"),
    "class_beside": (HONEST + "class A:\n    pass\n", "exactly one"),
    "yield": (written("one", "yield n"), "'yield' is not allowed"),
    "global": (written("one", "global x\n    x = n\n    return n + 1"), "'global' is not allowed"),
    "nonlocal_alias": (
        head("SEEN = 1 + 0", "nonlocal SEEN\n    SEEN = 2\n    return n + 1"),
        "nonlocal",
    ),
    "async_inside": (
        written("one", "async def f() -> None:\n        pass\n    return n + 1"),
        "'async def'",
    ),
    "import_os": (head("import os"), r"import of \['os'\]"),
    "import_os_inside": (written("one", "import os\n    return n + 1"), r"import of \['os'\]"),
    "import_from_os": (head("from os import path"), r"import of \['os'\]"),
    "import_random": (head("import random"), "import of"),
    "import_as_forbidden_name": (head("import math as exec"), "'exec' is not allowed"),
    "import_as_other_function": (
        written("one", "import math as __fn_taken\n    return n + 1"),
        "'__fn_taken' is not allowed",
    ),
    "import_dunder_as": (
        head("from typing import __builtins__ as b"),
        "'__builtins__' is not allowed",
    ),
    "import_star": (head("from math import *"), "import of"),
    "import_relative": (head("from .math import floor"), "import of"),
    "exec": (written("one", "exec('x = 1')\n    return n + 1"), "'exec' is not allowed"),
    "exec_in_disguise": (
        written("one", "ｅｘｅｃ('x = 1')\n    return n + 1"),
        "'exec' is not allowed",
    ),
    "exec_by_alias": (head("run = exec"), "'exec' is not allowed"),
    "id": (written("one", "return n + 1 if id(n) else 0"), "'id' is not allowed"),
    "dunder": (written("one", "return n.__add__(1)"), "'__add__' is not allowed"),
    "dunder_parameter": (signed("(__n: int) -> int"), "'__n' is not allowed"),
    "dunder_handler": (
        written(
            "one",
            "try:\n        pass\n    except ValueError as __fn_x:\n        pass\n    return n + 1",
        ),
        "'__fn_x'",
    ),
    "code_at_top": (HONEST + "print(1)\n", "at top level only"),
    "alias_call": (head("SEEN = list()"), "at top level only"),
    "alias_list": (head("SEEN = [0] * 3"), "at top level only"),
    "alias_list_in_tuple": (head("SEEN = ([0], 1)[0]"), "at top level only"),
    "alias_comprehension": (head("SEEN = {i: 0 for i in (1,)}[1]"), "at top level only"),
    "alias_attribute": (head("import json\njson.dumps = json.loads"), "at top level only"),
    "alias_bomb": (head("BIG = 'x' * 10**11"), "type check|MemoryError"),
    "alias_over_function": (HONEST + "honest = 1 + 2\n", "type check|fails"),
    "unknown_parameter": (
        HONEST.replace("n: int", "m: int").replace("n > 0", "m > 0"),
        "'m' is no field",
    ),
    "own_stage_as_parameter": (
        HONEST.replace("n: int", "action: int").replace("n > 0", "action > 0"),
        "'action' is no field",
    ),
    "when_unknown_name": (when("m > 0"), "'When:' uses 'm'"),
    "when_forbidden_name": (when("exec('1') or True"), "'When:' uses 'exec'"),
    "when_dunder": (when("n.__class__ is not None"), "'__class__' is not allowed"),
    "when_lambda": (when("(lambda: True)()"), "plain expression"),
    "when_walrus": (when("(k := n) > 0"), "plain expression"),
    "when_false_in_own_example": (when("n > 1"), "usage example 1 contradicts 'When:"),
    "when_fails_in_own_example": (when("n / 0 > 1"), "usage example 1 contradicts 'When:"),
    "changes_input": (cells("cells.sort()\n    return cells", "[1, 2, 3]"), "changes its input"),
    "returns_function": (
        HONEST.replace("-> int", "-> object").replace("return n + 1", "return honest"),
        "usage example 1 fails: TypeError",
    ),
    "too_slow": (
        written("one", "while n:\n        pass\n    return 2"),
        "usage example 1 fails: TimeoutError",
    ),
    "too_large": (
        written("one", "return len([0] * 10**9) and 2"),
        "usage example 1 fails: MemoryError",
    ),
    "raises": (
        written("one", "raise ValueError('a\\x1b\\nb')"),
        "usage example 1 fails: ValueError: a b",
    ),
    "prints_without_end": (
        written("one", "print('x' * 10**7)\n    return n + 1"),
        "usage example 1 fails",
    ),
    "deep": (head("X = " + "-" * 5000 + "1"), "not valid Python|nested"),
    "nul_byte": (HONEST + "\0", "not valid Python|NULL"),
    "huge": (HONEST + "#" * 20000, "at most 20000"),
    "not_in_sandbox_language": (cells("del cells[0]\n    return [1]", "[1]"), "fails: .*del"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_one_line(
    case: str, gate: Gate, workers: Sandbox, others: dict[str, Function]
) -> None:
    source, message = BAD[case]
    with pytest.raises(GateRefusal, match=message) as caught:
        gate.admit(source, PLAY, others, workers)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600
    function, evidence = gate.admit(HONEST, PLAY, others, workers)
    assert (function.name, evidence.examples) == ("honest", 1)


HANDLER = '''def reply(message: {takes}) -> {gives}:
    """Reply.

    Use when: always.
    >>> reply(message={shown})
    {wanted}
    """
    {body}
'''
TEXT = {"takes": "str", "gives": "str", "shown": "'a'", "wanted": "'b'", "body": "return 'b'"}


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"gives": "int"}, False),
        ({"takes": "int"}, False),
        ({"shown": "1"}, False),
        ({"body": "return 1", "wanted": "1"}, False),
        ({"body": "message.nothing\n    return 'b'"}, False),
    ],
)
def test_a_file_whose_types_are_right_at_sight_is_one_that_the_checker_takes(
    change: dict[str, str], right: bool
) -> None:
    function = parse_function(HANDLER.format(**TEXT | change), REPLIES)
    [example] = function.manual.examples
    assert _types_are_seen(function, example.inputs or {}) == right
    with Sandbox() as workers:
        found = workers.check_types(function.source, example_call(function, example))
    assert (found is None) == right


REMEMBERS = """\
    def note(value: int, seen: list[int] = []) -> int:
        seen.append(value)
        return len(seen)
    return note(n) + note(n) - 1"""

GOOD = {
    "honest": HONEST,
    "imports": head(
        "import math\nimport json as j\nfrom collections import Counter", "return math.floor(n) + 1"
    ),
    "type_aliases": head(
        "import typing\nCell = tuple[int, int]\nCells = dict[str, Cell]\nEither = int | None"
    ),
    "constants": head(
        "STEP = 1\nSTEPS = (1, 2)\nDOUBLE = STEP + STEP\nLINE = 'a' * 3\nFIRST = STEPS[0]",
        "return n + STEP",
    ),
    "inner_function": written(
        "one", "def add(k: int) -> int:\n        return k + 1\n    return add(n)"
    ),
    "inner_nonlocal": written(
        "one",
        "k = n\n    def add() -> None:\n        nonlocal k\n        k += 1\n"
        "    add()\n    return k",
    ),
    "sets_and_hashes_in_order": cells("return sorted(set(cells))", "[1, 2, 3]"),
    "copy": cells("cells = list(cells)\n    cells.sort()\n    return cells", "[1, 2, 3]"),
    "keyword_only": HONEST.replace("(n: int)", "(*, n: int)").replace("honest(1)", "honest(n=1)"),
    "comprehension_in_when": when("any(k > 0 for k in [n])"),
    "comment_in_when": when("n > 0  # always"),
    "earlier_result": HONEST.replace("(n: int)", "(n: int, facts: dict[str, int])").replace(
        "honest(1)", "honest(1, {'a': 1})"
    ),
    "replaces": written(
        "one", manual="Use when: a.\n    When: n > 0\n    Replaces: taken\n    >>> one(1)\n    2"
    ),
    "whole_number_for_a_float": HONEST.replace("(n: int) -> int", "(n: float) -> float").replace(
        "    2\n", "    2.0\n"
    ),
    "windows_lines": HONEST.replace("\n", "\r\n"),
    "text_example": HONEST.replace("    >>> honest", "    Example: größer, 大きい\n    >>> honest"),
    "string_over_lines": HONEST.replace("return n + 1", 'return n + len("""\na""") - 1'),
    "inner_default": written("one", REMEMBERS.strip(), "Use when: a.\n    >>> one(1)\n    2"),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_file_is_admitted(
    case: str, gate: Gate, workers: Sandbox, others: dict[str, Function]
) -> None:
    function, evidence = gate.admit(GOOD[case], PLAY, others, workers, origin="person")
    assert function.origin == "person"
    assert evidence.examples == 1
    assert evidence.to_json()["slowest_ms"] >= 0
    workers.load([function])
    scope = {"n": 1, "cells": [3, 1, 2], "facts": {"a": 1}}
    assert workers.call(function, scope).value == function.manual.examples[-1].expected


@pytest.mark.parametrize(
    "body", ["return n + 1 + (hash(str(n)) & 0)", "return n + 1 + len({1, 2} & {3})"]
)
def test_what_varies_between_processes_does_not_vary_here(body: str, gate: Gate) -> None:
    results = set()
    for _ in range(2):
        with Sandbox() as fresh:
            function, _ = gate.admit(written("one", body), PLAY, {}, fresh)
            results.add(fresh.call(function, {"n": 5}).value)
    assert results == {6}


def test_a_result_that_differs_between_two_runs_is_refused(gate: Gate, workers: Sandbox) -> None:
    source = written("one", "return 2 if str(lambda: n) == '' else len(str(lambda: n))")
    text = written("one", "return str(lambda: n)").replace("-> int", "-> str")
    with pytest.raises(GateRefusal):
        gate.admit(source, PLAY, {}, workers)
    with pytest.raises(GateRefusal, match="expects 2 but"):
        gate.admit(text, PLAY, {}, workers)


def test_the_gate_makes_its_own_sandbox_where_none_is_given(gate: Gate) -> None:
    assert gate.admit(HONEST, PLAY, {})[0].name == "honest"


def test_a_stage_sees_the_fields_and_the_earlier_results(gate: Gate) -> None:
    assert gate.scope_names(FACTS) == {"n", "text", "cells"}
    assert gate.scope_names(PLAY) == {"n", "text", "cells", "facts"}


def test_a_function_without_a_condition_is_refused_in_a_guarded_stage(
    gate: Gate, workers: Sandbox
) -> None:
    stage = replace(PLAY, mode="guarded")
    with pytest.raises(GateRefusal, match="one: conditions decide the stage 'play'"):
        gate.admit(written("one"), stage, {}, workers)
    assert gate.admit(when("n > 0"), stage, {}, workers)[0].name == "one"


def replacing(name: str, *replaced: str) -> Function:
    manual = f"Use when: a.\n    When: n > 0\n    Replaces: {', '.join(replaced)}"
    return parse_function(written(name, manual=f"{manual}\n    >>> {name}(1)\n    2"), PLAY)


def test_replaces_names_functions_of_the_stage_in_any_order(others: dict[str, Function]) -> None:
    first, later = replacing("a_first", "z_later"), parse_function(written("z_later"), PLAY)
    check_replaced(first, [first, later])
    for name, said in (
        ("gone", "a: replaces 'gone', which is not in stage 'play'; there are: taken"),
        ("elsewhere", "a: replaces 'elsewhere', which is not in stage 'play'; there are: taken"),
        ("a", "a: replaces 'a', which is not in stage 'play'; there are: taken"),
    ):
        function = replacing("a", name)
        with pytest.raises(GateRefusal) as caught:
            check_replaced(function, [function, *others.values()])
        assert str(caught.value) == said


def test_functions_that_would_all_give_way_to_each_other_are_refused() -> None:
    a, b, c = replacing("a", "b"), replacing("b", "c"), replacing("c", "a")
    with pytest.raises(GateRefusal, match="a: 'Replaces:' goes in a circle with c"):
        check_replaced(a, [a, b, c])
    check_replaced(a, [a, b, replacing("c", "d"), parse_function(written("d"), PLAY)])


WAYS = ("freight", "post")


def contract(source: str, stage: Stage, workers: Sandbox) -> str | None:
    def illegal(state: Scope, action: Json) -> str | None:
        if "n" in state and state["n"] < 0:
            raise KeyError("something that the example lacks")
        return None if action in WAYS else f"{action!r} is not one of {', '.join(WAYS)}"

    gate = Gate(frozenset({"n", "text"}), 3, (FACTS, PLAY), illegal)
    try:
        gate.admit(source, stage, {}, workers)
    except GateRefusal as error:
        return str(error)
    return None


def giving(result: str, example: str = "n=1", parameter: str = "n: int") -> str:
    shown = f"    >>> one({example})\n    {result}\n" if example else ""
    return (
        f'def one({parameter}) -> object:\n    """Do.\n\n    Use when: always.\n'
        f'{shown}    """\n    return {result}\n'
    )


def test_a_function_whose_usage_example_gives_no_allowed_action_is_refused(
    workers: Sandbox,
) -> None:
    assert contract(giving("'bike'"), PLAY, workers) == (
        "one: usage example 1 gives 'bike', which is no allowed action: "
        "'bike' is not one of freight, post"
    )
    assert contract(giving("'post'"), PLAY, workers) is None
    assert contract(giving("{'way': 'bike'}"), FACTS, workers) is None  # no action, a fact
    assert contract(giving("'bike'", "n=-1"), PLAY, workers) is None  # nobody can say


@pytest.mark.parametrize("result", ["'expres'", "'ex' + 'pres'"])
def test_a_handler_without_parameters_is_run_and_its_result_is_refused(
    result: str, workers: Sandbox
) -> None:
    assert contract(giving(result, "", ""), PLAY, workers) == (
        "one: it gives 'expres', which is no allowed action: 'expres' is not one of freight, post"
    )
    assert contract(giving("'post'", "", ""), PLAY, workers) is None
    assert contract(giving("1 // 0", "", ""), PLAY, workers) == (
        "one: fails: ZeroDivisionError: division by zero"
    )


def test_a_function_of_facts_returns_facts_by_name(workers: Sandbox) -> None:
    assert contract(giving("'far'"), FACTS, workers) == (
        "one: usage example 1 gives 'far'; a stage of facts takes a dict of facts by name, "
        "such as {'days': 3}"
    )


@pytest.mark.parametrize("constant", ["3 ** 2500000", "'x' * 30000000"])
def test_constants_count_against_the_limits(constant: str, workers: Sandbox) -> None:
    said = contract(f"A = {constant}\n\n\n" + giving("'post'"), PLAY, workers)
    assert said is not None
    assert said.startswith("one: its constants take more than 0.1 s and 2 MiB to load (")
    assert contract("A = 24 * 60\n\n\n" + giving("'post'"), PLAY, workers) is None
