"""``logicdistill new``: the folder of a record task, an example to fill in or one from a file."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import tomli_w

from logicdistill.errors import TaskError, UnknownNameError, one_line
from logicdistill.files import storing, write_atomic, write_lines
from logicdistill.tasks.by_hand import STAGES
from logicdistill.tasks.importing.actions import count_of, some
from logicdistill.tasks.importing.reading import Progress
from logicdistill.tasks.importing.states import Choices, Imported, read_import
from logicdistill.tasks.importing.tools import (
    MESSAGE,
    Tools,
    actions_of,
    rules_of,
    state_schema_of,
    states_of,
    tools_line,
)
from logicdistill.tasks.naming import task_name
from logicdistill.tasks.record_folder import RULES, SCHEMA, SETTINGS, STATES

HEAD = """\
# What 'logicdistill' has to know beside the rules. 'logicdistill check' names every fault.

"""
FALLBACK = "\n# Taken, and marked as such, where no function fits.\n"
TEXTS = "\n# Fields of the state that are free text; long ones are found without being named.\n"
SENTENCES = """
# Each action, and when it is right, in one sentence. These are drafts from the names: improve them.
"""
NO_ACTIONS = """
# Write every allowed action, or a JSON Schema of an action, and remove the '#'.
# actions = ["refund", "replace", "unknown"]
"""
RULES_TEXT = """\
# Rules

Write here by which rules the action follows from a state: numbered sentences, 1, 2, 3 and so on,
each at the beginning of a line. Functions cite them by their numbers. Such as, behind its number:

> An item over 20 kg goes by freight.

Everything that has no number is for people.
"""

TOOLS = """
# What can be called, and a JSON Schema of each one's arguments. 'x-call' and 'x-in' say how the
# call is made. Take out what is not to be decided.
"""
TOOL_RULES = """\
# Rules

Each sentence below was drafted from what a tool says of itself. When a call is right only you know:
write that, in as many numbered sentences as it takes, and take the brackets out.

"""
TOOL_STAGE = "call"
"""The one stage; its functions are in a file of its name."""

TOOL_STAGES = """\
# One stage: which call is right. A small model reads the message and chooses a function. Where
# conditions over the fields are enough, write mode = "first" and leave 'question' and 'reads' out.

"""


EXAMPLES = ("returns", "by-hand", "parcels")
"""Folders that come with the package: words beside exact rules, exact rules alone, and rules whose
functions a teacher wrote."""


def example_folder(name: str) -> Path:
    """An example that comes with the package."""
    return Path(str(resources.files("logicdistill.tasks") / "examples" / name))


def new_task(folder: Path, example: str = "returns") -> list[Path]:
    """Make the folder of a record task: an example under the folder's own name.

    Args:
        folder: to make.
        example: one of `EXAMPLES`.

    Returns:
        What is in the folder.

    Raises:
        UnknownNameError: no such example.
        TaskError: the folder holds something already.
        StorageError: it cannot be written.
    """
    if example not in EXAMPLES:
        raise UnknownNameError("example", example, EXAMPLES)
    source, name = example_folder(example), task_name(folder.absolute().name)
    with _new_folder(folder) as made:
        for file in source.rglob("*"):
            if file.is_file() and file.suffix != ".pyc":
                text = file.read_text(encoding="utf-8")
                if file.name == SETTINGS:
                    text = text.replace(f'"{example}-v1" ', f'"{name}-v1" ')
                write_atomic(made / file.relative_to(source), text)
    return sorted(folder.iterdir())


def new_task_from(folder: Path, file: Path, choices: Choices, progress: Progress) -> Imported:
    """Make the folder of a record task from a file's rows; the rules are left to write.

    Returns:
        What was made of the file, with a line for each of the files written.

    Raises:
        TaskError: the folder holds something already; see also `read_import`.
        StorageError: the file cannot be read, or the folder cannot be written.
    """
    _check_free(folder)
    found = read_import(file, choices, progress)
    with _new_folder(folder) as made:
        write_atomic(made / SETTINGS, settings_text(task_name(folder.absolute().name), found))
        if not found.sentences:
            write_atomic(made / RULES, _rules_text(found))
        write_lines(made / STATES, found.rows)
        written = sorted(made.iterdir())
    found.say("made", ", ".join(str(folder / one.name) for one in written))
    return found


def new_task_of_tools(folder: Path, tools: Tools) -> Tools:
    """Make the folder of a record task whose actions are calls of tools; functions are left.

    Returns:
        The tools, with a line for each thing that was made of them.

    Raises:
        TaskError: the folder holds something already, or the tools make no actions.
        StorageError: the folder cannot be written.
    """
    _check_free(folder)
    actions, none = actions_of(tools.tools)
    schema, rows = state_schema_of(tools.tools), states_of(tools.tools, none)
    rules = "".join(f"{n}. {rule}\n" for n, rule in enumerate(rules_of(tools.tools), start=1))
    title = {"title": f"Which call is right: {one_line(tools.source)}"}
    settings = [HEAD, tomli_w.dumps({"id": f"{task_name(folder.absolute().name)}-v1", **title})]
    settings += [TEXTS, tomli_w.dumps({"text": [MESSAGE]}), FALLBACK]
    settings += [tomli_w.dumps({"fallback": none}), TOOLS, tomli_w.dumps({"actions": actions})]
    question = "Which call does the message ask for?"
    stage = {"name": TOOL_STAGE, "mode": "one", "question": question, "reads": [MESSAGE]}
    with _new_folder(folder) as made:
        write_atomic(made / SETTINGS, "".join(settings))
        write_atomic(made / RULES, TOOL_RULES + rules)
        write_atomic(made / SCHEMA, json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        write_atomic(made / STAGES, TOOL_STAGES + tomli_w.dumps({"stages": [stage]}))
        write_lines(made / STATES, rows)
        written = sorted(made.iterdir())
    tools.say("action", f"{count_of(len(tools.tools), 'call')}: {tools_line(tools.tools)}")
    tools.say("fallback", f"{json.dumps(none)}, which is taken where no function fits")
    fields = [name for name in schema["properties"] if name != MESSAGE]
    needed = f"; what calls need, or null: {some(fields)}" if fields else ""
    tools.say("field", f"{MESSAGE}: what somebody wrote{needed}")
    tools.say("made", ", ".join(str(folder / one.name) for one in written))
    return tools


def settings_text(name: str, found: Imported) -> str:
    """``task.toml`` of what was made of a file."""
    parts = [HEAD, tomli_w.dumps({"id": f"{name}-v1", "title": found.title}), FALLBACK]
    parts.append(tomli_w.dumps({"fallback": found.fallback}))
    if found.text:
        parts += [TEXTS, tomli_w.dumps({"text": found.text})]
    if found.actions is None:
        parts.append(NO_ACTIONS)
    else:
        if found.sentences and found.system:
            parts += ["\n", *(f"# {line}".rstrip() + "\n" for line in _told(found))]
        parts += [SENTENCES if found.sentences else "\n", tomli_w.dumps({"actions": found.actions})]
    return "".join(parts)


def _rules_text(found: Imported) -> str:
    head, *told = _told(found)
    quoted = "".join(f"> {line}".rstrip() + "\n" for line in told)
    return RULES_TEXT + (f"\n{head}\n\n{quoted}" if found.system else "")


def _told(found: Imported) -> list[str]:
    return ["What the model was told in every conversation:", *found.system.splitlines()]


def _check_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TaskError(f"{folder} holds something already; name a folder that does not exist")


@contextlib.contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder to fill, which is put in its place when the block ends, and else removed."""
    _check_free(folder)
    with storing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        private = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        made = private / "task"  # with the permissions of any other folder
        with storing(folder):
            made.mkdir()
        yield made
        with storing(folder):
            if folder.exists():  # an empty folder
                folder.rmdir()
            made.rename(folder)
    finally:
        shutil.rmtree(private, ignore_errors=True)
