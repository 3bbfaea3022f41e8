"""A rule changes, its function joins the base, and nothing is trained (Algorithm 1, line 4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from tests.conftest import recorded_author
from tests.writing.test_base import PICK, STATE, QueuedTeacher, Ranked, function_file, parts_of

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Episode, play
from logicdistill.deciding.standing import queries_for
from logicdistill.errors import BaseError, GateRefusal, MissingReplyError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from logicdistill.policy import Policy
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.registry import get_task, task_ids
from logicdistill.teacher.write import Author
from logicdistill.training.collect import LabelStudent
from logicdistill.training.labelling import Labeller
from logicdistill.writing.base import build_base

ALL = [(name, change) for name in task_ids() for change in sorted(get_task(name).changes)]
EPISODES = {"guess-v1": 60, "pursuit-v2": 5}
"""Twentyone is held to its exact optimum instead, state by state."""


@pytest.fixture(scope="module")
def authors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Author]:
    return {name: recorded_author(name, tmp_path_factory.mktemp("replies")) for name in task_ids()}


@pytest.fixture(scope="module")
def bases(authors: dict[str, Author]) -> dict[str, FunctionBase]:
    return {
        name: build_base(
            author, [first_state(author.task, seed) for seed in range(2)], lambda _: None
        )[0]
        for name, author in authors.items()
    }


@pytest.fixture
def told(tmp_path: Path, guess_base: FunctionBase) -> Iterator[Policy]:
    """A policy of guess whose base lies on disk."""
    folder = BaseFolder(tmp_path / "base")
    folder.commit(guess_base, [{"op": "admit"}])
    with Policy(
        get_task("guess", change="answers-turned"), guess_base, FirstStudent(), folder=folder
    ) as policy:
        yield policy


@pytest.mark.parametrize(("name", "change"), [item for item in ALL if item[0] in EPISODES])
def test_after_the_teacher_was_told_decisions_are_as_good_as_before_and_obey(
    authors: dict[str, Author], bases: dict[str, FunctionBase], name: str, change: str
) -> None:
    """The student follows the labels, so the functions alone are measured."""
    author, seeds = authors[name], range(100_000, 100_000 + EPISODES[name])

    def played(policy: Policy) -> list[Episode]:
        labeller = Labeller(author, policy.parts.sandbox, strict=False)
        episodes = play(
            policy.task,
            policy.with_student(LabelStudent(labeller, explore=0.0, seed=0)).player,
            seeds,
        )
        assert sum(episode.illegal for episode in episodes) == 0
        return episodes

    with Policy(get_task(name), bases[name], FirstStudent()) as policy:
        before = played(policy)
    with Policy(get_task(name, change=change, change_at=1), bases[name], FirstStudent()) as policy:
        during = played(policy)
        policy.tell(policy.task.changes[change].rule, author.teacher)
        after = played(policy)
    assert (
        mean([episode.success for episode in after])
        >= mean([episode.success for episode in before]) - 0.01
    )
    assert mean([episode.total for episode in after]) > mean([episode.total for episode in during])
    decisions = [
        turn.decision for episode in after for turn in episode.turns if turn.decision is not None
    ]
    assert not any(
        decision.fallback or any(step.failed for step in decision.trace) for decision in decisions
    )


@pytest.mark.parametrize(("name", "change"), [item for item in ALL if item[0] == "twentyone-v1"])
def test_the_function_for_a_changed_twentyone_plays_its_exact_optimum(
    bases: dict[str, FunctionBase], authors: Any, name: str, change: str
) -> None:
    task = get_task(name, change=change)
    notices = first_state(task, 0)["notices"]
    limit = notices.get("limit", 21)
    states = [
        {"player_total": total, "dealer_card": card, "usable_ace": soft, "notices": notices}
        for soft in (False, True)
        for total in range(12 if soft else 4, limit + 1)
        for card in range(1, 11)
    ]
    env = task.make_env()
    with Policy(task, bases[name], FirstStudent()) as policy:
        policy.tell(task.changes[change].rule, authors[name].teacher)
        decided = [decision.action for decision in policy.decide_many(states)]
    assert decided == [task.optimal_action(env, state) for state in states]


def test_what_was_told_is_one_change_in_the_journal_with_rule_and_evidence_and_is_rolled_back(
    told: Policy, guess_author: Author
) -> None:
    before, rule = told.base.snapshot, told.task.changes["answers-turned"].rule
    joined = told.tell(rule, guess_author.teacher)
    assert [function.origin for function in joined] == ["emergency"] * 2
    assert told.folder is not None
    entries = told.folder.journal()[1:]
    assert [
        (entry["op"], entry["origin"], entry["rule"], entry["evidence"]["examples"])
        for entry in entries
    ] == [("admit", "emergency", rule, 3)] * 2
    assert len({entry["snapshot"] for entry in entries}) == 1
    assert BaseFolder(told.folder.path).load().snapshot == told.base.snapshot != before
    told.rollback(before)
    assert told.base.snapshot == before == BaseFolder(told.folder.path).load().snapshot


def test_a_rule_that_the_base_knows_already_changes_nothing_and_says_so(
    told: Policy, guess_author: Author
) -> None:
    rule = told.task.changes["even-only"].rule
    told.tell(rule, guess_author.teacher)
    snapshot = told.base.snapshot
    with pytest.raises(BaseError, match="does not hold already"):
        told.tell(rule, guess_author.teacher)
    assert told.base.snapshot == snapshot


def test_a_rule_without_a_recorded_reply_changes_nothing(
    told: Policy, guess_author: Author
) -> None:
    before = told.base.snapshot
    with pytest.raises(MissingReplyError, match="no recorded reply for 'emergency'"):
        told.tell("Only primes may be named.", guess_author.teacher)
    assert told.base.snapshot == before


def test_a_recorded_reply_to_a_rule_is_found_for_a_base_that_a_person_has_edited(
    told: Policy, guess_author: Author, tmp_path: Path
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(function_file("mine", "return 5"))
    told.add(file, stage="guess", origin="person")
    assert len(told.tell(told.task.changes["answers-turned"].rule, guess_author.teacher)) == 2


URGENT = function_file(
    "urgent", "return 7", "    When: n > 50\n    Replaces: good\n", example="n=60", expected="7"
)


def test_a_refused_function_for_a_rule_is_repaired_and_half_an_answer_is_none(
    guess_base: FunctionBase,
) -> None:
    base = FunctionBase("guess-v1", (PICK,)).having(
        [parse_function(function_file("good", "return 5"), PICK, "teacher")]
    )
    lie = URGENT.replace("return 7", "return 8")
    reply = {"functions": [{"stage": "pick", "file": lie}]}
    with Policy(get_task("guess"), base, FirstStudent()) as policy:
        policy.tell(
            "Above fifty, name seven.",
            QueuedTeacher(emergency=[reply], repair=[{"files": [URGENT]}]),
        )
        assert [policy.decide({**STATE, "n": n}).action for n in (10, 60)] == [5, 7]
    two = {
        "functions": [
            {"stage": "pick", "file": URGENT},
            {"stage": "pick", "file": lie.replace("urgent", "other")},
        ]
    }
    with Policy(get_task("guess"), base, FirstStudent()) as policy:
        with pytest.raises(GateRefusal, match="other: usage example 1"):
            policy.tell(
                "Above fifty, name seven.",
                QueuedTeacher(
                    emergency=[two], repair=[{"files": [two["functions"][1]["file"]]}] * 3
                ),
            )
        assert policy.base is base
        with pytest.raises(BaseError, match="for stage 'nowhere'; there are: pick"):
            policy.tell(
                "Name seven.",
                QueuedTeacher(emergency=[{"functions": [{"stage": "nowhere", "file": URGENT}]}]),
            )


def test_none_of_these_is_ruled_out_only_while_a_guard_holds() -> None:
    student = Ranked("urgent", none=0.9)
    with_guard = parts_of([function_file("good", "return 5"), URGENT], student, origin="emergency")
    urgent, calm = decide(with_guard, [{**STATE, "n": 60}, STATE])
    assert (urgent.action, urgent.fallback, urgent.confidence) == (7, None, 1.0)
    assert calm.fallback is not None
    assert [query.guard_holds for query in student.queries] == [True, False]


def test_a_function_whose_guard_holds_is_among_the_top_k_whatever_the_search_says() -> None:
    sources = [
        function_file(f"f{i}", "return 5").replace(f"f{i} fits", "the n is 60") for i in range(20)
    ]
    guard = function_file(
        "urgent", "return 7", "    When: n > 50\n    Replaces: f3\n", example="n=60", expected="7"
    )
    parts = parts_of([*sources, guard], top_k=4, origin="emergency")
    query = queries_for(parts, replace(PICK, reads=("n",)), [{**STATE, "n": 60}])[0]
    assert len(query.candidates) == 4
    assert query.candidates[0].name == "urgent"
    assert query.guard_holds


def test_a_function_for_a_rule_takes_the_place_of_a_fact_only_while_its_guard_holds(
    told: Policy, guess_author: Author
) -> None:
    told.tell(told.task.changes["answers-turned"].rule, guess_author.teacher)
    state = {"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6}
    plain, turned = told.decide_many([state, {**state, "notices": {"turned_from": 0}}])
    assert plain.trace[0].outcome.value == {"low": 51, "high": 100}
    assert turned.trace[0].outcome.value == {"low": 1, "high": 49}
