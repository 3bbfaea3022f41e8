"""``logicdistill replay``: logged decisions are taken again, and what is another now is named."""

from __future__ import annotations

import datetime
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.test_main import logicdistill, mistake
from tests.writing.expenses import SOURCES, expense, make_run

from logicdistill.deciding import replay as work
from logicdistill.deciding.log import LOG, LogOptions
from logicdistill.deciding.log_files import read_log
from logicdistill.files import write_lines
from logicdistill.functions.folder import BaseFolder
from logicdistill.policy import Policy
from logicdistill.types import Json, Stage

FIRST = Stage("decide", "action", "Who decides?", "first", order=("machines", "small", "large"))
LARGE = expense("large", 'claim != "machine"', "manager", 'claim="hotel", amount=300')


def small(most: int) -> str:
    when = f'claim != "machine" and amount <= {most}'
    rule = "    Rules: 1\n"
    return expense("small", when, "approve", 'claim="taxi", amount=20', rule)


def claims(count: int, seed: int = 0) -> list[dict[str, Json]]:
    rng, kinds = random.Random(seed), ("taxi", "hotel", "meal", "machine")
    return [
        {"claim": rng.choice(kinds), "amount": rng.randint(0, 400), "currency": "EUR"}
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose log holds sixty decisions on three snapshots, taken in calls of any size."""
    above = tmp_path_factory.mktemp("made")
    folder = make_run(above / "run", SOURCES[2], small(100), LARGE, stage=FIRST)
    with Policy.load(folder, log=True) as policy:
        for seed in range(3):
            states = claims(20, seed)
            policy.decide(states[0])
            policy.decide_many(states[1:4])
            policy.decide_many(states[4:])
            if seed < 2:
                file = above / "small.py"
                file.write_text(small(90 - 10 * seed))
                policy.replace("small", file)
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy of that run."""
    return Path(shutil.copytree(made, tmp_path / "run"))


def replayed(log: Path, *options: str | Path) -> tuple[int, dict[str, Any]]:
    result = logicdistill("replay", log, "--json", *options)
    assert result.stderr == ""
    return result.returncode, json.loads(result.stdout)


def test_every_decision_is_taken_again_on_its_own_snapshot_and_none_differs(run: Path) -> None:
    code, found = replayed(run / LOG)
    assert (code, found["replayed"], found["differ"], len(found["snapshots"])) == (0, 60, 0, 3)
    result = logicdistill("replay", run)
    assert result.stdout == (
        "replayed 60 of 60 decisions, each on its own snapshot (3 snapshots): 0 differ\n"
    )


def test_a_students_decisions_are_the_same_to_the_last_bit_in_other_batches(
    run_folder: Path,
) -> None:
    states = [
        {"n": n, "guesses": [n // 2], "answers": ["higher"], "guesses_left": left}
        for n in range(20, 100, 3)
        for left in (5, 6)
    ]
    with Policy.load(run_folder, log=True) as policy:
        for state in states:
            policy.decide(state)
        policy.decide_many(states)
    code, found = replayed(run_folder / LOG)
    assert (code, found["replayed"], found["differ"]) == (0, 2 * len(states), 0)
    [one, other] = [read_log(run_folder / LOG)[at][1]["stages"] for at in (7, 7 + len(states))]
    assert one == other
    assert any(stage.get("none", 0) not in (0.0, 1.0) for stage in one)


def test_a_record_that_was_changed_is_named_with_what_was_and_what_is(run: Path) -> None:
    lines = [record for _, record in read_log(run / LOG)]
    lines[41] |= {"action": "ask", "id": "c-7", "functions": {"decide": "euro"}}
    write_lines(run / LOG, lines)
    result = logicdistill("replay", run / LOG)
    assert result.returncode == 1
    _, cause, place, *changed = result.stdout.splitlines()
    assert cause.startswith("1 cause: unknown: snapshot, model and policy are the same")
    assert place == f"  {run / LOG}, line 42, id c-7"
    now = lines[41]["stages"][0]
    assert changed == [
        f"    action: ask -> {now['result']}",
        f'    functions: {{"decide": "euro"}} -> {{"decide": "{now["function"]}"}}',
    ]


def test_a_snapshot_a_model_or_a_rule_that_is_another_now_is_the_cause(
    run: Path, run_folder: Path
) -> None:
    (run / "base" / ".snapshots" / f"{read_log(run / LOG)[0][1]['snapshot']}.json").unlink()
    code, found = replayed(run / LOG, "--limit", "2")
    assert (code, found["replayed"], found["differ"]) == (1, 40, 20)
    [group] = found["groups"]
    assert group["cause"].endswith("is gone")
    assert len(group["examples"]) == 2
    toml = run / "task" / "task.toml"
    toml.write_text(toml.read_text().replace('fallback = "ask"', 'fallback = "manager"'))
    lines = [record | {"action": "ask"} for _, record in read_log(run / LOG)][20:]
    write_lines(run / LOG, lines)
    [group] = replayed(run / LOG)[1]["groups"]
    assert group["cause"].startswith("the task's rules, schema, actions or fallback are others")
    with Policy.load(run_folder, log=True) as policy:
        policy.decide({"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6})
    [(_, record)] = read_log(run_folder / LOG)
    write_lines(run_folder / LOG, [record | {"model": "0" * 16, "confidence": 0.5}])
    [group] = replayed(run_folder / LOG)[1]["groups"]
    assert group["cause"].startswith(f"the model is another: {'0' * 16} then, ")
    assert list(group["examples"][0]["changed"]) == ["confidence"]


def test_a_student_that_is_gone_is_the_cause(run_folder: Path) -> None:
    with Policy.load(run_folder, log=True) as policy:
        policy.decide({"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6})
    shutil.copytree(run_folder, run_folder.parent / "other")
    [(_, record)] = read_log(run_folder / LOG)
    write_lines(run_folder / LOG, [record | {"settings": {**record["settings"], "student": "me"}}])
    [group] = replayed(run_folder / LOG)[1]["groups"]
    assert group["cause"].startswith("unknown student 'me'")


def test_an_emergency_that_has_expired_since_is_in_force_at_the_records_time(
    run: Path, tmp_path: Path
) -> None:
    file = tmp_path / "strike.py"
    replaces = "    Replaces: small, large\n"
    file.write_text(
        expense("strike", 'claim == "taxi"', "ask", 'claim="taxi", amount=20', replaces)
    )
    (run / LOG).unlink()
    taxi = {"claim": "taxi", "amount": 20, "currency": "EUR"}
    times = [datetime.datetime(2026, 5, day, tzinfo=datetime.UTC) for day in (1, 3, 5)]
    now = times[:1]
    with Policy.load(run, log=True, clock=lambda: now[-1]) as policy:
        policy.add(file, emergency=True, expires="2026-05-04T00:00+00:00")
        for time in times:
            now.append(time)
            policy.decide_many([taxi, taxi])
    assert [record["action"] for _, record in read_log(run / LOG)] == [
        *["ask"] * 4,
        *["approve"] * 2,
    ]
    code, found = replayed(run / LOG)
    assert (code, found["replayed"], found["differ"]) == (0, 6, 0)
    code, found = replayed(run / LOG, "--against", "current")
    assert (code, found["differ"]) == (1, 4)


def test_against_current_groups_what_differs_by_the_functions_and_rules_that_decide_now(
    run: Path, tmp_path: Path
) -> None:
    states = [record["state"] for _, record in read_log(run / LOG)]
    with Policy.load(run) as policy:
        (tmp_path / "small.py").write_text(small(300))
        policy.replace("small", tmp_path / "small.py")
        before = [record["action"] for _, record in read_log(run / LOG)]
        now = [one.action for one in policy.decide_many(states)]
    expected = sum(one != other for one, other in zip(before, now, strict=True))
    assert expected
    code, found = replayed(run, "--against", "current", "--limit", "1")
    assert (code, found["differ"]) == (1, expected)
    assert [(group["rules"], group["count"]) for group in found["groups"]] == [
        ("small [rule 1]", expected)
    ]
    [example] = found["groups"][0]["examples"]
    assert example["changed"] == {"action": ["manager", "approve"]}
    assert found["groups"][0]["cited"] == {"1": "A claim up to 100 is approved."}
    same = logicdistill("replay", run)
    assert (same.returncode, same.stdout.endswith(": 0 differ\n")) == (0, True)


def test_a_packed_policy_replays_a_log_of_its_snapshot(run: Path, tmp_path: Path) -> None:
    with Policy.load(run) as policy:
        policy.pack(tmp_path / "claims.policy")
    assert "there is no run" not in logicdistill("replay", run / LOG).stderr
    code, found = replayed(run / LOG, "--run", tmp_path / "claims.policy")
    assert (code, found["replayed"], found["differ"]) == (1, 20, 40)
    assert all(group["cause"].endswith("is gone") for group in found["groups"])


def test_a_redacted_state_is_counted_and_not_replayed(run: Path) -> None:
    with Policy.load(run, log=True, log_options=LogOptions(hashed=["claim"])) as policy:
        policy.decide_many(claims(3, 9))
    code, found = replayed(run / LOG)
    assert (code, found["replayed"], found["redacted"], found["differ"]) == (0, 60, 3, 0)
    assert "not replayed: 3, whose states are redacted" in logicdistill("replay", run).stdout
    (run / LOG).write_text("".join((run / LOG).read_text().splitlines(keepends=True)[-3:]))
    code, found = replayed(run / LOG)
    assert (code, found["replayed"], found["redacted"]) == (1, 0, 3)
    assert "redacted; nothing was checked" in logicdistill("replay", run).stdout


def test_a_promised_error_rate_is_replayed_with_its_own_threshold(run_folder: Path) -> None:
    with Policy.load(run_folder, log=True) as policy:
        stage = policy.base.stages[-1].name
        policy.parts = work.replace(policy.parts, thresholds={stage: 0.999999})
        policy.decide({"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6})
    [(_, record)] = read_log(run_folder / LOG)
    assert record["settings"]["thresholds"] == {stage: 0.999999}
    code, found = replayed(run_folder / LOG)
    assert (code, found["replayed"], found["differ"]) == (0, 1, 0)


def test_todays_rules_decide_with_the_settings_of_each_record(run_folder: Path) -> None:
    states = [
        {"n": 100, "guesses": [], "answers": [], "guesses_left": 7},
        {"n": 100, "guesses": [40], "answers": ["higher"], "guesses_left": 6},
        {"n": 100, "guesses": [40], "answers": ["lower"], "guesses_left": 6},
    ]
    for least, top_k in ((0.0, 16), (0.999999, 16), (0.0, 1)):
        with Policy.load(run_folder, log=True) as policy:
            thresholds = {policy.base.stages[-1].name: least} if least else {}
            policy.parts = work.replace(policy.parts, thresholds=thresholds, top_k=top_k)
            policy.decide_many(states)
    with Policy.load(run_folder, "first", log=True) as policy:
        policy.decide_many(states)
    records = [record for _, record in read_log(run_folder / LOG)]
    settings = {json.dumps(record["settings"], sort_keys=True) for record in records}
    assert len(settings) == 4
    fallen = [record["fallback"] or "" for record in records]
    unsure = [why.startswith("not sure enough in stage") for why in fallen]
    assert unsure == [False] * 3 + [True] * 3 + [False] * 6
    assert records[3]["action"] != records[0]["action"] != records[9]["action"]
    code, found = replayed(run_folder, "--against", "current")
    assert (code, found["replayed"], found["differ"], found["lines"]) == (0, 12, 0, 12)


def test_a_student_that_is_gone_is_no_change_of_rules(run: Path) -> None:
    lines = [record for _, record in read_log(run / LOG)]
    lines[4]["settings"]["student"] = "me"
    write_lines(run / LOG, lines[40:] + lines[4:5])
    code, found = replayed(run, "--against", "current")
    assert (code, found["replayed"], found["differ"], found["lines"]) == (1, 20, 1, 21)
    [group] = found["groups"]
    assert group["rules"].startswith("unknown student 'me'")


def test_closed_files_are_replayed_first(run: Path) -> None:
    (run / LOG).rename(run / f"{LOG}.1")
    with Policy.load(run, log=True) as policy:
        policy.decide_many(claims(2))
    assert replayed(run)[1]["replayed"] == 62


def test_a_damaged_line_is_named_and_the_rest_is_replayed(run: Path) -> None:
    lines = (run / LOG).read_bytes().splitlines()
    old = {"time": "2026-11-29T21:00:00+00:00", "state": {}, "action": 1}
    lines[2:2] = [b'{"id": ', b"[" * 100_000, b"7", json.dumps(old).encode(), b"\xff"]
    (run / LOG).write_bytes(b"\n".join([*lines, b'{"half']))
    code, found = replayed(run)
    assert (code, found["replayed"], found["lines"], found["differ"]) == (1, 60, 65, 0)
    assert [line.removeprefix(f"{run / LOG}, ") for line in found["damaged"]] == [
        "line 3: it is not JSON; restore or remove it",
        "line 4: nested too deeply; restore or remove it",
        "line 5: it is no JSON object; restore or remove it",
        "line 6: it was written by an older version, which does not say what decided; "
        "restore or remove it",
        "line 7: it is not JSON; restore or remove it",
    ]
    told = logicdistill("replay", run)
    assert told.returncode == 1
    assert told.stdout.count("not replayed: ") == 5


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=25)
@given(data=st.data())
def test_whatever_stands_in_a_record_is_replayed_or_named(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-record"
    if not folder.exists():
        make_run(folder)
        with Policy.load(folder, log=True) as policy:
            policy.decide_many(claims(3))
        (folder / LOG).rename(folder / "whole.jsonl")
    records = [json.loads(line) for line in (folder / "whole.jsonl").read_text().splitlines()]
    for record in records[:2]:
        key = data.draw(st.sampled_from(sorted(record)))
        inside = record[key]
        if isinstance(inside, dict) and inside and data.draw(st.booleans()):
            inside[data.draw(st.sampled_from(sorted(inside)))] = data.draw(ANY)
        elif data.draw(st.booleans()):
            record[key] = data.draw(ANY)
        else:
            del record[key]
    write_lines(folder / LOG, records)
    code, found = replayed(folder)
    assert found["lines"] == 3
    counted = found["replayed"] + found["redacted"] + len(found["damaged"])
    assert (
        counted
        + sum(group["count"] for group in found["groups"] if "changed" not in group["examples"][0])
        == 3
    )
    assert (code == 0) == (found["differ"] == 0 and not found["damaged"])
    for options in ((), ("--against", "current")):
        result = logicdistill("replay", folder, *options)
        assert result.returncode in (0, 1)


def test_ctrl_c_loses_nothing_of_what_was_found(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [record for _, record in read_log(run / LOG)]
    lines[1]["action"] = "ask"
    write_lines(run / LOG, lines)
    real, calls = work.decide, []

    def interrupted(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(work, "decide", interrupted)
    monkeypatch.setattr(work, "CHUNK", 8)
    result = logicdistill("replay", run)
    assert result.returncode == 130
    assert result.stdout.startswith("replayed 16 of 60 decisions, each on its own snapshot: 1 d")
    assert result.stderr == "stopped after 16 of 60 lines\n"


def test_verify_says_whether_a_chain_is_whole(run: Path) -> None:
    log = run / "chained.jsonl"
    with Policy.load(run, log=log, log_options=LogOptions(chain=True)) as policy:
        policy.decide_many(claims(4))
    whole = logicdistill("replay", "--verify", log)
    assert (whole.returncode, whole.stdout.splitlines()[0]) == (0, "whole: 4 lines")
    log.write_text(log.read_text().replace('"EUR"', '"USD"', 1))
    broken = logicdistill("replay", "--verify", log)
    assert broken.returncode == 1
    assert broken.stdout.startswith(f"not whole: {log}, line 1: it was changed, or lines behind")
    told = json.loads(logicdistill("replay", "--verify", log, "--json").stdout)
    assert (told["whole"], told["lines"], told["unchained"]) == (False, 4, 0)


def test_decide_logs_as_its_options_say(run: Path) -> None:
    states = "".join(f"{json.dumps(state)}\n" for state in claims(9))
    options = ("--log-redact", "currency", "--log-hash", "amount", "--log-rotate", "900")
    made = logicdistill("decide", "--run", run, *options, "--log-chain", stdin=states)
    assert made.returncode == 0
    assert (run / f"{LOG}.1").is_file()
    records = [record for _, record in read_log(run / LOG)][60:]
    assert [set(record["state"]) for record in records] == [{"claim", "amount"}] * 9
    assert all("previous" in record for record in records)
    wrong = logicdistill("decide", "--run", run, "--log-redact", "amont", stdin=states)
    assert "unknown state field 'amont'; did you mean 'amount'?" in mistake(wrong)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.jsonl",), "cannot read none.jsonl: there is no log of decisions; name its file"),
        (("--verify", "none.jsonl"), "cannot read none.jsonl: there is no log of decisions"),
        (("LOG", "--against", "curent"), "unknown --against 'curent'; did you mean 'current'?"),
        (("LOG", "--verify", "--against", "current"), "--verify reads the log alone; leave"),
        (("LOG", "--verify"), "no line carries the hash of the one before; log with --log-chain"),
        (("LOG", "--run", "nowhere"), "unknown file or run 'nowhere'"),
    ],
)
def test_a_mistake_is_one_line(run: Path, words: tuple[str, ...], said: str) -> None:
    given_words = [str(run / LOG) if word == "LOG" else word for word in words]
    assert said in mistake(logicdistill("replay", *given_words))


def test_a_replay_changes_nothing_in_the_run(run: Path) -> None:
    def content() -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in run.rglob("*") if file.is_file()}

    before = content()
    for options in ((), ("--against", "current")):
        logicdistill("replay", run, *options)
    assert content() == before
    assert BaseFolder(run / "base").load()
