from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.parcels import run_of_parcels
from tests.writing.test_base import STATE, Ranked, function_file, parts_of

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from logicdistill.functions.sandbox import Sandbox
from logicdistill.policy import Policy
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.registry import get_task
from logicdistill.types import Candidate, Choice, Decision, Outcome, Stage, Step


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
            ConditionsStudent(sandbox),
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
            task, guess_base, FusedRetriever(None), ConditionsStudent(sandbox), sandbox, 16
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


def test_a_decision_cites_the_rules_of_what_was_chosen_and_its_trace_all(
    tmp_path: Path,
) -> None:
    facts = """def weigh(weight_kg: float) -> dict[str, bool]:
    \"\"\"Say whether a parcel is heavy.

    Use when: in every state.
    Rules: 2, 1
    >>> weigh(weight_kg=3.0)
    {'heavy': False}
    \"\"\"
    return {"heavy": weight_kg > 20}
"""
    run = run_of_parcels(tmp_path / "parcels")
    folder = BaseFolder(run / "base")
    old = folder.load()
    stages = (Stage("facts", "facts", "", mode="all"), *old.stages)
    base = FunctionBase("parcels-v1", stages, old.functions)
    weigh = parse_function(facts, stages[0], "person", "weigh.py")
    folder.commit(base.having([*old.functions, weigh]), [{"op": "admit"}])
    with Policy.load(run, "conditions") as policy:
        decision = policy.decide({"weight_kg": 30})
    first, second = decision.trace
    assert (first.function, first.rules, [ran.name for ran in first.ran]) == (
        None,
        (2, 1),
        ["weigh"],
    )
    assert second.rules == (1,)
    assert (decision.rules, decision.function) == ((1,), "heavy")
    assert decision.explain().splitlines() == [
        "freight",
        "facts:",
        "  weigh: Say whether a parcel is heavy. [rules 2, 1]",
        "way:",
        "  heavy: Send by freight. [rule 1]",
        "rule 1: A parcel over 20 kg goes to freight.",
    ]


def test_an_explanation_says_how_sure_and_why_the_fallback_was_taken(tmp_path: Path) -> None:
    run = run_of_parcels(tmp_path / "parcels", mode="one")
    with Policy.load(run, "random") as policy:
        decision = policy.decide({"weight_kg": 30})
        assert decision.explain().startswith(f"{decision.action}, 50% sure\nway:\n")
        assert "(50% sure)" in decision.explain()
    unsure = Choice((Candidate("heavy", 0.999),), none=0.001)
    step = Step("way", "", unsure, None, (), Outcome(error="x"), {"light": "KeyError: 'a'"})
    fallback = Decision({"go": 1}, 0.0, "not sure enough in stage 'way'", (step,), "s")
    assert fallback.explain().splitlines() == [
        "{\"go\": 1}, the fallback: not sure enough in stage 'way'",
        "way:",
        "  light was tried and failed: KeyError: 'a'",
        "  no function was chosen: none of these 0%; nearest heavy over 99%",
    ]
