from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from logicdistill.compare.baselines.teaching import TeacherStep, collect_actions, facts_of
from logicdistill.policy import Policy
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore, shipped_replies
from logicdistill.teacher.write import Author
from logicdistill.training.collect import LabelStudent
from logicdistill.training.labelling import Labeller


def labels_of(policy: Policy, run: Path) -> Labeller:
    author = Author(
        RecordedTeacher(ReplyStore(run / "replies"), [shipped_replies("guess-v1")]), policy.task
    )
    return Labeller(author, policy.parts.sandbox, strict=False)


def teacher_steps(
    policy: Policy, run: Path, seeds: Sequence[int], explore: float = 0.15
) -> list[TeacherStep]:
    return collect_actions(policy.parts, labels_of(policy, run), seeds, explore)


def test_the_action_taught_is_the_labelled_functions_also_where_another_one_was_played(
    run_folder: Path,
) -> None:
    with Policy.load(run_folder, student="first") as policy:
        plain, strayed = (
            teacher_steps(policy, run_folder, range(8), explore) for explore in (0.0, 0.6)
        )
        exact = policy.with_student(LabelStudent(labels_of(policy, run_folder), 0.0, seed=0))
        for steps in (plain, strayed):
            assert [
                found.action for found in exact.decide_many([found.state for found in steps])
            ] == [found.action for found in steps]
    assert len(strayed) > len(plain)  # games with errors in them last longer


def test_the_facts_taught_are_those_that_a_player_is_given(
    run_folder: Path,
) -> None:
    with Policy.load(run_folder, student="first") as policy:
        steps = teacher_steps(policy, run_folder, range(3))
        assert facts_of(policy.parts, [step.state for step in steps]) == [
            step.facts for step in steps
        ]
    assert set(steps[0].facts) == {"known", "facts"}
