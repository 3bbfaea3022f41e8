"""How ``logicdistill check`` shows the rules that it understood."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logicdistill.cli.output import echo
from logicdistill.errors import TaskError

if TYPE_CHECKING:
    from logicdistill.protocols import Task
    from logicdistill.tasks.rules import Rules


def rules_of(task: Path) -> tuple[Path, Rules | None]:
    """The file with a task's rules, and what it says; None of a built-in task."""
    from logicdistill.tasks.gymnasium_task import RULES_FILE, file_text, read_rules_file
    from logicdistill.tasks.rules import read_rules

    file = task / RULES_FILE if task.is_dir() else task
    try:
        text = file_text(file) if file.is_file() else None
    except TaskError:  # is among the faults
        return file, None
    if text is None or task.is_dir():
        return file, None if text is None else read_rules(text)
    found = read_rules_file(text)
    return file, found[1] if found else None


def rules_json(read: Rules | None, task: Task | None) -> dict[str, Any]:
    """Each rule with its number, label, text and line; of a built-in task number and text."""
    if read is None:
        texts = enumerate(task.rules if task else (), start=1)
        return {
            "rules_read": [{"number": number, "text": text} for number, text in texts],
            "rules_notes": [],
        }
    return {
        "rules_read": [asdict(rule) for rule in read.rules],
        "rules_notes": [asdict(note) for note in read.notes],
    }


def print_rules(file: Path, read: Rules | None, texts: Sequence[str]) -> None:
    """The rules as they are understood, a line each, and what is not read.

    In a terminal a long one is cut at its width.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    places = [f"line {rule.line}" for rule in read.rules] if read else [""] * len(texts)
    room, digits = max(map(len, places), default=0), len(str(len(texts))) + 2
    for number, (place, text) in enumerate(zip(places, texts, strict=True), start=1):
        shown = f"{number:>{digits}}  " + (f"{place:<{room}}  " if room else "")
        left, words = width - len(shown), " ".join(text.split())
        echo(shown + (words if len(words) <= left else f"{words[: left - 4].rstrip()} ..."))
    print_notes(file, read)


def print_notes(file: Path, read: Rules | None) -> None:
    """What is not read as a rule, a line each; a title and an introduction are usual."""
    from logicdistill.tasks.rules import INTRODUCTION

    for note in read.notes if read else ():
        if INTRODUCTION not in note.what:
            echo(f"note: {file}: {note.what}")
