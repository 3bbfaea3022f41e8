"""Tools, such as an API's operations, as the actions of a task that decides which one to call."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from logicdistill.errors import TaskError, one_line
from logicdistill.tasks.importing.actions import MOST_LABELS, has_null, some, without_null
from logicdistill.tasks.naming import field_name
from logicdistill.tasks.schema import DRAFT, EXAMPLES, TEXT, Schema
from logicdistill.types import Json

MESSAGE = "message"
"""The field of the state that holds what somebody wrote."""

NONE = ("none", "no_tool")
"""What the fallback calls; the first name that no tool has."""

MOST_FIELDS = 30
"""So many arguments at most are proposed as fields of the state."""

LONGEST_NAME = 128
"""Characters of a tool's name at most."""

_SCALARS = ("string", "integer", "number", "boolean")
_WORDS = " .,;:!?'\"()/-_%&+=#@$"
_FIRST_SENTENCE = re.compile(r"(?<=[.!?。])\s")
_CLOSED = {"type", "properties", "required", "description"}


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that can be called.

    Attributes:
        name: what a call names.
        says: what it does, in words; may be empty.
        arguments: plain JSON Schema of the arguments' object.
        call: how it is called, such as ``POST /orders``; empty where the name is enough.
    """

    name: str
    says: str
    arguments: dict[str, Json]
    call: str = ""


@dataclass(slots=True)
class Tools:
    """What a description or a server offers.

    Attributes:
        source: what was read, for the report and the title.
        tools: in their order.
        report: lines for a person, each with its subject.
    """

    source: str
    tools: list[Tool]
    report: list[tuple[str, str]] = field(default_factory=list)

    def say(self, subject: str, what: str) -> None:
        """Add a line to the report."""
        self.report.append((subject, what))


def closed(arguments: dict[str, Json]) -> dict[str, Json]:
    """The schema of an arguments' object; other arguments than those it names are refused.

    One that says itself what else is allowed, or that names none, stays as it is.
    """
    arguments = {"type": "object", **arguments}
    named, needed = arguments.get("properties"), arguments.get("required", [])
    if not isinstance(named, dict) or not isinstance(needed, list):
        return arguments
    if arguments.keys() <= _CLOSED and all(name in list(named) for name in needed):
        arguments["additionalProperties"] = False
    return arguments


def actions_of(tools: Sequence[Tool]) -> tuple[dict[str, Json], dict[str, Json]]:
    """The JSON Schema of a call of one of the tools, and the call of none, which it allows.

    Raises:
        TaskError: there are none or too many, two have one name, or a schema is none.
    """
    check_count(len(tools))
    names = [tool.name for tool in tools]
    for name in names:
        if not name or not name.isprintable() or len(name) > LONGEST_NAME:
            form = f"1 to {LONGEST_NAME} printable characters"
            raise TaskError(f"the name {one_line(name)[:60]!r} is not {form}; correct it")
        if names.count(name) > 1:
            raise TaskError(f"two are named {name!r}; give one another name")
    forms = [_form(tool) for tool in tools]
    free = [name for name in NONE if name not in names]
    if not free:
        raise TaskError(f"tools are named {' and '.join(NONE)}; one name is for calling none")
    none = Tool(free[0], "", {"type": "object", "additionalProperties": False})
    return {"oneOf": [*forms, _form(none)]}, {"tool": free[0], "arguments": {}}


def check_count(tools: int) -> None:
    """Raise `TaskError` where there are none, or more than actions may be."""
    if not tools:
        raise TaskError("there is nothing to call; name a description with operations or tools")
    if tools > MOST_LABELS:
        most = f"actions are at most {MOST_LABELS}"
        raise TaskError(
            f"{tools:,} can be called, and {most}; take out what the task does not decide"
        )


def _form(tool: Tool) -> dict[str, Json]:
    called = {"x-call": tool.call} if tool.call else {}
    said = {"description": tool.says} if tool.says else {}
    form: dict[str, Json] = {
        "type": "object",
        **said,
        **called,
        "properties": {"tool": {"const": tool.name}, "arguments": without_null(tool.arguments)},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }
    try:
        Schema(form)
    except TaskError as error:
        raise TaskError(f"{tool.name}: {error}") from None
    if has_null(form):
        raise TaskError(f"{tool.name}: its schema holds null in a value, which TOML has not")
    return form


def rules_of(tools: Sequence[Tool]) -> list[str]:
    """A sentence for each tool, as a proposal: when it is right only a person knows."""
    return [
        f"Call {_words(tool.name)} to do this: {_first(tool)}. (A proposal: say when it is right.)"
        for tool in tools
    ]


def state_schema_of(tools: Sequence[Tool]) -> dict[str, Json]:
    """A proposal for a state: a message, and what calls need, which may be null.

    Arguments that a call needs, and that are text, a number or a truth value, are fields.
    """
    fields: dict[str, dict[str, Json]] = {MESSAGE: {"type": "string", "format": TEXT}}
    for tool in tools:
        properties, needed = tool.arguments.get("properties"), tool.arguments.get("required")
        if not isinstance(properties, dict) or not isinstance(needed, list):
            continue
        for name in needed:
            kinds = _kinds(properties.get(name))
            key = field_name(name) if isinstance(name, str) else ""
            if not kinds or key == MESSAGE:
                continue
            if key in fields:
                had = fields[key]["type"]
                fields[key]["type"] = [*had[:-1], *(k for k in kinds if k not in had), "null"]
            elif len(fields) <= MOST_FIELDS:
                fields[key] = {"type": [*kinds, "null"], "default": None}
                listed = properties[name].get("enum", ())
                if kinds == ["string"] and 0 < len(listed) <= EXAMPLES:
                    fields[key]["examples"] = [one for one in listed if isinstance(one, str)]
    form = {"$schema": DRAFT, "type": "object", "properties": fields, "required": [MESSAGE]}
    return {**form, "additionalProperties": False}


def states_of(tools: Sequence[Tool], none: Json) -> list[dict[str, Json]]:
    """States to begin with: messages that ask for the first tools, and one that asks for none."""
    asking = [f"Please do this: {_first(tool)}." for tool in tools[:2]]
    thanks = "Thank you, that is all."
    rows: list[dict[str, Json]] = [
        {"id": f"proposal {number}", "split": split, "state": {MESSAGE: message}}
        for number, (split, message) in enumerate(
            zip(("train", "test"), asking, strict=False), start=1
        )
    ]
    last = "test" if len(rows) == 1 else "train"
    return [*rows, {"id": "thanks", "split": last, "state": {MESSAGE: thanks}, "action": none}]


def tools_line(tools: Sequence[Tool]) -> str:
    """The names, the first of them."""
    return some([json.dumps(tool.name, ensure_ascii=False) for tool in tools])


def _kinds(schema: Json) -> list[str]:
    """Types of a plain value, or [] where it is none."""
    if not isinstance(schema, dict):
        return []
    kinds = schema.get("type", [])
    kinds = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind != "null"]
    return kinds if kinds and all(kind in _SCALARS for kind in kinds) else []


def _first(tool: Tool) -> str:
    """The first sentence of what a tool says of itself, without the mark at its end."""
    said = _FIRST_SENTENCE.split(_words(tool.says), maxsplit=1)[0].rstrip(".!?。:;, ")
    return said or _words(tool.call or tool.name)


def _words(text: str) -> str:
    """The text without what Markdown might take for its own."""
    kept = "".join(one if one in _WORDS or _is_letter(one) else " " for one in one_line(text))
    return " ".join(kept.split()) or "this"


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"
