from __future__ import annotations

from collections.abc import Sequence

from tests.writing.test_base import STATE, Ranked, function_file, parts_of

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.retrieval.lexical import LexicalRetriever
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.registry import get_task


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
            LexicalRetriever(),
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
            task, guess_base, LexicalRetriever(), ConditionsStudent(sandbox.holds), sandbox, 16
        )

        def player(positions: Sequence[Position]) -> list[Move]:
            decisions = decide(parts, [position.state for position in positions])
            return [(decision.action, decision) for decision in decisions]

        together = play(task, player, [5, 6, 7])
        assert together == [play(task, player, [seed])[0] for seed in (5, 6, 7)]


def test_illegal_actions_of_a_player_are_counted_and_replaced() -> None:
    task = get_task("guess")
    episode = play(task, lambda positions: [(0, None) for _ in positions], [1])[0]
    assert episode.illegal == len(episode.turns) > 0
    assert {turn.action for turn in episode.turns} == {1}
