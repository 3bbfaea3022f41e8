from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.writing.test_base import QueuedTeacher

from logicdistill.errors import (
    BaseError,
    GateRefusal,
    InvalidStateError,
    StorageError,
    UnknownNameError,
)
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder, author
from logicdistill.policy import Policy
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.encoder import OnnxEmbedder
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.registry import get_task
from logicdistill.tasks.schema import check_state

STATE = {"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6}
EMERGENCY = '''def name_thirteen(n: int) -> int:
    """Name thirteen.

    Use when: n is one hundred.
    When: n == 100
    Rules: 2
    Replaces: halve_above, halve_below, open_in_the_middle
    >>> name_thirteen(n=100)
    13
    """
    return 13
'''


@pytest.fixture
def stored(guess_base: FunctionBase, tmp_path: Path) -> Iterator[Policy]:
    folder = BaseFolder(tmp_path / "base")
    folder.commit(guess_base, [{"op": "admit"}])
    with Policy(
        get_task("guess"),
        guess_base,
        lambda sandbox: ConditionsStudent(sandbox),
        folder=folder,
    ) as policy:
        yield policy


def emergency(tmp_path: Path, text: str = EMERGENCY) -> Path:
    file = tmp_path / "name_thirteen.py"
    file.write_text(text)
    return file


def test_an_added_function_takes_part_in_the_next_decision_and_survives_on_disk(
    stored: Policy, tmp_path: Path
) -> None:
    assert stored.decide(STATE).action == 75
    before = stored.base.snapshot
    stored.add(emergency(tmp_path))
    decision = stored.decide(STATE)
    assert (decision.action, decision.trace[-1].function) == (13, "name_thirteen")
    assert decision.snapshot == stored.base.snapshot != before
    assert BaseFolder(tmp_path / "base").load().snapshot == stored.base.snapshot


def test_a_removed_function_is_gone_and_a_rollback_brings_it_back(
    stored: Policy, tmp_path: Path
) -> None:
    before = stored.base.snapshot
    stored.add(emergency(tmp_path))
    stored.remove("name_thirteen")
    assert stored.base.snapshot == before
    stored.remove("halve_above")
    assert stored.decide(STATE).trace[-1].function == "halve_below"
    stored.rollback(before)
    assert stored.decide(STATE).action == 75
    ops = [entry["op"] for entry in BaseFolder(tmp_path / "base").journal()]
    assert ops == ["admit", "admit", "remove", "remove", "rollback"]


def test_a_refused_function_changes_nothing(stored: Policy, tmp_path: Path) -> None:
    before = stored.base.snapshot
    with pytest.raises(GateRefusal, match="expects 13 but the function returns 14"):
        stored.add(emergency(tmp_path, EMERGENCY.replace("return 13", "return 14")))
    assert stored.base.snapshot == before == BaseFolder(tmp_path / "base").load().snapshot


def test_what_another_function_replaces_cannot_be_removed_under_it(
    stored: Policy, tmp_path: Path
) -> None:
    stored.add(emergency(tmp_path))
    with pytest.raises(BaseError, match="name_thirteen replaces halve_above"):
        stored.remove("halve_above")


def test_the_only_function_of_a_stage_cannot_be_removed(stored: Policy) -> None:
    with pytest.raises(BaseError, match="only function of stage 'known'"):
        stored.remove("possible_range")


def test_an_unknown_function_or_snapshot_offers_the_nearest(stored: Policy) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'halve_above'"):
        stored.remove("halve_abov")
    with pytest.raises(UnknownNameError, match="unknown snapshot"):
        stored.rollback("nothing")


def test_an_added_function_is_an_ordinary_one_unless_it_is_said_to_be_an_emergency(
    stored: Policy, tmp_path: Path
) -> None:
    plain = EMERGENCY.replace("    Replaces: halve_above, halve_below, open_in_the_middle\n", "")
    function = stored.add(emergency(tmp_path, plain))
    assert (function.origin, function.guarded) == ("person", False)
    stored.remove("name_thirteen")
    with pytest.raises(GateRefusal, match="would break the usage example"):
        stored.add(emergency(tmp_path, plain), emergency=True)
    assert stored.add(emergency(tmp_path), emergency=True).origin == "emergency"


def test_a_changed_function_takes_the_place_of_the_one_that_has_its_name(
    stored: Policy, tmp_path: Path
) -> None:
    stored.add(emergency(tmp_path), emergency=True)
    changed = EMERGENCY.replace("13", "14").replace("Name thirteen", "Name fourteen")
    with pytest.raises(GateRefusal, match=r"'Policy.replace'"):
        stored.add(emergency(tmp_path, changed))
    assert stored.replace("name_thirteen", emergency(tmp_path, changed)).origin == "emergency"
    assert stored.decide(STATE).action == 14
    file = emergency(tmp_path, changed.replace("return 14", "return 15"))
    with pytest.raises(GateRefusal, match="expects 14 but the function returns 15"):
        stored.replace("name_thirteen", file)
    with pytest.raises(BaseError, match="is 'name_thirteen' and cannot take the place of 'turn'"):
        stored.replace("turn", emergency(tmp_path))
    assert stored.decide(STATE).action == 14


def test_the_journal_says_who_and_why(stored: Policy, tmp_path: Path) -> None:
    before = stored.base.snapshot
    stored.add(emergency(tmp_path), by="Ann", why="lucky number")
    stored.remove("name_thirteen", why="no luck")
    stored.rollback(before[:8])
    signed = [
        (entry.get("by"), entry.get("why")) for entry in BaseFolder(tmp_path / "base").journal()
    ]
    assert signed[1:] == [("Ann", "lucky number"), (author(), "no luck"), (author(), None)]
    assert author()


def test_a_source_text_in_place_of_a_path_is_one_clear_line(stored: Policy) -> None:
    with pytest.raises(StorageError) as caught:
        stored.add(EMERGENCY)
    assert str(caught.value) == (
        "a function comes as the path of its file; got 11 lines of text: "
        "write them to a file, or bring them in with bring_in({name: text})"
    )


def test_a_decision_by_a_told_rule_shows_the_words_of_the_rule(
    stored: Policy, tmp_path: Path
) -> None:
    rule = "At one hundred, name thirteen."
    teacher = QueuedTeacher(emergency=[{"functions": [{"stage": "guess", "file": EMERGENCY}]}])
    before = stored.base.snapshot
    stored.tell(rule, teacher, by="Ann")
    for policy in (stored, reopened(tmp_path)):
        decision = policy.decide(STATE)
        step = decision.trace[-1]
        assert (step.function, step.told, step.rules) == ("name_thirteen", (rule,), (2,))
        assert [told.told for told in decision.trace[:-1]] == [(), ()]
    replaced = stored.replace("name_thirteen", emergency(tmp_path))
    assert (replaced.origin, replaced.told) == ("emergency", rule)
    assert stored.rollback(before) is None
    assert stored.decide(STATE).trace[-1].told == ()


def reopened(tmp_path: Path) -> Policy:
    folder = BaseFolder(tmp_path / "base")
    return Policy(get_task("guess"), folder.load(), lambda sandbox: ConditionsStudent(sandbox))


def test_a_file_that_is_not_there_is_one_clear_line(stored: Policy, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot read"):
        stored.add(tmp_path / "missing.py")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": "100"}, 'field \'n\': "100" is not of type "integer"'),
        ({"n": None}, "field 'n'"),
        (
            {"answers": ["warmer"]},
            'field \'answers[0]\': "warmer" is not one of "higher", "lower"',
        ),
        ({"colour": "red"}, "field 'colour' is not in the schema"),
        ({"n": 0}, "field 'n': 0 is less than the minimum of 1"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_with_field_and_reason(
    guess_policy: Policy, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidStateError) as caught:
        guess_policy.decide({**STATE, **change})
    assert message in str(caught.value)
    assert "a state of guess-v1 has: n, guesses, answers, guesses_left" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_field_is_named_with_the_index_of_its_state(guess_policy: Policy) -> None:
    with pytest.raises(
        InvalidStateError, match=r"state 1: field 'n' is missing; a state of guess-v1 has"
    ):
        guess_policy.decide_many(
            [STATE, {key: value for key, value in STATE.items() if key != "n"}]
        )


def test_deciding_leaves_the_state_as_it_was(guess_policy: Policy) -> None:
    state = {key: list(value) if isinstance(value, list) else value for key, value in STATE.items()}
    guess_policy.decide(state)
    assert state == STATE


def test_a_second_writer_that_loaded_an_older_base_is_refused_and_loses_nothing(
    stored: Policy, tmp_path: Path
) -> None:
    folder = BaseFolder(tmp_path / "base")
    with Policy(
        stored.task, folder.load(), lambda sandbox: ConditionsStudent(sandbox), folder=folder
    ) as other:
        stored.add(emergency(tmp_path))
        with pytest.raises(BaseError, match="changed since it was loaded"):
            other.remove("halve_above")
    assert {"name_thirteen", "halve_above"} <= set(folder.load().by_name)


@pytest.mark.parametrize(
    "change",
    [
        {"pursuers": [[0], [1]]},
        {"pursuers": [[99, 99], [1, 0]]},
        {"evader": [1, 1]},
        {"board": ["...", "..", "..."]},
        {"board": ["..x"] * 3},
        {"notices": {"closed": [[2, 2]]}},
        {"notices": {"closed": 1}},
        {"notices": {"broken": 3}},
    ],
)
def test_pieces_off_the_board_are_no_state(change: dict[str, Any]) -> None:
    state = {
        "board": ["...", ".#.", "..."],
        "pursuers": [[0, 0], [1, 0]],
        "evader": [2, 2],
        "steps_left": 9,
    }
    assert check_state(get_task("pursuit"), state) == {**state, "notices": {}}
    with pytest.raises(InvalidStateError):
        check_state(get_task("pursuit"), {**state, **change})


def test_a_state_that_is_wrong_as_a_whole_is_told_by_its_reason_alone() -> None:
    state = {
        "board": ["...", ".#.", "..."],
        "pursuers": [[0, 0], [1, 0]],
        "evader": [9, 9],
        "steps_left": 9,
    }
    with pytest.raises(InvalidStateError) as caught:
        check_state(get_task("pursuit"), state, "state 0: ")
    assert str(caught.value) == "state 0: [9, 9] is no free cell [x, y] of the board"


def narrow(policy: Policy) -> Policy:
    """A policy whose stages go through the retriever."""
    policy.parts = replace(policy.parts, top_k=2)
    return policy


def test_what_a_run_has_embedded_is_kept_with_it_and_embedded_once_for_search_and_student(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded: list[str] = []
    vectors = OnnxEmbedder.vectors

    def counting(self: OnnxEmbedder, texts: Sequence[str]) -> Any:
        embedded.extend(texts)
        return vectors(self, texts)

    monkeypatch.setattr(OnnxEmbedder, "vectors", counting)
    with narrow(Policy.load(run_folder)) as policy:
        first = policy.decide(STATE)
        texts = {text for function in policy.base.of_stage("guess") for text in function.texts}
    assert sorted(embedded) == sorted([*texts, first.trace[-1].view])
    assert len(list((run_folder / "index" / "ld-encoder").glob("guess-*.npz"))) == 1
    embedded.clear()
    with narrow(Policy.load(run_folder)) as policy:
        assert policy.decide(STATE) == first
    assert embedded == [first.trace[-1].view]


def test_a_run_can_search_a_store_and_only_with_vectors(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lancedb")
    # Every stage is large.
    monkeypatch.setattr(FusedRetriever.__init__, "__defaults__", (None, "", 1))
    with (
        narrow(Policy.load(run_folder)) as policy,
        narrow(Policy.load(run_folder, store=str(tmp_path / "store"))) as stored,
    ):
        assert stored.decide(STATE).action == policy.decide(STATE).action
    assert (tmp_path / "store").is_dir()
    with pytest.raises(BaseError, match="this student has none: leave the store out"):
        Policy.load(run_folder, student="conditions", store=str(tmp_path / "store"))
