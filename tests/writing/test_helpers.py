"""Helpers of a task's folder, and changes of them in a base."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from logicdistill.deciding.students import make_student
from logicdistill.errors import BaseError, GateRefusal
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.pipeline.edits import commit_edits
from logicdistill.policy import Policy
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.scaffold import new_task
from logicdistill.types import HELPERS, Step
from logicdistill.writing.by_hand import base_by_hand

LIMIT = '''def limit(receipt: bool) -> float:
    """Give the most euros that need no manager.

    Rules: 2
    >>> limit(receipt=True)
    500
    >>> limit(receipt=False)
    0
    """
    return 500 if receipt else 0
'''
DECIDE = '''def ask_the_manager(amount_eur: float, receipt: bool) -> str:
    """Let the manager decide.

    When: amount_eur > limit(receipt)
    Use when: the amount is above the limit.
    >>> ask_the_manager(amount_eur=500.01, receipt=True)
    'manager'
    """
    return "manager" if _above(amount_eur, receipt) else "approve"


def approve(amount_eur: float, receipt: bool) -> str:
    """Pay the expense.

    Use when: no other rule fits.
    Rules: 3
    >>> approve(amount_eur=500, receipt=True)
    'approve'
    """
    return "manager" if _above(amount_eur, receipt) else "approve"


def _above(amount: float, receipt: bool) -> bool:
    """Say whether an amount is above the limit.

    >>> _above(501, True)
    True
    """
    return amount > limit(receipt)
'''
LATE = '''def refuse_late_claim(days_ago: int) -> str:
    """Refuse a claim that comes too late.

    Stage: decide
    Use when: the expense is more than 90 days ago.
    When: late(days_ago)
    Rules: 1
    >>> refuse_late_claim(days_ago=91)
    'refuse'
    """
    return "refuse"
'''
IS_LATE = '''def late(days_ago: int) -> bool:
    """Say whether a claim is late.

    Stage: helpers
    >>> late(91)
    True
    """
    return days_ago > 90
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_task(tmp_path / "expenses", "by-hand")
    functions = tmp_path / "expenses" / "functions"
    (functions / "helpers").mkdir()
    (functions / "helpers" / "limit.py").write_text(LIMIT)
    (functions / "decide.py").write_text(DECIDE)
    return tmp_path / "expenses"


@pytest.fixture
def policy(folder: Path) -> Iterator[Policy]:
    task = RecordTask(folder)
    base, refused = base_by_hand(task)
    assert not refused
    assert base is not None
    with Policy(task, base, make_student("conditions", folder / "student")) as made:
        yield made


def named(base: FunctionBase) -> list[str]:
    return [helper.name for helper in base.helpers]


def test_helpers_of_a_folder_and_of_its_module_join_and_their_rules_are_cited(
    policy: Policy, tmp_path: Path
) -> None:
    assert named(policy.base) == ["_above", "limit"]
    assert policy.base.stages[0].order == ("ask_the_manager", "approve")
    decision = policy.decide(policy.task.records[0].state | {"amount_eur": 501.0, "receipt": True})
    step: Step = decision.trace[-1]
    assert (decision.action, step.rules) == ("manager", (2,))
    policy.pack(tmp_path / "one.policy")
    with Policy.load(tmp_path / "one.policy") as packed:
        assert packed.base == policy.base
        assert packed.decide(policy.task.records[0].state).action is not None


def test_what_is_wrong_with_a_helper_of_a_folder_is_named_with_file_and_line(folder: Path) -> None:
    file = folder / "functions" / "helpers" / "limit.py"
    file.write_text(LIMIT.replace("    500\n", "    600\n"))
    assert base_by_hand(RecordTask(folder))[1] == [
        "functions/helpers/limit.py:1: limit: usage example 1 expects 600 but the function "
        "returns 500"
    ]
    file.write_text(LIMIT.replace("limit", "_above"))
    assert "has another helper of this name" in base_by_hand(RecordTask(folder))[1][0]
    file.write_text(LIMIT.replace("500 if", "_above(1, receipt) or 500 if"))
    assert "in a circle" in base_by_hand(RecordTask(folder))[1][0]


def test_a_helper_is_added_by_its_stage_line_and_replaced_and_removed(
    policy: Policy, tmp_path: Path
) -> None:
    file = tmp_path / "changed.py"
    file.write_text(IS_LATE)
    assert policy.add(file).stage == HELPERS.name
    file.write_text(LATE)
    policy.add(file)
    with pytest.raises(BaseError, match="late is called by refuse_late_claim; change or remove"):
        policy.remove("late")
    file.write_text(IS_LATE.replace("> 90", "> 95").replace("91", "96"))
    with pytest.raises(GateRefusal) as caught:
        policy.replace("late", file)
    assert str(caught.value).startswith("late: would break refuse_late_claim, which calls it: ")
    file.write_text(IS_LATE.replace("> 90", ">= 90"))
    policy.replace("late", file)
    state = policy.task.records[0].state | {"days_ago": 90}
    assert policy.decide(state).action == "refuse"
    policy.remove("refuse_late_claim")
    policy.remove("late")
    assert named(policy.base) == ["_above", "limit"]
    with pytest.raises(BaseError, match="a helper takes no --emergency"):
        policy.proposing.add(file, emergency=True)
    with pytest.raises(GateRefusal, match="has no 'Expires:' line"):
        policy.proposing.add(file, expires="2999-01-01")


def test_functions_that_join_together_bring_their_helpers_in_any_order(policy: Policy) -> None:
    joined, refused = policy.bring_in({"refuse_late_claim": LATE, "late": IS_LATE})
    assert [function.name for function in joined] == ["late", "refuse_late_claim"]
    assert not refused


def test_what_calls_a_refused_helper_is_refused_with_it(policy: Policy) -> None:
    wrong = IS_LATE.replace("True", "False")
    joined, refused = policy.bring_in(
        {"refuse_late_claim": LATE.replace("return", "late(1)\n    return"), "late": wrong}
    )
    assert not joined
    assert refused["refuse_late_claim"] == "refuse_late_claim: calls late, which is refused"


def test_a_module_brings_its_helper_once(policy: Policy) -> None:
    text = DECIDE.replace("def ask_the_manager", "def ask").replace(
        ">>> ask_the_manager", ">>> ask"
    )
    text = text[: text.index("def approve")] + text[text.index("def _above") :]
    made = policy.proposing.import_module(text, "module.py")
    assert not made.refused
    assert [function.name for function in made.functions] == ["ask"]
    assert named(made.new) == ["_above", "limit"]
    other = policy.proposing.import_module(text.replace("> limit", ">= limit"), "module.py")
    assert other.refused.keys() == {"_above", "ask"}


def test_edited_helpers_are_taken_in_with_what_calls_them(policy: Policy, tmp_path: Path) -> None:
    store = BaseFolder(tmp_path / "run" / "base")
    store.commit(policy.base, [{"op": "init"}])
    file = store.path / "helpers" / "limit.py"
    file.write_text(LIMIT.replace("500", "800"))
    with pytest.raises(GateRefusal, match=r"limit: would break _above, which calls it: usage"):
        commit_edits(store, policy.task)
    file.write_text(LIMIT.replace("else 0", "else -1").replace("    0\n", "    -1\n"))
    base, edits = commit_edits(store, policy.task)
    assert edits == 1
    for name in ("limit", "_above", "approve"):
        assert base.by_name[name].content_hash != policy.base.by_name[name].content_hash
    assert store.load() == base
    file.unlink()
    with pytest.raises(BaseError, match="calls limit, a helper that is gone"):
        commit_edits(store, policy.task)
