"""Recorded decisions correct a base: what the teacher is asked, what is kept, and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.writing.refunds import (
    DECIDE,
    FULL,
    LATE,
    MEASURE,
    OPENED,
    WRONG_AMOUNT,
    WRONG_KEY,
    make_task,
    refund_base,
)

from logicdistill.errors import MissingReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.protocols import Request
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.records import RecordTask
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.types import HELPERS
from logicdistill.writing.base import journal_entry
from logicdistill.writing.revise import Revised, revise

NOTHING: dict[str, Any] = {"files": [], "remove": [], "contradicts": []}


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> RecordTask:
    return make_task(tmp_path_factory.mktemp("refunds") / "task")


class Answering:
    """A teacher whose answer is a function of the question and its number."""

    def __init__(self, answer: Callable[[str, int], dict[str, Any]]) -> None:
        self.answer, self.asked = answer, list[Request]()

    def ask(self, request: Request) -> Any:
        self.asked.append(request)
        return self.answer(request.messages[-1][1], len(self.asked))


@dataclass(frozen=True)
class Unreadable(Record):
    """A test state. Reading it fails."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("state", "action"):
            raise AssertionError("a test state is read")
        return super().__getattribute__(name)


def files(*sources: str, **more: Any) -> dict[str, Any]:
    found = [{"stage": "decide" if "facts:" in s else "facts", "file": s} for s in sources]
    return NOTHING | {"files": found} | more


def revised(
    task: RecordTask, base: FunctionBase, teacher: Any, rounds: int = 5, **splits: Any
) -> tuple[Revised, list[str]]:
    lines = list[str]()
    entries = [journal_entry("admit", function) for function in base.functions]
    training = splits.get("training", task.split("train"))
    validation = splits.get("validation", task.split("validation"))
    found = revise(
        Author(teacher, task),
        (base, entries),
        training,
        validation,
        rounds,
        lambda event: lines.append(str(event)),
    )
    return found, lines


def test_a_wrong_key_is_corrected_in_one_round(task: RecordTask) -> None:
    teacher = Answering(lambda asked, _: files(LATE) if "KeyError" in asked else NOTHING)
    found, lines = revised(task, refund_base(MEASURE, WRONG_KEY, OPENED, FULL), teacher)
    assert found.base == refund_base()
    assert len(teacher.asked) == 1
    assert lines[-1] == (
        "round 1: 40 of 40 training states right (was 0), validation 10 of 10 (was 0)"
    )
    asked = teacher.asked[0].messages[-1][1]
    assert "### 40 states: a function fails (stage decide, late)" in asked
    assert 'Results of the earlier stages: {"facts": {"late": ' in asked
    assert 'When: facts["is_late"]' in asked
    assert asked.count("\nState ") == 3
    assert len(asked) < 8_000
    entry = found.entries[-1]
    assert (entry["op"], entry["function"]) == ("revise", "late")
    assert entry["why"] == lines[-1]
    assert entry["hash"] == found.base.by_name["late"].content_hash[:16]
    assert [one["op"] for one in found.entries] == ["admit"] * 3 + ["revise"]
    assert found.base.stages[-1].order == ("late", "opened", "full")


def test_a_wrong_amount_of_one_branch_is_shown_with_that_branch(task: RecordTask) -> None:
    teacher = Answering(lambda asked, _: files(OPENED))
    found, _ = revised(task, refund_base(MEASURE, LATE, WRONG_AMOUNT, FULL), teacher)
    assert found.base == refund_base()
    asked = teacher.asked[0].messages[-1][1]
    assert "another number (stage decide, opened)" in asked
    assert "def measure" in asked
    assert ">>> opened(" in asked
    assert ">>> measure(" not in asked
    assert "def full" not in asked
    assert "- decide/full: rule 3 fits." in asked


def test_the_values_inside_the_wrong_function_are_shown_and_states_by_what_differs(
    task: RecordTask,
) -> None:
    body = 'share = 7 / 10\n    paid = price * share\n    return {"do": "refund", "amount": paid}'
    wrong = WRONG_AMOUNT.partition("    return")[0] + f"    {body}\n"
    teacher = Answering(lambda *_: files(OPENED))
    assert revised(task, refund_base(MEASURE, LATE, wrong, FULL), teacher)[0].base == refund_base()
    asked = teacher.asked[0].messages[-1][1]
    assert "\nInside opened: share = 0.7, paid = 7.0\nYour functions: decide/opened gives" in asked
    assert '\nState 1: {"days": 0, "opened": true, "price": 10}\n' in asked
    assert '\nState 3: as state 1, but {"days": 3}\n' in asked


SHARE = '''def share(opened: bool) -> float:
    """Give the share of the price that is refunded.

    Rules: 2
    >>> share(opened=True)
    0.8
    """
    return 0.8 if opened else 1.0
'''
WRONG_SHARE = SHARE.replace("0.8", "0.7")
CALLING = OPENED.replace("price * 8 / 10", "price * 10 * share(True) / 10")


def with_share(helper: str, opened: str = CALLING) -> FunctionBase:
    functions = [parse_function(opened, DECIDE), parse_function(helper, HELPERS)]
    return refund_base().holding([*refund_base(MEASURE, LATE, FULL).functions, *functions])


def test_a_helper_is_shown_and_corrected_and_its_callers_are_tried_again(task: RecordTask) -> None:
    wrong = with_share(WRONG_SHARE, CALLING.replace("80.0", "70.0"))
    both = [{"stage": "helpers", "file": SHARE}, {"stage": "decide", "file": CALLING}]
    teacher = Answering(lambda *_: NOTHING | {"files": both[::-1]})
    found, lines = revised(task, wrong, teacher)
    asked = teacher.asked[0].messages[-1][1]
    assert f"`helpers/share`\n\n```python\n{WRONG_SHARE.strip()}\n```" in asked
    assert lines[-1].startswith("round 1: 40 of 40 training states right")
    assert found.base == with_share(SHARE)
    assert {entry["function"] for entry in found.entries if entry["op"] == "revise"} == {
        "share",
        "opened",
    }
    alone = Answering(lambda *_: NOTHING | {"files": both[:1]})
    found, lines = revised(task, wrong, alone, rounds=1)
    assert found.base == wrong
    assert any("share: would break opened, which calls it" in line for line in lines)


def test_a_round_that_makes_validation_worse_is_undone_and_ends_it(task: RecordTask) -> None:
    """The correction is right in every training state, by their prices."""
    base = refund_base(MEASURE, LATE, WRONG_AMOUNT, FULL)
    training = [r for r in task.split("train") if not (r.state["opened"] and r.state["price"] > 30)]
    validation = [
        r
        for r in task.records
        if not r.state["opened"] or r.state["days"] > 30 or r.state["price"] > 30
    ]
    validation = [r for r in validation if r not in training]
    fitted = OPENED.replace("price * 8 / 10}", "price * 8 / 10 if price <= 30 else 0}").replace(
        "80.0", "0"
    )
    worse = FULL.replace('"amount": price}', '"amount": price if price <= 40 else 0}').replace(
        "100}", "0}", 1
    )
    validation += [r for r in task.split("train") if r.state["price"] > 40]
    training = [r for r in training if r.state["price"] <= 40]
    teacher = Answering(lambda asked, number: files(fitted, worse))
    found, lines = revised(task, base, teacher, training=training, validation=validation)
    assert found.base == base
    assert [one["op"] for one in found.entries] == ["admit"] * 4
    assert len(teacher.asked) == 1
    assert lines[-1].startswith(f"round 1: {len(training)} of {len(training)} training states")
    assert lines[-1].endswith("; validation is worse, so it is undone")


def test_a_contradiction_is_told_and_no_function_follows_it(task: RecordTask) -> None:
    wrong = task.split("train")[0]
    assert wrong.state["days"] <= 30
    record = replace(wrong, action={"do": "refuse", "amount": 0})
    training = [record if r.id == wrong.id else r for r in task.split("train")]
    why = "Rule 1 refuses after 30 days alone."
    teacher = Answering(lambda *_: NOTHING | {"contradicts": [{"state": 1, "why": why}]})
    found, lines = revised(task, refund_base(), teacher, training=training)
    assert found.base == refund_base()
    assert found.contradicted == {wrong.id: why}
    assert len(teacher.asked) == 1
    assert lines[0].startswith(f"{wrong.id}: recorded ")
    assert lines[0].endswith(f"contradicts the rules, says the teacher: {why}")


def test_no_more_rounds_are_asked_than_the_budget_and_two_without_gain_are_the_last(
    task: RecordTask,
) -> None:
    bases = [
        FULL.replace('"amount": price}', f'"amount": price if price <= {most} else 0}}').replace(
            "100}", "0}", 1
        )
        for most in (10, 15, 20, 60)
    ]
    first = refund_base(MEASURE, LATE, OPENED, bases[0])
    slowly = Answering(lambda _, number: files(bases[number]))
    found, lines = revised(task, first, slowly, rounds=3)
    assert len(slowly.asked) == len(lines) // 2 == 3
    assert found.base.by_name["full"].source == bases[3]
    never = Answering(lambda _, number: files(bases[0]))
    found, lines = revised(task, first, never)
    assert found.base == first
    assert len(never.asked) == 2
    assert never.asked[0] != never.asked[1]
    assert "Your last revision gave" in never.asked[1].messages[-1][1]


def test_what_the_gate_refuses_leaves_the_function_as_it_was(task: RecordTask) -> None:
    lie = OPENED.replace("80.0", "81.0")

    def answer(asked: str, number: int) -> dict[str, Any]:
        return files(LATE, lie) if number == 1 else {"files": [lie]}

    teacher = Answering(answer)
    base = refund_base(MEASURE, WRONG_KEY, WRONG_AMOUNT, FULL)
    found, lines = revised(task, base, teacher, rounds=1)
    assert found.base == refund_base(MEASURE, LATE, WRONG_AMOUNT, FULL)
    assert [request.kind for request in teacher.asked] == ["revise", "repair", "repair", "repair"]
    assert any(line.startswith("not taken: decide/opened: usage example 1") for line in lines)


def test_a_stage_is_not_emptied_and_a_function_can_go(task: RecordTask) -> None:
    teacher = Answering(lambda *_: NOTHING | {"remove": ["measure"]})
    base = refund_base(MEASURE, LATE, WRONG_AMOUNT, FULL)
    found, lines = revised(task, base, teacher, rounds=1)
    assert found.base == base
    assert "not taken: facts/the revision leaves the stage without a function" in lines
    broad = OPENED.replace("opened(", "all(").replace('When: facts["opened"]', "When: price > 0")
    broad = broad.replace("def all(", "def cheap(").replace(">>> all(", ">>> cheap(")
    broad = broad.replace("Rules: 2", "Rules: 1")
    teacher = Answering(lambda *_: NOTHING | {"remove": ["cheap"]})
    found, lines = revised(task, refund_base(MEASURE, LATE, broad, OPENED, FULL), teacher)
    assert found.base.by_name.keys() == refund_base().by_name.keys()
    assert found.entries[-1]["why"].endswith("; removed: cheap")


def test_functions_of_a_person_are_nobodys_to_correct(task: RecordTask) -> None:
    base = refund_base(MEASURE, WRONG_KEY, OPENED, FULL, origin="person")
    teacher = Answering(lambda *_: files(LATE))
    assert revised(task, base, teacher)[0].base == base
    assert teacher.asked == []


def test_without_a_recorded_reply_it_ends_and_says_so(task: RecordTask, tmp_path: Path) -> None:
    base = refund_base(MEASURE, WRONG_KEY, OPENED, FULL)
    found, lines = revised(task, base, RecordedTeacher(ReplyStore(tmp_path)))
    assert found.base == base
    assert lines[0].startswith("not corrected further, 0 of 40 training states right: no recorded")


def test_an_interrupted_loop_asks_nothing_twice(task: RecordTask, tmp_path: Path) -> None:
    base = refund_base(MEASURE, WRONG_KEY, WRONG_AMOUNT, FULL)
    store = ReplyStore(tmp_path)
    fresh = list[Request]()

    class Storing:
        """A live teacher in small: what it answered is kept; the second question ends it once."""

        def ask(self, request: Request) -> Any:
            try:
                return RecordedTeacher(store).ask(request)
            except MissingReplyError:
                fresh.append(request)
            if len(fresh) == 2:
                raise KeyboardInterrupt
            reply = files(LATE) if "KeyError" in request.messages[-1][1] else files(OPENED)
            store.put(request, reply, "fake")
            return reply

    with pytest.raises(KeyboardInterrupt):
        revised(task, base, Storing())
    found, _ = revised(task, base, Storing())
    assert found.base == refund_base()
    assert fresh[1] == fresh[2]
    assert len(fresh) == 3
    assert revised(task, base, RecordedTeacher(store))[0].base == refund_base()


def test_no_test_state_is_read(task: RecordTask, tmp_path: Path) -> None:
    blind = make_task(tmp_path / "blind")
    blind.records = tuple(
        Unreadable(r.id, r.state, r.split, r.action, r.known) if r.split == "test" else r
        for r in blind.records
    )
    teacher = Answering(lambda *_: files(LATE))
    found, _ = revised(blind, refund_base(MEASURE, WRONG_KEY, OPENED, FULL), teacher)
    assert found.base == refund_base()
