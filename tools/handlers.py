"""A message task's handlers from ``recordings/TASK/handlers.toml``: its rules and function files.

Each line there is ``intent = [when it is right, what it does, a message for the doctest]``, with
the action as a fourth text where an intent's name is no name of a function.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = "handlers.toml"


@dataclass(frozen=True, slots=True)
class Handler:
    """One intent with its sentences."""

    name: str
    group: str
    use_when: str
    summary: str
    example: str
    action: str


def read_handlers(folder: Path) -> list[Handler]:
    """The handlers of a recording, in the order of the rules."""
    groups = tomllib.loads((folder / FILE).read_text())
    found = []
    for group, handlers in groups.items():
        for name, (use_when, summary, example, *action) in handlers.items():
            found.append(
                Handler(name, group, use_when, summary, example, action[0] if action else name)
            )
    return found


def rules_text(title: str, handlers: list[Handler]) -> str:
    """The content of ``rules.md``: a rule an intent, under a heading a group."""
    lines, group = [f"# {title}"], None
    for number, handler in enumerate(handlers, start=1):
        if handler.group != group:
            group = handler.group
            lines += ["", f"## {group.replace('_', ' ')}", ""]
        lines.append(f"{number}. Answer {handler.action} when {handler.use_when}.")
    return "\n".join(lines) + "\n"


def function_files(handlers: list[Handler]) -> list[str]:
    """A function file a handler; it cites the rule that it stands for."""
    return [
        f"def {handler.name}(message: str) -> str:\n"
        f'    """{handler.summary}\n\n'
        f"    Use when: {handler.use_when}.\n"
        f"    Rules: {number}\n"
        f'    >>> {handler.name}("{handler.example}")\n'
        f"    {handler.action!r}\n"
        f'    """\n'
        f'    return "{handler.action}"\n'
        for number, handler in enumerate(handlers, start=1)
    ]
