from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import docs
import pytest
import typer

from logicdistill.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
COMMANDS: Any = typer.main.get_command(app)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def without_code(text: str) -> str:
    """The text of a page without what it shows as code."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def test_generated_docs_are_up_to_date(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["docs.py", "--check"])
    assert (docs.main(), capsys.readouterr().out) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_the_docs_exists(page: Path) -> None:
    commands = COMMANDS.commands
    for words in re.findall(r"^logicdistill ([a-z]+)", page.read_text(), flags=re.MULTILINE):
        assert words in commands


@pytest.mark.parametrize(("page", "head"), [("promises", "promise"), ("faults", "what went wrong")])
def test_every_promise_and_every_fault_names_a_test_that_exists(page: str, head: str) -> None:
    rows = [
        line
        for line in (ROOT / "docs" / f"{page}.md").read_text().splitlines()
        if line.startswith("| ") and not line.startswith(f"| {head}")
    ]
    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
        assert named, row
        for file, test in named:
            assert f"\ndef {test}(" in (ROOT / file).read_text(), f"{file}::{test}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_in_the_docs_exists(page: Path) -> None:
    for line in re.findall(r"^logicdistill (.*)$", page.read_text(), flags=re.MULTILINE):
        command = COMMANDS
        for word in line.split():
            command = getattr(command, "commands", {}).get(word, command)
        known = {
            option
            for parameter in command.params
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        assert set(re.findall(r"(?<=\s)--[a-z-]+", line)) <= known | {"--help"}, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_in_the_docs_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", without_code(page.read_text())):
        assert (page.parent / target).exists(), target


def test_contributing_lists_each_module_once_and_names_no_other() -> None:
    prose, layout = (ROOT / "CONTRIBUTING.md").read_text().split("<!-- layout:begin -->")
    package = ROOT / "src" / "logicdistill"
    for file in package.rglob("*.py"):
        if file.name != "__init__.py" and not {"examples", "written"}.intersection(file.parts):
            assert layout.count(f"({file.relative_to(ROOT)})") == 1, file
    for name in re.findall(r"`([a-z_/]+\.py)`", prose):
        assert (package / name).exists() or (ROOT / name).exists(), name
