from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.conftest import recorded_author

from logicdistill.evaluation.evaluate import Scorer, first_state, has_optimum, time_decisions
from logicdistill.evaluation.summary import label_floor, summarise_player, table
from logicdistill.functions.base import FunctionBase
from logicdistill.policy import Policy
from logicdistill.students.floor import FirstStudent, certain
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.training.collect import LabelStudent
from logicdistill.training.labelling import Labeller
from logicdistill.types import Candidate, Choice, Query
from logicdistill.writing.base import build_base

SEEDS = range(1_000_000, 1_000_030)


def test_following_the_labels_scores_everything_right(
    guess_base: FunctionBase, guess_author: Author
) -> None:
    with Policy(get_task("guess"), guess_base, FirstStudent()) as policy:
        labeller = Labeller(guess_author, policy.parts.sandbox)
        followed = Scorer(policy.with_student(LabelStudent(labeller, 0.0, 0)), labeller).episodes(
            SEEDS
        )
        first = Scorer(policy, labeller).episodes(SEEDS)
    row = summarise_player(followed, [1.0])
    assert (row["success"], row["selection_accuracy"], row["illegal"], row["unlabelled"]) == (
        1.0,
        1.0,
        0,
        0,
    )
    assert summarise_player(first, [])["selection_accuracy"] < 0.5
    assert 0.2 < label_floor(followed)["guess"] < 0.6


def test_episodes_are_scored_where_every_decision_ends_before_a_later_stage(tmp_path: Path) -> None:
    class Nobody:
        name = "nobody"

        def select(self, queries: Sequence[Query]) -> list[Choice]:
            return [certain([f.name for f in query.candidates], False) for query in queries]

    author = recorded_author("pursuit", tmp_path)
    states = [first_state(author.task, seed) for seed in range(2)]
    base, _ = build_base(author, states, lambda line: None)
    with Policy(author.task, base, Nobody()) as policy:
        [record] = Scorer(policy, Labeller(author, policy.parts.sandbox)).episodes([1_000_000])
    assert record["fallbacks"] == record["steps"] > 0
    assert record["asked"] > 0 == record["right"]


def test_every_scored_selection_is_counted_by_function_and_by_confidence(
    guess_base: FunctionBase, guess_author: Author
) -> None:
    with Policy(get_task("guess"), guess_base, FirstStudent()) as policy:
        labeller = Labeller(guess_author, policy.parts.sandbox)
        followed = summarise_player(
            Scorer(policy.with_student(LabelStudent(labeller, 0.0, 0)), labeller).episodes(SEEDS),
            [],
        )
        records = Scorer(policy, labeller).episodes(SEEDS, scored_every=2)
    assert all(list(chosen) == [label] for label, chosen in followed["confusion"]["guess"].items())
    assert followed["confidence"][:9] == [[0, 0]] * 9
    first = summarise_player(records, [])
    chosen = {name for row in first["confusion"]["guess"].values() for name in row}
    assert len(chosen) < len(
        first["confusion"]["guess"]
    )  # always the first candidate that stands, whichever is right
    asked, right = (sum(record[key] for record in records) for key in ("asked", "right"))
    assert [sum(column) for column in zip(*first["confidence"], strict=True)] == [asked, right]
    assert (
        sum(count for row in first["confusion"]["guess"].values() for count in row.values())
        == asked
    )


def test_a_return_has_an_interval_where_there_is_more_than_one_episode() -> None:
    records = [
        {"success": True, "return": value, "steps": 1, "illegal": 0, "fallbacks": 0}
        for value in (1.0, 2.0, 3.0, 4.0)
    ]
    assert summarise_player(records, [])["return_ci95"] == pytest.approx(
        [2.5 - 1.265, 2.5 + 1.265], abs=1e-3
    )
    assert summarise_player(records[:1], [])["return_ci95"] is None


class HalveBelowForTwo:
    """Follows the labels, but halves below where the lower one of two numbers would be taken."""

    name = "other"

    def __init__(self, labels: LabelStudent) -> None:
        self.labels = labels
        self.changed = 0

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        choices = []
        for query, choice in zip(queries, self.labels.select(queries), strict=True):
            swap = choice.selected == "take_the_lower_of_two" and "lower" in query.view
            self.changed += swap
            choices.append(
                Choice((Candidate("halve_below", 1.0), *choice.ranked)) if swap else choice
            )
        return choices


def test_an_outcome_as_good_as_the_labelled_one_counts_as_right(
    guess_base: FunctionBase, guess_author: Author
) -> None:
    """With two numbers left, halving below names the lower one, as the labelled function does."""
    with Policy(get_task("guess"), guess_base, FirstStudent()) as policy:
        labeller = Labeller(guess_author, policy.parts.sandbox)
        student = HalveBelowForTwo(LabelStudent(labeller, 0.0, 0))
        records = Scorer(policy.with_student(student), labeller).episodes(SEEDS)
    assert student.changed > 0
    assert summarise_player(records, [])["selection_accuracy"] == 1.0


def test_views_that_the_teacher_never_labelled_are_counted_apart(
    guess_base: FunctionBase, tmp_path: Path
) -> None:
    with Policy(get_task("guess"), guess_base, FirstStudent()) as policy:
        author = Author(RecordedTeacher(ReplyStore(tmp_path)), policy.task)
        row = summarise_player(
            Scorer(policy, Labeller(author, policy.parts.sandbox, strict=False)).episodes(SEEDS),
            [],
        )
    assert row["unlabelled"] > 0


@pytest.mark.parametrize("name", ["guess", "pursuit", "twentyone"])
def test_the_built_in_tasks_know_their_optimum(name: str) -> None:
    assert has_optimum(get_task(name))


def test_decisions_are_timed_one_by_one(
    guess_policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logicdistill.evaluation.evaluate.TIMED_DECISIONS", 7)
    times = time_decisions(guess_policy, range(5))
    assert len(times) == 7
    assert all(time > 0 for time in times)


def test_the_table_has_a_cell_for_each_column(guess_policy: Policy) -> None:
    record = {"success": True, "return": 1.0, "steps": 3, "illegal": 0, "fallbacks": 0}
    rows = table(
        {
            "players": {
                "optimum": summarise_player([record], []),
                "ld-encoder": summarise_player([{**record, "asked": 1}], [1.0]),
            }
        }
    )
    assert {len(row) for row in rows} == {10}
