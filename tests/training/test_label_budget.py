"""Labels are asked where they decide anything, the most different views first, within a budget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.test_logged import author_of, edit
from tests.writing.test_base import STATE, function_file, parts_of

from logicdistill.deciding.parts import Parts
from logicdistill.deciding.standing import queries_for
from logicdistill.errors import MissingReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.steps import RECORD_SAMPLES
from logicdistill.protocols import Request
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.scaffold import new_task
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.training.collect import Collected, LabelStudent, collect
from logicdistill.training.labelling import UNLABELLED, LabelBudget, Labeller, Unlabelled
from logicdistill.training.logged import labeller_for
from logicdistill.training.order import diverse_first, nearest_text
from logicdistill.types import Json
from logicdistill.writing.base import build_base


class Naming:
    """A live teacher, as far as a labeller sees it: names the first candidate; keeps questions."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, request: Request) -> Json:
        assert request.subject is not None
        self.asked.append(request.subject)
        return {"function": request.subject.rpartition(" | ")[2].split(", ")[0], "why": "."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_task(tmp_path / "post", "parcels")
    return tmp_path / "post"


@pytest.fixture
def base(folder: Path) -> FunctionBase:
    """Of the example, whose states lose their recorded actions then."""
    task = RecordTask(folder)
    found, _ = build_base(author_of(task), task.samples(RECORD_SAMPLES), lambda _: None)
    edit(folder, lambda _, row: {key: row[key] for key in ("id", "state", "split")})
    return found


def collected(
    folder: Path, base: FunctionBase, teacher: Any, most: int | None = None
) -> tuple[Collected, LabelBudget]:
    task, budget = RecordTask(folder), LabelBudget(most)
    with Sandbox(base.functions) as sandbox:
        parts = Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, 16)
        labeller = labeller_for(Author(teacher, task), sandbox, task, base.stages[-1], True, budget)
        return collect(parts, labeller, range(len(task.split("train")))), budget


def test_a_budget_is_kept_and_what_is_left_is_counted_in_one_line(
    folder: Path, base: FunctionBase
) -> None:
    free, some = Naming(), Naming()
    _, whole = collected(folder, base, free)
    assert len(set(free.asked)) == len(free.asked) == len(whole.asked) > 4
    assert whole.line() is None
    found, budget = collected(folder, base, some, most=3)
    assert len(some.asked) == 3
    left = len(free.asked) - 3
    assert budget.line() == (
        f"labels: 3 of {len(free.asked)} asked (--label-budget); {left} views are left without"
    )
    assert {example.view for example in found.examples} <= {
        example.view for example in collected(folder, base, Naming())[0].examples
    }
    none = Naming()
    assert collected(folder, base, none, most=0)[1].line() is not None
    assert none.asked == []


def test_where_the_teacher_says_that_none_fits_no_function_is_trained_and_it_is_counted(
    folder: Path, base: FunctionBase
) -> None:
    class Refusing(Naming):
        """Says that none of the functions is right in every second text."""

        def ask(self, request: Request) -> Json:
            answer = super().ask(request)
            return answer | ({} if len(self.asked) % 2 else {"function": None})

    teacher, task = Refusing(), RecordTask(folder)
    with Sandbox(base.functions) as sandbox:
        parts = Parts(task, base, FusedRetriever(None), FirstStudent(), sandbox, 16)
        labeller = labeller_for(Author(teacher, task), sandbox, task, base.stages[-1])
        found = collect(parts, labeller, range(len(task.split("train"))))
    views = {subject.split(" | ")[1] for subject in teacher.asked[1::2]}
    assert len(views) >= 2
    assert not {example.view for example in found.examples if example.label} & views
    assert labeller.notes() == [
        f"service: in {len(views)} views the teacher says that no function fits"
    ]


def test_the_same_states_are_asked_in_the_same_order_whatever_theirs(
    folder: Path, base: FunctionBase
) -> None:
    first, second = Naming(), Naming()
    collected(folder, base, first, most=4)
    rows = (folder / "states.jsonl").read_text().splitlines()
    (folder / "states.jsonl").write_text("\n".join([rows[0], *reversed(rows[1:])]))
    collected(folder, base, second, most=4)
    assert first.asked == second.asked


def test_stored_labels_are_used_and_count_so_a_second_run_asks_nothing(
    folder: Path, base: FunctionBase, tmp_path: Path
) -> None:
    class Storing(RecordedTeacher):
        """Asks where nothing is stored, and stores it."""

        asked = 0

        def ask(self, request: Request) -> Json:
            type(self).asked += 1
            self.store.put(request, Naming().ask(request), "a test")
            return super().ask(request)

    store = ReplyStore(tmp_path / "kept")
    first, _ = collected(folder, base, Storing(store), most=4)
    assert Storing.asked == 4
    again, budget = collected(folder, base, Storing(ReplyStore(tmp_path / "kept")), most=4)
    assert (Storing.asked, again) == (4, first)
    assert (line := budget.line()) is not None
    assert line.startswith("labels: 4 of ")
    replayed, _ = collected(folder, base, RecordedTeacher(ReplyStore(tmp_path / "kept")), most=4)
    assert replayed == first
    with pytest.raises(MissingReplyError):
        collected(folder, base, RecordedTeacher(ReplyStore(tmp_path / "kept")))


def test_nobody_is_asked_where_all_candidates_give_the_same_result() -> None:
    sources = [
        function_file("aa", "return min(n, 7)", "", expected="7"),
        function_file("zz", "return 7", "", expected="7"),
    ]
    parts, teacher = parts_of(sources), Naming()
    with parts.sandbox:
        labeller = Labeller(Author(teacher, get_task("guess")), parts.sandbox)
        same, other = ({**STATE, "n": n} for n in (10, 5))
        queries = queries_for(parts, parts.base.stages[0], [same, same])
        assert labeller.labels(queries) == [Unlabelled("aa")] * 2
        assert teacher.asked == []
        choice = LabelStudent(labeller, explore=0.0, seed=0).select(queries)[0]
        assert choice.selected == "aa"
        assert collect(parts, labeller, (), states=[same]).examples == []
        queries = queries_for(parts, parts.base.stages[0], [same, other])
        labels = labeller.labels(queries)
        assert len(teacher.asked) == 1
        assert "aa" in labels
        assert UNLABELLED not in labels


def test_where_several_functions_give_the_recorded_action_the_nearest_is_taken_unasked(
    tmp_path: Path,
) -> None:
    new_task(tmp_path / "post", "parcels")
    task = RecordTask(tmp_path / "post")
    base, _ = build_base(author_of(task), task.samples(RECORD_SAMPLES), lambda _: None)
    edit(
        tmp_path / "post",
        lambda _, row: row if "action" in row else row | {"split": "validation"},
    )
    letter = base.function("as_letter")
    twin = replace(letter, source=letter.source.replace('"letter"', '"parcel"'))
    both = base.having([*(f for f in base.functions if f.name != "as_letter"), twin])
    teacher = Naming()
    found, budget = collected(tmp_path / "post", both, teacher)
    assert teacher.asked == []
    assert not budget.asked
    taken = {example.label for example in found.examples}
    assert taken & {"as_parcel", "as_letter"}


@given(st.lists(st.text("ab c", max_size=12), max_size=20))
def test_every_view_has_one_place_in_the_order(views: list[str]) -> None:
    assert sorted(diverse_first(views)) == list(range(len(views)))
    assert diverse_first(views) == diverse_first(list(views))


def test_different_views_come_before_more_of_the_same() -> None:
    views = [f"please send my parcel number {n} to the office" for n in range(30)]
    views[7], views[21] = "where does my refund stay", "the courier broke the window"
    first = [views[place] for place in diverse_first(views)[:3]]
    assert {views[7], views[21]} < set(first)


def test_the_nearest_text_shares_most_words() -> None:
    assert nearest_text("the window is broken", ["a late parcel", "a broken window"]) == 1
    assert nearest_text("?", ["a", "b"]) == 0
