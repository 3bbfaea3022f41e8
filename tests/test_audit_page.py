"""What docs/audit.md shows is what comes: its commands are run in their order."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from logicdistill.cli.main import app
from logicdistill.deciding.log import LOG
from logicdistill.deciding.log_files import read_log

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "audit.md").read_text()
BLOCKS = re.findall(r"^```(console|python)\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
VARIES = re.compile(r'\d{4}-\d\d-\d\dT[\d:.]+|"ms": [\d.]+|\b[0-9a-f]{64}\b')


def entered(line: str) -> str:
    words = shlex.split(line)
    if words[0] != "logicdistill":
        return subprocess.run(line, shell=True, check=True, capture_output=True, text=True).stdout
    result = CliRunner().invoke(app, words[1:])
    assert result.exit_code in (0, 1), (line, result.output)
    assert result.exit_code == int("differs" in result.output or "not whole" in result.output)
    return result.output


def test_every_command_of_the_page_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = 0
    for kind, block in BLOCKS:
        if kind == "python":
            continue
        for part in block.split("$ ")[1:]:
            line, *shown = VARIES.sub("-", part).splitlines()
            said = VARIES.sub("-", entered(line)).splitlines()
            if "..." not in shown:
                assert said == shown, line
            else:
                assert [wanted for wanted in shown if wanted not in said] == ["..."], line
            commands += 1
    assert commands >= 15
    [code] = [block for kind, block in BLOCKS if kind == "python"]
    exec(compile(code, "audit.md", "exec"), {})
    _, record = read_log(tmp_path / "runs" / "expenses" / LOG)[-1]
    assert (record["id"], record["action"]) == ("claim-17", "approve")


def test_the_queries_of_the_page_count_what_was_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(tmp_path)
    for line in ("new expenses --by-hand", "run ./expenses"):
        entered(f"logicdistill {line}")
    entered("logicdistill decide expenses/states.jsonl --run runs/expenses --log")
    [block] = re.findall(r"^```sql\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    days, rules = (duckdb.sql(one).fetchall() for one in block.split(";")[:2])
    assert [(decisions, fallbacks) for _, decisions, fallbacks, _ in days] == [(8, 0.0)]
    records = [record for _, record in read_log(tmp_path / "runs" / "expenses" / LOG)]
    cited = [(number, one["action"]) for one in records for number in one["rules"]]
    assert [(rule, action, count) for rule, action, count, _ in rules] == [
        (*key, cited.count(key)) for key in sorted(set(cited))
    ]


def test_the_page_names_each_key_of_a_record_and_no_other() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith('{"previous"'))
    table = PAGE.split("## The record")[1].split("## Replay")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted([*json.loads(line), "redacted", "pictures"])
