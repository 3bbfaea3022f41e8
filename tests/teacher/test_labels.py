"""Labels go out together and are stored one by one, against real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.live import ReplayServer, serving, teacher_for
from tests.live import asked_labels as asked

from logicdistill.errors import LimitReachedError, UnusableReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.joint import TOGETHER, bundles, joined
from logicdistill.teacher.limits import CHARACTERS_PER_TOKEN, characters
from logicdistill.teacher.recorded import RecordedTeacher, ReplyStore
from logicdistill.teacher.write import Author, Question

Served = Callable[..., ReplayServer]
VIEWS = [f"last answer: higher, numbers left: {n}" for n in range(15)]


@pytest.fixture
def served() -> Iterator[Served]:
    with ExitStack() as stack:
        yield lambda answer, fault=lambda _: None: stack.enter_context(
            serving(ReplayServer(answer, fault))
        )


@pytest.fixture
def questions(guess_base: FunctionBase) -> list[Question]:
    stage = guess_base.stage("guess")
    open_ones = [f for f in guess_base.of_stage("guess") if f.manual.when is None]
    return [(stage, view, open_ones) for view in VIEWS]


def answering(change: Callable[[list[dict[str, Any]], int], Any]) -> Callable[..., str]:
    """Answers every number with ``halve_above``; ``change`` is told which request it is."""
    requests = [0]

    def answer(messages: list[dict[str, Any]]) -> str:
        requests[0] += 1
        _, views = asked(messages[-1]["content"])
        if not views:
            return '{"function": "halve_above", "why": "alone"}'
        items = [
            {"number": n, "function": "halve_above", "why": view}
            for n, view in enumerate(views, start=1)
        ]
        return json.dumps({"labels": change(items, requests[0])})

    return answer


def honest(items: list[dict[str, Any]], _: int) -> list[dict[str, Any]]:
    return items


def kinds(folder: Path) -> list[str]:
    return [json.loads(file.read_text())["request"]["kind"] for file in folder.glob("*.json")]


def test_fifteen_labels_are_one_request_and_a_second_run_asks_nothing(
    served: Served, questions: list[Question], tmp_path: Path
) -> None:
    server = served(answering(honest))
    with teacher_for(server, tmp_path) as teacher:
        assert Author(teacher, get_task("guess")).labels(questions) == ["halve_above"] * 15
        spent = teacher.spent
    assert len(server.seen) == 1
    system = server.bodies[0]["messages"][0]["content"]
    assert "You label situations" in system
    assert "def " not in system
    records = [json.loads(file.read_text()) for file in tmp_path.glob("*.json")]
    labels = [record for record in records if record["request"]["kind"] == "label"]
    [whole] = [record for record in records if record["request"]["kind"] == "labels"]
    assert {record["request"]["subject"].split(" | ")[1] for record in labels} == set(VIEWS)
    assert len(whole["reply"]["labels"]) == 15
    assert whole["usage"]["tokens_in"] == spent.tokens_in
    assert not any("usage" in record for record in labels)
    assert {record["asked_in"] for record in labels} == {
        file.stem for file in tmp_path.glob("*.json") if json.loads(file.read_text()) == whole
    }
    with teacher_for(server, tmp_path) as again:
        assert Author(again, get_task("guess")).labels(questions) == ["halve_above"] * 15
    assert (len(server.seen), again.spent.calls) == (1, 0)


def test_none_of_them_is_an_answer_that_is_kept_and_not_asked_again(
    served: Served, questions: list[Question], tmp_path: Path
) -> None:
    def unsure(items: list[dict[str, Any]], _: int) -> list[dict[str, Any]]:
        return [item | ({} if number else {"function": None}) for number, item in enumerate(items)]

    server = served(answering(unsure))
    with teacher_for(server, tmp_path) as teacher:
        labels = Author(teacher, get_task("guess")).labels(questions)
    assert labels == [None, *["halve_above"] * 14]
    assert len(server.seen) == 1
    stored = Author(RecordedTeacher(ReplyStore(tmp_path)), get_task("guess"))
    known = stored.known_label(questions[0])
    assert known is not None
    assert known.function is None


def test_a_foreign_name_and_a_missing_number_cost_those_two_alone(
    served: Served, questions: list[Question], tmp_path: Path
) -> None:
    def spoilt(items: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
        if number == 1:
            items[3]["function"] = "resign"
            del items[7]
        return items

    server, said = served(answering(spoilt)), list[str]()
    with teacher_for(server, tmp_path, said) as teacher:
        assert Author(teacher, get_task("guess")).labels(questions) == ["halve_above"] * 15
    assert [asked(text)[1] for text in server.seen] == [VIEWS, [VIEWS[3], VIEWS[7]]]
    assert "1: the teacher's label 'resign' is no candidate; there were:" in server.seen[1]
    assert "2: it is missing" in server.seen[1]
    assert said == [
        "unusable answer to 'labels': 2 of 15, the first as the teacher's label 'resign' is no "
        f"candidate; there were: {', '.join(sorted(f.name for f in questions[0][2]))}, or null"
    ]
    assert sorted(kinds(tmp_path)) == ["label"] * 15 + ["labels"] * 2


def test_a_label_that_is_never_usable_costs_none_of_the_others(
    served: Served, questions: list[Question], tmp_path: Path
) -> None:
    def foreign(messages: list[dict[str, Any]]) -> str:
        names, views = asked(messages[-1]["content"])
        wrong = {"function": "resign", "why": "?"}
        right = {"function": names.split(", ")[0], "why": "."}
        if not views:
            return json.dumps(wrong)
        labels = [
            {"number": n} | (wrong if view == VIEWS[0] else right)
            for n, view in enumerate(views, start=1)
        ]
        return json.dumps({"labels": labels})

    server = served(foreign)
    with teacher_for(server, tmp_path) as teacher:
        first, *others = Author(teacher, get_task("guess")).labels(questions)
    assert isinstance(first, UnusableReplyError)
    assert set(others) == {sorted(f.name for f in questions[0][2])[0]}
    assert len(server.seen) == 1 + 3


def test_after_an_answer_that_was_cut_off_fewer_go_together(
    served: Served, questions: list[Question], tmp_path: Path
) -> None:
    server = served(answering(honest), {0: "cut-off"}.get)
    with teacher_for(server, tmp_path) as teacher:
        assert Author(teacher, get_task("guess")).labels(questions) == ["halve_above"] * 15
    assert [len(asked(text)[1]) for text in server.seen] in (
        [15, 7, 7, 0],
        [15, 7, 0, 7],
        [15, 0, 7, 7],
    )


def test_an_answer_that_contradicts_itself_is_asked_again(
    served: Served, questions: list[Question], tmp_path: Path
) -> None:
    def twice(items: list[dict[str, Any]], number: int) -> list[Any]:
        more = [items[0] | {"function": "halve_below"}, items[1], {"number": True}, "?", None]
        return [*items, *more, {"number": 99, "function": "x"}] if number == 1 else items

    server = served(answering(twice))
    with teacher_for(server, tmp_path) as teacher:
        assert Author(teacher, get_task("guess")).labels(questions) == ["halve_above"] * 15
    assert len(server.seen) == 2
    assert asked(server.seen[1])[1] == []  # one that is left goes out alone


def test_a_limit_keeps_the_labels_that_were_answered(
    served: Served, questions: list[Question], tmp_path: Path
) -> None:
    server = served(answering(honest))
    with (
        teacher_for(server, tmp_path, budget=None, calls=2, together=5) as teacher,
        pytest.raises(LimitReachedError, match="the limit of 2 calls"),
    ):
        Author(teacher, get_task("guess")).labels(questions)
    assert kinds(tmp_path).count("label") == 10
    with teacher_for(server, tmp_path, together=5) as again:
        Author(again, get_task("guess")).labels(questions)
    assert len(server.seen) == 3


def test_what_was_labelled_together_is_replayed_without_a_teacher(
    served: Served, questions: list[Question], tmp_path: Path
) -> None:
    with teacher_for(served(answering(honest)), tmp_path) as teacher:
        Author(teacher, get_task("guess")).labels(questions)
    recorded = Author(RecordedTeacher(ReplyStore(tmp_path)), get_task("guess"))
    assert recorded.labels(questions) == ["halve_above"] * 15
    known = [recorded.known_label(one) for one in questions]
    assert [one and one.function for one in known] == ["halve_above"] * 15


def test_other_candidates_and_other_stages_are_other_requests(questions: list[Question]) -> None:
    author = Author(RecordedTeacher(ReplyStore(Path("none"))), get_task("guess"))
    (stage, _, functions), *_ = questions
    other = [(stage, "a text\n2. of two lines", functions[:1]), *questions]
    requests = [author._label(*question) for question in [*other, *other[:1], *questions[:3]]]
    sizes = [len(bundle) for bundle in bundles(requests)]
    assert sizes == [2, TOGETHER, 3]
    first = joined(bundles(requests)[0])
    assert asked(first.messages[-1][1])[1] == ["a text\n2. of two lines"] * 2


def test_fifteen_together_take_a_fraction_of_the_tokens(questions: list[Question]) -> None:
    author = Author(RecordedTeacher(ReplyStore(Path("none"))), get_task("guess"))
    requests = [author._label(*question) for question in questions]
    alone = sum(characters(one.messages, one.schema) for one in requests) / CHARACTERS_PER_TOKEN
    whole = joined(requests)
    together = characters(whole.messages, whole.schema) / CHARACTERS_PER_TOKEN
    assert together < alone / 5
