"""What the README shows is what comes: its commands are run in their order in an empty folder."""

from __future__ import annotations

import json
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
            said = iter(ELAPSED.sub("- s", entered(line)).splitlines())
            for wanted in shown:
                found = wanted == "..." or ELAPSED.sub("- s", wanted) in said
                assert found, (line, wanted)
            commands += 1
        if number == 0:
            exec(compile(CODE[0], "README.md", "exec"), {"distill": distill}, names)
    assert commands >= 5
    assert (names["decision"].action, names["decision"].rules) == ("manager", (2,))


def test_the_readme_is_short_and_its_picture_is_there() -> None:
    assert len(PAGE.splitlines()) <= 120
    assert len(PAGE.split()) <= 1000
    assert (ROOT / "docs" / "returns.svg").read_text().startswith("<svg")


def test_the_readmes_figures_are_those_that_were_measured() -> None:
    measured = ROOT / "docs" / "measured"
    text, sets, [manual, five, _] = (
        json.loads((measured / f"{name}.json").read_text())["rows"]
        for name in ("text", "calibration", "hot-add-clinc150")
    )
    row = {r["player"]: r for r in text if (r["task"], r["shots"]) == ("clinc150-v1", 10)}
    ours, shares = row["logicdistill"], {who: 100 * row[who]["accuracy"] for who in row}
    low, high = (100 * end for end in ours["ci95"])
    assert f"{100 * ours['accuracy']:.1f} % ({low:.1f} - {high:.1f})" in PAGE
    beside = f"logistic regression {shares['logistic']:.1f} %, SetFit, tuned {shares['setfit']:.1f} %"
    assert beside in PAGE
    assert f"{ours['messages']:,} messages, {ours['draws']} draws" in PAGE
    errors = ", ".join(f"{100 * r['ece']:.1f}" for r in sets)
    assert f"{errors} %" in PAGE
    theirs = ", ".join(f"{100 * r['logistic_ece']:.1f}" for r in sets)
    assert f"logistic regression {theirs}" in PAGE
    assert f"{sum(r['n'] for r in sets):,} texts" in PAGE
    for joined, what in ((manual, "by manual alone"), (five, "with five messages")):
        low, high = (100 * end for end in joined["new_ci95"])
        assert f"{what} {100 * joined['new']:.1f} % ({low:.1f} - {high:.1f})" in PAGE
    lost = 100 * max(one["others_before"] - one["others"] for one in (manual, five))
    assert f"others lose {lost:.1f} points" in PAGE
    games = json.loads((ROOT / "docs" / "results" / "inputs-pursuit.json").read_text())
    won = {row["player"]: row["success"] for row in games["rows"]}
    low, high = (100 * end for end in won["pretrained"]["ci95"])
    assert f"{100 * won['pretrained']['share']:.1f} % won ({low:.1f} - {high:.1f})" in PAGE
    floors = {"most frequent function": "frequent", "random": "random", "no labels": "untrained"}
    for name, player in floors.items():
        assert f"{name} {100 * won[player]['share']:.1f} %" in PAGE
    assert f"| {games['episodes']} games | `benchmarks/inputs.py`" in PAGE
    changes = json.loads((ROOT / "docs" / "results" / "guess.json").read_text())["rule_changes"]
    rows = {r["phase"]: r for r in changes["even-only"]["rows"] if r["player"] == "ld-encoder"}
    assert f"not told {100 * rows['during']['success']:.1f} %" in PAGE
    assert rows["after"]["success"] == 1.0
    assert f"{rows['after']['episodes']} games" in PAGE
