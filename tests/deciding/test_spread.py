"""Probabilities of actions: each candidate's share goes where its own decision leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.writing.test_base import STATE, function_file, parts_of

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.spread import MOST_BRANCHES, spread
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.types import Candidate, Choice, Query, Stage

ONE = function_file("one", "return 1", example="n=10", expected="1")
TWO = function_file("two", "return 2", example="n=10", expected="2")
TOO = function_file("too", "return 2", example="n=10", expected="2")
FAILS = function_file("fails", "return n // 0")


class Shares:
    """A student with fixed probabilities of names; it counts how often it was asked."""

    name = "shares"

    def __init__(self, shares: Mapping[str, float], none: float = 0.0) -> None:
        self.shares, self.none, self.asked = shares, none, 0

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        self.asked += len(queries)
        found = []
        for query in queries:
            names = [one.name for one in query.candidates]
            ranked = [Candidate(name, self.shares.get(name, 0.0)) for name in names]
            ranked.sort(key=lambda one: -one.probability)
            found.append(Choice(tuple(ranked), self.none))
        return found


def spread_of(sources: Sequence[str], student: Shares) -> tuple[dict[int, float], float]:
    parts = parts_of(sources, student)
    return _shares(parts)


def _shares(parts: Parts) -> tuple[dict[int, float], float]:
    [decision] = decide(parts, [STATE])
    found = spread(parts, STATE, decision)
    assert sum(share for _, share in found.actions) + found.rest == pytest.approx(1)
    return dict(found.actions), found.rest


def test_functions_with_the_same_action_add_up_and_the_rest_is_none_of_these() -> None:
    student = Shares({"one": 0.4, "two": 0.3, "too": 0.2}, none=0.1)
    shares, rest = spread_of([ONE, TWO, TOO], student)
    assert shares == pytest.approx({1: 0.4, 2: 0.5})
    assert rest == pytest.approx(0.1)


def test_what_fails_goes_to_the_rest() -> None:
    shares, rest = spread_of([ONE, FAILS], Shares({"one": 0.6, "fails": 0.4}))
    assert shares == pytest.approx({1: 0.6})
    assert rest == pytest.approx(0.4)


def test_a_decision_of_full_confidence_is_not_taken_again() -> None:
    student = Shares({"one": 1.0})
    assert spread_of([ONE, TWO], student) == ({1: 1.0}, 0.0)
    assert student.asked == 1


def test_where_none_fits_the_candidates_keep_their_shares() -> None:
    shares, rest = spread_of([ONE, TWO], Shares({"one": 0.3, "two": 0.1}, none=0.6))
    assert shares == pytest.approx({1: 0.3, 2: 0.1})
    assert rest == pytest.approx(0.6)


def test_a_later_stage_is_asked_again_in_each_branch() -> None:
    kind = Stage("kind", "kind", "Which kind?", reads=("n",))
    pick = Stage("pick", "pick", "Which number?", reads=("kind",))
    low = function_file("low", "return 3", example="n=10", expected="3")
    high = function_file("high", "return 6", example="n=10", expected="6")
    same = function_file(
        "same", "return kind", parameter="kind: int", example="kind=6", expected="6"
    )
    twice = function_file(
        "twice", "return 2 * kind", parameter="kind: int", example="kind=3", expected="6"
    )
    base = FunctionBase("guess-v1", (kind, pick))
    base = base.having(
        [
            *(parse_function(source, kind) for source in (low, high)),
            *(parse_function(source, pick) for source in (same, twice)),
        ]
    )
    student = Shares({"low": 0.7, "high": 0.3, "same": 0.6, "twice": 0.4})
    with Sandbox(base.functions) as sandbox:
        parts = replace(parts_of([], student), base=base, sandbox=sandbox)
        [decision] = decide(parts, [STATE])
        found = spread(parts, STATE, decision)
    # low, same: 3; low, twice: 6; high, same: 6; high, twice: 12, which is more than n.
    assert dict(found.actions) == pytest.approx({3: 0.42, 6: 0.28 + 0.18})
    assert found.rest == pytest.approx(0.12)
    assert found.functions["kind"] == pytest.approx({"low": 0.7, "high": 0.3})


def test_no_more_branches_are_tried_than_allowed() -> None:
    sources = [
        function_file(f"f{number}", f"return {number % 10 + 1}", expected=str(number % 10 + 1))
        for number in range(60)
    ]
    student = Shares({f"f{number}": 1 / 60 for number in range(60)})
    shares, rest = _shares(parts_of(sources, student, top_k=60))
    assert sum(shares.values()) == pytest.approx((MOST_BRANCHES + 1) / 60)
    assert rest == pytest.approx((60 - MOST_BRANCHES - 1) / 60)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_probabilities_sum_to_one(weights: list[float]) -> None:
    total = sum(weights) or 1.0
    one, two, fails, none = (weight / total for weight in weights)
    student = Shares({"one": one, "two": two, "fails": fails}, none)
    parts = replace(PARTS, student=student)
    [decision] = decide(parts, [STATE])
    found = spread(parts, STATE, decision)
    assert sum(share for _, share in found.actions) + found.rest == pytest.approx(1)
    assert all(share >= 0 for _, share in found.actions)
    if decision.fallback is None:
        assert found.of(decision.action) >= decision.confidence - 1e-9


PARTS = parts_of([ONE, TWO, FAILS])
