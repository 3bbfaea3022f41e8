"""A told rule, and a state that nothing fits, may bring helpers beside their function."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.deciding.test_asking import LARGE_STATE, policy_of
from tests.writing.expenses import expense, make_run
from tests.writing.test_base import QueuedTeacher, function_file
from typer.testing import CliRunner

from logicdistill.cli import tell
from logicdistill.cli.main import app
from logicdistill.errors import GateRefusal
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.protocols import Teacher

RULE = "Claims in euro or pound above 200 go to procurement."
IN_EUROPE = '''def in_europe(currency: str) -> bool:
    """Say whether a currency is a European one.

    Rules: 3
    >>> in_europe(currency="EUR")
    True
    """
    return one_of(currency, ["EUR", "GBP"])
'''
ONE_OF = '''def one_of(word: str, words: list[str]) -> bool:
    """Say whether a word is one of some.

    >>> one_of(word="EUR", words=["EUR"])
    True
    """
    return word in words
'''
FAR = expense(
    "far",
    "amount > 200 and in_europe(currency)",
    "procurement",
    'claim="hotel", amount=300, currency="EUR"',
    "    Replaces: large\n",
).replace("amount: int)", "amount: int, currency: str)")
ALONE = FAR.replace("in_europe(currency)", 'currency in ["EUR", "GBP"]')


def told(*helpers: str, file: str = FAR, repairs: tuple[str, ...] = ()) -> QueuedTeacher:
    reply = {"functions": [{"stage": "decide", "file": file}], "helpers": [*helpers]}
    return QueuedTeacher(emergency=[reply], repair=[{"files": [text]} for text in repairs])


@pytest.fixture
def policy(tmp_path: Path) -> Iterator[Policy]:
    with Policy.load(make_run(tmp_path / "run"), "conditions") as made:
        yield made


def test_helpers_of_a_told_rule_join_in_any_order_are_shown_and_cited_and_go_with_one_rollback(
    policy: Policy,
) -> None:
    before, state = policy.base, {"claim": "hotel", "amount": 300, "currency": "GBP"}
    made = policy.proposing.tell(RULE, told(IN_EUROPE, ONE_OF), expires="2099-01-01")
    shown = policy.impact(made).lines()
    assert [line for line in shown if "helper" in line] == [
        "in_europe: a helper of far; runs in 15 of 40 states",
        "one_of: a helper of far; runs in 15 of 40 states",
    ]
    joined = policy.accept(made)
    assert [(one.stage, one.name) for one in joined] == [
        ("helpers", "one_of"),
        ("helpers", "in_europe"),
        ("decide", "far"),
    ]
    assert {(one.origin, one.told) for one in joined} == {("emergency", RULE)}
    assert policy.folder is not None
    assert (policy.folder.path / "helpers" / "one_of.py").read_text() == ONE_OF
    assert [entry["rule"] for entry in policy.folder.journal()[1:]] == [RULE] * 3
    assert policy.folder.load() == policy.base
    [step] = policy.decide(state).trace
    assert (step.outcome.value, step.rules, step.told) == ("procurement", (3,), (RULE,))
    policy.rollback(before.snapshot)
    assert policy.base == before
    assert not (policy.folder.path / "helpers" / "one_of.py").exists()


def test_a_helper_passes_the_gate_first_and_the_teacher_repairs_it(policy: Policy) -> None:
    wrong = ONE_OF.replace("    True", "    False")
    teacher = told(wrong, IN_EUROPE, repairs=(ONE_OF,))
    policy.tell(RULE, teacher)
    asked = teacher.asked[-1].messages[-1][1]
    assert "one_of: usage example 1 expects False" in asked
    assert RULE in asked
    assert [one.name for one in policy.base.helpers] == ["in_europe", "one_of"]


def test_a_refused_helper_costs_the_rule_and_changes_nothing(policy: Policy) -> None:
    before = policy.base
    with pytest.raises(GateRefusal, match=r"^in_europe: uses 'one_of'"):
        policy.tell(RULE, told(IN_EUROPE, repairs=(IN_EUROPE,) * 3))
    assert policy.base is before


def test_what_no_function_calls_is_left_out_and_said(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = policy.proposing.tell(RULE, told(IN_EUROPE, ONE_OF, file=ALONE))
    assert made.new.helpers == ()
    assert [entry["function"] for entry in made.entries] == ["far"]
    assert made.refused == {
        name: f"{name}: no function calls it" for name in ("in_europe", "one_of")
    }
    monkeypatch.setattr(tell, "teacher_of", lambda *_: Answering(told(ONE_OF, file=ALONE)))
    assert policy.folder is not None
    run = str(policy.folder.path.parent)
    result = CliRunner().invoke(app, ["base", "tell", RULE, "--run", run, "--review", "--yes"])
    assert result.exit_code == 0, result.output
    assert "refused one_of: no function calls it\n" in result.stdout
    assert not BaseFolder(policy.folder.path).load().helpers


class Answering:
    """A command's teacher."""

    def __init__(self, teacher: Teacher) -> None:
        self.teacher = teacher

    def __enter__(self) -> Teacher:
        return self.teacher

    def __exit__(self, *_: object) -> None:
        pass


def test_a_review_shows_the_helper_with_what_calls_it(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tell, "teacher_of", lambda *_: Answering(told(ONE_OF, IN_EUROPE)))
    assert policy.folder is not None
    run = str(policy.folder.path.parent)
    shown = CliRunner().invoke(app, ["base", "tell", RULE, "--run", run, "--review"]).stdout
    assert "+ helpers/one_of\n+   def one_of(" in shown
    assert "\none_of: a helper of far\n  one_of(word=" in shown


def test_a_function_for_a_state_that_nothing_fits_brings_its_helper() -> None:
    helper = '''def same(n: int) -> int:
    """Give the number itself.

    >>> same(n=3)
    3
    """
    return n
'''
    file = function_file(
        "large",
        "return same(n)",
        "    When: n >= 50\n    Replaces: small\n",
        example="n=60",
        expected="60",
    )
    teacher = QueuedTeacher(unfitting=[{"files": [file], "helpers": [helper]}])
    with policy_of(teacher, on_emergency="ask") as policy:
        decision = policy.decide(LARGE_STATE)
        assert (decision.action, decision.written) == (60, ("same", "large"))
        assert [one.name for one in policy.base.helpers] == ["same"]
    assert "`helpers` the files of new helpers" in teacher.asked[0].messages[-1][1]
