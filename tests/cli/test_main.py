from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.cli.states import states_of
from logicdistill.errors import LogicDistillError

STATE = {"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6}
FUNCTION = '''def name_thirteen(n: int) -> int:
    """Name thirteen.

    Use when: n is one hundred.
    When: n == 100
    Rules: 2
    Replaces: halve_above, open_in_the_middle
    >>> name_thirteen(n=100)
    13
    """
    return 13
'''


def logicdistill(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A command in this process, ended as `logicdistill.cli.main.main` ends it."""
    words = list(map(str, arguments))
    result = CliRunner().invoke(app, words, input=stdin)
    if isinstance(result.exception, LogicDistillError):
        error = f"{result.stderr}error: {result.exception}\n"
        return subprocess.CompletedProcess(words, 2, result.stdout, error)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return subprocess.CompletedProcess(words, result.exit_code, result.stdout, result.stderr)


def in_a_process(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "logicdistill", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def mistake(result: subprocess.CompletedProcess[str]) -> str:
    """The one line that a user's mistake gives."""
    assert result.returncode == 2, result
    assert "Traceback" not in result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    return lines[0]


def test_decide_takes_an_object_an_array_or_lines_and_answers_a_line_each(run_folder: Path) -> None:
    for stdin, count in (
        (json.dumps(STATE, indent=2), 1),
        (json.dumps([STATE, STATE]), 2),
        (f"{json.dumps(STATE)}\n" * 3, 3),
    ):
        result = logicdistill("decide", "--run", run_folder, "--student", "conditions", stdin=stdin)
        assert result.returncode == 0, result.stderr
        decisions = [json.loads(line) for line in result.stdout.splitlines()]
        assert [decision["action"] for decision in decisions] == [75] * count
        assert decisions[0]["trace"][-1]["function"] == "halve_above"


def test_decide_takes_lines_of_states_jsonl_unless_a_state_has_that_field(
    run_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "states.jsonl"
    file.write_text(
        f"{json.dumps({'state': STATE, 'action': 75, 'split': 'test'})}\n{json.dumps(STATE)}\n"
    )
    result = logicdistill("decide", file, "--run", run_folder, "--student", "conditions")
    assert [json.loads(line)["action"] for line in result.stdout.splitlines()] == [75, 75]
    whole = next(states_of(file, fields=["state", "action", "split"]))
    assert whole.name == f"{file}, line 1"
    assert whole.state == {"state": STATE, "action": 75, "split": "test"}


def test_decide_with_the_trained_student_gives_calibrated_candidates(run_folder: Path) -> None:
    decision = json.loads(
        logicdistill("decide", "--run", run_folder, stdin=json.dumps(STATE)).stdout
    )
    choice = decision["trace"][-1]["choice"]
    assert sum(candidate["probability"] for candidate in choice["ranked"]) + choice[
        "none"
    ] == pytest.approx(1.0)
    assert 0 <= decision["confidence"] <= 1


def test_play_shows_board_candidates_choice_and_cited_rules(run_folder: Path) -> None:
    result = logicdistill("play", "guess", "--run", run_folder, "--student", "conditions")
    assert result.returncode == 0, result.stderr
    for expected in ("guesses left", "open_in_the_middle", "→", "rule 2:", "action"):
        assert expected in result.stdout


def test_the_base_can_be_listed_shown_changed_and_rolled_back(
    run_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "name_thirteen.py"
    file.write_text(FUNCTION)
    before = json.loads(logicdistill("base", "list", "--run", run_folder, "--json").stdout)[
        "snapshot"
    ]
    assert "halve_above" in logicdistill("base", "list", "--run", run_folder).stdout
    assert logicdistill("base", "show", "halve_above", "--run", run_folder).stdout.startswith(
        "def halve_above"
    )
    assert (
        "added guess/name_thirteen" in logicdistill("base", "add", file, "--run", run_folder).stdout
    )
    assert "0 finding(s)" in logicdistill("base", "check", "--run", run_folder).stdout
    assert (
        "removed name_thirteen"
        in logicdistill("base", "remove", "name_thirteen", "--run", run_folder).stdout
    )
    assert (
        f"snapshot {before}" in logicdistill("base", "rollback", before, "--run", run_folder).stdout
    )
    log = logicdistill("base", "log", "--run", run_folder).stdout.splitlines()
    assert [line.split()[2] for line in log[-3:]] == ["admit", "remove", "rollback"]
    found = json.loads(logicdistill("base", "log", "--run", run_folder, "--json").stdout)
    assert [entry["op"] for entry in found[-3:]] == ["admit", "remove", "rollback"]


def test_base_check_reports_an_edited_file_with_exit_code_1(run_folder: Path) -> None:
    file = run_folder / "base" / "guess" / "halve_above.py"
    file.write_text(file.read_text() + "# edited\n")
    result = logicdistill("base", "check", "--run", run_folder)
    assert (
        result.returncode,
        "edited since the last snapshot: guess/halve_above.py" in result.stdout,
    ) == (1, True)


def test_a_rollback_says_which_edits_stay_and_discards_them_when_it_is_told_to(
    run_folder: Path,
) -> None:
    folder, name = run_folder / "base" / "guess", "guess/halve_above.py"
    texts = {file: file.read_text() for file in folder.glob("*.py")}
    before = json.loads(logicdistill("base", "list", "--run", run_folder, "--json").stdout)[
        "snapshot"
    ]
    (folder / "halve_above.py").write_text("nonsense")
    (folder / "halve_below.py").unlink()
    refused = logicdistill(
        "run",
        "guess",
        "--out",
        run_folder,
    )
    refusal = refused.stderr.splitlines()[-1]
    assert refused.returncode == 2, refused
    assert (
        f"undo the edit: logicdistill base rollback {before} --discard-edits --run {run_folder}"
        in refusal
    )
    kept = logicdistill("base", "rollback", before[:6], "--run", run_folder).stdout.splitlines()
    assert [line.split("; ")[0] for line in kept] == [
        "rolled back",
        f"snapshot {before}",
        f"stays as edited: {name}",
        "stays as edited: guess/halve_below.py",
    ]
    assert all(
        f"'base rollback {before} --discard-edits' puts it back" in line for line in kept[2:]
    )
    discarded = logicdistill(*refusal.split("undo the edit: logicdistill ")[1].split())
    assert discarded.stdout == f"rolled back\nsnapshot {before}\n", discarded.stderr
    assert {file: file.read_text() for file in folder.glob("*.py")} == texts
    assert "0 finding(s)" in logicdistill("base", "check", "--run", run_folder).stdout


def test_a_function_is_named_with_its_stage_or_without(run_folder: Path) -> None:
    shown = [
        logicdistill("base", "show", name, "--run", run_folder).stdout
        for name in ("halve_above", "guess/halve_above")
    ]
    assert shown[0] == shown[1] != ""
    assert "unknown function 'facts/halve_above'" in mistake(
        logicdistill("base", "show", "facts/halve_above", "--run", run_folder)
    )
    assert (
        "removed halve_above\n"
        in logicdistill("base", "remove", "guess/halve_above", "--run", run_folder).stdout
    )


def test_unknown_names_offer_the_nearest(run_folder: Path) -> None:
    assert "did you mean 'guess-v1'" in mistake(in_a_process("run", "gues"))
    assert "did you mean" in mistake(
        logicdistill("decide", "--run", run_folder.parent / "gues", stdin="{}")
    )
    assert "did you mean 'conditions'" in mistake(
        logicdistill("decide", "--run", run_folder, "--student", "condition", stdin="{}")
    )
    assert "did you mean 'halve_above'" in mistake(
        logicdistill("base", "show", "halve_abov", "--run", run_folder)
    )
    assert "did you mean 'guess-v1'" in mistake(logicdistill("check", "guess-v2"))


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        ("{", "line 1: not JSON"),
        ("[1]", "a state is a JSON object; got int"),
        (json.dumps({**STATE, "n": "many"}), "field 'n'"),
        (json.dumps({"n": 4}), "field 'guesses' is missing"),
    ],
)
def test_a_state_that_is_wrong_is_one_line(run_folder: Path, stdin: str, message: str) -> None:
    how = "decide", "--run", run_folder, "--student", "first"
    assert message in mistake(logicdistill(*how, "--strict", stdin=stdin))
    said = logicdistill(*how, stdin=stdin)
    assert said.returncode == 1
    assert message in f"line 1: {json.loads(said.stdout)['error']}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(:", "not valid Python"),
        (FUNCTION + FUNCTION.replace("name_thirteen", "other"), "exactly one top-level function"),
        (FUNCTION.replace("return 13", "return 14"), "expects 13 but the function returns 14"),
        (FUNCTION.replace("Rules: 2", "Rules: 99"), "cites rule 99; the task has rules 1 to 5"),
        (FUNCTION.replace("name_thirteen", "halve_below"), "already has a function of this name"),
        ("", "exactly one top-level function"),
    ],
)
def test_a_function_file_that_is_wrong_is_one_line_and_changes_nothing(
    run_folder: Path, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "new.py"
    file.write_text(text)
    before = logicdistill("base", "log", "--run", run_folder).stdout
    said = mistake(logicdistill("base", "add", file, "--run", run_folder))
    assert said.startswith(f"error: {file}: ")
    assert message in said
    assert logicdistill("base", "log", "--run", run_folder).stdout == before


@pytest.mark.parametrize(
    ("path", "content", "command"),
    [
        ("base/journal.jsonl", b"{\n", ("base", "log")),
        ("base/.snapshots/HEAD", b"what", ("base", "list")),
        ("run.toml", b"= nothing", ("base", "list")),
        ("student/student.toml", b"= nothing", ("decide",)),
        ("student/model.onnx", b"not a model", ("decide",)),
        ("student/tokenizer.json", b"{", ("decide",)),
    ],
)
def test_a_damaged_file_of_a_run_is_named_in_one_line(
    run_folder: Path, path: str, content: bytes, command: tuple[str, ...]
) -> None:
    (run_folder / path).write_bytes(content)
    assert Path(path).name in mistake(
        logicdistill(*command, "--run", run_folder, stdin=json.dumps(STATE))
    )


def test_a_run_that_another_process_writes_is_refused(run_folder: Path) -> None:
    code = (
        "import sys, pathlib\nfrom logicdistill.files import locked\n"
        f"with locked(pathlib.Path({str(run_folder)!r})):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        assert "another process is writing the run" in mistake(
            logicdistill("run", "guess", "--out", run_folder)
        )
    finally:
        holder.communicate("", timeout=120)


def test_a_full_disk_and_a_folder_that_cannot_be_written_are_one_line(tmp_path: Path) -> None:
    assert "cannot write" in mistake(logicdistill("run", "guess", "--out", "/proc/run"))
    limited = (
        "import resource, runpy, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))\n"
        f"sys.argv = ['logicdistill', 'run', 'guess', '--out', {str(tmp_path / 'full')!r}]\n"
        "runpy.run_module('logicdistill', run_name='__main__')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", limited], capture_output=True, text=True, timeout=120
    )
    assert "cannot write" in mistake(result)
    assert not list(tmp_path.rglob("*.tmp"))


def test_tasks_are_listed_and_checked() -> None:
    listed = logicdistill("tasks").stdout
    assert all(name in listed for name in ("guess-v1", "pursuit-v2", "twentyone-v1"))
    assert {task["id"] for task in json.loads(logicdistill("tasks", "--json").stdout)} >= {
        "guess-v1"
    }
    assert "keeps the contract" in logicdistill("check", "twentyone").stdout


def test_version_and_help_answer() -> None:
    assert in_a_process("--version").stdout.startswith("logicdistill 0.")
    assert "stage by" in in_a_process("--help").stdout


def test_a_mistake_names_its_line_and_file_or_its_number_in_an_array(
    run_folder: Path, tmp_path: Path
) -> None:
    wrong, file, how = (
        {**STATE, "n": "many"},
        tmp_path / "states.jsonl",
        ("--run", run_folder, "--student", "first", "--strict"),
    )
    for bad in ("{", json.dumps(wrong)):
        lines = f"{json.dumps(STATE)}\n\n{bad}\n"
        file.write_text(lines)
        assert mistake(logicdistill("decide", *how, stdin=lines)).startswith("error: line 3: ")
        assert mistake(logicdistill("decide", file, *how)).startswith(f"error: {file}, line 3: ")
    file.write_text(json.dumps([STATE, wrong], indent=1))
    assert mistake(logicdistill("decide", file, *how)).startswith(
        f"error: {file}, state 1: field 'n'"
    )


def test_where_no_state_came_decide_says_so_and_an_empty_array_is_answered_with_nothing(
    run_folder: Path,
) -> None:
    how = ("decide", "--run", run_folder, "--student", "first")
    for nothing in ("", "\n \n"):
        assert mistake(logicdistill(*how, stdin=nothing)).startswith(
            "error: no state came: give a JSON object"
        )
    empty = logicdistill(*how, stdin="[]")
    assert (empty.returncode, empty.stdout, empty.stderr) == (0, "", "")


def test_decisions_before_a_bad_line_are_printed(run_folder: Path) -> None:
    for bad in ("{", json.dumps({**STATE, "n": "many"})):
        result = logicdistill(
            "decide",
            "--run",
            run_folder,
            "--student",
            "first",
            "--strict",
            stdin=f"{json.dumps(STATE)}\n{bad}\n",
        )
        assert "error: " in mistake(result)
        assert len(result.stdout.splitlines()) == 1


def test_a_folder_of_another_task_is_not_overwritten(run_folder: Path) -> None:
    assert "with task 'guess-v1', not 'twentyone-v1'" in mistake(
        logicdistill("run", "twentyone", "--out", run_folder)
    )
    assert "with sizes {}, not {'max_n': 50}" in mistake(
        logicdistill("run", "guess", "--set", "sizes.max_n=50", "--out", run_folder)
    )


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("sizes.size=100", "size is 100, allowed is 4 to 12"),
        ("sizes.foo=3", "unknown size of pursuit-v2 'foo'"),
        ("size=6", "unknown setting 'size'; did you mean 'sizes.NAME'"),
        ('sizes.size="7"', "is a number"),
    ],
)
def test_a_size_that_a_task_does_not_take_is_one_line(
    tmp_path: Path, size: str, message: str
) -> None:
    assert message in mistake(
        logicdistill("run", "pursuit", "--set", size, "--out", tmp_path / "run")
    )
    assert not (tmp_path / "run" / "run.toml").exists()


def test_decide_answers_a_line_while_the_next_is_still_to_come(run_folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "logicdistill",
        "decide",
        "--run",
        str(run_folder),
        "--student",
        "conditions",
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(json.dumps(STATE) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["action"] == 75
        process.stdin.close()
        assert process.wait(timeout=120) == 0


def test_an_interrupted_run_says_that_nothing_is_lost_and_goes_on(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "logicdistill",
        "run",
        "guess",
        "--out",
        str(tmp_path / "run"),
        "--episodes",
        "20",
    ]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("admitted")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == "stopped; what was finished is kept, the same command continues"
    assert "Traceback" not in said


def test_decide_that_waits_for_input_just_stops(run_folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "logicdistill",
        "decide",
        "--run",
        str(run_folder),
        "--student",
        "conditions",
    ]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(json.dumps(STATE) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["action"] == 75
        process.send_signal(signal.SIGINT)
        assert (process.wait(timeout=120), process.stderr.read()) == (130, "stopped\n")


def test_an_interrupt_while_the_imports_run_is_no_traceback() -> None:
    code = (
        "import os, runpy, signal, sys\n"
        "class Interrupts:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'logicdistill.cli.task':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupts())\n"
        "runpy.run_module('logicdistill', run_name='__main__')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, "tasks"], capture_output=True, text=True, timeout=120
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "stopped\n")


def test_report_writes_a_page_about_a_run_and_names_a_wrong_folder(run_folder: Path) -> None:
    result = logicdistill("report", run_folder)
    assert result.stdout.splitlines() == [
        str(run_folder / "report.md"),
        str(run_folder / "report.html"),
    ]
    text = (run_folder / "report.md").read_text()
    for title in ("Success", "Selections", "What a decision costs", "Break-even"):
        assert f"\n## {title}\n" in text
    assert "| conditions | 40 |" in text
    assert "unknown comparison" in mistake(logicdistill("report", run_folder / "none"))
    assert "cannot read" in mistake(
        logicdistill("report", run_folder, "--prices", run_folder / "none.toml")
    )
    (run_folder / "summary.json").write_text("{")
    assert "summary.json" in mistake(logicdistill("report", run_folder))


def test_a_folder_from_a_file_is_checked_field_by_field(tmp_path: Path) -> None:
    rows = [f"{n}.5;2026-01-{n + 1:02};{('pay', 'ask')[n % 2]}" for n in range(28)]
    (tmp_path / "fees.csv").write_text("\n".join(["amount;Paid on;decision", *rows, "7;;"]))
    folder = tmp_path / "my fees"
    result = logicdistill("new", folder, "--from", tmp_path / "fees.csv", "--fallback", "ask")
    said = {line[:9].strip(): line[10:] for line in result.stdout.splitlines()}
    assert said["renamed"] == "'Paid on' to paid_on"
    assert said["fallback"] == '"ask", one of the actions'
    assert said["next"] == f"write the rules in rules.md; then: logicdistill check '{folder}'"
    assert "rules.md: has no rule" in logicdistill("check", folder).stdout
    (folder / "rules.md").write_text("1. Even amounts are paid.\n")
    checked = logicdistill("check", folder).stdout.splitlines()
    assert checked[-2:] == [
        "  amount: number, 0.5 to 27.5 seen, left open",
        "  paid_on: date, empty in 1 of 29",
    ]
    fields = json.loads(logicdistill("check", folder, "--json").stdout)["fields"]
    assert fields[1] == {"name": "paid_on", "kind": "date", "seen": "empty in 1 of 29"} | {
        "allowed": ""
    }
    assert "add --from" in mistake(logicdistill("new", tmp_path / "x", "--action", "a"))
    assert "holds something already" in mistake(
        logicdistill("new", folder, "--from", tmp_path / "fees.csv")
    )
