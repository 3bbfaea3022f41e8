"""A base is run on states with recorded actions; each that it does not give has a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.writing.refunds import (
    DECIDE,
    FACTS,
    FULL,
    LATE,
    MEASURE,
    OPENED,
    SOURCES,
    WRONG_AMOUNT,
    WRONG_KEY,
    make_task,
    refund_base,
)

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.tasks.records import RecordTask
from logicdistill.types import Stage
from logicdistill.writing.judging import Judgement, judge, judgeable, unknown_choices


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> RecordTask:
    return make_task(tmp_path_factory.mktemp("refunds") / "task")


def judged(task: RecordTask, base: FunctionBase) -> Judgement:
    with Sandbox() as sandbox:
        return judge(task, base, sandbox, judgeable(base, task.split("train")))


def test_right_functions_disagree_with_no_record(task: RecordTask) -> None:
    found = judged(task, refund_base())
    assert (found.states, found.right, found.disagreements) == (40, 40, ())


def test_a_wrong_key_is_told_with_its_function_and_stage_in_every_state(task: RecordTask) -> None:
    found = judged(task, refund_base(MEASURE, WRONG_KEY, OPENED, FULL))
    assert found.right == 0
    first = found.disagreements[0]
    assert (first.kind, first.stage, first.functions) == ("error", "decide", ("late",))
    assert "decide/late failed: its 'When:' cannot be evaluated: KeyError" in first.says
    assert first.earlier == {"facts": {"late": False, "opened": True}}


def test_another_number_is_told_from_another_action(task: RecordTask) -> None:
    base = refund_base(
        MEASURE, LATE.replace("'refuse'", "'ask'").replace('"refuse"', '"ask"'), WRONG_AMOUNT, FULL
    )
    found = judged(task, base)
    kinds = {(one.kind, one.functions) for one in found.disagreements}
    assert kinds == {("amount", ("opened",)), ("action", ("late",))}
    amount = next(one for one in found.disagreements if one.kind == "amount")
    assert f'decide/opened gives {{"amount": {amount.record.state["price"] * 0.7:g}' in amount.says
    assert 'recorded is {"amount": ' in amount.says


def test_no_condition_and_contradicting_conditions_are_told(task: RecordTask) -> None:
    stage = replace(DECIDE, mode="guarded")
    base = FunctionBase("refunds-v1", (FACTS, stage)).having(
        [
            refund_base().by_name["measure"],
            *(parse_function(source, stage) for source in (LATE, OPENED)),
        ]
    )
    found = judged(task, base)
    by_kind = {one.kind: one for one in found.disagreements}
    assert set(by_kind) == {"none", "clash"}
    assert "no 'When:' of stage 'decide' holds, so the fallback" in by_kind["none"].says
    assert by_kind["clash"].functions == ("late", "opened")
    assert "give different results" in by_kind["clash"].says


def test_a_fallback_that_a_failure_leads_to_is_not_right(task: RecordTask) -> None:
    asks = [
        replace(record, action={"do": "ask", "amount": 0}) for record in task.split("train")[:3]
    ]
    base = refund_base(MEASURE, WRONG_KEY, OPENED, FULL)
    with Sandbox() as sandbox:
        assert judge(task, base, sandbox, asks).right == 0


def test_where_the_student_chooses_any_candidate_that_leads_there_will_do(
    task: RecordTask,
) -> None:
    stage = Stage("decide", "action", "What is paid?", mode="one", reads=("days",))
    base = FunctionBase("refunds-v1", (FACTS, stage)).having(
        [
            refund_base().by_name["measure"],
            *(parse_function(source, stage) for source in SOURCES[1:]),
        ]
    )
    assert judged(task, base).right == 40
    without = base.having(f for f in base.functions if f.name != "opened")
    wrong = judged(task, without).disagreements
    assert wrong
    assert all(one.record.action["amount"] == one.record.state["price"] * 8 / 10 for one in wrong)
    assert all("not right either" in one.says for one in wrong)


def test_an_earlier_choice_of_the_student_leads_on_to_every_result(task: RecordTask) -> None:
    mood = Stage("mood", "mood", "What does the customer want?", mode="one", reads=("days",))
    named = [
        f'def {name}() -> str:\n    """Say {name}.\n\n    Use when: {name}.\n    >>> {name}()\n'
        f'    \'{name}\'\n    """\n    return "{name}"\n'
        for name in ("angry", "calm")
    ]
    last = replace(DECIDE, order=())
    sources = [
        LATE.replace('When: facts["late"]', 'When: facts["late"] and mood == "calm"'),
        OPENED,
        FULL,
    ]
    base = FunctionBase("refunds-v1", (mood, FACTS, last)).having(
        [
            *(parse_function(source, mood) for source in named),
            refund_base().by_name["measure"],
            *(parse_function(source, last) for source in sources),
        ]
    )
    assert judged(task, base).right == 40
    angry = base.having(f for f in base.functions if f.name != "calm")
    wrong = judged(task, angry).disagreements
    assert {one.record.action["do"] for one in wrong} == {"refuse"}
    assert all(
        one.says.split(": ")[1] in ("with mood/angry", "with no function of mood") for one in wrong
    )
    pinned = [replace(record, choices={"mood": "angry"}) for record in task.split("train")]
    with Sandbox() as sandbox:
        assert judge(task, base, sandbox, pinned).right == 40 - len(wrong)


def test_states_with_two_recorded_actions_are_not_judged(task: RecordTask) -> None:
    first, *others = task.split("train")
    twin = replace(first, id="twin", action={"do": "ask", "amount": 0})
    known = judgeable(refund_base(), [first, *others, twin])
    same = [record for record in others if record.state == first.state]
    assert known == [record for record in others if record not in same]


def test_choices_that_name_nothing_which_a_student_chooses_are_counted_with_the_nearest(
    task: RecordTask,
) -> None:
    asked = replace(DECIDE, mode="one")
    functions = [parse_function(source, asked) for source in (LATE, OPENED)]
    base = FunctionBase("refunds-v1", (FACTS, asked)).having(
        [refund_base().by_name["measure"], *functions]
    )
    named = [
        *[{"decide": "late"}, {"decide": None}, {}],
        *[{"decide": "lat"}] * 4,
        *[{"decid": "late"}, {"decid": "opened"}, {"facts": "measure"}],
    ]
    records = [
        replace(record, choices=choices)
        for record, choices in zip(task.records, named, strict=False)
    ]
    assert unknown_choices(base, records) == [
        "choices of 4 states (s03, s04, s05, ... and 1 more): stage 'decide': unknown function "
        "'lat'; did you mean 'late'? known: late, opened; nothing is learnt from it",
        "choices of 2 states (s07, s08): unknown stage 'decid'; did you mean 'decide'? "
        "known: decide, facts; nothing is learnt from it",
        "choices of 1 state (s09): no student chooses in stage 'facts'; nothing is learnt from it",
    ]
    others = [replace(record, choices={"decide": record.id}) for record in task.records[:5]]
    assert unknown_choices(base, others)[3:] == ["... and 2 more names under 'choices'"]
    unwritten = FunctionBase("refunds-v1", (asked,))
    assert unknown_choices(unwritten, others) == []
