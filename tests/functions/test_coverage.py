"""Which branches of a function its usage examples and the training states reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.functions.conftest import PLAY, raw

from logicdistill.functions.coverage import Covered, cover, marked
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.functions.unreached import coverage_json, coverage_line, unreached_lines
from logicdistill.types import Function

CREDIT = '''def owed(income: int, credits: int) -> int:
    """Work out the tax.

    Use when: always.
    >>> owed(income=100, credits=0)
    20
    """
    tax = income // 5
    if credits > 0:
        tax = max(0, tax - credits)
    return tax
'''
WITH_CREDIT = CREDIT.replace(
    '    """\n    tax', '    >>> owed(income=100, credits=15)\n    5\n    """\n    tax'
)
SPARE = [{"income": income, "credits": 0} for income in range(180)]


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def reached(
    sandbox: Sandbox,
    function: Function,
    calls: Sequence[dict[str, Any]] = (),
    scopes: Sequence[dict[str, Any]] = (),
) -> Covered:
    one = marked(function)
    sandbox.load([function, *([one.copy] if one.copy else [])])
    return cover(one, sandbox, calls, len(calls), scopes)


def lines(found: Covered) -> list[str]:
    return list(unreached_lines(coverage_json([found], found.states)))


def missing(sandbox: Sandbox, body: str, *calls: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and verb of each branch that the calls do not reach."""
    function = raw(body, "f", ("n", "items"))
    found = reached(sandbox, function, [{"n": 0, "items": [], **call} for call in calls])
    assert found.why is None
    left = (b for at, b in enumerate(found.marked.branches) if at not in found.by_states)
    return [(branch.code, branch.does) for branch in left]


def test_a_credit_branch_that_no_example_and_no_state_reaches_is_named_with_its_line(
    shared: Sandbox,
) -> None:
    found = reached(shared, parse_function(CREDIT, PLAY), SPARE)
    assert lines(found) == [
        "base/play/owed.py:9: `if credits > 0:` is true in no usage example (0 of 1) "
        "and in no training state (0 of 180)"
    ]
    said = coverage_line(coverage_json([found], 180))
    assert said == (
        "branches: 2 of 3 reached by usage examples, 2 by training states (180); 1 by neither"
    )


def test_an_example_or_a_state_with_a_credit_makes_the_line_vanish(shared: Sandbox) -> None:
    assert lines(reached(shared, parse_function(WITH_CREDIT, PLAY), SPARE)) == []
    last = {"income": 5, "credits": 1}
    assert lines(reached(shared, parse_function(CREDIT, PLAY), [*SPARE, last])) == []


@pytest.mark.parametrize(
    ("body", "calls", "left"),
    [
        ("if n:\n    return 1\nreturn 2", [{"n": 1}], [("if n:", "is false")]),
        (
            "if n > 0:\n    if n > 5:\n        return 1\n    elif n > 3:\n        n = 2\nreturn 3",
            [{"n": 1}, {"n": 0}],
            [("if n > 5:", "is true"), ("elif n > 3:", "is true")],
        ),
        ("return 1 if n else 2", [{}], [("1 if n else 2", "takes the first side")]),
        ("for x in items:\n    n += x\nreturn n", [{}], [("for x in items:", "has an item")]),
        (
            "for x in items:\n    if x: return x\nreturn n",
            [{"items": [0, 1]}],
            [("for x in items:", "has no item"), ("for x in items:", "runs to its end")],
        ),
        ("for x in (1, 2):\n    n += x\nreturn n", [{}], []),
        ("while n > 0:\n    n -= 1\nreturn n", [{}], [("while n > 0:", "is entered")]),
        ("while True:\n    n += 1\n    if n > 3:\n        break\nreturn n", [{}], []),
        (
            "return [x for x in items if x > 1]",
            [{"items": [2]}],
            [("if x > 1 (in [x for x in items if x > 1])", "is false")],
        ),
        ("return sum(x for x in items)", [{}], [("(x for x in items)", "has an item")]),
        (
            "try:\n    return 1 // n\nexcept ZeroDivisionError:\n    return 0",
            [{"n": 1}],
            [("except ZeroDivisionError:", "catches an error")],
        ),
        (
            "match n:\n    case 1:\n        return 2\nreturn 3",
            [{"n": 1}],
            [("match n:", "has no case that fits")],
        ),
        (
            "def twice(x):\n    return 2 * x\nreturn twice(n) if n else 0",
            [{}],
            [("def twice", "is called"), ("twice(n) if n else 0", "takes the first side")],
        ),
        (
            "if n > 0:\n    raise ValueError('too much')\nreturn n",
            [{"n": 1}],
            [("if n > 0:", "is false")],
        ),
    ],
)
def test_each_kind_of_branch_is_seen(
    shared: Sandbox, body: str, calls: list[dict[str, Any]], left: list[tuple[str, str]]
) -> None:
    assert missing(shared, body, *calls) == left


def test_a_function_that_calls_itself_is_measured_at_all_depths(shared: Sandbox) -> None:
    body = "if n == 0:\n    return 0\nif n == 1:\n    return 1\nreturn f(n - 1, []) + f(n - 2, [])"
    assert missing(shared, body, {"n": 6}) == []
    assert missing(shared, body, {"n": 1}) == [
        ("if n == 0:", "is true"),
        ("if n == 1:", "is false"),
    ]


def test_what_is_inside_an_unreached_branch_is_only_counted(shared: Sandbox) -> None:
    body = "if n > 0:\n    return n if n > 5 else 0\nif items:\n    return 1\nreturn 2"
    found = reached(shared, raw(body, "f", ("n", "items")), [{"n": -1, "items": []}] * 3)
    assert [line.partition("`")[2].partition(" in no")[0] for line in lines(found)] == [
        "if n > 0:` is true",
        "if items:` is true",
    ]
    assert "; 2 more inside" in lines(found)[0]


def test_an_early_return_hides_what_follows_until_it_is_passed(shared: Sandbox) -> None:
    found = reached(
        shared,
        raw("if n:\n    return 1\nif items:\n    return 2\nreturn 3", "f", ("n", "items")),
        [{"n": 1, "items": []}],
    )
    [line] = lines(found)
    assert "`if n:` is false" in line
    assert line.endswith("; 2 more inside")


def test_a_when_that_is_never_true_and_one_that_is_never_false_are_named(shared: Sandbox) -> None:
    scopes = [{"n": n} for n in range(5)]
    never = reached(shared, raw("return n", when="n > 9"), scopes, scopes)
    assert [line.split(": ", 1)[1] for line in lines(never)] == [
        "`When: n > 9` is true in no usage example (0 of 0) and in no training state (0 of 5)"
    ]
    always = reached(shared, raw("return n", when="n >= 0"), scopes, scopes)
    assert "`When: n >= 0` is false" in lines(always)[0]
    assert lines(reached(shared, raw("return n", when="n > 2"), scopes, scopes)) == []


def test_a_copy_that_gives_something_else_is_not_believed(shared: Sandbox) -> None:
    function = raw("if n:\n    return 1\nreturn 2")
    one = marked(function)
    assert one.copy is not None
    other = raw("return [True, [0, 1, 2], 3]", one.copy.name)
    shared.load([function, other])
    found = cover(type(one)(function, one.branches, other), shared, [{"n": 0}], 1)
    assert found.why == "its copy that notes branches gives 3, and the function 2"
    said = coverage_json([found], 1)
    assert said["branches"] == {"all": 0, "examples": 0, "states": 0, "neither": 0}
    assert list(unreached_lines(said)) == [f"base/play/hostile.py: not measured: {found.why}"]
    assert coverage_line(said).endswith("; 1 function not measured")


def test_a_damaged_file_is_not_measured_in_one_line() -> None:
    broken = Function("f", "play", "def f(n:\n", ("n",), raw("return n").manual, ())
    why = marked(broken).why
    assert why is not None
    assert "not valid Python" in why
    assert "\n" not in why


def test_names_of_the_function_are_not_taken(shared: Sandbox) -> None:
    body = "given_0 = went_0 = error_0 = reached_0 = 3\nfor x in items:\n    n += x\nreturn n"
    assert missing(shared, body, {"items": [1]}, {}) == []


NAMES = st.sampled_from(["n", "a", "b"])
EXPRESSIONS = st.recursive(
    st.one_of(NAMES, st.integers(-3, 3).map(str)),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//"]), inner).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        st.tuples(inner, inner, inner).map("({0[0]} if {0[1]} > 0 else {0[2]})".format),
        inner.map("sum(x for x in range({0} % 3) if x != b)".format),
        inner.map("(lambda z: z + 1)({})".format),
    ),
    max_leaves=5,
)


def indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map("\n".join).map(indented)
    return st.one_of(
        st.tuples(EXPRESSIONS, body, body).map("if {0[0]} > 1:\n{0[1]}\nelse:\n{0[2]}".format),
        st.tuples(EXPRESSIONS, body).map("if {0[0]}:\n{0[1]}".format),
        st.tuples(EXPRESSIONS, body).map("for a in range({0[0]} % 4):\n{0[1]}".format),
        st.tuples(body, body).map("for b in (1, 2):\n{0[0]}\n    break\nelse:\n{0[1]}".format),
        st.tuples(body, body).map("try:\n{0[0]}\nexcept ZeroDivisionError:\n{0[1]}".format),
    )


STATEMENTS = st.recursive(
    st.one_of(
        st.tuples(NAMES, EXPRESSIONS).map("{0[0]} = ({0[1]}) % 100".format),
        EXPRESSIONS.map("return {}".format),
    ),
    compound,
    max_leaves=8,
)


@settings(suppress_health_check=list(HealthCheck))
@given(
    st.lists(STATEMENTS, min_size=1, max_size=4).map("\n".join),
    st.lists(st.integers(-5, 5), max_size=5),
)
def test_the_copy_of_any_program_gives_what_the_program_gives(
    shared: Sandbox, body: str, states: list[int]
) -> None:
    function = raw(f"a = b = 1\n{body}\nreturn [n, a, b]", "f")
    one = marked(function)
    assert one.why is None
    if one.copy is not None:
        shared.load([function, one.copy])
        for n in states:
            known, noted = (shared.call(f, {"n": n}) for f in (function, one.copy))
            assert noted.error is None, (body, noted)
            assert noted.value[0] == (known.error is None)
            assert 0 in noted.value[1]
            if known.error is None:
                assert noted.value[2] == known.value
        found = cover(one, shared, [{"n": n} for n in states], len(states))
        assert found.why is None
        for at in found.by_states:
            around = one.branches[at].inside
            assert around is None or around in found.by_states
