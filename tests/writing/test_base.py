from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import play
from logicdistill.deciding.parts import Parts
from logicdistill.errors import BaseError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Request
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import ConditionsStudent, FirstStudent
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.write import Author
from logicdistill.types import Candidate, Choice, Query, Stage
from logicdistill.writing.base import build_base

PICK = Stage("pick", "pick", "Which number?", reads=("n",))
STATE = {"n": 10, "guesses": [], "answers": [], "guesses_left": 4}


def function_file(
    name: str,
    body: str,
    manual: str = "",
    parameter: str = "n: int",
    example: str = "n=10",
    expected: str = "5",
) -> str:
    return (
        f'def {name}({parameter}) -> int:\n    """Name a number.\n\n    Use when: {name} fits.\n{manual}    Rules: 1\n'
        f'    >>> {name}({example})\n    {expected}\n    """\n    {body}\n'
    )


def parts_of(
    sources: Sequence[str], student: Any = None, top_k: int = 16, origin: str = "teacher"
) -> Parts:
    functions = [
        parse_function(source, PICK, origin if "Replaces:" in source else "teacher")
        for source in sources
    ]
    base = FunctionBase("guess-v1", (PICK,)).having(functions)
    return Parts(
        get_task("guess"),
        base,
        FusedRetriever(None),
        student or FirstStudent(),
        Sandbox(base.functions),
        top_k,
    )


class Ranked:
    """A student with a fixed order of preference."""

    name = "ranked"

    def __init__(self, *names: str, none: float = 0.0) -> None:
        self.names, self.none = names, none
        self.queries: list[Query] = []

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        self.queries += queries
        return [
            Choice(
                tuple(Candidate(name, 0.5 / 2**i) for i, name in enumerate(self.names)), self.none
            )
            for _ in queries
        ]


def test_a_failing_function_is_data_and_the_next_in_rank_is_tried() -> None:
    parts = parts_of(
        [function_file("bad", "return 1 // 0"), function_file("good", "return 5")],
        Ranked("bad", "good"),
    )
    decision = decide(parts, [STATE])[0]
    assert decision.action == 5
    assert decision.fallback is None
    assert decision.trace[0].function == "good"
    assert "ZeroDivisionError" in decision.trace[0].failed["bad"]
    assert decision.confidence == 0.25


def test_an_illegal_action_of_the_last_stage_counts_as_a_failure() -> None:
    parts = parts_of(
        [function_file("far", "return 99"), function_file("good", "return 5")],
        Ranked("far", "good"),
    )
    decision = decide(parts, [STATE])[0]
    assert decision.action == 5
    assert "not between" in decision.trace[0].failed["far"]


def test_where_every_candidate_fails_the_fallback_action_is_taken_and_marked() -> None:
    parts = parts_of(
        [function_file("bad", "return 1 // 0"), function_file("far", "return 99")],
        Ranked("bad", "far"),
    )
    decision = decide(parts, [STATE])[0]
    assert decision.action == parts.task.fallback(STATE)
    assert decision.fallback is not None
    assert "failed" in decision.fallback
    assert decision.confidence == 0.0


def test_none_of_these_takes_the_fallback_action_and_says_so() -> None:
    parts = parts_of([function_file("good", "return 5")], Ranked("good", none=0.9))
    decision = decide(parts, [STATE])[0]
    assert decision.action == 1
    assert decision.fallback is not None
    assert "none of these" in decision.fallback
    assert decision.trace[0].function is None


def test_a_function_whose_parameters_are_not_all_there_is_no_candidate() -> None:
    student = Ranked("good")
    parts = parts_of(
        [
            function_file("good", "return 5"),
            function_file("other", "return later", parameter="later: int"),
        ],
        student,
    )
    assert decide(parts, [STATE])[0].action == 5
    assert [function.name for function in student.queries[0].candidates] == ["good"]


def test_an_emergency_replaces_functions_only_while_its_condition_holds() -> None:
    urgent = function_file(
        "urgent", "return 7", "    When: n > 50\n    Replaces: good\n", example="n=60", expected="7"
    )
    parts = parts_of([function_file("good", "return 5"), urgent], None, origin="emergency")
    assert [decide(parts, [{**STATE, "n": n}])[0].trace[0].function for n in (10, 60)] == [
        "good",
        "urgent",
    ]


def test_deciding_many_states_gives_what_deciding_each_alone_gives(
    guess_base: FunctionBase,
) -> None:
    with Sandbox(guess_base.functions) as sandbox:
        parts = Parts(
            get_task("guess"),
            guess_base,
            FusedRetriever(None),
            ConditionsStudent(sandbox.holds),
            sandbox,
            16,
        )
        states = [
            {"n": n, "guesses": [g], "answers": [a], "guesses_left": 3}
            for n in (9, 50)
            for g in (2, 4)
            for a in ("higher", "lower")
        ]
        assert decide(parts, states) == [decide(parts, [state])[0] for state in states]


def test_a_large_stage_is_cut_to_the_top_k() -> None:
    student = Ranked("f3")
    sources = [
        function_file(f"f{i}", "return 5").replace(f"f{i} fits", f"the word{i} fits")
        for i in range(20)
    ]
    parts = parts_of(sources, student, top_k=4)
    object.__setattr__(parts.base.stages[0], "reads", ("n",))
    decide(parts, [STATE])
    assert len(student.queries[0].candidates) == 4


def test_the_same_seed_gives_the_same_episode(guess_base: FunctionBase) -> None:
    task = get_task("guess")
    with Sandbox(guess_base.functions) as sandbox:
        parts = Parts(
            task, guess_base, FusedRetriever(None), ConditionsStudent(sandbox.holds), sandbox, 16
        )

        def player(_: Any, states: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
            return [(decision.action, decision) for decision in decide(parts, states)]

        together = play(task, player, [5, 6, 7])
        assert together == [play(task, player, [seed])[0] for seed in (5, 6, 7)]


def test_illegal_actions_of_a_player_are_counted_and_replaced() -> None:
    task = get_task("guess")
    episode = play(task, lambda envs, states: [(0, None) for _ in envs], [1])[0]
    assert episode.illegal == len(episode.turns) > 0
    assert {turn.action for turn in episode.turns} == {1}


class QueuedTeacher:
    """Gives its replies in order, by kind."""

    def __init__(self, **replies: list[Any]) -> None:
        self.replies = replies
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Any:
        self.asked.append(request)
        return self.replies[request.kind].pop(0)


STAGES = {
    "stages": [
        {
            "name": "pick",
            "output": "pick",
            "question": "Which number?",
            "mode": "one",
            "reads": ["n"],
        }
    ]
}


def test_a_refused_function_goes_back_to_the_teacher_with_the_reason_and_is_admitted_once_repaired() -> (
    None
):
    lie, truth = function_file("good", "return 6"), function_file("good", "return 5")
    teacher = QueuedTeacher(
        stages=[STAGES], functions=[{"files": [lie]}], repair=[{"files": [truth]}]
    )
    base, entries = build_base(Author(teacher, get_task("guess")), [STATE], lambda line: None)
    assert [function.source for function in base.functions] == [truth]
    assert entries[0]["evidence"]["examples"] == 1
    assert "expects 5 but the function returns 6" in teacher.asked[-1].messages[-1][1]


def test_a_stage_without_a_usable_function_ends_with_the_last_refusal() -> None:
    lie = {"files": [function_file("good", "return 6")]}
    teacher = QueuedTeacher(stages=[STAGES], functions=[lie], repair=[lie] * 3)
    with pytest.raises(
        BaseError,
        match="no usable function for stage 'pick' after 3 repairs; last refusal: good: usage example 1",
    ):
        build_base(Author(teacher, get_task("guess")), [STATE], lambda line: None)
