"""The log of decisions: whole records, what is redacted, closed files, and the chain of lines."""

from __future__ import annotations

import datetime
import errno
import json
import multiprocessing
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.writing.expenses import expense, make_run

from logicdistill import files
from logicdistill.deciding import log_files
from logicdistill.deciding.log import LOG, LogOptions
from logicdistill.deciding.log_files import lines_of, read_log, verify
from logicdistill.deciding.redaction import REDACTED, Redaction
from logicdistill.errors import BaseError, CorruptError, StorageError, UnknownNameError
from logicdistill.files import last_line
from logicdistill.policy import Policy
from logicdistill.types import Json
from logicdistill.writing.states import known_states

TAXI: dict[str, Json] = {"claim": "taxi", "amount": 20, "currency": "EUR"}
HOTEL: dict[str, Json] = {"claim": "hotel", "amount": 300, "currency": "USD"}
CHAINED = LogOptions(chain=True)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run")


def logged(run: Path, *states: dict[str, Json], **options: Any) -> list[dict[str, Any]]:
    """Decide and log the states one by one; all records of the log."""
    with Policy.load(run, log=True, **options) as policy:
        for state in states:
            policy.decide(state)
    return [record for _, record in read_log(run / LOG)]


def test_a_record_says_what_came_what_was_decided_and_all_that_decided_it(run: Path) -> None:
    with Policy.load(run, log=True) as policy:
        policy.decide(TAXI, request="c-1")
        snapshot = policy.base.snapshot
    [(_, record)] = read_log(run / LOG)
    assert datetime.datetime.fromisoformat(record.pop("time")).utcoffset() == datetime.timedelta()
    assert record.pop("ms") > 0
    assert len(record.pop("policy")) == 16
    assert record == {
        "id": "c-1",
        "task": "expense-v1",
        "state": TAXI,
        "action": "approve",
        "confidence": 1.0,
        "fallback": None,
        "marks": [],
        "functions": {"decide": "small"},
        "rules": [],
        "cited": {},
        "told": [],
        "written": [],
        "stages": [
            {
                "stage": "decide",
                "function": "small",
                "candidates": {"small": 1.0},
                "none": 0.0,
                "result": "approve",
                "rules": [],
            }
        ],
        "snapshot": snapshot,
        "model": None,
        "settings": {"student": "conditions", "top_k": 16, "thresholds": {}},
    }


def test_a_student_with_files_is_named_by_their_hash_and_the_settings_change_the_policy(
    run_folder: Path,
) -> None:
    state = {"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6}
    for student in (None, "first", "first"):
        with Policy.load(run_folder, student, log=True) as policy:
            policy.decide(state)
    encoder, first, again = (record for _, record in read_log(run_folder / LOG))
    assert len(encoder["model"]) == 16
    assert first["model"] is None
    assert encoder["policy"] != first["policy"] == again["policy"]
    assert sum(encoder["stages"][-1]["candidates"].values()) <= 1.0 + 1e-9
    assert len({encoder["id"], first["id"], again["id"]}) == 3


def test_the_time_is_that_of_the_policys_clock_also_where_it_jumps_back(run: Path) -> None:
    times = iter(
        datetime.datetime(2026, 5, day, 12, 0, 0, 123456, datetime.UTC) for day in (9, 9, 3, 4)
    )
    records = logged(run, TAXI, TAXI, clock=lambda: next(times))
    assert [record["time"][:23] for record in records] == [
        "2026-05-09T12:00:00.123",
        "2026-05-03T12:00:00.123",
    ]


def test_a_redacted_field_stands_nowhere_and_a_hashed_one_can_be_counted(run: Path) -> None:
    options = LogOptions(redact=["claim"], hashed=["/amount"])
    records = logged(run, TAXI, HOTEL, {**HOTEL, "amount": 20}, log_options=options)
    amounts = [record["state"]["amount"]["sha256"] for record in records]
    assert amounts[0] == amounts[2] != amounts[1]
    assert records[0]["state"] == {"amount": {"sha256": amounts[0]}, "currency": "EUR"}
    assert records[0]["redacted"] == ["claim", "/amount"]
    assert "result" not in records[0]["stages"][0]
    assert "taxi" not in (run / LOG).read_text()
    salt = run / f"{LOG}.salt"
    assert stat.S_IMODE(salt.stat().st_mode) == 0o600
    assert logged(run, TAXI, log_options=options)[-1]["state"] == records[0]["state"]
    salt.unlink()
    assert logged(run, TAXI, log_options=options)[-1]["state"] != records[0]["state"]


def test_a_text_that_was_redacted_is_taken_out_of_the_action_and_of_reasons(tmp_path: Path) -> None:
    says = expense("small", "amount <= 100", "approve", 'claim="taxi", amount=20')
    fails = says.replace("return 'approve'", 'raise ValueError(f"no {claim}")')
    run = make_run(tmp_path / "run", fails.replace('claim="taxi", amount=20', ""))
    [record] = logged(run, {**TAXI, "claim": "machine"}, log_options=LogOptions(["claim"]))
    assert "machine" not in json.dumps(record)
    said = "stage 'decide': the function failed [redacted]"
    failed = "it raised ValueError [redacted]"
    assert record["fallback"] == record["stages"][0]["error"] == said
    assert record["stages"][0]["failed"] == {"small": failed}
    assert record["marks"] == [f"small in stage 'decide': {failed}", said]


TALKER = '''def talker(claim: str, amount: int) -> str:
    """Say what came, in some form.

    Use when: always.
    When: amount != 9 or {"a": 1}[claim] == 1
    """
    if amount == 1:
        return claim
    if amount == 2:
        raise ValueError(claim)
    if amount == 3:
        raise KeyError(claim)
    if amount == 4:
        return {"said": [claim]}
    if amount == 5:
        return claim.upper()
    if amount == 6:
        return {claim: 1}
    if amount == 7:
        raise ValueError(repr(claim)[:40] + claim[3:])
    return repr(claim)
'''


def runs_of(text: str) -> set[str]:
    return {text[start : start + 8] for start in range(len(text) - 7)}


def texts_of(value: Json) -> list[str]:
    inner: list[Json] = value if isinstance(value, list) else []
    if isinstance(value, dict):
        inner = [*value, *value.values()]
    return [value] if isinstance(value, str) else [text for one in inner for text in texts_of(one)]


@pytest.fixture(scope="module")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Policy, Path]]:
    """A policy whose function says its claim in nine forms, and its log, without claims."""
    run = make_run(tmp_path_factory.mktemp("talker"), TALKER)
    with Policy.load(run, log=True, log_options=LogOptions(redact=["claim"])) as policy:
        yield policy, run / LOG


@given(
    claim=st.text(st.characters(exclude_categories=["Cs"]), min_size=8)
    | st.text(" \n\t\r'\"\\aé😀\u2028", min_size=8, max_size=200)
    | st.text("abc ", min_size=100, max_size=400),
    form=st.integers(1, 9),
)
def test_no_run_of_a_redacted_text_stands_in_the_line_whatever_a_function_does_with_it(
    talker: tuple[Policy, Path], claim: str, form: int
) -> None:
    policy, log = talker
    for said in ("?", claim):
        assert policy.decide({"claim": said, "amount": form, "currency": "EUR"}).fallback
    other, line = log.read_text().split("\n")[-3:-1]
    fixed, shown = "\0".join(texts_of(json.loads(other))), "\0".join(texts_of(json.loads(line)))
    assert not [run for run in runs_of(claim) if run in line and run not in other]
    assert not [run for run in runs_of(claim) if run in shown and run not in fixed]


def test_the_beginning_of_a_message_is_not_in_the_reason_that_the_actions_check_gives(
    talker: tuple[Policy, Path],
) -> None:
    policy, log = talker
    message = "My card 4111 1111 1111 1111 was taken twice\nby Ms. Adler, please pay back 80 EUR"
    for form in range(1, 10):
        policy.decide({"claim": message, "amount": form, "currency": "EUR"})
    records = [record for _, record in read_log(log)][-9:]
    assert "4111" not in json.dumps(records)
    assert "Adler" not in json.dumps(records)
    kinds = {next(iter(one["stages"][0]["failed"].values())) for one in records}
    assert kinds == {
        "it failed, or gave no allowed action [redacted]",
        "it raised ValueError [redacted]",
        "it raised KeyError [redacted]",
        "its 'When:' cannot be evaluated [redacted]",
    }


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("no function of stage 'way' fits this state (none of these: 0.90)", "no function fits"),
        ("not sure enough in stage 'way': up has 0.45", "no function is sure enough"),
        ("every candidate of stage 'way' failed; last: secret", "every function that was tried"),
        ("up of stage 'way' failed: secret; the next one, x, is not", "every function that was"),
        ("no 'When:' of stage 'way' holds; secret", "no 'When:' holds"),
        ("the 'When:' of up cannot be evaluated: secret", "a 'When:' cannot be evaluated"),
        ("stage 'way' reads 'facts', which is missing: secret", "it needs a result that is"),
        ("up of stage 'way' cannot be a candidate: it takes secret", "it needs a result that is"),
        ("up cannot decide: secret", "it needs a result that is missing"),
        ("up and down give different values of 'secret' in stage 'way'", "two functions give a"),
        ("up and down both hold in stage 'way' and give different", "two functions that hold"),
        ("up failed: secret", "the function failed"),
        ("secret", "it has no result"),
    ],
)
def test_a_reason_is_replaced_by_a_sentence_with_its_stage_and_kind(reason: str, kind: str) -> None:
    stage = {"stage": "way", "function": None, "why": "secret", "error": reason, "rules": []}
    record = {"state": {"a": "b"}, "action": 1, "fallback": f"{reason}; secret", "marks": [reason]}
    made = Redaction(["a"], []).apply({**record, "stages": [stage]}, b"")
    assert made["stages"][0]["error"].startswith(f"stage 'way': {kind}")
    assert made["fallback"] == f"{made['stages'][0]['error']}; the teacher was asked in vain"
    assert made["marks"] == [made["stages"][0]["error"]]
    assert "secret" not in json.dumps(made)


def test_the_sentences_of_the_stages_are_those_that_kinds_are_read_from(tmp_path: Path) -> None:
    """The kinds come from real reasons: another wording in a stage shows here."""
    example = 'claim="taxi", amount=2'
    rules = [expense(f"f{n}", when, action, example) for n, (when, action) in enumerate(RULES)]
    run = make_run(tmp_path / "run", *rules)
    states = [{**TAXI, "amount": amount} for amount in (1, 2, 3)]
    records = logged(run, *states, log_options=LogOptions(redact=["currency"]))
    assert [one["fallback"] for one in records] == [
        "stage 'decide': no 'When:' holds [redacted]",
        "stage 'decide': two functions that hold give different results [redacted]",
        "stage 'decide': a 'When:' cannot be evaluated [redacted]",
    ]


RULES = (
    ("amount == 2", "approve"),
    ("amount == 2 and amount < 3", "manager"),
    ('amount == 3 and {"a": 1}[currency] == 1', "ask"),
)


def test_a_text_of_the_action_is_taken_out_where_it_is_a_part_of_what_was_redacted() -> None:
    text, redaction = "Please ask procurement,\nfor Ms. Adler", Redaction(["text"], [])
    forms = '{"enum": ["procurement", "ask"]}'

    def acted(action: Json, text: str = text) -> Json:
        record = {"state": {"text": text}, "action": action, "fallback": None, "marks": []}
        return redaction.apply({**record, "stages": []}, b"", forms)["action"]

    for part in (text, repr(text), "PLEASE ASK", "for: for Ms. Adler", '"procurement, for ms adl"'):
        assert acted({"say": [part, 7]}) == {"say": [REDACTED, 7]}
        assert acted({part: 1}) == {REDACTED: 1}
    assert acted("procurement") == "procurement"
    assert acted("procurement", text="procurement") == REDACTED
    assert acted("a box", text="box") == "a box"
    assert acted("a boxer", text="boxer") == REDACTED


def test_a_field_that_no_state_has_is_refused_before_anything_is_logged(run: Path) -> None:
    for name in ("clam", "/clam", "/claim/"):
        with pytest.raises((UnknownNameError, BaseError)):
            logged(run, TAXI, log_options=LogOptions([name, "amont"]))
    with pytest.raises(UnknownNameError, match="unknown state field 'clam'; did you mean 'claim'"):
        Policy.load(run, log=True, log_options=LogOptions(hashed=["clam"]))
    with pytest.raises(BaseError, match="to be left out and hashed; choose one"):
        LogOptions(["claim"], ["claim"])
    with pytest.raises(BaseError, match="rotated after 1 byte or more; got 0"):
        LogOptions(rotate=0)
    assert not (run / LOG).exists()


def test_a_damaged_salt_logs_nothing_rather_than_the_values(run: Path) -> None:
    (run / f"{LOG}.salt").write_text("no salt")
    with pytest.raises(StorageError, match=r"salt holds no salt of 32 bytes; restore it"):
        logged(run, TAXI, log_options=LogOptions(hashed=["claim"]), log_errors="raise")
    assert not (run / LOG).exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(
    state=st.dictionaries(st.text(), JSON, max_size=4),
    path=st.lists(st.text(max_size=3) | st.integers(0, 3).map(str), min_size=1, max_size=3),
    hashed=st.booleans(),
)
def test_whatever_a_pointer_leads_to_is_gone_and_the_rest_stays(
    state: dict[str, Json], path: list[str], hashed: bool
) -> None:
    pointer = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)
    redaction = Redaction(*(([], [pointer]) if hashed else ([pointer], [])))
    record = {"state": state, "action": 1, "fallback": None, "marks": [], "stages": []}
    before = json.dumps(record)
    made = redaction.apply(record, b"salt")
    assert json.dumps(record) == before
    there, inside = True, state
    for part in path:
        keys: Any = range(len(inside)) if isinstance(inside, list) else inside
        key: Any = int(part) if isinstance(inside, list) and part.isdecimal() else part
        there = there and isinstance(inside, (list, dict)) and key in keys
        inside = inside[key] if there else {}
    assert ("redacted" in made) == there
    if not there:
        assert made == record
        return
    rest = made["state"]
    for key in path[:-1]:
        rest = rest[int(key)] if isinstance(rest, list) else rest[key]
    last: Any = int(path[-1]) if isinstance(rest, list) else path[-1]
    if hashed:
        assert set(rest[last]) == {"sha256"}
    else:
        assert rest[last] is None if isinstance(rest, list) else last not in rest


def test_redacted_states_are_no_states_for_other_readers(run: Path) -> None:
    fresh = {"claim": "meal", "amount": 77, "currency": "GBP"}
    logged(run, fresh, log_options=LogOptions(redact=["currency"]))
    logged(run, {**fresh, "amount": 78})
    with Policy.load(run) as policy:
        known = known_states(policy.task, run / LOG)
    assert [record.state["amount"] for record in known if not record.known] == [78]


def test_closed_files_get_numbers_and_every_reader_reads_them_oldest_first(run: Path) -> None:
    states = [{**TAXI, "amount": amount} for amount in range(500, 530)]
    logged(run, *states, log_options=LogOptions(rotate=2000, chain=True))
    closed = log_files.closed_files(run / LOG)
    assert [number for number, _ in closed] == [*range(1, len(closed) + 1)]
    assert len(closed) > 9  # numbers, not names, give the order
    assert all(file.stat().st_size <= 2000 for _, file in closed)
    assert [record["state"] for _, record in read_log(run / LOG)] == states
    with Policy.load(run) as policy:
        amounts = [one.state["amount"] for one in known_states(policy.task, run / LOG)[40:]]
    assert amounts == [*range(500, 530)]
    assert (verify(run / LOG).lines, verify(run / LOG).fault) == (30, None)
    (run / LOG).unlink()
    closed[0][1].unlink()
    assert "the lines before it are gone" in (verify(run / LOG).fault or "")


def test_a_file_that_is_closed_while_a_reader_begins_is_read_once(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged(run, TAXI, HOTEL)
    real, calls = log_files.log_files, []

    def meanwhile(file: Path) -> list[Path]:
        found = real(file)
        if not calls:
            file.rename(f"{file}.1")
            file.write_text('{"state": {}}\n')
        calls.append(found)
        return found

    monkeypatch.setattr(log_files, "log_files", meanwhile)
    assert [one.number for one in lines_of(run / LOG)] == [1, 2, 1]
    assert len(calls) == 2


def _edited(lines: list[bytes]) -> list[bytes]:
    return [*lines[:3], lines[3].replace(b'"approve"', b'"manager"'), *lines[4:]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_edited, "line 4: it was changed, or lines behind it were removed or put there"),
        (lambda lines: [*lines[:3], *lines[4:]], "line 3: it was changed, or lines behind it"),
        (lambda lines: lines[2:], "line 1: the lines before it are gone"),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "line 2: it was changed"),
        (lambda lines: [*lines[:2], b"half a li", *lines[2:]], "line 3: not JSON"),
        (lambda lines: [*lines[:2], b'{"state": {}}', *lines[2:]], "line 3: it carries no hash"),
    ],
)
def test_the_first_line_of_a_chain_that_is_not_whole_is_named(
    run: Path, change: Callable[[list[bytes]], list[bytes]], said: str
) -> None:
    logged(run, *[TAXI] * 6, log_options=CHAINED)
    assert verify(run / LOG).fault is None
    lines = (run / LOG).read_bytes().splitlines()
    (run / LOG).write_bytes(b"".join(line + b"\n" for line in change(lines)))
    assert said in (verify(run / LOG).fault or "")


def test_a_chain_may_begin_behind_lines_that_have_none_and_goes_on_whoever_writes(
    run: Path,
) -> None:
    logged(run, TAXI, TAXI)
    with pytest.raises(StorageError, match="no line carries the hash of the one before"):
        verify(run / LOG)
    logged(run, TAXI, HOTEL, log_options=CHAINED)
    found = verify(run / LOG)
    assert (found.lines, found.unchained, found.fault) == (4, 2, None)
    logged(run, TAXI)  # without --log-chain
    logged(run, HOTEL, log_options=LogOptions(rotate=1))  # it closes the file
    logged(run, TAXI)
    found = verify(run / LOG)
    assert (found.lines, found.unchained, found.fault) == (7, 2, None)
    assert len(log_files.log_files(run / LOG)) == 2


def test_a_chain_goes_on_behind_a_line_that_a_dead_writer_left_half(run: Path) -> None:
    logged(run, TAXI, log_options=CHAINED)
    with (run / LOG).open("ab") as file:
        file.write(b'{"previous": "a ha')
    logged(run, TAXI, log_options=CHAINED)
    assert verify(run / LOG).fault is None


def _write(run: Path) -> None:
    options = LogOptions(rotate=4000, chain=True)
    with Policy.load(run, log=True, log_options=options, log_errors="raise") as policy:
        work = [threading.Thread(target=_some, args=(policy,)) for _ in range(3)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()


def _some(policy: Policy) -> None:
    for _ in range(8):
        policy.decide_many([TAXI, HOTEL])


def test_threads_and_processes_write_one_chain_across_closed_files(run: Path) -> None:
    context = multiprocessing.get_context("spawn")
    work = [context.Process(target=_write, args=(run,)) for _ in range(2)]
    for process in work:
        process.start()
    for process in work:
        process.join()
        assert process.exitcode == 0
    found = verify(run / LOG)
    assert (found.lines, found.fault) == (2 * 3 * 8 * 2, None)
    assert len(log_files.closed_files(run / LOG)) > 2


def test_a_full_disk_costs_records_and_no_decision_and_is_said(
    run: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Policy.load(run, log=True, log_options=CHAINED) as policy:
        policy.decide(TAXI)
        with monkeypatch.context() as patch:
            patch.setattr(files, "_write_and_sync", full)
            assert [one.action for one in policy.decide_many([TAXI, HOTEL])] == [
                "approve",
                "manager",
            ]
        policy.decide(HOTEL)
    assert "No space left on device" in caplog.messages[0]
    assert caplog.messages[1].endswith("2 decisions are missing")
    assert (verify(run / LOG).lines, verify(run / LOG).fault) == (2, None)


def test_an_id_that_holds_half_of_a_character_is_logged(run: Path) -> None:
    with Policy.load(run, log=True, log_errors="raise") as policy:
        policy.decide(TAXI, request="a\ud800")
    assert read_log(run / LOG)[0][1]["id"] == "a\ud800"


def test_a_damaged_line_is_named_with_its_file_also_in_a_closed_one(run: Path) -> None:
    (run / f"{LOG}.1").write_text('{"state": {}}\nnonsense\n')
    with pytest.raises(CorruptError, match=r"decisions.jsonl.1: line 2 is not JSON; restore"):
        read_log(run / LOG)


@given(
    lines=st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=5),
    half=st.binary(max_size=40).filter(lambda line: b"\n" not in line),
)
def test_the_last_whole_line_is_found(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], half: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "last-line"
    file.write_bytes(b"".join(line + b"\n" for line in lines) + half)
    assert last_line(file) == (lines[-1] if lines else None)
    file.write_bytes(b"x" * 70_000 + b"\n" + b"y" * 140_000 + b"\n" + half)
    assert last_line(file) == b"y" * 140_000
