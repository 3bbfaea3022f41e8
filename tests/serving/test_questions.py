"""What a question means, and how its answer's probabilities are made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.deciding.test_spread import FAILS, ONE, TWO, Shares
from tests.writing.test_base import STATE, parts_of

from logicdistill.deciding.decide import decide
from logicdistill.errors import QuestionError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.serving.questions import Answer, Answering, Asked, enum_of
from logicdistill.tasks.records import RecordTask
from logicdistill.types import Stage


def answering(student: Shares, *sources: str) -> Answering:
    parts = parts_of(sources or (ONE, TWO), student)
    [decision] = decide(parts, [STATE])
    return Answering(parts, STATE, decision)


def choice(student: Shares, *options: Any, name: str | None = None) -> Answer:
    return answering(student).answer(Asked("choice", name, options))


SPLIT = Shares({"one": 0.6, "two": 0.3}, none=0.1)


def test_probabilities_are_divided_among_what_is_offered() -> None:
    found = choice(SPLIT, "1", "2")
    assert found.about == "action"
    assert found.shares == pytest.approx((0.6 / 0.9, 0.3 / 0.9))
    assert (found.confidence, found.rest) == pytest.approx((0.6, 0.1))


def test_a_choice_for_none_takes_what_is_left() -> None:
    found = choice(SPLIT, "2", "1", "None_of_these")
    assert found.shares == pytest.approx((0.3, 0.6, 0.1))
    assert found.index == 1


def test_a_stage_is_known_by_its_functions() -> None:
    found = choice(SPLIT, "two", "one", "other")
    assert found.about == "stage pick"
    assert found.shares == pytest.approx((0.3, 0.6, 0.1))


def test_an_action_that_is_not_offered_is_refused_with_its_name() -> None:
    found = choice(SPLIT, "2", "3")
    assert found.refusal == "the policy's action is 1, which is not offered"


UNSURE = Shares({"one": 0.3, "two": 0.1}, none=0.6)


def test_where_no_function_fits_only_a_choice_for_that_is_an_answer() -> None:
    assert "no function of stage 'pick' fits" in str(choice(UNSURE, "2", "3").refusal)
    found = choice(UNSURE, "2", "3", "none")
    assert found.index == 2
    assert found.shares == pytest.approx((0.1, 0.0, 0.9))


def test_the_fallback_action_is_an_answer_without_confidence() -> None:
    # The fallback of this task is 1.
    found = choice(UNSURE, "1", "2")
    assert (found.index, found.confidence) == (0, 0.0)
    assert found.shares == pytest.approx((0.9, 0.1))


def test_a_choice_for_none_is_not_sure_where_a_function_failed() -> None:
    student = Shares({"fails": 1.0})
    found = answering(student, FAILS).answer(Asked("choice", None, ("2", "none")))
    assert (found.index, found.confidence) == (1, 0.0)


def test_what_the_action_can_never_be_is_an_error() -> None:
    with pytest.raises(QuestionError, match='can never be "much"; offer some of'):
        choice(SPLIT, "1", "much", name="action")
    assert choice(SPLIT, "1", "much").refusal is not None


def test_two_choices_for_one_action_are_an_error() -> None:
    with pytest.raises(QuestionError, match="offered twice"):
        choice(SPLIT, "1", " 1")
    with pytest.raises(QuestionError, match="all stand for"):
        choice(SPLIT, "1", "none", "other")


def test_levels_are_known_by_their_labels_or_else_by_their_words() -> None:
    asked = Asked("score", None, ("one", "two"))
    assert answering(SPLIT).answer(asked).score == pytest.approx(0.3 / 0.9)
    asked = Asked("score", "x", ("low", "high"), ("two", "one"))
    assert answering(SPLIT).answer(asked).score == pytest.approx(0.6 / 0.9)


def test_a_predicate_is_a_function_an_action_or_refused() -> None:
    asked = answering(SPLIT)
    assert asked.answer(Asked("predicate", "two")).probability == pytest.approx(0.3)
    assert asked.answer(Asked("predicate", "1")).probability == pytest.approx(0.6)
    assert "was not made for" in str(asked.answer(Asked("predicate", "rain")).refusal)
    assert answering(UNSURE).answer(Asked("predicate", "two")).refusal is not None


def test_listed_actions_are_read_from_the_form() -> None:
    assert enum_of('{"enum": ["a", {"b": 1}]}') == ["a", {"b": 1}]
    assert enum_of('{"type": "boolean"}') == [True, False]
    assert enum_of('{"type": "integer"}') is None
    assert enum_of("a whole number") is None


LOOKS = '''def look(n: int) -> dict[str, object]:
    """Say what is known of n.

    >>> look(n=10)
    {'big': False, 'size': 'small'}
    """
    return {"big": n > 50, "size": "large" if n > 50 else "small"}
'''


@contextmanager
def with_facts() -> Iterator[Answering]:
    facts = Stage("facts", "facts", "What is known?", mode="all")
    pick = Stage("pick", "pick", "Which number?", reads=("n",))
    base = FunctionBase("guess-v1", (facts, pick))
    base = base.having([parse_function(LOOKS, facts), parse_function(ONE, pick)])
    with Sandbox(base.functions) as sandbox:
        student = Shares({"one": 1.0})
        parts = replace(parts_of([], student), base=base, sandbox=sandbox)
        [decision] = decide(parts, [STATE])
        yield Answering(parts, STATE, decision)


def test_a_fact_is_known_by_its_name_and_is_exact() -> None:
    with with_facts() as asked:
        assert asked.answer(Asked("predicate", "big")).probability == 0.0
        found = asked.answer(Asked("choice", "size", ("large", "small")))
        assert (found.about, found.index, found.shares) == ("fact size", 1, (0.0, 1.0))
        assert "not true or false" in str(asked.answer(Asked("predicate", "size")).refusal)
        found = asked.answer(Asked("choice", "size", ("large", "huge")))
        assert found.refusal == 'the policy\'s fact size is "small", which is not offered'
        assert asked.answer(Asked("choice", "size", ("huge", "other"))).index == 1


def test_a_policy_that_says_yes_or_no_answers_its_own_question(tmp_path: Path) -> None:
    (tmp_path / "task.toml").write_text(
        'id = "open-v1"\ntitle = "Open?"\nactions = [true, false]\nfallback = false\n'
    )
    (tmp_path / "rules.md").write_text("1. It opens above 5.\n")
    (tmp_path / "states.jsonl").write_text(
        "".join(
            json.dumps({"state": {"n": n}, "split": s}) + "\n"
            for n, s in ((3, "train"), (9, "test"))
        )
    )
    task = RecordTask(tmp_path)
    stage = Stage("open", "opens", "Does it open?", reads=("n",))
    yes = ONE.replace("return 1", "return True").replace("    1\n", "    True\n")
    no = TWO.replace("return 2", "return False").replace("    2\n", "    False\n")
    functions = [parse_function(one.replace("-> int", "-> bool"), stage) for one in (yes, no)]
    base = FunctionBase("open-v1", (stage,)).having(functions)
    with Sandbox(base.functions) as sandbox:
        student = Shares({"one": 0.7, "two": 0.3})
        parts = replace(parts_of([], student), task=task, base=base, sandbox=sandbox)
        state = {"n": 9}
        [decision] = decide(parts, [state])
        asked = Answering(parts, state, decision)
        for question in (
            Asked("predicate", "action"),
            Asked("predicate", "opens"),
            Asked("predicate", "anything", alone=True),
            Asked("predicate", "true"),
        ):
            assert asked.answer(question).probability == pytest.approx(0.7)
        assert asked.answer(Asked("predicate", "false")).probability == pytest.approx(0.3)
        assert asked.answer(Asked("predicate", "rain")).refusal is not None
        found = asked.answer(Asked("choice", "action", (False, True)))
        assert (found.index, found.confidence) == (1, pytest.approx(0.7))
