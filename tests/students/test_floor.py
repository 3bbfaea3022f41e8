from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.students.floor import (
    ConditionsStudent,
    FirstStudent,
    NearestStudent,
    RandomStudent,
)
from logicdistill.types import Function, Query, Stage

STAGE = Stage("pick", "pick", "Which?", reads=("n",))


def function(name: str, when: str = "") -> Function:
    line = f"    When: {when}\n" if when else ""
    manual = f'    """Do.\n\n    Use when: always.\n{line}    """\n'
    return parse_function(f"def {name}(n: int) -> int:\n{manual}    return n\n", STAGE)


SMALL, LARGE, OPEN, OTHER = (
    function("small", "n < 10"),
    function("large", "n > 90"),
    function("open_one"),
    function("other"),
)


def query(n: int, *functions: Function) -> Query:
    return Query(STAGE, f"n: {n}", functions, {"n": n})


@given(st.permutations([SMALL, LARGE, OPEN, OTHER]), st.integers(0, 100))
def test_conditions_choose_by_when_in_any_order_of_the_candidates(
    order: list[Function], n: int
) -> None:
    with Sandbox([SMALL, LARGE, OPEN]) as sandbox:
        found = ConditionsStudent(sandbox).select([query(n, *order)])
    expected = "small" if n < 10 else "large" if n > 90 else "open_one"
    assert found[0].selected == expected


def test_conditions_say_none_of_these_where_nothing_can_be_right() -> None:
    with Sandbox([SMALL, LARGE]) as sandbox:
        student = ConditionsStudent(sandbox)
        none, small = student.select([query(50, SMALL, LARGE), query(5, SMALL, LARGE)])
    assert none.selected is None
    assert (none.none, small.selected) == (1.0, "small")


def test_floors_name_every_candidate_once_and_nothing_else() -> None:
    for student in (
        FirstStudent(),
        RandomStudent(0),
        ConditionsStudent(Sandbox([SMALL, LARGE, OPEN])),
    ):
        choice, empty = student.select([query(5, LARGE, SMALL, OPEN), query(5)])
        assert sorted(candidate.name for candidate in choice.ranked) == [
            "large",
            "open_one",
            "small",
        ]
        assert empty.selected is None


def test_random_is_uniform_and_repeats_with_its_seed() -> None:
    queries = [query(5, SMALL, LARGE)] * 1000
    first = [choice.selected for choice in RandomStudent(1).select(queries)]
    assert first == [choice.selected for choice in RandomStudent(1).select(queries)]
    assert 400 < first.count("small") < 600


@given(
    st.permutations([SMALL, LARGE, OPEN, OTHER]), st.lists(st.floats(0, 30), min_size=4, max_size=4)
)
def test_nearest_takes_the_best_score_in_any_order_and_none_where_nothing_is_in_common(
    order: list[Function], scores: list[float]
) -> None:
    by_name = dict(zip(("small", "large", "open_one", "other"), scores, strict=True))
    student = NearestStudent(
        lambda views, functions: np.array([[by_name[f.name] for f in functions]] * len(views))
    )
    choice, nothing = student.select([query(5, *order), query(5)])
    assert sum(candidate.probability for candidate in choice.ranked) + choice.none == pytest.approx(
        1
    )
    best = min(by_name, key=lambda name: (-by_name[name], name))
    assert choice.selected == (best if by_name[best] > 0 else None) or by_name[best] < 1e-9
    assert (nothing.selected, nothing.none) == (None, 1.0)


def overlapping(name: str, limit: int, result: str) -> Function:
    manual = f'    """Do.\n\n    Use when: always.\n    When: n < {limit}\n    """\n'
    return parse_function(f"def {name}(n: int) -> int:\n{manual}    return {result}\n", STAGE)


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_two_conditions_with_different_results_choose_nothing_whatever_the_names(
    names: tuple[str, str],
) -> None:
    one, other = overlapping(names[0], 50, "1"), overlapping(names[1], 20, "2")
    with Sandbox([one, other]) as sandbox:
        found = ConditionsStudent(sandbox).select([query(10, one, other), query(30, one, other)])
    assert [choice.selected for choice in found] == [None, names[0]]
    assert found[0].why == "a and b both hold and give different results"


def test_two_conditions_with_one_result_choose_either_and_a_replaced_one_is_not_asked() -> None:
    one, other = overlapping("one", 50, "n + 1"), overlapping("other", 20, "1 + n")
    wrong = overlapping("wrong", 50, "0")
    source = one.source.replace("    When:", "    Replaces: wrong\n    When:")
    settled = parse_function(source, STAGE)
    with Sandbox([one, other, wrong]) as sandbox:
        student = ConditionsStudent(sandbox)
        assert student.select([query(10, one, other)])[0].selected == "one"
        assert student.select([query(10, settled, other, wrong)])[0].selected == "one"


def test_a_condition_that_cannot_be_evaluated_is_not_taken_for_one_that_does_not_hold() -> None:
    broken = function("broken", "1 // (n - 10) >= 0")
    with Sandbox([broken, OPEN]) as sandbox:
        [choice] = ConditionsStudent(sandbox).select([query(10, broken, OPEN)])
    assert choice.selected is None
    assert choice.why.startswith("the 'When:' of broken cannot be evaluated: ZeroDivisionError")


def test_of_several_functions_without_a_condition_none_is_surer_than_another() -> None:
    with Sandbox([SMALL, OPEN, OTHER]) as sandbox:
        [choice] = ConditionsStudent(sandbox).select([query(50, SMALL, OTHER, OPEN)])
    assert [(one.name, one.probability) for one in choice.ranked] == [
        ("open_one", 0.5),
        ("other", 0.5),
        ("small", 0.0),
    ]
