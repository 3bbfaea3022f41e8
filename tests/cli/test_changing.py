"""A command that changes a base shows what it will change, asks, and says who and why."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from rich.console import Console
from tests.writing.expenses import EURO, SOURCES, expense, make_run
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.cli.terminal import base_table
from logicdistill.functions.folder import BaseFolder

COMMAND = [sys.executable, "-m", "logicdistill"]
OVER_ALL = EURO.replace("    >>>", "    Replaces: small, large, machines\n    >>>")
SHOWN = """would change 16 of 40 states; right: 40 before, 24 after
  c003, c008 and 9 more: manager -> approve; 11 right before, none after
  c001, c009 and 3 more: procurement -> approve; 5 right before, none after
euro: runs in 20 of 40 states
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "euro.py").write_text(OVER_ALL)
    return make_run(tmp_path / "run")


def called(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def snapshot(run: Path) -> str:
    return BaseFolder(run / "base").load().snapshot


def test_without_a_terminal_a_change_is_shown_and_needs_yes(run: Path) -> None:
    before, add = snapshot(run), ("base", "add", run.parent / "euro.py", "--run", run)
    shown = called(*add)
    assert (shown.exit_code, shown.stdout) == (
        3,
        f"{SHOWN}nothing was changed: --yes puts this into force\n",
    )
    assert snapshot(run) == before
    done = called(*add, "--yes", "--author", "Ann Lee", "--why", "euro month")
    back = f"back again: logicdistill base rollback {before} --run {run}"
    assert (done.exit_code, done.stdout) == (
        0,
        f"{SHOWN}added decide/euro\nsnapshot {snapshot(run)}; {back}\n",
    )
    assert (
        called("base", "log", "--run", run)
        .stdout.splitlines()[-1]
        .endswith("by Ann Lee: euro month")
    )
    (entry,) = BaseFolder(run / "base").journal()[1:]
    assert (entry["by"], entry["why"], entry["origin"]) == ("Ann Lee", "euro month", "person")


def test_the_docs_show_what_is_printed() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    assert (
        f"euro.py --run runs/claims\n{SHOWN}Apply? [y/N]:" in (docs / "emergencies.md").read_text()
    )


def test_a_script_reads_the_impact_as_data(run: Path) -> None:
    before, add = snapshot(run), ("base", "add", run.parent / "euro.py", "--run", run, "--json")
    shown = called(*add)
    found = json.loads(shown.stdout)
    assert (shown.exit_code, found["applied"], found["impact"]["changed"]) == (3, False, 16)
    assert [len(group["states"]) for group in found["impact"]["groups"]] == [11, 5]
    assert (found["old"], snapshot(run)) == (before, before)
    done = json.loads(called(*add, "--yes").stdout)
    assert (done["applied"], done["new"]) == (True, snapshot(run))


@pytest.mark.parametrize("answer", ["n", "y"])
def test_in_a_terminal_it_asks(run: Path, answer: str) -> None:
    before, (ours, theirs) = snapshot(run), pty.openpty()
    words = ["base", "remove", "small", "--run", str(run)]
    process = subprocess.Popen(
        [*COMMAND, *words],
        stdin=theirs,
        stdout=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    said, _ = process.communicate(timeout=120)
    os.close(ours)
    assert "approve -> ask (no function fits)" in said
    assert "Apply? [y/N]" in said
    assert (process.returncode, snapshot(run) == before) == ((3, True) if answer == "n" else (0, 0))


def test_edits_stay_where_the_rollback_that_would_discard_them_is_refused(run: Path) -> None:
    before, edited = snapshot(run), run / "base" / "decide" / "large.py"
    assert called("base", "remove", "small", "--run", run, "--yes").exit_code == 0
    edited.write_text("# in the middle of it\n")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "base", "rollback", before, "--discard-edits", "--run", str(run)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    assert process.stdout is not None
    shown = ""
    while "Apply?" not in shown and (letter := process.stdout.read(1)):
        shown += letter
    assert called("base", "remove", "machines", "--run", run, "--yes").exit_code == 0
    os.write(ours, b"y\n")
    _, said = process.communicate(timeout=120)
    os.close(ours)
    assert (process.returncode, said.count("\n")) == (2, 1)
    assert "the base changed since it was loaded" in said
    assert edited.read_text() == "# in the middle of it\n"


def test_every_changing_command_shows_and_a_function_takes_the_place_of_its_old_self(
    run: Path,
) -> None:
    first, file = snapshot(run), run.parent / "small.py"
    file.write_text(SOURCES[0].replace("<= 100", "<= 60"))
    module = run.parent / "module.py"
    module.write_text(OVER_ALL)
    refused = called("base", "add", file, "--run", run)
    assert "put this one in its place ('base replace small FILE'" in str(refused.exception)
    for words in (
        ("replace", "decide/small", file),
        ("import", module),
        ("remove", "small"),
    ):
        shown = called("base", *words, "--run", run)
        assert (shown.exit_code, snapshot(run)) == (3, first), shown.output
        assert shown.stdout.startswith("would change ")
    assert called("base", "replace", "small", file, "--run", run, "--yes").exit_code == 0
    state = json.dumps({"claim": "taxi", "amount": 80, "currency": "EUR"})
    decided = CliRunner().invoke(app, ["decide", "--run", str(run), "--no-trace"], input=state)
    assert json.loads(decided.stdout)["action"] == "ask"
    assert (
        "ask (no function fits) -> approve"
        in called("base", "rollback", first[:5], "--run", run).stdout
    )
    back = called("base", "rollback", first[:5], "--run", run, "--no-impact")
    assert (back.stdout.split("\n")[0], snapshot(run)) == ("rolled back", first)
    assert [entry["op"] for entry in BaseFolder(run / "base").journal()[1:]] == [
        "replace",
        "rollback",
    ]


def test_no_state_to_show_it_on_is_said_in_one_line(run: Path) -> None:
    (run / "task" / "states.jsonl").unlink()
    result = called("base", "remove", "small", "--run", run)
    assert (result.exit_code, result.stdout.splitlines()[:2]) == (
        0,
        ["no recorded or logged states to show the change on", "removed small"],
    )


def test_an_import_of_which_nothing_joins_changes_nothing(run: Path) -> None:
    (run.parent / "euro.py").write_text(EURO)
    before = snapshot(run)
    result = called("base", "import", run.parent / "euro.py", "--run", run, "--yes")
    assert (result.exit_code, snapshot(run)) == (1, before)
    assert result.stdout.startswith("refused euro: its 'When:' holds together with that of")
    assert result.stdout.endswith("0 added, 1 refused\n")


def test_a_listing_breaks_no_name_in_eighty_columns(run: Path) -> None:
    name = "decides_about_a_claim_for_a_machine"
    file = run.parent / f"{name}.py"
    file.write_text(expense(name, 'claim == "press"', "approve", 'claim="press", amount=1'))
    assert called("base", "add", file, "--run", run, "--yes").exit_code == 0
    console = Console(width=80, record=True)
    console.print(base_table(BaseFolder(run / "base").load()))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    assert all(any(f" {word} " in line for line in lines) for word in (name, "small", "person"))
