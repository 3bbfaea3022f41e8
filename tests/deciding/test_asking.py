"""A state that no function fits: the fallback, an error, or a question to the teacher."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import recorded_author
from tests.writing.test_base import PICK, STATE, QueuedTeacher, function_file

from logicdistill.errors import BaseError, EmergencyError, UnknownNameError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from logicdistill.policy import Policy
from logicdistill.protocols import Request
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore
from logicdistill.writing.base import build_base

REPLIES = Path(__file__).resolve().parents[1] / "replies"
SMALL = function_file("small", "return 5", "    When: n < 50\n")
LARGE = function_file(
    "large", "return n", "    When: n >= 50\n    Replaces: small\n", example="n=60", expected="60"
)
LARGE_STATE = {**STATE, "n": 60}
REPLY = {"files": [LARGE]}


def policy_of(
    teacher: Any = None, *sources: str, folder: BaseFolder | None = None, **settings: Any
) -> Policy:
    """Fits states below fifty."""
    base = FunctionBase("guess-v1", (PICK,)).having(
        [parse_function(source, PICK) for source in sources or (SMALL,)]
    )
    if folder is not None:
        folder.commit(base, [{"op": "admit"}])
    return Policy(
        *(get_task("guess"), base, lambda sandbox: ConditionsStudent(sandbox)),
        folder=folder,
        teacher=teacher,
        **settings,
    )


class Slow:
    """Answers once it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = 0

    def ask(self, request: Request) -> Any:
        self.asked += 1
        assert self.go.wait(120)
        return REPLY


class Down:
    """Raises what a network does."""

    def ask(self, request: Request) -> Any:
        raise ConnectionError("connection\nrefused")


def test_by_default_a_state_that_no_function_fits_takes_the_fallback() -> None:
    with policy_of() as policy:
        decision = policy.decide(LARGE_STATE)
    assert (decision.action, decision.written) == (1, ())
    assert "no function of stage 'pick' fits this state" in str(decision.fallback)


def test_with_raise_the_reason_and_the_states_name_are_in_the_error() -> None:
    with policy_of(on_emergency="raise") as policy:
        assert policy.decide(STATE).action == 5
        with pytest.raises(
            EmergencyError, match=r"^no function of stage 'pick' fits this state .*base tell"
        ):
            policy.decide(LARGE_STATE)
        with pytest.raises(EmergencyError, match=r"^line 9: no function"):
            policy.decide_many([STATE, LARGE_STATE], names=["line 3", "line 9"])


def test_with_ask_the_teachers_function_joins_for_good_and_decides_the_state(
    tmp_path: Path,
) -> None:
    teacher, folder = QueuedTeacher(unfitting=[REPLY]), BaseFolder(tmp_path / "base")
    with policy_of(teacher, folder=folder, on_emergency="ask") as policy:
        decision = policy.decide(LARGE_STATE)
        assert (decision.action, decision.fallback, decision.written) == (60, None, ("large",))
        assert decision.snapshot == policy.base.snapshot == folder.load().snapshot
        again = policy.decide(LARGE_STATE)
        assert (again.action, again.written) == (60, ())
        assert policy.decide(STATE).action == 5
    assert len(teacher.asked) == 1
    asked = teacher.asked[0].messages[-1][1]
    assert all(
        part in asked
        for part in (
            '"n": 60',
            "- small: small fits.",
            "Why none fits: no function of stage 'pick'",
            "pick -> pick",
        )
    )
    entry = folder.journal()[-1]
    assert (entry["op"], entry["function"], entry["origin"]) == ("admit", "large", "emergency")
    assert "no function of stage 'pick' fits" in str(entry["reason"])


def test_one_answer_serves_every_state_of_a_batch_that_it_fits() -> None:
    teacher = QueuedTeacher(unfitting=[REPLY])
    with policy_of(teacher, on_emergency="ask") as policy:
        decisions = policy.decide_many([STATE, LARGE_STATE, {**STATE, "n": 70}])
    assert [decision.action for decision in decisions] == [5, 60, 70]
    assert [decision.written for decision in decisions] == [(), ("large",), ("large",)]


def test_a_function_whose_candidates_all_fail_is_an_emergency_too() -> None:
    broken = function_file("broken", "return 5 if n < 50 else 1 // 0")
    fixed = LARGE.replace("Replaces: small", "Replaces: broken")
    teacher = QueuedTeacher(unfitting=[{"files": [fixed]}])
    with policy_of(teacher, broken, on_emergency="ask") as policy:
        assert policy.decide(LARGE_STATE).action == 60
    assert "broken: ZeroDivisionError" in teacher.asked[0].messages[-1][1]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (("n >= 50", "n > 100"), "usage example 1"),
        (
            ("n >= 50", "n == 60 and guesses_left > 9"),
            "its 'When:' has to hold in the state that was asked about",
        ),
        (("    Replaces: small\n", ""), "name it in 'Replaces:'"),
        (
            ("return n", "return n if guesses_left > 9 else n + 1"),
            "in the state that was asked about: 61 is not between",
        ),
        (
            ("n >= 50", "n > 0"),
            r"would break the usage example small\(n=10\) -> 5: "
            "its 'When:' holds there, and it gives 10; narrow",
        ),
    ],
)
def test_a_function_that_does_not_fit_the_state_or_breaks_an_example_goes_back_with_the_reason(
    change: tuple[str, str], refusal: str
) -> None:
    bad = LARGE.replace(*change)
    if "guesses_left" in bad:
        bad = bad.replace("(n: int)", "(n: int, guesses_left: int)").replace(
            "large(n=60)", "large(n=60, guesses_left=10)"
        )
    teacher = QueuedTeacher(unfitting=[{"files": [bad]}], repair=[REPLY])
    with policy_of(teacher, on_emergency="ask") as policy:
        assert policy.decide(LARGE_STATE).action == 60
    assert re.search(refusal, teacher.asked[-1].messages[-1][1])


def test_a_teacher_that_fails_costs_the_fallback_with_its_reason_in_one_line() -> None:
    with policy_of(Down(), on_emergency="ask") as policy:
        decision = policy.decide(LARGE_STATE)
    assert decision.action == 1
    assert str(decision.fallback).endswith(
        "; the teacher gave no usable answer: connection refused"
    )


def test_a_function_that_is_refused_to_the_end_changes_nothing_and_says_why() -> None:
    lie = {"files": [LARGE.replace("return n", "return 7")]}
    with policy_of(QueuedTeacher(unfitting=[lie], repair=[lie] * 3), on_emergency="ask") as policy:
        before = policy.base
        assert "usage example 1 expects 60" in str(policy.decide(LARGE_STATE).fallback)
        assert policy.base is before


def test_a_slow_teacher_does_not_hold_a_decision_and_its_late_answer_counts_from_then_on() -> None:
    teacher = Slow()
    with policy_of(teacher, on_emergency="ask", ask_seconds=0.05) as policy:
        assert "did not answer within" in str(policy.decide(LARGE_STATE).fallback)
        assert "has not answered an earlier question" in str(policy.decide(LARGE_STATE).fallback)
        assert teacher.asked == 1
        teacher.go.set()
        _until(lambda: "large" in policy.base.by_name)
        assert policy.decide(LARGE_STATE).action == 60


def test_what_a_teacher_answers_after_the_policy_was_closed_is_dropped(tmp_path: Path) -> None:
    teacher, folder = Slow(), BaseFolder(tmp_path / "base")
    policy = policy_of(teacher, folder=folder, on_emergency="ask", ask_seconds=0.05)
    policy.decide(LARGE_STATE)
    policy.close()
    teacher.go.set()
    _until(
        lambda: (
            not [
                thread for thread in threading.enumerate() if thread.name == "logicdistill-teacher"
            ]
        )
    )
    assert len(folder.journal()) == 1


def test_an_answer_about_a_base_that_was_changed_meanwhile_is_dropped(tmp_path: Path) -> None:
    teacher = Slow()
    other = tmp_path / "other.py"
    other.write_text(function_file("other", "return 6", expected="6"))
    with policy_of(teacher, on_emergency="ask", ask_seconds=0.05) as policy:
        policy.decide(LARGE_STATE)
        policy.add(other, stage="pick")
        teacher.go.set()
        _until(
            lambda: (
                not [
                    thread
                    for thread in threading.enumerate()
                    if thread.name == "logicdistill-teacher"
                ]
            )
        )
        assert set(policy.base.by_name) == {"small", "other"}


def test_no_more_questions_than_allowed_begin_within_a_minute() -> None:
    now, asked = [0.0], []

    class Counting(Down):
        def ask(self, request: Request) -> Any:
            asked.append(now[0])
            return super().ask(request)

    with policy_of(
        Counting(), on_emergency="ask", asks_per_minute=2, monotonic=lambda: now[0]
    ) as policy:
        for second in (0.0, 10.0, 59.9, 60.0, 61.0, 70.0):
            now[0] = second
            last = policy.decide(LARGE_STATE)
            assert last.fallback is not None
            assert ("asked 2 times in the last minute" in last.fallback) == (second in (59.9, 61.0))
    assert asked == [0.0, 10.0, 60.0, 70.0]


def test_threads_that_meet_the_same_state_ask_once_and_all_get_the_answer() -> None:
    teacher = Slow()
    with policy_of(teacher, on_emergency="ask") as policy, ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(policy.decide_many, [STATE, LARGE_STATE] * 40) for _ in range(4)]
        _until(lambda: teacher.asked > 0)
        teacher.go.set()
        found = [[decision.action for decision in future.result()] for future in waiting]
    assert found == [[5, 60] * 40] * 4
    assert teacher.asked == 1


def test_ask_without_a_teacher_and_an_unknown_word_are_refused() -> None:
    with pytest.raises(BaseError, match="needs a teacher"):
        policy_of(on_emergency="ask")
    with pytest.raises(UnknownNameError, match="did you mean 'fallback'"):
        policy_of(on_emergency="fallbak")


def test_a_recorded_reply_decides_a_state_of_guess_for_which_the_base_has_lost_its_function(
    tmp_path: Path,
) -> None:
    author = recorded_author("guess", tmp_path)
    base, _ = build_base(
        author, [first_state(author.task, seed) for seed in range(2)], lambda line: None
    )
    state = {
        "n": 100,
        "guesses": [50, 25, 12, 6, 9],
        "answers": ["lower", "lower", "lower", "higher", "lower"],
        "guesses_left": 2,
    }
    left = base.having(
        f
        for f in base.functions
        if f.name in ("possible_range", "turn", "open_in_the_middle", "name_the_last")
    )
    teacher = RecordedTeacher(ReplyStore(tmp_path), [ReplyStore(REPLIES)])
    with Policy(
        author.task,
        left,
        lambda box: ConditionsStudent(box),
        on_emergency="ask",
        teacher=teacher,
    ) as policy:
        decision = policy.decide(state)
        assert (decision.action, decision.fallback, decision.written) == (
            7,
            None,
            ("lower_of_the_two",),
        )
        assert decision.trace[-1].rules == (2, 4)
    assert all("no run called a model" in origin for origin in teacher.origins)


def _until(holds: Any) -> None:
    for _ in range(12_000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never held")
