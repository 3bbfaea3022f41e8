"""What the README shows is what comes: its commands are run in their order in an empty folder."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from logicdistill import distill
from logicdistill.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "README.md").read_text()
SHOWN = re.findall(r"^```console\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
CODE = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
ELAPSED = re.compile(r"\b\d+\.\d s\b")


def entered(line: str) -> str:
    """What a command of the README prints; the shell's own ones are done here."""
    words = shlex.split(line)
    if words[0] == "tail":
        return "\n".join(Path(words[2]).read_text().splitlines()[int(words[1]) :])
    if words[0] == "sed":
        _, old, new, _ = words[1].split("/")
        changed = re.sub(old, new, Path(words[2]).read_text())
        Path(words[-1]).write_text(changed)
        return ""
    given = None
    if words[0] == "echo":
        given, words = words[1], words[words.index("|") + 1 :]
    assert words[0] == "logicdistill", line
    result = CliRunner().invoke(app, words[1:], input=given)
    assert result.exit_code == 0, (line, result.output)
    return result.output


def test_every_command_of_the_readme_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands, names = 0, dict[str, Any]()
    for number, block in enumerate(SHOWN):
        for part in block.split("$ ")[1:]:
            line, *shown = part.splitlines()
            lines = ELAPSED.sub("- s", "\n".join(shown)).splitlines()
            wanted = "".join(
                r"(.*\n)*" if one == "..." else re.escape(one) + r"\n" for one in lines
            )
            said = "\n".join(ELAPSED.sub("- s", entered(line)).splitlines())
            assert re.fullmatch(wanted, f"{said}\n" if said else ""), (line, said)
            commands += 1
        if number == 0:
            exec(compile(CODE[0], "README.md", "exec"), {"distill": distill}, names)
    assert commands >= 5
    assert (names["decision"].action, names["decision"].rules) == ("manager", (2,))


def test_the_readme_is_short_and_its_picture_is_there() -> None:
    assert len(PAGE.splitlines()) <= 120
    assert len(PAGE.split()) <= 1000
    assert (ROOT / "docs" / "returns.svg").read_text().startswith("<svg")
