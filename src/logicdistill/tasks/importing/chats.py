"""Conversations with OpenAI's models as states and actions: fine-tuning examples and chat logs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from logicdistill.errors import TaskError
from logicdistill.tasks.importing.reading import Rows
from logicdistill.tasks.schema import Schema, infer_schema
from logicdistill.types import Json

MESSAGE, EARLIER, SYSTEM, LABEL = "message", "earlier", "system", "reply"
"""Fields of a state that comes from a conversation, and the column of the action."""


@dataclass(slots=True)
class Chats:
    """What the conversations say.

    Attributes:
        rows: the last user message (its fields, where every one is a JSON object), what was said
            before it, and under `LABEL` the answer.
        schema: of the answers, where the requests or their tools give one.
        system: the system message, where all rows have the same one.
    """

    rows: Rows
    schema: dict[str, Json] | None = None
    system: str = ""


@dataclass(slots=True)
class _Chat:
    number: int
    system: str
    earlier: str
    message: str
    answer: Json
    schema: Json = None
    tools: dict[str, Json] = field(default_factory=dict)


def is_chat(row: dict[str, Json]) -> bool:
    """Whether a row holds a conversation."""
    request = _request(row)
    turns = request.get("messages", request.get("input"))
    return isinstance(turns, list) and bool(turns) and all(_is_turn(turn) for turn in turns)


def read_chats(found: Rows) -> Chats:
    """Conversations as rows with fields; those that give no state with one action are dropped.

    Raises:
        TaskError: no conversation is left, or their schema is no JSON Schema.
    """
    rows = Rows("", found.unit, dropped=list(found.dropped))
    chats: list[_Chat] = []
    for number, row in found.rows:
        try:
            chats.append(_chat(number, row))
        except _Unusable as unusable:
            rows.dropped.append((number, str(unusable)))
    chats = _of_one_kind(chats, rows.dropped)
    rows.dropped.sort()
    if not chats:
        number, why = rows.dropped[0]
        raise TaskError(f"no conversation can be read; {found.unit} {number}: {why}")
    schema = _schema(chats)
    logs = "chat logs with a response schema" if chats[0].schema else "conversations"
    rows.form = f"{found.form} of {logs}"
    systems = {chat.system for chat in chats}
    states = [_object(chat.message) for chat in chats]
    for chat, state in zip(chats, states, strict=True):
        fields: dict[str, Json] = {MESSAGE: chat.message}
        if all(one is not None and LABEL not in one for one in states):
            fields = dict(state or {})
        if any(one.earlier for one in chats):
            fields[EARLIER] = chat.earlier or None
        if len(systems) > 1:
            fields[SYSTEM] = chat.system or None
        rows.rows.append((chat.number, {**fields, LABEL: chat.answer}))
    return Chats(rows, schema, systems.pop() if len(systems) == 1 else "")


class _Unusable(Exception):
    """Why a conversation gives no state with one action."""


def _is_turn(turn: Json) -> bool:
    return isinstance(turn, dict) and isinstance(turn.get("role", turn.get("type")), str)


def _inner(value: Json, key: str) -> dict[str, Json]:
    """The object under a key, which logs may hold as JSON text; {} if there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    found = _object(found) if isinstance(found, str) else found
    return found if isinstance(found, dict) else {}


def _request(row: dict[str, Json]) -> dict[str, Json]:
    request = _inner(row, "request") or row
    return _inner(request, "body") or request


def _response(row: dict[str, Json]) -> dict[str, Json]:
    response = _inner(row, "response")
    return _inner(response, "body") or response


def _chat(number: int, row: dict[str, Json]) -> _Chat:
    request, response = _request(row), _response(row)
    turns = list(request.get("messages", request.get("input")) or ())
    if response:
        answer = _answer(response)
    elif turns and isinstance(turns[-1], dict) and turns[-1].get("role") == "assistant":
        answer = turns.pop()
    else:
        raise _Unusable("the last message is not the assistant's")
    if not turns or not all(_is_turn(turn) for turn in turns):
        raise _Unusable("no messages")
    said = [(str(turn.get("role", turn.get("type"))), _text(turn)) for turn in turns]
    system = [text for role, text in said if role in ("system", "developer")]
    system += [request["instructions"]] if isinstance(request.get("instructions"), str) else []
    spoken = [(role, text) for role, text in said if role not in ("system", "developer")]
    if not spoken or spoken[-1][0] != "user":
        raise _Unusable("no user's message before the answer")
    if not spoken[-1][1].strip():
        raise _Unusable("the user's message is empty")
    earlier = "\n".join(f"{role}: {text}" for role, text in spoken[:-1])
    schema = _inner(_inner(request, "response_format"), "json_schema").get("schema")
    schema = schema or _inner(_inner(request, "text"), "format").get("schema")
    chat = _Chat(number, "\n\n".join(system), earlier, spoken[-1][1], _action(answer), schema)
    for tool in request.get("tools") or row.get("tools") or ():
        function = _inner(tool, "function") or tool
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            chat.tools[function["name"]] = function.get("parameters") or {"type": "object"}
    if schema is not None:
        chat.answer = _object(chat.answer) if isinstance(chat.answer, str) else chat.answer
        if chat.answer is None:
            raise _Unusable("the answer is no JSON object")
    return chat


def _answer(response: dict[str, Json]) -> dict[str, Json]:
    """The assistant's message of a response: a chat completion, or OpenAI's Responses."""
    choices, output = response.get("choices"), response.get("output")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        if choices[0].get("finish_reason") == "length":
            raise _Unusable("the answer was cut off")
        return _inner(choices[0], "message")
    if isinstance(output, list):
        calls = [
            {"function": item}
            for item in output
            if isinstance(item, dict) and item.get("type") == "function_call"
        ]
        texts = [_text(item) for item in output if isinstance(item, dict) and "content" in item]
        return {"content": "".join(texts), "tool_calls": calls}
    return _inner(response, "message") or response


def _text(turn: dict[str, Json]) -> str:
    content = turn.get("content")
    if content is None or isinstance(content, str):
        return content or ""
    parts = []
    for part in content if isinstance(content, list) else [content]:
        if not isinstance(part, dict) or not isinstance(part.get("text"), str):
            kind = part.get("type") if isinstance(part, dict) else type(part).__name__
            raise _Unusable(f"a message has a part that is no text ({kind})")
        parts.append(part["text"])
    return "\n".join(parts)


def _action(answer: dict[str, Json]) -> Json:
    """A tool's call, or the text."""
    if answer.get("refusal"):
        raise _Unusable("the answer is a refusal")
    called = answer.get("tool_calls") or ()
    if isinstance(answer.get("function_call"), dict):
        called = [{"function": answer["function_call"]}]
    if len(called) > 1:
        raise _Unusable(f"calls {len(called)} tools; a state has one action")
    if called:
        function = _inner(called[0], "function")
        arguments = function.get("arguments") or "{}"
        arguments = _object(arguments) if isinstance(arguments, str) else arguments
        if not isinstance(function.get("name"), str) or not isinstance(arguments, dict):
            raise _Unusable("the tool's arguments are no JSON object")
        return {"tool": function["name"], "arguments": arguments}
    if not (text := _text(answer).strip()):
        raise _Unusable("the answer is empty")
    return text


def _of_one_kind(chats: list[_Chat], dropped: list[tuple[int, str]]) -> list[_Chat]:
    """Those with the first one's schema and kind of answer, less answers that break the schema."""
    kept = []
    first = next((chat.schema for chat in chats if chat.schema is not None), None)
    if first is not None:
        try:
            schema = Schema(first)
        except TaskError as error:
            raise TaskError(f"the response schema: {error}") from None
    tools = first is None and any(_is_call(chat.answer) for chat in chats)
    for chat in chats:
        if chat.schema != first:
            dropped.append((chat.number, "another response schema than the first row's"))
        elif first is not None and (faults := schema.faults(chat.answer)):
            dropped.append((chat.number, f"the answer breaks the schema: {faults[0]}"))
        elif tools and not _is_call(chat.answer):
            dropped.append((chat.number, "answers in words, where other rows call a tool"))
        else:
            kept.append(chat)
    if not tools and first is None and kept:
        objects = [_object(chat.answer) for chat in kept]
        if all(one is not None for one in objects):
            for chat, one in zip(kept, objects, strict=True):
                chat.answer = one
    return kept


def _is_call(answer: Json) -> bool:
    return isinstance(answer, dict) and answer.keys() == {"tool", "arguments"}


def _schema(chats: Sequence[_Chat]) -> dict[str, Json] | None:
    """The schema of the answers: the one requested, or of each tool's call."""
    if chats[0].schema is not None:
        return dict(chats[0].schema)
    if not _is_call(chats[0].answer):
        return None
    declared = {name: schema for chat in chats for name, schema in chat.tools.items()}
    called: dict[str, list[dict[str, Json]]] = {}
    for chat in chats:
        called.setdefault(chat.answer["tool"], []).append(chat.answer["arguments"])
    calls: list[Json] = []
    for name in sorted({*declared, *called}):
        arguments = declared.get(name) or _inferred(called[name])
        call = {"tool": {"const": name}, "arguments": arguments}
        calls.append(
            {
                "type": "object",
                "properties": call,
                "required": ["tool", "arguments"],
                "additionalProperties": False,
            }
        )
    return {"anyOf": calls}


def _inferred(values: Sequence[dict[str, Json]]) -> dict[str, Json]:
    schema = infer_schema(values)
    properties = {name: dict(field) for name, field in schema["properties"].items()}
    for one in properties.values():
        one.pop("default", None)
    del schema["$schema"]
    return {**schema, "properties": properties}


def _object(text: Any) -> dict[str, Json] | None:
    try:
        value = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
