"""The service's own dialect: what is served, and decisions, one or many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from logicdistill.errors import InvalidStateError, LogicDistillError
from logicdistill.policy import CHUNK
from logicdistill.serving.bodies import Refused, check_fields, limit_of, object_of, parsed, taken
from logicdistill.serving.logged import newest
from logicdistill.serving.metrics import CONTENT_TYPE
from logicdistill.serving.service import Served, Service, service_of
from logicdistill.serving.shown import (
    Shown,
    decision_json,
    function_json,
    functions_json,
    headers_of,
    json_bytes,
    listing,
    policy_json,
)
from logicdistill.types import Decision, Json

router = APIRouter(default_response_class=Shown)

NDJSON = "application/x-ndjson"
AT_ONCE = 4 * CHUNK
"""States of ``decide/many`` whose decisions are sent together."""

MOST_STATES = 200_000
"""Lines of one request at most; `logicdistill decide --out` takes files of any length."""

MOST_SHOWN = 1000
"""Logged decisions, or entries of the journal, that one request gets at most."""


@router.get("/health", tags=["server"], summary="Whether the process answers")
async def health(request: Request) -> Response:
    """Open to everyone; it names policies whose decisions cannot be logged."""
    return Shown({"status": "ok", **service_of(request).unlogged()})


@router.get("/ready", tags=["server"], summary="Whether decisions are taken by the newest base")
async def ready(request: Request) -> Response:
    """Open to everyone; 503 while the server ends, and where a changed base cannot be taken up.

    Decisions are taken then, too: by the base before. The server's log says why.
    """
    service = service_of(request)
    for one in service.served.values():
        await service.in_thread(one.policy.look)
    stale = [name for name, one in service.served.items() if one.policy.stale is not None]
    fine = service.ready and not stale
    found: dict[str, Json] = {"ready": fine, "policies": len(service.served)}
    if stale:
        found["stale"] = cast(Json, stale)
    return Shown({**found, **service.unlogged()}, 200 if fine else 503)


@router.get("/metrics", tags=["server"], summary="Counts for Prometheus")
async def metrics(request: Request) -> Response:
    """Decisions, fallbacks, confidence, seconds and errors."""
    return Response(service_of(request).metrics.text(), media_type=CONTENT_TYPE)


@router.get("/policies", tags=["policies"], summary="The policies that are served")
async def policies(request: Request) -> Response:
    """A line for each."""
    return Shown({"policies": listing(service_of(request).served)})


@router.get("/policies/{name}", tags=["policies"], summary="Rules, schema and stages of a policy")
async def policy(name: str, request: Request) -> Response:
    """Also which functions serve each rule, and which rules none serves."""
    service = service_of(request)
    return Shown(await service.in_thread(policy_json, await service.current(name)))


@router.post("/policies/{name}/decide", tags=["deciding"], summary="Decide one state")
async def decide(request: Request, name: str) -> Response:
    """The action, how sure it is, the functions that gave it, and the rules that they cite."""
    service = service_of(request)
    served, body = service.named(name), await object_of(request)
    check_fields(body, ("state", "request"))
    state = taken(body, "state", dict)
    request_id = taken(body, "request", str, request.state.request_id)
    decision = await service.decide(served, state, request_id)
    return Shown(decision_json(decision), headers=headers_of(decision))


@router.post(
    "/policies/{name}/decide/many", tags=["deciding"], summary="Decide many states, streamed"
)
async def decide_many(request: Request, name: str) -> Response:
    """States as a JSON array or as lines of JSON; a decision a line comes back, in order.

    A state that cannot be decided gives a line with its error and its place: its line, from 1, or
    its index in the array, from 0.
    """
    service = service_of(request)
    served, body = service.named(name), await request.body()
    given = await service.in_bulk(_given, body)
    return StreamingResponse(_decided(service, served, given), media_type=NDJSON)


def _given(body: bytes) -> list[tuple[dict[str, int], Json]]:
    """States, or what was wrong with a line, each with its place."""
    if body.lstrip()[:1] == b"[":
        return [({"index": at}, one) for at, one in enumerate(parsed(body))]
    if body.count(b"\n") > MOST_STATES:
        raise Refused(413, f"more than {MOST_STATES:,} lines; send fewer at a time")
    lines = enumerate(body.splitlines(), start=1)
    return [({"line": at}, _line(line)) for at, line in lines if line.strip()]


def _line(line: bytes) -> Json | Refused:
    try:
        return parsed(line, "the line")
    except Refused as error:
        return error


async def _decided(
    service: Service, served: Served, given: Sequence[tuple[dict[str, int], Json]]
) -> AsyncIterator[bytes]:
    """Lines of decisions, a batch at a time; while one is sent, the next is decided."""
    batches = [given[start : start + AT_ONCE] for start in range(0, len(given), AT_ONCE)]
    under_way: asyncio.Future[bytes] | None = None
    for batch in [*batches, None]:
        done = under_way
        if batch is not None:
            under_way = asyncio.ensure_future(service.in_bulk(_lines, service, served, batch))
        if done is not None:
            yield await done


def _lines(service: Service, served: Served, given: Sequence[tuple[dict[str, int], Json]]) -> bytes:
    """A batch, decided and written, a line each."""
    found: list[Decision | LogicDistillError | None] = [None] * len(given)
    places = []
    for at, (_, one) in enumerate(given):
        if isinstance(one, Refused):
            found[at] = one
        elif not isinstance(one, dict):
            found[at] = InvalidStateError("a state is a JSON object")
        else:
            places.append(at)
    states = [given[at][1] for at in places]
    decided = served.policy.decide_many(states, [""] * len(states), on_error="return")
    for at, one in zip(places, decided, strict=True):
        found[at] = one if isinstance(one, Decision) else _plain(one)
    lines = list[bytes]()
    for (place, _), item in zip(given, found, strict=True):
        if isinstance(item, Decision):
            service.count(served, item)
            lines.append(json_bytes(decision_json(item)))
        else:
            lines.append(json_bytes({**place, "error": str(item)}))
    return b"".join(line + b"\n" for line in lines)


def _plain(error: LogicDistillError) -> LogicDistillError:
    return InvalidStateError(str(error).removeprefix(": "))


@router.get("/policies/{name}/functions", tags=["functions"], summary="The functions of a policy")
async def functions(name: str, request: Request) -> Response:
    """With their manuals, by stage; helpers last."""
    service = service_of(request)
    return Shown(await service.in_thread(functions_json, await service.current(name)))


@router.get(
    "/policies/{name}/functions/{function}", tags=["functions"], summary="A function's file"
)
async def function(name: str, function: str, request: Request) -> Response:
    """The text and the manual."""
    base = (await service_of(request).current(name)).policy.base
    found = function_json(base.function(function), source=True)
    return Shown({"snapshot": base.snapshot, **found})


@router.get("/policies/{name}/journal", tags=["functions"], summary="What was changed, by whom")
async def journal(name: str, request: Request) -> Response:
    """Every change that took effect, oldest first; the newest thousand."""
    service = service_of(request)
    policy = (await service.current(name)).policy
    entries = await service.in_thread(policy.folder.journal) if policy.folder else []
    return Shown({"snapshot": policy.base.snapshot, "entries": entries[-MOST_SHOWN:]})


@router.get("/policies/{name}/decisions", tags=["deciding"], summary="The last logged decisions")
async def decisions(name: str, request: Request) -> Response:
    """The newest first, ``limit`` of them; empty where the server was started without --log."""
    service = service_of(request)
    policy = service.named(name).policy
    limit = limit_of(request, 50, MOST_SHOWN)
    found = await service.in_thread(newest, policy.log, limit) if policy.log else []
    return Shown({"logs": policy.log is not None, "decisions": found})
