"""``logicdistill check`` shows the rules as they are understood, and what is not read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.tasks.lane import CHECKED, write_lane

from logicdistill.cli.rules import print_rules
from logicdistill.tasks.scaffold import new_task


def check(*args: str, cwd: Path, columns: int = 60) -> tuple[int, list[str]]:
    """Exit code and lines of the command; the current folder is not on the path."""
    code = "import sys; sys.path.remove(''); from logicdistill.__main__ import main; main()"
    source = Path(__file__).resolve().parents[2] / "src"
    found = subprocess.run(
        [sys.executable, "-c", code, "check", *args],
        cwd=cwd,
        env={**os.environ, "COLUMNS": str(columns), "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in found.stderr
    return found.returncode, (found.stdout + found.stderr).splitlines()


@pytest.fixture
def post(tmp_path: Path) -> Path:
    new_task(tmp_path / "post", "parcels")
    return tmp_path / "post"


RULES = """\
# Post

1. Every item is sent as a letter, as a parcel or by freight, as the rules below say.

1.1 Glass is fragile.

Words that decide.
On two lines.

## Later
(a) Books go by post.
"""


def test_the_rules_follow_the_verdict_with_label_line_and_what_is_not_read(post: Path) -> None:
    (post / "rules.md").write_text(RULES)
    code, lines = check("post", cwd=post.parent)
    assert code == 0
    assert lines[0].startswith("post-v1: keeps the contract; 3 rules, 40 states")
    rules = [line for line in lines[1:] if line.startswith("  ") and " line " in line]
    long = "Every item is sent as a letter, as a parcel or by freight, as the rules below say."
    assert rules == [
        f"  1  line 3   {long}",
        "  2  line 5   1.1 Glass is fragile.",
        "  3  line 11  (a) Books go by post.",
    ]
    assert [line for line in lines if line.startswith("note: post/rules.md")] == [
        "note: post/rules.md: lines 7 to 8 are not rules (plain paragraphs); number what decides",
        "note: post/rules.md: line 10 is no rule (a heading)",
    ]


def test_in_a_terminal_a_long_rule_is_cut_at_its_width(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    print_rules(Path("rules.md"), None, ["Every item is sent as a letter or a parcel.", "Short."])
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["  1  Every item is sent as a letter ...", "  2  Short."]


def test_json_has_every_rule_and_note(post: Path) -> None:
    (post / "rules.md").write_text(RULES)
    code, lines = check("post", "--json", cwd=post.parent)
    found = json.loads("\n".join(lines))
    assert (code, found["rules"], len(found["rules_notes"])) == (0, 3, 3)
    assert found["rules_read"][1] == {
        "number": 2,
        "label": "1.1",
        "text": "1.1 Glass is fragile.",
        "line": 5,
    }


def test_unread_lines_are_named_beside_the_faults(post: Path) -> None:
    (post / "rules.md").write_text("1. One.\n3. Two.\n\nWords.\n")
    code, lines = check("post", cwd=post.parent)
    assert code == 2
    assert lines[0].startswith("post/rules.md:2: rule 3 stands in place 2;")
    assert lines[1].startswith("note: post/rules.md: line 4 is no rule (plain paragraphs)")


def test_a_gymnasium_rules_file_is_checked_as_its_page_shows(tmp_path: Path) -> None:
    file = write_lane(tmp_path)
    code, lines = check("lane.md", cwd=tmp_path)
    assert (code, lines) == (0, CHECKED.splitlines())
    file.write_text(file.read_text() + "4) Four.\n- a bullet\n")
    code, lines = check("lane.md", cwd=tmp_path)
    assert code == 2
    assert [line.partition(" ")[0] for line in lines[:2]] == ["lane.md:14:", "lane.md:15:"]


def test_a_missing_module_is_one_line(tmp_path: Path) -> None:
    write_lane(tmp_path)
    (tmp_path / "myenvs.py").unlink()
    code, lines = check("lane.md", cwd=tmp_path)
    assert code == 2
    assert len(lines) == 1
    assert "there is no module 'myenvs'" in lines[0]
