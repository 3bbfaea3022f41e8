from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.writing.test_base import STATE, function_file, parts_of

from logicdistill.deciding.parts import Parts
from logicdistill.deciding.standing import queries_for
from logicdistill.errors import MissingReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.scaffold import new_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.training.collect import ExploredChoice, LabelStudent, collect, explored_share
from logicdistill.training.labelling import UNLABELLED, Labeller
from logicdistill.types import Query


@pytest.fixture
def parts(guess_base: FunctionBase) -> Iterator[Parts]:
    with Sandbox(guess_base.functions) as sandbox:
        yield Parts(
            get_task("guess"), guess_base, FusedRetriever(None), FirstStudent(), sandbox, 16
        )


def query(parts: Parts, answer: str, left: str) -> Query:
    facts = {"last_answer": answer, "numbers_left": left}
    view = ", ".join(f"{key.replace('_', ' ')}: {value}" for key, value in facts.items())
    return Query(parts.base.stage("guess"), view, parts.base.of_stage("guess"), {"facts": facts})


def test_conditions_label_for_free_and_the_teacher_labels_the_rest(
    parts: Parts, guess_author: Author
) -> None:
    queries = [
        query(parts, *pair)
        for pair in (
            ("none yet", "many"),
            ("higher", "one"),
            ("higher", "many"),
            ("lower", "several"),
        )
    ]
    labels = Labeller(guess_author, parts.sandbox).labels(queries)
    assert labels == ["open_in_the_middle", "name_the_last", "halve_above", "halve_below"]


def test_collecting_is_repeatable_and_labels_every_distinct_question_once(
    parts: Parts, guess_author: Author
) -> None:
    first = collect(parts, Labeller(guess_author, parts.sandbox), range(30))
    assert first == collect(parts, Labeller(guess_author, parts.sandbox), range(30))
    assert len({(example.stage, example.view) for example in first.examples}) == len(first.examples)
    assert first.ambiguous == 0
    assert all(example.label in example.candidates for example in first.examples)


def test_a_view_without_a_recorded_label_is_an_error_or_stays_unlabelled(
    parts: Parts, tmp_path: Path
) -> None:
    author = Author(RecordedTeacher(ReplyStore(tmp_path)), parts.task)
    with pytest.raises(MissingReplyError):
        Labeller(author, parts.sandbox).labels([query(parts, "higher", "many")])
    assert Labeller(author, parts.sandbox, strict=False).labels(
        [query(parts, "higher", "many")]
    ) == [UNLABELLED]


def test_what_guards_decide_is_no_example_and_yet_seen(parts: Parts, guess_author: Author) -> None:
    """Only functions with a condition remain: where one holds there is nothing to learn."""
    stages = tuple(replace(s, mode="guarded" if s.selects else "all") for s in parts.base.stages)
    kept = [
        f
        for f in parts.base.functions
        if not parts.base.stage(f.stage).selects or f.manual.when is not None
    ]
    base = replace(parts.base, stages=stages, functions=tuple(kept))
    with Sandbox(base.functions) as sandbox:
        found = collect(
            replace(parts, base=base, sandbox=sandbox),
            Labeller(guess_author, sandbox),
            range(10),
        )
    assert found.examples == []
    assert ("guess", "open_in_the_middle") in found.chosen
    assert found.scopes["guess"]


def test_random_choices_are_marked_also_where_a_guard_rules_out_none_of_these(
    parts: Parts, guess_author: Author
) -> None:
    labeller = Labeller(guess_author, parts.sandbox)
    asked = [query(parts, "higher", "many")] * 40
    always, never = (LabelStudent(labeller, share, seed=0).select(asked) for share in (1.0, 0.0))
    assert len({choice.selected for choice in always}) > 1
    assert all(isinstance(choice.without_none(), ExploredChoice) for choice in always)
    assert {choice.selected for choice in never} == {"halve_above"}
    assert not any(isinstance(choice, ExploredChoice) for choice in never)


def test_nothing_is_explored_where_no_state_follows_a_decision(tmp_path: Path) -> None:
    new_task(tmp_path / "post", "parcels")
    assert explored_share(RecordTask(tmp_path / "post")) == 0.0
    assert explored_share(get_task("guess")) == 0.15


def test_conditions_that_contradict_each_other_give_no_label_and_are_reported(
    guess_author: Author,
) -> None:
    sources = [
        function_file("aa", "return 6", "    When: n > 5\n", expected="6"),
        function_file("zz", "return 7", "    When: n > 8\n", expected="7"),
    ]
    parts = parts_of(sources)
    with parts.sandbox:
        labeller = Labeller(guess_author, parts.sandbox)
        queries = queries_for(parts, parts.base.stages[0], [{**STATE, "n": n} for n in (7, 10, 11)])
        assert labeller.labels(queries) == ["aa", UNLABELLED, UNLABELLED]
        assert labeller.notes() == [
            "pick: aa and zz both hold and give different results; so 2 questions have no label"
        ]
        found = collect(parts, labeller, (), states=[{**STATE, "n": n} for n in (7, 10)])
    assert [example.label for example in found.examples] == ["aa"]
