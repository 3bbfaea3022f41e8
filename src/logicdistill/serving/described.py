"""The description of the interface (OpenAPI), with examples that the served policies decided."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.openapi.utils import get_openapi

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.errors import LogicDistillError
from logicdistill.functions.helpers import is_helper
from logicdistill.protocols import Task
from logicdistill.serving.inputs import text_field
from logicdistill.serving.playing import LARGEST_SEED
from logicdistill.serving.questions import ACTION, enum_of
from logicdistill.serving.service import Served, Service, service_of
from logicdistill.serving.shown import Shown, decision_json
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.schema import LARGEST, SMALLEST, check_state
from logicdistill.types import HELPERS, Json
from logicdistill.version import __version__

router = APIRouter(default_response_class=Shown)

_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_SIGNED = {
    "by": {**_MAYBE, "description": "Who, for the journal."},
    "why": {**_MAYBE, "description": "Why, for the journal."},
    "parent": {**_MAYBE, "description": "The snapshot that was looked at; 409 where it changed."},
    "new": {**_MAYBE, "description": "The snapshot that was shown; 409 where it is another one."},
    "accept": {"type": "boolean", "default": False, "description": "Put it into force."},
}


def _object(required: tuple[str, ...], **properties: Json) -> dict[str, Json]:
    form = {"type": "object", "properties": properties, "required": list(required)}
    return {**form, "additionalProperties": False}


def bodies(name: str, parts: Parts) -> dict[tuple[str, str], dict[str, Json]]:
    """Schemas of a policy's bodies by the path below ``/policies/NAME`` and the method."""
    task, stages = parts.task, [one.name for one in parts.base.stages]
    sources = {one.name: one.source for one in parts.base.functions}
    selected = [one for one in parts.base.functions if not is_helper(one)]
    copies = [one.source.replace(f"{one.name}(", f"{one.name}_too(") for one in selected]
    state, action = _ref(name, "state"), _ref(name, "action") if _form_of(task) else {}
    source = {**_TEXT, "description": "A function's file."}
    later = "2100-01-01T12:00Z"
    expires = {**_MAYBE, "description": "A later time, ISO 8601.", "examples": [later]}
    seed = {"type": "integer", "minimum": 0, "maximum": LARGEST_SEED}
    return {
        ("/decide", "post"): _object(("state",), state=state, request=_TEXT),
        ("/explain", "post"): _object(("state",), state=state),
        ("/play", "post"): _object((), seed=seed),
        ("/labels", "post"): _object(("state", "action"), state=state, action=action, by=_MAYBE),
        ("/functions", "post"): _object(
            ("source",),
            source={**source, "examples": copies},
            stage={"enum": [*stages, HELPERS.name, None]},
            rule=_MAYBE,
            emergency={"type": "boolean", "default": False},
            expires=expires,
            **_SIGNED,
        ),
        ("/functions/{function}", "put"): _object(
            ("source",), source={**source, "examples": [*sources.values()]}, rule=_MAYBE, **_SIGNED
        ),
        ("/functions/{function}", "delete"): _object((), **_SIGNED),
        ("/rollback", "post"): _object(("snapshot",), snapshot=_TEXT, **_SIGNED),
        ("/tell", "post"): _object(("rule",), rule=_TEXT, expires=expires, **_SIGNED),
    }


def _form_of(task: Task) -> dict[str, Json] | None:
    """The schema of the task's actions; None where they are described in words."""
    try:
        form = json.loads(task.action_form)
    except ValueError:
        return None
    return form if isinstance(form, dict) else None


def _ref(name: str, what: str) -> dict[str, Json]:
    return {"$ref": f"#/components/schemas/{name}.{what}"}


def _component(schema: Json, key: str) -> Json:
    """A schema as a component: what it refers to in itself is found below ``key``."""
    if isinstance(schema, list):
        return [_component(one, key) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        name: one if name in ("const", "default", "enum", "examples") else _component(one, key)
        for name, one in schema.items()
        if name != "$schema"
    }
    if found.get("type") == "integer":  # of 64 bits
        found = {"minimum": SMALLEST, "maximum": LARGEST, **found}
    if isinstance(there := found.get("$ref"), str) and there.startswith("#"):
        found["$ref"] = f"#/components/schemas/{key}{there[1:]}"
    return found


DECISIONS, SYSTEMONE = "/v1/decisions", "/v1/systemone"


def _open(required: tuple[str, ...], **properties: Json) -> dict[str, Json]:
    """An object in which fields that are not named are passed over, as those APIs do."""
    return {"type": "object", "properties": properties, "required": list(required)}


def _list_of(item: Json, least: int, most: int) -> dict[str, Json]:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


_PARTS: Json = {"anyOf": [_TEXT, {"type": "array", "items": {"type": "object"}}]}


def _options(field: str, form: Json) -> dict[str, Json]:
    """Choices or levels."""
    one = _open((field,), **{field: form}, description=_TEXT)
    return {**_list_of(one, 2, 255), "uniqueItems": True, "description": f"No {field} comes twice."}


def _question(kind: str, name: Json, **listed: Json) -> dict[str, Json]:
    required = ("type", "instructions", *listed)
    return _open(required, type={"const": kind}, name=name, instructions=_PARTS, **listed)


_WORDS: Json = {"type": ["string", "object", "array"]}
_CRITERIA: dict[str, Json] = {
    "type": "object",
    "additionalProperties": {"type": ["string", "object", "array", "null"]},
    "minProperties": 1,
    "maxProperties": 255,
}


def offers(served: Served) -> dict[str, list[str]]:
    """What a choice may offer, by the question's name, where that is about the policy.

    Empty for actions that are not listed: they are offered as JSON.
    """
    policy = served.policy
    actions = enum_of(policy.task.action_form) or []
    found: dict[str, list[str]] = {}
    for stage in policy.base.stages:
        if stage.selects:
            names = sorted(one.name for one in policy.base.of_stage(stage.name))
            found |= {name: names for name in (stage.name, stage.output) if name}
    words = [one if isinstance(one, str) else json.dumps(one) for one in actions]
    return {**found, ACTION: words}


def dialect_body(path: str, served: Served) -> dict[str, Json]:
    """The schema of a body in another dialect that is about a policy."""
    schema = served.policy.task.state_schema
    state, model = _ref(served.name, "state"), {"const": served.name}
    alone = text_field(schema)
    others = [name for name in schema.get("required", ()) if name != alone]
    texts: list[Json] = [] if alone is None or others else [schema["properties"][alone]]
    offered = {name: ones for name, ones in offers(served).items() if 2 <= len(ones) <= 255}
    if path == SYSTEMONE:
        noul = _open(("type",), type={"const": "noul"})
        score = {"type": {"const": "score"}, "criteria": _list_of(_WORDS, 1, 255)}
        choice = {"type": {"const": "choice"}, "criteria": _CRITERIA}
        both = ("type", "criteria")
        known = dict.fromkeys(offers(served), noul)
        for name, ones in offered.items():
            listed = {**_CRITERIA, "propertyNames": {"enum": ones}}
            known[name] = {"oneOf": [noul, _open(both, **{**choice, "criteria": listed})]}
        other = {"oneOf": [noul, _open(both, **choice), _open(both, **score)]}
        asked = {
            "type": "object",
            "properties": known,
            "additionalProperties": other,
            "minProperties": 1,
            "maxProperties": 400,
        }
        given: Json = {"anyOf": [state, {"type": "array", "items": state, "minItems": 1}, *texts]}
        return _open(("model", "state", "questions"), model=model, state=given, questions=asked)
    other_name = {**_MAYBE, "not": {"enum": [*offers(served)]}}
    questions = [
        _question("predicate", _MAYBE),
        _question("choice", other_name, choices=_options("value", {"type": ["string", "boolean"]})),
        _question("score", other_name, levels=_options("label", _TEXT)),
        *(
            _question("choice", {"const": name}, choices=_options("value", {"enum": ones}))
            for name, ones in offered.items()
        ),
    ]
    part = _open(("type", "data"), type={"const": "input_json"}, data=state)
    role = {"enum": ["user", "developer", "system"]}
    message = _open(("role", "content"), role=role, content=_list_of(part, 1, 16))
    told = "Also tools' outputs, and text and pictures beside the object: docs/service.md."
    return _open(
        ("model", "input", "questions"),
        model=model,
        input={"description": told, "anyOf": [_list_of(message, 1, 16), *texts]},
        questions=_list_of({"oneOf": questions}, 1, 400),
    )


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
    for path, methods in found["paths"].items():
        for operation in methods.values():
            text = next((kind for end, kind in _TEXTS.items() if path.endswith(end)), None)
            form = {"schema": {"type": "string" if text else "object"}}
            ok = {"description": "As asked.", "content": {text or "application/json": form}}
            operation["responses"] = {"200": ok, "default": _ERROR}
    models: Json = {"type": "string", "enum": [*service.served]}
    found["paths"]["/v1/models/{model}"]["get"]["parameters"][0]["schema"] = models
    schemas: dict[str, Json] = {}
    paths = {path: one for path, one in found["paths"].items() if "{name}" not in path}
    for name, served in service.served.items():
        parts = served.policy.parts
        forms = {"state": parts.task.state_schema, "action": _form_of(parts.task)}
        keys = {f"{name}.{what}": form for what, form in forms.items() if form is not None}
        schemas |= {key: _component(form, key) for key, form in keys.items()}
        for path, methods in found["paths"].items():
            if "{name}" in path:
                paths[path.replace("{name}", name)] = _of_policy(methods, served)
        for (below, method), schema in bodies(name, parts).items():
            body = {"content": {"application/json": {"schema": schema}}}
            operation = paths[f"/policies/{name}{below}"][method]
            operation["requestBody"] = {**body, "required": method != "delete"}
        if (shown := example(served)) is not None:
            asked, answered = shown
            deciding = paths[f"/policies/{name}/decide"]["post"]
            summary = {"summary": parts.task.title, "value": asked}
            deciding["requestBody"]["content"]["application/json"]["examples"] = {name: summary}
            ok = deciding["responses"]["200"]["content"]["application/json"]
            ok["examples"] = {name: {"value": answered}}
    for path in (DECISIONS, SYSTEMONE):
        asked = {
            name: {"summary": one.policy.task.title, "value": body}
            for name, one in service.served.items()
            if (body := question_of(path, one)) is not None
        }
        schema = {"oneOf": [dialect_body(path, one) for one in service.served.values()]}
        content = {"application/json": {"schema": schema, "examples": asked}}
        paths[path]["post"]["requestBody"] = {"content": content, "required": True}
    return {**found, "paths": paths, "components": {"schemas": schemas}}


def _of_policy(methods: Mapping[str, Any], served: Served) -> dict[str, Any]:
    """The operations of a path for one policy, whose name is part of the path."""
    found = copy.deepcopy(dict(methods))
    functions = sorted(one.name for one in served.policy.base.functions)
    for operation in found.values():
        operation["operationId"] += f"_{served.name}"
        operation["parameters"] = [one for one in operation["parameters"] if one["name"] != "name"]
        for parameter in operation["parameters"]:
            if parameter["name"] == "function":
                parameter["schema"] = {"type": "string", "enum": functions}
    return found


def question_of(path: str, served: Served) -> Json:
    """A request of another dialect about the task's example state; None where there is none."""
    policy = served.policy
    state, known = _example_state(policy.task), offers(served)
    named = (name for name in (ACTION, *known) if 2 <= len(known[name]) <= 255)
    if state is None or (name := next(named, None)) is None:
        return None
    offered = known[name]
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
