"""Changes of a function base over HTTP: each is shown first, and is in force only when accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response

from logicdistill.errors import BaseError, CorruptError
from logicdistill.files import plain_text
from logicdistill.functions.base import Proposal
from logicdistill.policy import Signed
from logicdistill.serving.bodies import Refused, check_fields, object_of, taken
from logicdistill.serving.service import Served, service_of
from logicdistill.serving.shown import SNAPSHOT_HEADER, Shown, function_json
from logicdistill.types import Json
from logicdistill.writing.proposing import Proposing

router = APIRouter(default_response_class=Shown, tags=["changes"])

GIVEN = "the function given"
"""What messages call a text that came in a request."""

SIGNED = ("by", "why", "parent", "new", "accept")
"""Fields of every change."""

Make = Callable[[Proposing], Proposal]


@router.post("/policies/{name}/functions", summary="Add a function")
async def add(name: str, request: Request) -> Response:
    """Show what a function would change and, with ``accept``, put it into force."""
    fields = ("source", "stage", "rule", "emergency", "expires", *SIGNED)
    body = await object_of(request)
    check_fields(body, fields)
    source, stage = _source(body), taken(body, "stage", str, None)
    rule, expires = taken(body, "rule", str, None), taken(body, "expires", str, None)
    emergency = taken(body, "emergency", bool, False)

    def make(proposing: Proposing) -> Proposal:
        return proposing.add_text(
            source, GIVEN, stage, emergency=emergency, expires=expires, rule=rule
        )

    return await _change(request, name, body, make)


@router.put("/policies/{name}/functions/{function}", summary="Replace a function")
async def replace(name: str, function: str, request: Request) -> Response:
    """Show what another text would change and, with ``accept``, put it into force."""
    body = await object_of(request)
    check_fields(body, ("source", "rule", *SIGNED))
    source, rule = _source(body), taken(body, "rule", str, None)

    def make(proposing: Proposing) -> Proposal:
        return proposing.replace_text(function, source, GIVEN, rule)

    return await _change(request, name, body, make, function)


@router.delete("/policies/{name}/functions/{function}", summary="Remove a function")
async def remove(name: str, function: str, request: Request) -> Response:
    """Show what its absence would change and, with ``accept``, put it into force."""
    body = await object_of(request) if await request.body() else {}
    check_fields(body, SIGNED)

    def make(proposing: Proposing) -> Proposal:
        return proposing.remove(function)

    return await _change(request, name, body, make, function)


@router.post("/policies/{name}/rollback", summary="Go back to a snapshot")
async def rollback(name: str, request: Request) -> Response:
    """Show what an earlier base would change and, with ``accept``, put it into force."""
    body = await object_of(request)
    check_fields(body, ("snapshot", *SIGNED))
    snapshot = taken(body, "snapshot", str)

    def make(proposing: Proposing) -> Proposal:
        return proposing.rollback(snapshot)

    return await _change(request, name, body, make)


@router.post("/policies/{name}/tell", summary="Tell a new rule")
async def tell(name: str, request: Request) -> Response:
    """Have the teacher write functions for a rule, show what they would change, and so on."""
    body = await object_of(request)
    check_fields(body, ("rule", "expires", *SIGNED))
    rule, expires = taken(body, "rule", str), taken(body, "expires", str, None)
    teacher = service_of(request).named(name).teacher

    def make(proposing: Proposing) -> Proposal:
        if teacher is None:
            raise Refused(409, "no teacher was given; start the server with --teacher MODEL")
        return proposing.tell(rule, teacher, expires=expires)

    return await _change(request, name, body, make)


def signature(by: str | None, key: str | None) -> str:
    """Who made a change, for the journal: what the client says, and the key that it came with."""
    came = f"HTTP, key {key}" if key else "HTTP"
    return f"{by} ({came})" if by else came


def _source(body: Mapping[str, Json]) -> str:
    source: str = taken(body, "source", str)
    try:
        source.encode()
    except UnicodeEncodeError:
        raise Refused(422, "the source holds half of a Unicode character; send UTF-8") from None
    return plain_text(source)


async def _change(
    request: Request, name: str, body: Mapping[str, Json], make: Make, function: str | None = None
) -> Response:
    service = service_of(request)
    served = service.named(name)
    accept = taken(body, "accept", bool, False)
    parent, new = taken(body, "parent", str, None), taken(body, "new", str, None)
    signed: Signed = {"by": signature(taken(body, "by", str, None), request.state.key)}
    if why := taken(body, "why", str, None):
        signed["why"] = why
    found = await service.in_changing(_changed, served, make, parent, new, accept, signed, function)
    if found["applied"]:
        service.metrics.changed(name)
    return Shown(found, headers={SNAPSHOT_HEADER: found["snapshot"]})


def _changed(
    served: Served,
    make: Make,
    parent: str | None,
    new: str | None,
    accept: bool,
    signed: Signed,
    function: str | None,
) -> dict[str, Json]:
    """The impact of a change, which is in force where ``accept`` says so.

    ``function``: the one that is changed; one that is not there is said before all else.
    """
    policy = served.policy
    if policy.folder is None:
        what = f"the policy {served.name!r} has no folder, so a change would be lost"
        raise Refused(409, f"{what}; change the run, pack it again, and serve that")
    policy.reload()
    base = policy.base
    if function is not None:
        base.function(function)
    if parent is not None and parent != base.snapshot:
        raise _stale(parent, base.snapshot)
    made = make(policy.proposing)
    if new is not None and new != made.new.snapshot:
        raise Refused(
            409,
            f"the change is another one now ({new} -> {made.new.snapshot}), as where a teacher "
            "answered otherwise; look at it again and repeat",
            code="change_changed",
        )
    impact = None if made.old.snapshot == made.new.snapshot else policy.impact(made)
    if accept:
        try:
            policy.accept(made, **signed)
        except BaseError as error:
            now = _current(served)
            raise (_stale(made.old.snapshot, now) if now != made.old.snapshot else error) from None
    return {
        "applied": accept,
        "entries": list(made.entries),
        "functions": [function_json(one, source=True) for one in made.functions],
        "refused": dict(made.refused),
        "old": made.old.snapshot,
        "new": made.new.snapshot,
        "snapshot": policy.base.snapshot,
        "impact": impact.to_json() if impact else None,
        "lines": list(impact.lines()) if impact else [],
    }


def _current(served: Served) -> str:
    """The snapshot in force, in the folder where there is one."""
    policy = served.policy
    try:
        return policy.folder.current() if policy.folder else policy.base.snapshot
    except CorruptError:
        return policy.base.snapshot


def _stale(parent: str, now: str) -> Refused:
    return Refused(
        409,
        f"the base was changed meanwhile ({parent} -> {now}); look at the change again and repeat",
        code="base_changed",
    )
