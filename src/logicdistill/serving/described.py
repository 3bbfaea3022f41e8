"""The description of the interface (OpenAPI), with examples that the served policies decided."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.openapi.utils import get_openapi

from logicdistill import __version__
from logicdistill.deciding.decide import decide
from logicdistill.errors import LogicDistillError
from logicdistill.protocols import Task
from logicdistill.serving.questions import ACTION, enum_of
from logicdistill.serving.service import Served, Service, service_of
from logicdistill.serving.shown import Shown, decision_json
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.schema import check_state
from logicdistill.types import Json

router = APIRouter(default_response_class=Shown)

_TEXT = {"type": "string"}
_SIGNED = {
    "by": {**_TEXT, "description": "Who, for the journal."},
    "why": {**_TEXT, "description": "Why, for the journal."},
    "parent": {**_TEXT, "description": "The snapshot that was looked at; 409 where it changed."},
    "new": {**_TEXT, "description": "The snapshot that was shown; 409 where it is another one."},
    "accept": {"type": "boolean", "default": False, "description": "Put it into force."},
}


def _object(required: tuple[str, ...], **properties: Json) -> dict[str, Json]:
    form = {"type": "object", "properties": properties, "required": list(required)}
    return {**form, "additionalProperties": False}


_CHANGE = "/policies/{name}/functions"
BODIES: dict[tuple[str, str], dict[str, Json]] = {
    ("/policies/{name}/decide", "post"): _object(
        ("state",), state={"type": "object"}, request=_TEXT
    ),
    ("/policies/{name}/explain", "post"): _object(("state",), state={"type": "object"}),
    ("/policies/{name}/play", "post"): _object((), seed={"type": "integer", "minimum": 0}),
    ("/policies/{name}/labels", "post"): _object(
        ("state", "action"), state={"type": "object"}, action={}, by=_TEXT
    ),
    (_CHANGE, "post"): _object(
        ("source",),
        source={**_TEXT, "description": "A function file."},
        stage=_TEXT,
        rule=_TEXT,
        emergency={"type": "boolean", "default": False},
        expires=_TEXT,
        **_SIGNED,
    ),
    (f"{_CHANGE}/{{function}}", "put"): _object(("source",), source=_TEXT, rule=_TEXT, **_SIGNED),
    (f"{_CHANGE}/{{function}}", "delete"): _object((), **_SIGNED),
    ("/policies/{name}/rollback", "post"): _object(("snapshot",), snapshot=_TEXT, **_SIGNED),
    ("/policies/{name}/tell", "post"): _object(("rule",), rule=_TEXT, expires=_TEXT, **_SIGNED),
}
"""Schemas of bodies by path and method."""

DECISIONS, SYSTEMONE = "/v1/decisions", "/v1/systemone"


def _open(required: tuple[str, ...], **properties: Json) -> dict[str, Json]:
    """An object in which fields that are not named are passed over, as those APIs do."""
    return {"type": "object", "properties": properties, "required": list(required)}


def _list_of(item: Json, least: int, most: int) -> dict[str, Json]:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


_ASKED: Json = {"anyOf": [_TEXT, {"type": "array", "items": {"type": "object"}}]}
_NAMED: dict[str, Json] = {"name": {"type": ["string", "null"]}, "instructions": _ASKED}
_CHOICE = _open(("value",), value={"type": ["string", "boolean"]}, description=_TEXT)
_LEVEL = _open(("label",), label=_TEXT, description=_TEXT)
_LISTED = {
    "choices": {**_list_of(_CHOICE, 2, 255), "uniqueItems": True},
    "levels": {**_list_of(_LEVEL, 2, 255), "uniqueItems": True},
}


def _question(kind: str, *listed: str) -> dict[str, Json]:
    parts = {name: _LISTED[name] for name in listed}
    return _open(("type", "instructions", *listed), type={"const": kind}, **_NAMED, **parts)


_WORDS: Json = {"type": ["string", "object", "array"]}
_CRITERIA: dict[str, Json] = {
    "type": "object",
    "additionalProperties": {"type": ["string", "object", "array", "null"]},
    "minProperties": 1,
    "maxProperties": 255,
}


def dialects(models: Sequence[str]) -> dict[str, dict[str, Json]]:
    """Schemas of the bodies of the other dialects, by path.

    ``models``: names of the served policies.
    """
    model: Json = {"enum": [*models], "description": "A policy's name."}
    questions = [
        _question("predicate"),
        _question("choice", "choices"),
        _question("score", "levels"),
    ]
    named = [
        _open(("type",), type={"const": "noul"}),
        _open(("type", "criteria"), type={"const": "choice"}, criteria=_CRITERIA),
        _open(("type", "criteria"), type={"const": "score"}, criteria=_list_of(_WORDS, 1, 255)),
    ]
    return {
        DECISIONS: _open(
            ("model", "input", "questions"),
            model=model,
            input={**_ASKED, "description": "The state, as text, messages or input_json parts."},
            questions=_list_of({"oneOf": questions}, 1, 400),
        ),
        SYSTEMONE: _open(
            ("model", "state", "questions"),
            model=model,
            state={"type": ["object", "string", "array"]},
            questions={
                "type": "object",
                "additionalProperties": {"oneOf": named},
                "minProperties": 1,
                "maxProperties": 400,
            },
        ),
    }


_TEXTS = {"/metrics": "text/plain", "/decide/many": "application/x-ndjson"}
"""Media types of answers that are no JSON object, by the end of the path."""

_ERROR: dict[str, Json] = {
    "description": "What was wrong, in one line.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


@router.get("/openapi.json", include_in_schema=False)
async def description(request: Request) -> Response:
    """The description; its examples are decided now."""
    service = service_of(request)
    routes = request.app.routes
    return Shown(await service.in_thread(describe, service, routes))


def describe(service: Service, routes: Any) -> dict[str, Json]:
    """OpenAPI 3.1 of these routes."""
    found = get_openapi(title="logicdistill", version=__version__, routes=routes)
    found.pop("components", None)
    for path, methods in found["paths"].items():
        for operation in methods.values():
            text = next((kind for end, kind in _TEXTS.items() if path.endswith(end)), None)
            form = {"schema": {"type": "string" if text else "object"}}
            ok = {"description": "As asked.", "content": {text or "application/json": form}}
            operation["responses"] = {"200": ok, "default": _ERROR}
    names: Json = {"type": "string", "enum": [*service.served]}
    functions = {
        one.name for served in service.served.values() for one in served.policy.base.functions
    }
    for methods in found["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in ("name", "model"):
                    parameter["schema"] = names
                elif parameter["name"] == "function":
                    parameter["schema"] = {"type": "string", "examples": sorted(functions)}
    for (path, method), schema in BODIES.items():
        body = {"content": {"application/json": {"schema": schema}}}
        found["paths"][path][method]["requestBody"] = {**body, "required": method != "delete"}
    examples = {name: example(one) for name, one in service.served.items()}
    known = {name: one for name, one in examples.items() if one is not None}
    deciding = found["paths"]["/policies/{name}/decide"]["post"]
    deciding["requestBody"]["content"]["application/json"]["examples"] = {
        name: {"summary": service.served[name].policy.task.title, "value": asked}
        for name, (asked, _) in known.items()
    }
    deciding["responses"]["200"]["content"]["application/json"]["examples"] = {
        name: {"value": answered} for name, (_, answered) in known.items()
    }
    for path, schema in dialects([*service.served]).items():
        asked = {
            name: {"summary": one.policy.task.title, "value": body}
            for name, one in service.served.items()
            if (body := question_of(path, one)) is not None
        }
        content = {"application/json": {"schema": schema, "examples": asked}}
        found["paths"][path]["post"]["requestBody"] = {"content": content, "required": True}
    return found


def question_of(path: str, served: Served) -> Json:
    """A request of another dialect about the task's example state; None where there is none."""
    policy = served.policy
    state, actions = _example_state(policy.task), enum_of(policy.task.action_form) or []
    if state is None:
        return None
    words = [one if isinstance(one, str) else json.dumps(one) for one in actions]
    offered = words if 2 <= len(words) <= 255 else []
    name = ACTION if offered else policy.base.stages[-1].name
    if not offered:
        offered = [one.name for one in policy.base.of_stage(name)][:255]
    if len(offered) < 2:
        return None
    said = "Which one is it?"
    if path == SYSTEMONE:
        asked: Json = {name: {"type": "choice", "criteria": dict.fromkeys(offered)}}
        return {"model": served.name, "state": state, "questions": asked}
    choices = [{"value": one} for one in offered]
    question = {"type": "choice", "name": name, "instructions": said, "choices": choices}
    data = {"type": "input_json", "data": state}
    given = [{"role": "user", "content": [data]}]
    return {"model": served.name, "input": given, "questions": [question]}


def example(served: Served) -> tuple[Json, Json] | None:
    """A request that the policy's task shows, and what is decided; None where it shows none."""
    state = _example_state(served.policy.task)
    if state is None:
        return None
    parts = served.policy.parts
    [decision] = decide(parts, [check_state(parts.task, state)])  # an example is not logged
    return {"state": state}, decision_json(decision)


def _example_state(task: Task) -> dict[str, Json] | None:
    try:
        if isinstance(task, RecordTask):
            return task.samples(1)[0] if task.settings.samples or task.has_states else None
        from logicdistill.evaluation.evaluate import first_state

        return first_state(task, 0)
    except (LogicDistillError, IndexError):
        return None
