"""``logicdistill decide``: what cannot be decided costs its own line, and nothing else."""

from __future__ import annotations

import io
import itertools
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.test_main import STATE, logicdistill, mistake
from typer.testing import CliRunner

from logicdistill.cli import states
from logicdistill.cli.main import app
from logicdistill.cli.states import Given, _depth, batches, states_of
from logicdistill.deciding.log import LOG
from logicdistill.errors import InvalidStateError

GOOD = json.dumps(STATE)
CUT = '{"n": 100, "guesses": [50], "answ'


def read(monkeypatch: pytest.MonkeyPatch, text: str | bytes) -> list[Given]:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    return list(states_of(None, STATE))


def outline(found: list[Given]) -> list[Any]:
    """For each state its place, or the place negated where it is an error."""
    return [-one.line if isinstance(one.state, InvalidStateError) else one.line for one in found]


def decided(run: Path, stdin: str, *options: str) -> tuple[int, list[dict[str, Any]], str]:
    how = "decide", "--run", run, "--student", "conditions", "--no-trace", *options
    result = logicdistill(*how, stdin=stdin)
    return (
        result.returncode,
        [json.loads(line) for line in result.stdout.splitlines()],
        result.stderr,
    )


def test_a_bad_line_is_answered_in_its_place_and_the_exit_code_is_1(run_folder: Path) -> None:
    wrong = json.dumps({**STATE, "n": "many"})
    lines = [GOOD, CUT, "", GOOD, wrong, "[1]", "nonsense", GOOD]
    code, found, said = decided(run_folder, "\n".join(lines))
    assert [one.get("line") or one.get("index", one.get("action")) for one in found] == [
        *(75, 2, 75, 5, 0, 7, 75)
    ]
    assert (code, said) == (1, "4 of 7 states were not decided\n")
    assert found[1]["error"].startswith("not JSON: unterminated string")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--teacher m", "--teacher is for --on-emergency ask; add that"),
        ("--base-url http://x", "--base-url is for --on-emergency ask"),
        ("--budget 1 --on-emergency raise", "--budget is for --on-emergency ask"),
        ("--jobs 2", "--jobs is for a whole file"),
        ("--out o.csv --teacher m --budget 1", "--out does not go with --teacher, --budget; leave"),
        ("--out o.csv --base-url http://x", "--out does not go with --base-url"),
        ("--out o.csv --no-trace", "--out does not go with --no-trace"),
        ("--out o.csv --no-watch", "--out does not go with --no-watch"),
        ("--out o.csv --strict --log", "--out does not go with --log, --strict"),
        ("--out o.csv --log-chain", "--out does not go with --log-..."),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    run_folder: Path, options: str, said: str
) -> None:
    how = ["decide", "states.jsonl", "--run", str(run_folder), *options.split()]
    assert said in str(CliRunner().invoke(app, how).exception)


def test_strict_stops_at_the_first_with_exit_code_2(run_folder: Path) -> None:
    code, found, said = decided(run_folder, f"{GOOD}\n{CUT}\n{GOOD}\n", "--strict")
    assert (code, [one["action"] for one in found]) == (2, [75])
    assert said.startswith("error: line 2: not JSON")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{CUT}\n{GOOD}\n{GOOD}", [-1, 2, 3]),
        (f"{{\n{GOOD}\n{GOOD}", [-1, 2, 3]),
        (f'{{"n":\n{GOOD}\n{GOOD}', [-1, 2, 3]),
        (f"[\n{GOOD}\n{GOOD}\n{CUT}\n{GOOD}", [-1, 2, 3, -4, 5]),
        (f"[\n{GOOD},\n{GOOD}\n]", [1, 1]),
        (f"[\n{GOOD},\nnonsense,\n{GOOD},\n]", [-1]),
        (json.dumps(STATE, indent=1) + "\n" + json.dumps(STATE, indent=1), [1, 11]),
        (f"\ufeff{GOOD}\r\n{GOOD}\r\n", [1, 2]),
        (f'{GOOD}\n{{"n": {"9" * 5000}}}\n{GOOD}', [1, -2, 3]),
        (f"{GOOD}\n{'[' * 100_000}\n{GOOD}", [1, -2, 3]),
        (f"{GOOD}\n{{\n{GOOD}", [1, -2, 3]),
        ("{", [-1]),
    ],
)
def test_a_value_over_several_lines_is_told_from_a_line_that_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: list[int]
) -> None:
    assert outline(read(monkeypatch, text)) == expected


def test_bytes_that_are_no_text_and_a_line_without_end_cost_their_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(states, "LONGEST", 1000)
    text = GOOD.encode() + b'\n{"n": "\xff"}\n' + b"[" * 5000 + b"\n" + GOOD.encode()
    assert outline(read(monkeypatch, text)) == [1, -2, -3, 4]
    with pytest.raises(InvalidStateError, match="UTF-16"):
        read(monkeypatch, GOOD.encode("utf-16"))


@given(
    lines=st.lists(
        st.one_of(
            st.just(GOOD),
            st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            ).map(json.dumps),
        ),
        max_size=8,
    )
)
def test_whatever_comes_behind_a_good_line_costs_no_other_line(lines: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        found = read(patch, "\n".join([GOOD, *lines, GOOD]))
    sound = [number for number, line in enumerate([GOOD, *lines, GOOD], start=1) if line == GOOD]
    whole = [one.line for one in found if one.state == STATE and one.index is None]
    assert whole == sound
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_a_bad_line_does_not_hold_up_a_stream(run_folder: Path) -> None:
    command = [sys.executable, "-m", "logicdistill", "decide", "--run", str(run_folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([*command, "--student", "conditions"], text=True, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line, key in ((GOOD, "action"), ("{", "error"), ('{"bad', "error"), (GOOD, "action")):
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            assert key in json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(timeout=120) == 1


def test_a_state_that_no_function_fits_is_answered_in_its_place_where_that_is_an_error(
    run_folder: Path,
) -> None:
    file = run_folder / "base" / "guess"
    assert file.is_dir()
    odd = json.dumps({**STATE, "guesses": [], "answers": []})
    code, found, _ = decided(run_folder, f"{odd}\n{GOOD}\n", "--on-emergency", "raise")
    assert code in (0, 1)
    assert len(found) == 2


def test_a_log_that_cannot_be_written_costs_no_decision_unless_strict(run_folder: Path) -> None:
    (run_folder / LOG).mkdir()
    how = [sys.executable, "-m", "logicdistill", "decide", "--run", str(run_folder), "--log"]
    how += ["--student", "conditions", "--no-trace"]
    options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60}
    done = subprocess.run(how, input=f"{GOOD}\n{GOOD}\n", **options)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    said = done.stderr.splitlines()
    assert len(said) == 2
    assert f"cannot write {run_folder / LOG}" in said[0]
    assert said[1] == f"{run_folder / LOG}: 2 decisions are missing"
    strict = subprocess.run([*how, "--strict"], input=GOOD, **options)
    assert "cannot write" in mistake(strict)


def test_a_line_of_the_log_names_request_candidates_and_rules(run_folder: Path) -> None:
    line = json.dumps({"id": "c-17", "state": STATE})
    decided(run_folder, f"{line}\n{GOOD}\n{CUT}\n", "--log")
    first, second = map(json.loads, (run_folder / LOG).read_text().splitlines())
    assert first["id"] == "c-17"
    assert len(second["id"]) == 32
    assert first["stages"][-1]["function"] == "halve_above"
    assert first["stages"][-1]["candidates"]["halve_above"] == first["confidence"]
    assert first["rules"] == [2, 4, 5]
    assert first["snapshot"] == second["snapshot"]
    assert os.path.getsize(run_folder / LOG) > 0


def test_output_escapes_what_would_steer_a_terminal_and_is_the_same_json(
    run_folder: Path,
) -> None:
    evil = {**STATE, "n\u202e\x9b": 1}
    result = logicdistill(
        "decide", "--run", run_folder, "--student", "first", stdin=json.dumps(evil)
    )
    assert not {"\u202e", "\x9b"} & set(result.stdout)
    assert "\\" in json.loads(result.stdout)["error"]


def test_what_ends_the_reading_of_states_ends_the_command_behind_the_states_before_it() -> None:
    def out_of_memory() -> Iterator[Given]:
        yield Given(1, None, dict(STATE))
        raise MemoryError("no room for line 2")

    ended = list(batches(out_of_memory()))
    assert [given.line for given in itertools.chain(*(batch for batch, _ in ended))] == [1]
    assert str(ended[-1][1]) == "no room for line 2"


def test_a_long_text_without_an_end_takes_no_more_memory_than_itself() -> None:
    line = '{"text": "' + "x" * 2_000_000
    tracemalloc.start()
    try:
        assert _depth(line) == 1
        assert tracemalloc.get_traced_memory()[1] < 3 * len(line)
    finally:
        tracemalloc.stop()


def test_a_key_that_stands_twice_costs_its_line_and_names_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = read(monkeypatch, f'{{"n": 100, "n": 10}}\n{GOOD}\n[{{"a": {{"b": 1, "b": 1}}}}]\n')
    assert outline(found) == [-1, 2, -3]
    assert str(found[0].state) == "line 1: not JSON: two keys 'n'; keep one of them"
    assert "two keys 'b'" in str(found[2].state)
