"""What cannot be evaluated is neither true nor false, and never goes unsaid."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.writing.test_base import STATE, function_file, parts_of

import logicdistill.tasks
from logicdistill.deciding import standing
from logicdistill.deciding.decide import decide, scopes_before
from logicdistill.deciding.log import DecisionLog
from logicdistill.deciding.parts import TOP_K, Parts, utc_now
from logicdistill.deciding.record import Decider
from logicdistill.files import read_lines
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Limits, Sandbox
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task
from logicdistill.types import Candidate, Choice, Decision, Function, Json, Mode, Outcome, Stage
from logicdistill.writing.by_hand import base_by_hand

BROKEN = function_file(
    "urgent",
    "return 7",
    "    When: n > 50 and 1 // (n - 60) >= -1\n    Replaces: good\n",
    example="n=70",
    expected="7",
)
GOOD = function_file("good", "return 5")


class Always:
    """A student that always gives the same answer."""

    name = "always"

    def __init__(self, *shares: tuple[str, float], none: float = 0.0) -> None:
        self.choice = Choice(tuple(Candidate(*share) for share in shares), none)

    def select(self, queries: Sequence[Any]) -> list[Choice]:
        return [self.choice for _ in queries]


def decided(parts: Parts, **state: Json) -> Decision:
    with parts.sandbox:
        return decide(parts, [{**STATE, **state}])[0]


def test_a_guard_that_cannot_be_evaluated_ends_in_the_fallback_and_names_itself() -> None:
    decision = decided(parts_of([GOOD, BROKEN], origin="emergency"), n=60)
    assert decision.action == get_task("guess").fallback(STATE)
    assert decision.fallback == (
        "the 'When:' of urgent cannot be evaluated: ZeroDivisionError: division by zero"
    )
    assert list(decision.trace[-1].failed) == ["urgent"]
    assert decision.marks[0].startswith("urgent in stage 'pick': its 'When:' cannot be evaluated")


def test_a_guard_that_takes_too_long_ends_in_the_fallback() -> None:
    slow = BROKEN.replace("1 // (n - 60) >= -1", "all(x >= 0 for x in [0] * (n * 1000000))")
    parts = parts_of([GOOD, slow], origin="emergency")
    parts.sandbox.limits = Limits(seconds=0.1)
    assert "cannot be evaluated" in (decided(parts, n=60).fallback or "")


def test_one_guard_that_fails_in_one_state_leaves_the_other_states_of_a_batch_alone() -> None:
    parts = parts_of([GOOD, BROKEN], origin="emergency")
    with parts.sandbox:
        decisions = decide(parts, [{**STATE, "n": n} for n in (10, 60, 70)])
    assert [decision.fallback is None for decision in decisions] == [True, False, True]
    assert [decisions[index].action for index in (0, 2)] == [5, 7]


def test_after_one_guard_that_fails_no_other_is_asked() -> None:
    later = BROKEN.replace("urgent", "zz_later")
    parts = parts_of([GOOD, BROKEN, later], origin="emergency")
    asked = Counting(parts.sandbox)
    decided(replaced(parts, asked), n=60)
    assert asked.conditions_of == ["urgent"]


def test_the_conditions_of_a_stage_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "CONDITION_SECONDS", 0.0)
    decision = decided(parts_of([GOOD, BROKEN], origin="emergency"), n=70)
    assert "all take more than 0 s" in (decision.fallback or "")


class Counting:
    """A sandbox that keeps whose conditions were asked."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.conditions_of: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self._sandbox.close()

    def conditions(self, function: Function, scopes: Sequence[Any]) -> list[Outcome]:
        if scopes:
            self.conditions_of.append(function.name)
        return self._sandbox.conditions(function, scopes)


def replaced(parts: Parts, sandbox: Any) -> Parts:
    return replace(parts, sandbox=sandbox)


def test_a_worker_that_is_lost_is_replaced_and_the_guard_still_holds() -> None:
    rule = BROKEN.replace(" and 1 // (n - 60) >= -1", "")
    parts = parts_of([GOOD, rule], origin="emergency")
    with parts.sandbox:
        for _ in range(3):
            assert decide(parts, [{**STATE, "n": 60}])[0].action == 7
            session = parts.sandbox._session
            assert session is not None
            os.kill(session.worker_pid, signal.SIGKILL)
        assert decide(parts, [{**STATE, "n": 60}])[0].action == 7


FACTS = Stage("facts", "facts", "", mode="all")
RULE = Stage("rule", "rule", "?", mode="first")


def note(name: str, body: str, more: str = "") -> str:
    return (
        f'def {name}(n: int) -> dict[str, int]:\n    """Note.\n\n    Use when: always.\n{more}'
        f'    """\n    {body}\n'
    )


def rule(name: str, when: str, body: str, parameter: str = "n: int") -> str:
    line = f"    When: {when}\n" if when else ""
    return (
        f'def {name}({parameter}) -> int:\n    """Decide.\n\n    Use when: it fits.\n{line}'
        f'    """\n    {body}\n'
    )


@contextmanager
def with_facts(
    facts: Sequence[str], rules: Sequence[str], origin: str = "teacher", mode: Mode = "first"
) -> Iterator[Parts]:
    order = tuple(source.partition("(")[0].removeprefix("def ") for source in rules)
    stage = replace(RULE, mode=mode, order=order if mode == "first" else ())
    base = FunctionBase("guess-v1", (FACTS, stage)).having(
        [
            *(
                parse_function(source, FACTS, origin if "Replaces" in source else "teacher")
                for source in facts
            ),
            *(parse_function(source, stage) for source in rules),
        ]
    )
    with Sandbox(base.functions) as sandbox:
        task, finder = get_task("guess"), FusedRetriever(None)
        yield Parts(task, base, finder, Always(), sandbox, TOP_K)


ONE, TWO = note("one", 'return {"k": 1}'), note("two", 'return {"k": 2}')
BY_K = [rule("by_k", "facts['k'] == 2", "return 2"), rule("otherwise", "", "return 3")]


def test_two_functions_that_give_a_fact_two_values_end_in_the_fallback_with_both_names() -> None:
    with with_facts([ONE, TWO], BY_K) as parts:
        decision = decide(parts, [STATE])[0]
    assert decision.fallback == (
        "one and two give different values of 'k' in stage 'facts'; "
        "name one in the other's 'Replaces:'"
    )
    with with_facts([ONE, note("two", 'return {"k": 1}')], BY_K) as parts:
        assert decide(parts, [STATE])[0].action == 3


@pytest.mark.parametrize("name", ["aa", "zz"])
def test_a_fact_that_replaces_another_counts_while_its_condition_holds(name: str) -> None:
    new = note(name, 'return {"k": 2}', "    When: n > 50\n    Replaces: one\n")
    with with_facts([ONE, new], BY_K, "emergency") as parts:
        decisions = decide(parts, [{**STATE, "n": n} for n in (10, 60)])
    assert [decision.action for decision in decisions] == [3, 2]


FAILS = note("fails", 'return {"k": 1 // (n - 10), "far": 1}')
WIDE = note("wide", 'return {"wide": 1}')


@pytest.mark.parametrize(
    "when", ["facts['k'] == 2", "facts.get('k') == 2", "'k' in facts", "len(facts) > 5"]
)
def test_a_fact_that_could_not_be_computed_is_not_absent_for_a_condition(when: str) -> None:
    with with_facts([FAILS, WIDE], [rule("by_k", when, "return 2"), BY_K[1]]) as parts:
        decision = decide(parts, [STATE])[0]
    assert "the 'When:' of by_k cannot be evaluated" in (decision.fallback or "")
    assert "ZeroDivisionError" in decision.trace[0].failed["fails"]


@pytest.mark.parametrize(
    "body", ["return facts['k']", "return facts.get('k', 4)", "return len(facts)"]
)
def test_a_fact_that_could_not_be_computed_is_not_absent_for_a_function(body: str) -> None:
    taking = rule("taking", "n > 0", body, "facts: dict[str, int]")
    with with_facts([FAILS, WIDE], [taking]) as parts:
        decision = decide(parts, [STATE])[0]
    assert decision.fallback
    assert "taking" in decision.fallback


def test_a_fact_that_failed_and_that_nothing_reads_is_marked_and_ends_nothing() -> None:
    by_wide = rule("by_wide", "facts['wide'] == 1", "return 4")
    with with_facts([FAILS, WIDE], [by_wide, *BY_K]) as parts:
        decision = decide(parts, [STATE])[0]
    assert (decision.action, decision.fallback) == (4, None)
    assert decision.marks == ("fails in stage 'facts': ZeroDivisionError: division by zero",)


def test_a_student_is_not_shown_facts_of_which_some_are_missing() -> None:
    with with_facts([FAILS, WIDE], [rule("any", "", "return 4")], mode="one") as parts:
        stages = (parts.base.stages[0], replace(parts.base.stages[1], reads=("facts",)))
        base = replace(parts.base, stages=stages)
        decision = decide(replace(parts, base=base, student=Always(("any", 1.0))), [STATE])[0]
    assert "stage 'rule' reads 'facts', which is missing: fails failed" in (decision.fallback or "")


@pytest.mark.parametrize(
    ("shares", "none", "threshold", "action"),
    [
        ([("bad", 0.9997), ("good", 0.0003)], 0.0, 0.0, None),
        ([("bad", 0.6), ("good", 0.2), ("other", 0.2)], 0.0, 0.0, None),
        ([("bad", 0.4), ("good", 0.28)], 0.32, 0.0, None),
        ([("bad", 0.5), ("good", 0.4)], 0.1, 0.45, None),
        ([("bad", 0.5), ("good", 0.4)], 0.1, 0.4, 5),
        ([("bad", 0.5), ("good", 0.5)], 0.0, 0.0, 5),
    ],
)
def test_a_runner_up_follows_a_failed_function_only_as_a_confident_choice(
    shares: list[tuple[str, float]], none: float, threshold: float, action: int | None
) -> None:
    sources = [function_file("bad", "return 1 // 0"), GOOD, function_file("other", "return 6")]
    parts = parts_of(sources, Always(*shares, none=none))
    decision = decided(replace(parts, thresholds={"pick": threshold}))
    assert "ZeroDivisionError" in decision.trace[0].failed["bad"]
    if action is None:
        assert decision.fallback
        assert "bad of stage 'pick' failed" in decision.fallback
        assert "the next one, good, is not sure enough" in decision.fallback
    else:
        assert (decision.action, decision.fallback) == (action, None)
        assert decision.marks


INTENT = Stage("intent", "intent", "?", reads=("n",))


@contextmanager
def with_intent(
    rules: Sequence[str], student: Any, mode: Mode = "first", threshold: float = 0.0
) -> Iterator[Parts]:
    order = tuple(source.partition("(")[0].removeprefix("def ") for source in rules)
    stage = replace(RULE, mode=mode, order=order if mode == "first" else ())
    intents = [
        rule(name, "", f'return "{name}"').replace("-> int", "-> str") for name in ("buys", "asks")
    ]
    base = FunctionBase("guess-v1", (INTENT, stage)).having(
        [parse_function(source, INTENT) for source in intents]
        + [parse_function(source, stage) for source in rules]
    )
    with Sandbox(base.functions) as sandbox:
        task, finder = get_task("guess"), FusedRetriever(None)
        thresholds = {"intent": threshold}
        yield Parts(task, base, finder, student, sandbox, TOP_K, thresholds=thresholds)


NONE = Always(("asks", 0.1), ("buys", 0.1), none=0.8)
UNSURE = Always(("asks", 0.3), ("buys", 0.3), none=0.4)
LARGE = rule("large", "n >= 10", "return 9")
OTHERWISE = rule("otherwise", "", "return 1")


def reads(when: str) -> str:
    return rule("reads", when, "return 3")


def test_a_rule_that_does_not_read_a_missing_result_decides_without_it() -> None:
    for student in (NONE, UNSURE):
        with with_intent([LARGE, reads("intent == 'buys'")], student) as parts:
            decision = decide(parts, [STATE])[0]
        assert (decision.action, decision.fallback) == (9, None)
        assert decision.confidence == 1.0
        assert decision.trace[0].function is None
        assert "no function of stage 'intent' fits this state" in decision.marks[0]


def test_none_of_these_is_an_answer_to_a_rule_that_compares_it_with_values() -> None:
    for when in ("intent == 'buys'", "n > 0 and (intent in ('buys', 'asks') or n > 50)"):
        with with_intent([reads(when), LARGE], NONE) as parts:
            decision = decide(parts, [STATE])[0]
        assert (decision.action, decision.fallback) == (9, None)
        assert decision.confidence == 0.8  # it rests on "none of these"


def test_where_none_of_these_is_not_sure_a_rule_that_reads_it_and_stands_before_ends_it() -> None:
    rules = [reads("intent == 'buys'"), LARGE]
    with with_intent(rules, UNSURE) as parts:
        decision = decide(parts, [STATE])[0]
    assert decision.fallback == (
        "the 'When:' of reads cannot be evaluated: it reads 'intent', which is missing: "
        "no function of stage 'intent' fits this state (none of these: 0.40)"
    )
    with with_intent(rules, NONE, threshold=0.7) as parts:  # a promise is one of choices
        assert decide(parts, [STATE])[0].fallback


@pytest.mark.parametrize(
    "when",
    [
        "intent != 'buys'",
        "intent not in ('buys',)",
        "not intent == 'buys'",
        "intent is None",
        "intent == None",
        "intent in (None, 'buys')",
        "not intent",
        "str(intent) == 'None'",
        "(1 if intent == 'buys' else 2) == 2",
        "[intent == 'buys'] == [False]",
    ],
)
def test_a_rule_that_could_be_true_because_a_result_is_missing_ends_in_the_fallback(
    when: str,
) -> None:
    with with_intent([reads(when), LARGE], NONE) as parts:
        decision = decide(parts, [STATE])[0]
    assert "the 'When:' of reads cannot be evaluated" in (decision.fallback or "")


def test_a_rule_that_is_true_whatever_the_missing_result_is_decides() -> None:
    with with_intent([reads("n >= 10 or intent == 'buys'"), LARGE], UNSURE) as parts:
        decision = decide(parts, [STATE])[0]
    assert (decision.action, decision.confidence) == (3, 1.0)


def test_nothing_is_decided_by_exclusion_where_a_result_is_missing() -> None:
    with with_intent([reads("intent == 'buys'"), OTHERWISE], NONE) as parts:
        decision = decide(parts, [STATE])[0]
    assert "otherwise cannot decide: conditions before it read 'intent'" in (
        decision.fallback or ""
    )


def test_a_function_that_takes_a_missing_result_does_not_run() -> None:
    takes = rule("takes", "n > 0", "return 4", "intent: str")
    for mode in ("first", "guarded"):
        with with_intent([takes], NONE, mode) as parts:
            decision = decide(parts, [STATE])[0]
        assert "takes cannot decide: it takes 'intent', which is missing" in (
            decision.fallback or ""
        )


def test_in_a_guarded_stage_no_condition_may_depend_on_what_is_unknown() -> None:
    for student, action in ((NONE, 9), (UNSURE, None)):
        with with_intent([reads("intent == 'buys'"), LARGE], student, "guarded") as parts:
            decision = decide(parts, [STATE])[0]
        assert (decision.action if decision.fallback is None else None) == action


def test_a_stage_without_a_result_gives_no_scope_to_later_ones() -> None:
    with with_intent([LARGE], NONE) as parts:
        assert scopes_before(parts, parts.base.stages[1], [STATE]) == [None]


def test_marks_stand_in_the_log_of_decisions(tmp_path: Path) -> None:
    with with_intent([LARGE], NONE) as parts:
        decisions, deciders = decide(parts, [STATE]), {parts.base.snapshot: Decider.of(parts, None)}
    DecisionLog(tmp_path / "log.jsonl").append(
        [(STATE, decisions[0], None)], deciders, utc_now(), 1.0
    )
    [line] = read_lines(tmp_path / "log.jsonl")
    assert line["marks"] == ["no function of stage 'intent' fits this state (none of these: 0.80)"]


class NoIntent:
    """Says that no intent fits."""

    name = "no-intent"

    def select(self, queries: Sequence[Any]) -> list[Choice]:
        ranked = [[Candidate(f.name, 0.0) for f in query.candidates] for query in queries]
        return [Choice(tuple(one), none=1.0) for one in ranked]


def test_the_returns_desk_hands_over_a_large_amount_whatever_the_message_says() -> None:
    desk = Path(logicdistill.tasks.__file__).parent / "examples" / "returns"
    task = RecordTask(desk)
    base, refused = base_by_hand(task)
    assert base is not None
    assert not refused
    state = {**task.records[0].state, "message": "is this lipstick vegan"}
    with Sandbox(base.functions) as sandbox:
        parts = Parts(task, base, FusedRetriever(None), NoIntent(), sandbox, TOP_K)
        large, small = decide(
            parts, [{**state, "price_cents": price} for price in (50_001, 50_000)]
        )
    assert (large.action, large.fallback) == ({"do": "person", "reason": "large amount"}, None)
    assert large.marks == ("no function of stage 'intent' fits this state (none of these: 1.00)",)
    assert small.action == {"do": "person", "reason": "no rule fits"}
    assert small.fallback == f"no 'When:' of stage 'ruling' holds; {small.marks[0]}"


def test_a_fact_is_given_only_where_the_when_of_its_function_holds() -> None:
    large = note("large", 'return {"k": 2}', "    When: n > 50\n")
    known = [rule("known", "facts.get('k') == 2", "return 2"), rule("otherwise", "", "return 3")]
    with with_facts([large, WIDE], known) as parts:
        decisions = decide(parts, [{**STATE, "n": n} for n in (40, 60)])
    assert [decision.action for decision in decisions] == [3, 2]
    ran = [[ran.name for ran in decision.trace[0].ran] for decision in decisions]
    assert ran == [["wide"], ["large", "wide"]]


def test_a_fact_whose_when_cannot_be_evaluated_ends_in_the_fallback() -> None:
    large = note("large", 'return {"k": 2}', "    When: 1 // (n - 10) > 0\n")
    with with_facts([large], [BY_K[1]]) as parts:
        decision = decide(parts, [STATE])[0]
    assert "the 'When:' of large cannot be evaluated" in (decision.fallback or "")


@pytest.mark.parametrize(("n", "why"), [(40, "does not hold"), (60, "ZeroDivisionError")])
def test_a_function_is_not_chosen_where_its_own_when_does_not_hold(n: int, why: str) -> None:
    large = function_file(
        "large", "return 7", "    When: 1 // (n - 60) >= 0\n", example="n=70", expected="7"
    )
    parts = parts_of([GOOD, large], Always(("large", 0.6), ("good", 0.4)))
    with parts.sandbox:
        wrong, right = decide(parts, [{**STATE, "n": n}, {**STATE, "n": 70}])
    assert (wrong.action, right.action, right.marks) == (5, 7, ())
    assert why in wrong.marks[0]
    alone = parts_of([GOOD, large], Always(("large", 0.9), ("good", 0.1)))
    assert "large of stage 'pick' failed" in (decided(alone, n=n).fallback or "")


def test_what_was_consolidated_is_chosen_whatever_its_when_says() -> None:
    manual = "    When: n > 50\n    Replaces: good\n"
    large = function_file("large", "return 7", manual, example="n=70", expected="7")
    student = Always(("large", 0.9), ("good", 0.1))
    parts = parts_of([GOOD, large], student, origin="consolidated")
    assert decided(parts, n=40).action == 7


@pytest.mark.parametrize("mode", ["first", "guarded"])
def test_a_condition_that_reads_a_name_that_is_not_there_cannot_be_evaluated(mode: Mode) -> None:
    state = {name: value for name, value in STATE.items() if name != "n"}
    with with_facts([], [rule("large", "n > 50", "return 7")], mode=mode) as parts:
        decision = decide(parts, [state])[0]
    assert "it reads 'n', which is not there" in (decision.fallback or "")
