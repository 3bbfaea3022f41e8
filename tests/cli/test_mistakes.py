"""Every command with paths that are no good: one line, exit code 2, no traceback."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from logicdistill.cli import main

COMMANDS = {
    "check": ["check", "PATH"],
    "run": ["run", "PATH", "--out", "OUT"],
    "run out": ["run", "guess", "--out", "PATH"],
    "new": ["new", "PATH"],
    "new from": ["new", "OUT", "--from", "PATH"],
    "play": ["play", "guess", "--run", "PATH"],
    "decide": ["decide", "--run", "PATH"],
    "decide file": ["decide", "PATH", "--run", "RUN", "--student", "first"],
    "pack": ["pack", "PATH", "OUT"],
    "pack to": ["pack", "RUN", "PATH", "--student", "conditions"],
    "consolidate": ["consolidate", "--run", "PATH"],
    "report": ["report", "PATH"],
    "report prices": ["report", "RUN", "--prices", "PATH"],
    "list": ["base", "list", "--run", "PATH"],
    "show": ["base", "show", "f", "--run", "PATH"],
    "base check": ["base", "check", "--run", "PATH"],
    "log": ["base", "log", "--run", "PATH"],
    "add": ["base", "add", "PATH", "--run", "RUN"],
    "add run": ["base", "add", "OUT", "--run", "PATH"],
    "replace": ["base", "replace", "halve_above", "PATH", "--run", "RUN"],
    "remove": ["base", "remove", "f", "--run", "PATH"],
    "rollback": ["base", "rollback", "f", "--run", "PATH"],
    "coverage": ["base", "coverage", "--run", "PATH"],
    "diff": ["base", "diff", "--run", "PATH"],
    "diff of": ["base", "diff", "PATH", "PATH"],
    "import": ["base", "import", "PATH", "--run", "RUN"],
    "tell": ["base", "tell", "A rule.", "--run", "PATH"],
}
"""PATH is the bad one, OUT a fresh one, RUN a finished run."""

FINE = {("new", "missing"), ("new", "folder"), ("run out", "missing"), ("run out", "folder")}
FINE |= {("pack to", kind) for kind in ("missing", "empty", "binary", "text", "link")}


def _made(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _loop(path: Path) -> Path:
    path.symlink_to(path)
    return path


PATHS: dict[str, Callable[[Path], Path]] = {
    "missing": lambda folder: folder / "nothing",
    "folder": lambda folder: _folder(folder / "folder.jsonl"),
    "empty": lambda folder: _made(folder / "empty.py", b""),
    "binary": lambda folder: _made(folder / "binary.py", bytes(range(256)) * 40),
    "text": lambda folder: _made(folder / "text.py", b"what is this\n"),
    "below a file": lambda folder: _made(folder / "file", b"x") / "below",
    "loop": lambda folder: _loop(folder / "loop"),
    "long": lambda folder: folder / ("n" * 300),
    "escape": lambda folder: folder / "a\x1b[2J\u202e\nb",
}


@pytest.mark.parametrize("kind", PATHS)
def test_a_path_that_is_no_good_is_one_line_for_every_command(
    kind: str,
    run_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = []
    for name, words in COMMANDS.items():
        if (name, kind) in FINE:
            continue
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        places = {"PATH": PATHS[kind](folder), "OUT": folder / "out", "RUN": run_folder}
        arguments = [str(places.get(word, word)) for word in words]
        monkeypatch.setattr(sys, "argv", ["logicdistill", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        try:
            main.main()
        except SystemExit as end:
            code: object = end.code
        except BaseException as error:
            code = repr(error)
        out, err = capsys.readouterr()
        lines = err.splitlines()
        said = [line for line in lines if line.startswith("error: ")]
        faults = code == 2 and name == "check" and out and not lines  # lists faults on stdout
        line = code == 2 and len(said) == 1 and lines[-1] == said[0] and said[0].isprintable()
        undecided = code == 1 and name == "decide file" and '"error": ' in out
        refused = code == 1 and name == "import"
        if not (faults or line or undecided or refused):
            wrong.append((name, code, out[-200:], err[-300:]))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_wrong_option_is_one_line_and_says_where_help_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["decid"], ["decide", "--nothing"], ["play"], ["base", "show", "--x"]):
        monkeypatch.setattr(sys, "argv", ["logicdistill", *words])
        with pytest.raises(SystemExit) as end:
            main.main()
        said = capsys.readouterr().err.splitlines()
        assert (end.value.code, len(said)) == (2, 1)
        assert said[0].startswith("error: ")
        assert "--help'" in said[0]


def test_text_of_others_is_printed_in_one_place() -> None:
    folder = Path(main.__file__).parent
    printing = [
        file.name
        for file in folder.glob("*.py")
        if any(word in file.read_text() for word in ("typer.echo(", "click.echo(", " print("))
    ]
    assert printing == ["output.py"]
    consoles = [f.name for f in folder.glob("*.py") if " Console(" in f.read_text()]
    assert consoles == []
