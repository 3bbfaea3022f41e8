"""The page about files shows what its commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from logicdistill.cli.main import app

PAGE = Path(__file__).resolve().parents[1] / "docs" / "from-files.md"


def test_the_commands_of_the_page_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text()
    name, content = re.findall(r"`(\S+)`:\n\n```csv\n(.*?)```", text, flags=re.DOTALL)[0]
    Path(name).write_text(content)
    shown = re.findall(r"```\nlogicdistill (.*?)\n```\n\n```text\n(.*?)```", text, flags=re.DOTALL)
    assert len(shown) == 2
    for command, output in shown:
        result = CliRunner().invoke(app, shlex.split(command))
        assert (result.exit_code, result.stdout) == (0, output)
        with Path("claims/rules.md").open("a") as rules:
            rules.write("\n" + re.findall(r"`(1\. A .*?)`", text)[0] + "\n")
