"""New rules and unfitting states from the command line."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from tests.cli.test_main import logicdistill, mistake
from tests.deciding.test_asking import REPLIES
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.errors import BaseError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.manual import parse_function
from logicdistill.protocols import Request
from logicdistill.runs import Run
from logicdistill.tasks.registry import get_task
from logicdistill.teacher.write import Author
from logicdistill.types import Json
from logicdistill.writing.base import write_for_rule

RULE = get_task("guess").changes["even-only"].rule
STATE = {
    "n": 100,
    "guesses": [50, 25, 12, 6, 9],
    "answers": ["lower", "lower", "lower", "higher", "lower"],
    "guesses_left": 2,
}
NOTICES = first_state(get_task("guess", change="even-only"), 0)["notices"]
OPENING = {"n": 100, "guesses": [], "answers": [], "guesses_left": 7}

WIDE = '''def name_thirteen(n: int) -> int:
    """Name thirteen.

    Use when: n is at least fifty.
    When: n >= 50
    Rules: 2
    >>> name_thirteen(n=100)
    13
    """
    return 13
'''


@pytest.fixture
def run(tmp_path: Path, guess_base: FunctionBase) -> Path:
    """A run of guess without a student: as far as 'write'."""
    Run.create(tmp_path / "run", {"task": "guess-v1"})
    BaseFolder(tmp_path / "run" / "base").commit(guess_base, [{"op": "admit"}])
    return tmp_path / "run"


@pytest.fixture
def poor_run(run: Path) -> Path:
    """The same with no function for two numbers that are left, and a recorded reply about that."""
    store = BaseFolder(run / "base")
    base = store.load()
    kept = ("possible_range", "turn", "open_in_the_middle", "name_the_last")
    store.commit(
        base.having(f for f in base.functions if f.name in kept),
        [{"op": "remove"}],
        parent=base.snapshot,
    )
    (run / "replies").mkdir()
    for file in REPLIES.glob("*.json"):
        (run / "replies" / file.name).write_bytes(file.read_bytes())
    return run


def called(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def snapshot(run: Path) -> str:
    return BaseFolder(run / "base").load().snapshot


def test_tell_adds_the_functions_and_names_the_way_back(run: Path) -> None:
    before = snapshot(run)
    result = called("base", "tell", RULE, "--run", run)
    assert result.exit_code == 0, result.output
    assert "added guess/halve_even_numbers" in result.stdout
    assert snapshot(run) != before
    back = result.stdout.split("back again: logicdistill ")[1].split()
    assert called(*back).exit_code == 0
    assert snapshot(run) == before


def test_the_teacher_reads_that_a_new_rule_has_no_number_and_the_journal_keeps_its_text(
    run: Path, guess_base: FunctionBase
) -> None:
    asked = []

    class Reads:
        def ask(self, request: Request) -> Json:
            asked.append(request.messages[-1][1])
            return {"functions": []}

    author = Author(Reads(), get_task("guess"))
    for samples in ([], [STATE]):
        author.write_for_rule(
            "Nothing over ten may be named.", guess_base.stages, guess_base.functions, samples
        )
    assert all("the new rule has no number and is not cited" in text for text in asked)
    assert ["States in which it is in force" in text for text in asked] == [False, True]
    called("base", "tell", RULE, "--run", run, "--author", "Ann", "--why", "as of May")
    assert (
        called("base", "log", "--run", run)
        .stdout.splitlines()[-1]
        .endswith(f"for the rule: {RULE}  by Ann: as of May")
    )


def test_review_shows_file_difference_and_examples_and_without_a_terminal_needs_yes(
    run: Path,
) -> None:
    before = snapshot(run)
    refused = logicdistill("base", "tell", RULE, "--run", run, "--review")
    shown = refused.stdout
    assert refused.returncode == 3
    assert shown.endswith("nothing was changed: --yes puts this into force\n")
    assert "+ guess/halve_even_numbers" in shown
    assert "+   def halve_even_numbers(" in shown
    assert "halve_even_numbers: while " in shown
    assert "  halve_even_numbers(known=" in shown
    assert snapshot(run) == before
    agreed = called(
        "base",
        "tell",
        RULE,
        "--run",
        run,
        "--review",
        "--yes",
        "--expires",
        "2099-01-01T00:00+01:00",
    )
    assert "until 2098-12-31T23:00:00+00:00; replaces" in agreed.stdout
    assert (
        BaseFolder(run / "base").load().function("halve_even_numbers").manual.expires
        == "2098-12-31T23:00:00+00:00"
    )


@pytest.mark.parametrize("answer", ["n", "y"])
def test_in_a_terminal_review_asks_and_changes_nothing_on_no(run: Path, answer: str) -> None:
    before, (ours, theirs) = snapshot(run), pty.openpty()
    command = [
        sys.executable,
        "-m",
        "logicdistill",
        "base",
        "tell",
        RULE,
        "--run",
        str(run),
        "--review",
    ]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    said, _ = process.communicate(timeout=120)
    os.close(ours)
    assert process.returncode == (3 if answer == "n" else 0), said
    assert "Apply? [y/N]" in said
    assert ("nothing was changed" in said, snapshot(run) == before) == ((answer == "n"),) * 2


@pytest.mark.parametrize("rule", ["", " \n"])
def test_an_empty_rule_is_refused_before_anyone_is_asked(
    guess_base: FunctionBase, rule: str
) -> None:
    class Refuses:
        def ask(self, request: Request) -> Json:
            raise AssertionError("asked")

    with pytest.raises(BaseError, match="the new rule is empty"):
        write_for_rule(Author(Refuses(), get_task("guess")), guess_base, rule, [], print)


def test_a_mistake_in_telling_is_one_line_and_changes_nothing(run: Path) -> None:
    before = snapshot(run)
    assert "no recorded reply for 'emergency'" in mistake(
        logicdistill("base", "tell", "Only primes may be named.", "--run", run)
    )
    for words, said in (
        (("--teacher", "openai:some-model"), "OPENAI_API_KEY"),
        (("--teacher", "recordet"), "takes PROVIDER:MODEL"),
        (("--expires", "noon"), "the expiry takes a time such as 2026-12-01T12:00"),
        (("--expires", "2001-01-01"), "has passed; give a later time"),
    ):
        result = called("base", "tell", RULE, "--run", run, *words)
        assert said in str(result.exception)
    contradicting = run / "wide.py"
    contradicting.write_text(WIDE)
    result = called("base", "add", contradicting, "--run", run, "--emergency")
    assert (
        "would break the usage example open_in_the_middle(n=100) -> 50: its 'When:' holds there"
        in str(result.exception)
    )
    assert snapshot(run) == before


def test_decide_asks_raises_or_falls_back_as_it_is_told_and_logs(
    poor_run: Path, tmp_path: Path
) -> None:
    states = tmp_path / "states.jsonl"
    states.write_text("".join(f"{json.dumps(state)}\n" for state in (OPENING, STATE, OPENING)))
    how = ("decide", states, "--run", poor_run, "--student", "conditions", "--no-trace", "--log")
    raised = logicdistill(*how, "--on-emergency", "raise")
    first, second, third = (json.loads(line) for line in raised.stdout.splitlines())
    assert (raised.returncode, first["action"], third["action"]) == (1, 50, 50)
    assert second["line"] == 2
    assert "no function of stage 'guess' fits this state" in second["error"]
    fallen = [json.loads(line) for line in called(*how).stdout.splitlines()]
    assert [decision["action"] for decision in fallen] == [50, 1, 50]
    asked = [json.loads(line) for line in called(*how, "--on-emergency", "ask").stdout.splitlines()]
    assert [(decision["action"], decision["written"]) for decision in asked] == [
        (50, []),
        (7, ["lower_of_the_two"]),
        (50, []),
    ]
    assert "lower_of_the_two" in BaseFolder(poor_run / "base").load().by_name
    logged = [json.loads(line) for line in (poor_run / "decisions.jsonl").read_text().splitlines()]
    assert [line["action"] for line in logged] == [50, 50, 50, 1, 50, 50, 7, 50]
    assert logged[6]["functions"] == {"guess": "lower_of_the_two"}
    assert logged[6]["state"] == {**STATE, "notices": {}}
    assert "did you mean 'ask'" in str(called(*how, "--on-emergency", "asks").exception)


def test_consolidating_where_nothing_came_says_so(run: Path) -> None:
    result = called("consolidate", "--run", run)
    assert (result.exit_code, result.stdout) == (0, "nothing new since the training\n")


def test_a_rule_that_the_views_do_not_show_keeps_its_guard(run: Path) -> None:
    called("base", "tell", RULE, "--run", run)
    result = called("consolidate", "--run", run, "--dry-run")
    assert (
        "keeps its guard: halve_even_numbers: no state was seen in which it is right; log decisions"
        in result.stdout
    )
    states = [{**OPENING, "notices": NOTICES}, {**STATE, "notices": NOTICES}]
    file = run / "states.json"
    file.write_text(json.dumps(states))
    assert called("decide", file, "--run", run, "--student", "conditions", "--log").exit_code == 0
    result = called("consolidate", "--run", run, "--dry-run")
    assert "keeps its guard: halve_even_numbers: the view 'last answer: " in result.stdout, (
        result.output
    )
    assert "does not tell it from" in result.stdout
    assert not (run / "consolidated.json").exists()


def test_the_commands_of_the_page_on_emergencies_work_in_their_order(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but the last, which trains."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "emergencies.md").read_text()
    *commands, last = re.findall(r"^logicdistill .*$", page, flags=re.MULTILINE)
    assert last == "logicdistill consolidate --run runs/guess"
    (tmp_path / "runs").mkdir()
    run.rename(tmp_path / "runs" / "guess")
    monkeypatch.chdir(tmp_path)
    Path("states.jsonl").write_text(f"{json.dumps(OPENING)}\n{json.dumps(STATE)}\n")
    before = snapshot(Path("runs/guess"))
    for command in commands:
        words = shlex.split(command.replace("SNAPSHOT", before))[1:]
        more = (
            ["--yes"]
            if "--review" in words
            else ["--student", "conditions"]
            if words[0] == "decide"
            else []
        )
        result = called(*words, *more)
        assert result.exit_code == 0, (command, result.output, result.exception)
    assert len(commands) >= 8
    assert "2 new logged states are taken into training" in result.stdout


def test_check_notes_what_has_expired_and_diff_still_shows_the_last_change(run: Path) -> None:
    store = BaseFolder(run / "base")
    base = store.load()
    late = WIDE.replace("    Rules", "    Expires: 2001-01-01T00:00+02:00\n    Rules")
    store.commit(
        base.having([*base.functions, parse_function(late, base.stage("guess"), "emergency")]),
        [{"op": "admit"}],
        base.snapshot,
    )
    result = called("base", "check", "--run", run)
    assert (
        "note: name_thirteen: expired at 2000-12-31T22:00:00+00:00, "
        "and is no candidate any more; remove it" in result.stdout
    )
    assert "0 finding(s)" in result.stdout
    assert called("base", "log", "--run", run).stdout.count("lapse") == 1
    assert "+ guess/name_thirteen" in called("base", "diff", "--run", run).stdout
    decided = called(
        "decide", _file(run, OPENING), "--run", run, "--student", "conditions", "--no-trace"
    )
    assert json.loads(decided.stdout)["action"] == 50


def test_a_damaged_line_of_the_log_is_named(run: Path) -> None:
    (run / "decisions.jsonl").write_text(f"{json.dumps({'state': OPENING})}\n7\n")
    result = called("consolidate", "--run", run, "--dry-run")
    assert "decisions.jsonl, line 2: a state is a JSON object; got int" in str(result.exception)


def _file(run: Path, state: dict[str, object]) -> Path:
    file = run / "state.json"
    file.write_text(json.dumps(state))
    return file
