"""The page about tools shows what its commands print."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from logicdistill.cli.main import app

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "mcp.md").read_text()


def files() -> dict[str, str]:
    """The page's files: a block belongs to the first file that the paragraph before it names."""
    found = {}
    for block in re.finditer(r"^```(?:json|python|markdown)\n(.*?)^```", TEXT, re.DOTALL | re.M):
        before = TEXT[: block.start()].rstrip().rpartition("\n\n")[2]
        for name in re.findall(r"`([\w./]+\.[a-z]+)`", before)[:1]:
            found[name] = block[1]
    return found


def shown() -> list[tuple[str, str]]:
    """Each command of the page's console blocks, with what it prints."""
    blocks = re.findall(r"^```console\n(.*?)^```", TEXT, re.DOTALL | re.M)
    parts = [part for block in blocks for part in re.split(r"^\$ logicdistill ", block, flags=re.M)]
    return [(one, out) for one, _, out in (part.partition("\n") for part in parts if part)]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    for name in ("shop.json", "desk.py"):
        Path(name).write_text(files()[name])


def test_the_folders_of_the_page_are_made_and_checked_as_it_shows() -> None:
    made = [
        (command, output) for command, output in shown() if command.startswith(("new", "check"))
    ]
    assert len(made) == 3
    for command, output in made:
        result = CliRunner().invoke(app, shlex.split(command))
        assert (result.exit_code, result.stdout) == (0, output), result.stderr


def test_the_functions_of_the_page_serve_its_rules() -> None:
    CliRunner().invoke(app, shlex.split("new shop --openapi shop.json"))
    Path("shop/functions").mkdir()
    for name in ("shop/rules.md", "shop/functions/call.py"):
        Path(name).write_text(files()[name])
    result = CliRunner().invoke(app, ["check", "shop"])
    assert result.exit_code == 0, result.stdout
    assert "stage call (one): open_ticket, refund_order, track_order\n" in result.stdout
    assert "rules that no function cites" not in result.stdout
