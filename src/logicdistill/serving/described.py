"""The description of the interface (OpenAPI), with examples that the served policies decided."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.openapi.utils import get_openapi

from logicdistill import __version__
from logicdistill.deciding.decide import decide
from logicdistill.errors import LogicDistillError
from logicdistill.evaluation.evaluate import first_state
from logicdistill.protocols import Task
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
    return found


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
        return first_state(task, 0)
    except (LogicDistillError, IndexError):
        return None
