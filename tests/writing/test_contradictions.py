"""An emergency function keeps the usage examples of the base, and lapses when it expires."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.writing.test_base import PICK, STATE, QueuedTeacher, function_file

from logicdistill.errors import BaseError, GateRefusal, ManualError, MissingReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.policy import Policy
from logicdistill.protocols import Request
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.registry import get_task
from logicdistill.types import Stage
from logicdistill.writing.contradictions import first_refused

FACTS = Stage("facts", "facts", "What matters?", mode="all")
SMALL = function_file("small", "return 5")
HIGH = function_file(
    "high", "return 7", "    When: n > 50\n    Replaces: small\n", example="n=60", expected="7"
)
TOP = function_file(
    "top", "return 9", "    When: n > 90\n    Replaces: small\n", example="n=95", expected="9"
)
NOON = datetime.datetime(2026, 12, 1, 12, tzinfo=datetime.UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON - datetime.timedelta(hours=1)

    def __call__(self) -> datetime.datetime:
        return self.now


def policy_of(folder: Path, *sources: str, clock: Clock | None = None) -> Policy:
    """A policy whose base lies on disk; functions with ``Replaces:`` are emergencies."""
    functions = [
        parse_function(source, PICK, "emergency" if "Replaces:" in source else "teacher")
        for source in sources
    ]
    base = FunctionBase("guess-v1", (PICK,)).having(functions)
    store = BaseFolder(folder / "base")
    store.commit(base, [{"op": "admit"}])
    return Policy(
        get_task("guess"),
        base,
        lambda box: ConditionsStudent(box),
        folder=store,
        clock=clock or Clock(),
    )


def added(policy: Policy, folder: Path, source: str, **how: Any) -> Any:
    file = folder / "one.py"
    file.write_text(source)
    return policy.add(file, stage="pick", **{"emergency": True} | how)


def test_a_rule_whose_guard_holds_on_anothers_usage_example_is_refused_with_that_example(
    tmp_path: Path,
) -> None:
    wide = function_file("wide", "return 6", "    When: n > 5\n", expected="6")
    with policy_of(tmp_path, SMALL) as policy:
        with pytest.raises(GateRefusal) as caught:
            added(policy, tmp_path, wide)
        assert str(caught.value) == (
            "wide: would break the usage example small(n=10) -> 5: its 'When:' holds there, "
            "and it gives 6; name small in 'Replaces:' or narrow 'When:'"
        )
        assert set(policy.base.by_name) == {"small"}
        added(policy, tmp_path, wide.replace("    Rules", "    Replaces: small\n    Rules"))
        assert policy.decide(STATE).action == 6


def test_a_guard_that_does_not_hold_there_or_the_same_result_there_is_no_contradiction(
    tmp_path: Path,
) -> None:
    with policy_of(tmp_path, SMALL) as policy:
        added(
            policy,
            tmp_path,
            function_file(
                "elsewhere", "return 6", "    When: n > 50\n", example="n=60", expected="6"
            ),
        )
        added(policy, tmp_path, function_file("alike", "return 5", "    When: 5 < n < 20\n"))
        assert len(policy.base.functions) == 3


def test_of_two_emergencies_that_hold_at_once_the_later_has_to_name_the_earlier(
    tmp_path: Path,
) -> None:
    with policy_of(tmp_path, SMALL, HIGH) as policy:
        with pytest.raises(
            GateRefusal,
            match=r"top: in its usage example top\(n=95\) -> 9 "
            "the 'When:' of high holds as well, which gives 7",
        ):
            added(policy, tmp_path, TOP)
        added(policy, tmp_path, TOP.replace("Replaces: small", "Replaces: small, high"))
        assert [policy.decide({**STATE, "n": n}).action for n in (10, 60, 95)] == [5, 7, 9]


def test_what_a_third_function_replaces_there_is_no_contradiction(tmp_path: Path) -> None:
    with policy_of(tmp_path, function_file("small", "return 5", example="n=60"), HIGH) as policy:
        same = function_file("same", "return 7", "    When: n > 50\n", example="n=70", expected="7")
        added(policy, tmp_path, same)
        assert policy.decide({**STATE, "n": 60}).action == 7


def test_facts_contradict_each_other_only_where_both_give_the_same_fact() -> None:
    def fact(name: str, body: str, when: str = "") -> str:
        result = body.replace("return ", "")
        return (
            f'def {name}(n: int) -> dict[str, str]:\n    """Say it.\n\n'
            f"    Use when: always.\n{when}    Rules: 1\n"
            f'    >>> {name}(n=10)\n    {result}\n    """\n    {body}\n'
        )

    plain = parse_function(fact("size", "return {'size': 'small'}"), FACTS)
    base = FunctionBase("guess-v1", (FACTS, PICK)).having([plain, parse_function(SMALL, PICK)])
    for body, joins in (("return {'kind': 'odd'}", True), ("return {'size': 'big'}", False)):
        reply = {
            "functions": [{"stage": "facts", "file": fact("other", body, "    When: n > 5\n")}]
        }
        with Policy(get_task("guess"), base, lambda box: ConditionsStudent(box)) as policy:
            teacher = QueuedTeacher(
                emergency=[reply], repair=[{"files": [reply["functions"][0]["file"]]}] * 3
            )
            if joins:
                assert [function.name for function in policy.tell("Say more.", teacher)] == [
                    "other"
                ]
            else:
                with pytest.raises(GateRefusal, match="would break the usage example size"):
                    policy.tell("Say more.", teacher)


def test_the_teacher_repairs_a_function_that_would_break_an_example(tmp_path: Path) -> None:
    wide, narrow = (
        HIGH.replace("    Replaces: small\n", "").replace("n > 50", when)
        for when in ("n > 5", "n > 50")
    )
    teacher = QueuedTeacher(
        emergency=[{"functions": [{"stage": "pick", "file": wide}]}], repair=[{"files": [narrow]}]
    )
    with policy_of(tmp_path, SMALL) as policy:
        policy.tell("Above fifty, name seven.", teacher)
        assert policy.base.function("high").source == narrow
    assert "would break the usage example small(n=10) -> 5" in teacher.asked[-1].messages[-1][1]


def test_a_function_goes_back_three_times_whether_the_gate_refuses_it_or_the_base(
    tmp_path: Path,
) -> None:
    wide = HIGH.replace("    Replaces: small\n", "").replace("n > 50", "n > 5")
    lie = wide.replace("return 7", "return 8")
    teacher = QueuedTeacher(
        emergency=[{"functions": [{"stage": "pick", "file": lie}]}],
        repair=[{"files": [file]} for file in (wide, lie) * 6],
    )
    with (
        policy_of(tmp_path, SMALL) as policy,
        pytest.raises(GateRefusal, match="would break the usage example"),
    ):
        policy.tell("Above fifty, name seven.", teacher)
    assert [request.kind for request in teacher.asked] == ["emergency", *["repair"] * 3]


def test_a_repair_keeps_the_expiry_that_was_asked_for(tmp_path: Path) -> None:
    wide, narrow = (
        HIGH.replace("    Replaces: small\n", "").replace("n > 50", when)
        for when in ("n > 5", "n > 50")
    )
    teacher = QueuedTeacher(
        emergency=[{"functions": [{"stage": "pick", "file": wide}]}], repair=[{"files": [narrow]}]
    )
    with policy_of(tmp_path, SMALL) as policy:
        (joined,) = policy.tell("Rule.", teacher, expires="2099-12-01T12:00")
    assert joined.manual.expires == "2099-12-01T12:00:00+00:00"


def test_a_person_may_bring_in_what_overlaps_since_nothing_guards_it(tmp_path: Path) -> None:
    with policy_of(tmp_path, SMALL) as policy:
        added(
            policy,
            tmp_path,
            function_file("wide", "return 6", "    When: n > 5\n", expected="6"),
            emergency=False,
        )
        assert len(policy.base.functions) == 2


def test_an_expired_function_is_gone_and_what_it_replaced_is_back(tmp_path: Path) -> None:
    clock = Clock()
    with policy_of(tmp_path, SMALL, clock=clock) as policy:
        function = added(policy, tmp_path, HIGH, expires="2026-12-01T13:00+01:00")
        assert function.manual.expires == "2026-12-01T12:00:00+00:00"
        state, found = {**STATE, "n": 60}, []
        for minutes in (-1, 0):
            clock.now = NOON + datetime.timedelta(minutes=minutes)
            found.append(policy.decide(state).action)
        assert found == [7, 5]


def test_an_expiry_survives_on_disk_and_the_journal_notes_once_that_it_has_passed(
    tmp_path: Path,
) -> None:
    clock = Clock()
    teacher = QueuedTeacher(emergency=[{"functions": [{"stage": "pick", "file": HIGH}]}])
    with policy_of(tmp_path, SMALL, clock=clock) as policy:
        policy.tell("Above fifty, name seven.", teacher, expires="2026-12-01T12:00")
        assert policy.note_expired() == []
        assert policy.folder is not None
        store = BaseFolder(policy.folder.path)
        assert (
            "    Expires: 2026-12-01T12:00:00+00:00\n"
            in (store.path / "pick" / "high.py").read_text()
        )
    clock.now = NOON
    with Policy(
        get_task("guess"),
        store.load(),
        lambda box: ConditionsStudent(box),
        folder=store,
        clock=clock,
    ) as policy:
        assert policy.decide({**STATE, "n": 60}).action == 5
        assert policy.note_expired() == policy.note_expired() == ["high"]
        assert store.load().snapshot == policy.base.snapshot
    lapses = [entry for entry in store.journal() if entry["op"] == "lapse"]
    assert [entry["function"] for entry in lapses] == ["high"]


def test_a_time_that_has_passed_or_is_none_is_refused(tmp_path: Path) -> None:
    with policy_of(tmp_path, SMALL) as policy:
        with pytest.raises(
            ManualError,
            match=r"the expiry 2026-12-01T10:00:00\+00:00 has passed; give a later time",
        ):
            added(policy, tmp_path, HIGH, expires="2026-12-01T10:00")
        with pytest.raises(
            GateRefusal,
            match=r"high: 'Expires: 2026-12-01T10:00:00\+00:00' has passed; give a later time",
        ):
            added(
                policy,
                tmp_path,
                HIGH.replace("    Rules", "    Expires: 2026-12-01T10:00\n    Rules"),
            )
        with pytest.raises(ManualError, match="the expiry takes a time such as 2026-12-01T12:00"):
            added(policy, tmp_path, HIGH, expires="noon")
        assert set(policy.base.by_name) == {"small"}


def test_a_proposal_changes_nothing_until_it_is_accepted_and_not_over_another_change(
    tmp_path: Path,
) -> None:
    def teacher() -> QueuedTeacher:
        return QueuedTeacher(emergency=[{"functions": [{"stage": "pick", "file": HIGH}]}])

    with policy_of(tmp_path, SMALL) as policy:
        first, second = (
            policy.proposing.tell("Above fifty, name seven.", teacher()) for _ in range(2)
        )
        assert [function.name for function in first.functions] == ["high"]
        assert policy.decide({**STATE, "n": 60}).action == 5
        policy.accept(first)
        assert policy.decide({**STATE, "n": 60}).action == 7
        with pytest.raises(BaseError, match="changed meanwhile"):
            policy.accept(second)


def test_where_the_teacher_cannot_repair_it_the_refusal_is_said_first(tmp_path: Path) -> None:
    class Mute(QueuedTeacher):
        def ask(self, request: Request) -> Any:
            if request.kind == "repair":
                raise MissingReplyError("no recorded reply")
            return super().ask(request)

    wide = HIGH.replace("    Replaces: small\n", "").replace("n > 50", "n > 5")
    with (
        policy_of(tmp_path, SMALL) as policy,
        pytest.raises(MissingReplyError, match=r"^high: would break .*; the teacher cannot repair"),
    ):
        policy.tell(
            "Above fifty, name seven.",
            Mute(emergency=[{"functions": [{"stage": "pick", "file": wide}]}]),
        )


def fact(name: str, parameter: str, gives: str, more: str = "") -> str:
    return (
        f'def {name}({parameter}: int) -> dict[str, int]:\n    """Note.\n\n    Use when: always.\n'
        f"{more}    >>> {name}({parameter}=60)\n    {gives}\n"
        f'    """\n    return {gives}\n'
    )


def facts_policy(*sources: str) -> Policy:
    base = FunctionBase("guess-v1", (FACTS, PICK)).having(
        [*(parse_function(source, FACTS) for source in sources), parse_function(SMALL, PICK)]
    )
    return Policy(get_task("guess"), base, lambda box: ConditionsStudent(box))


def test_a_fact_that_another_function_gives_with_another_value_is_refused_with_both_names(
    tmp_path: Path,
) -> None:
    (tmp_path / "one.py").write_text(fact("zz", "guesses_left", "{'size': 9, 'left': 4}"))
    with facts_policy(fact("aa", "n", "{'size': 1}")) as policy:
        with pytest.raises(GateRefusal) as refused:
            policy.add(tmp_path / "one.py", stage="facts")
        (tmp_path / "one.py").write_text(fact("zz", "guesses_left", "{'size': 1, 'left': 4}"))
        assert policy.add(tmp_path / "one.py", stage="facts").name == "zz"
    assert str(refused.value) == (
        "zz: gives 'size' as aa does, and in zz(guesses_left=60) and aa(n=60) it gives 9 and aa 1; "
        "one of them names the other in 'Replaces:', or name the fact differently"
    )


def test_a_fact_that_replaces_another_one_joins(tmp_path: Path) -> None:
    more = "    When: guesses_left > 2\n    Replaces: aa\n"
    (tmp_path / "one.py").write_text(fact("zz", "guesses_left", "{'size': 9}", more))
    with facts_policy(fact("aa", "n", "{'size': 1}")) as policy:
        assert policy.add(tmp_path / "one.py", stage="facts", emergency=True).name == "zz"


@pytest.mark.parametrize("mode", ["one", "first", "guarded"])
def test_a_condition_that_raises_on_a_recorded_state_is_refused_with_that_state(mode: Any) -> None:
    early = function_file("early", "return 5", "    When: n == 60\n", example="n=60")
    rule = "    When: 100 // (n - 60) > 2\n"
    risky = function_file("risky", "return 7", rule, example="n=70", expected="7")
    order = ("early", "risky") if mode == "first" else ()
    stage = replace(PICK, mode=mode, order=order)
    functions = [parse_function(source, stage) for source in (early, risky)]
    base = FunctionBase("guess-v1", (stage,)).having(functions)
    recorded = [(f"c{n}", {**STATE, "n": n}) for n in (50, 60, 61, 60)]
    with Sandbox(base.functions) as sandbox:
        found = first_refused(base, functions[1:], sandbox, NOON, lambda *_: recorded)
        for index in (1, 3):
            recorded[index] = ("c70", {**STATE, "n": 70})
        assert first_refused(base, functions[1:], sandbox, NOON, lambda *_: recorded) is None
    if mode == "first":  # there the first rule decides, and the second one is not asked
        assert found is None
    else:
        assert found is not None
        assert found[0].name == "risky"
        assert str(found[1]) == (
            "risky: its 'When:' cannot be evaluated: ZeroDivisionError: division by zero, "
            "in c60 (and 1 more); ask first for what it needs"
        )


def test_usage_examples_of_two_states_are_no_contradiction(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(fact("zz", "n", "{'size': 9}").replace("=60", "=61"))
    with facts_policy(fact("aa", "n", "{'size': 1}")) as policy:
        assert policy.add(tmp_path / "one.py", stage="facts").name == "zz"
        decision = policy.decide({**STATE, "n": 61})
    assert decision.fallback is not None
    assert decision.fallback.startswith("aa and zz give different values of 'size'")
