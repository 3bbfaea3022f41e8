"""The HTTP application: the dialects, behind the guard; a person may mount it into another one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from logicdistill.errors import LogicDistillError
from logicdistill.policy import Policy
from logicdistill.protocols import Teacher
from logicdistill.serving import (
    changing,
    decisions,
    described,
    labels,
    native,
    page,
    playing,
    systemone,
    trying,
)
from logicdistill.serving.bodies import Refused, dialect_of, envelope, path_of
from logicdistill.serving.keys import Keys
from logicdistill.serving.limits import LOOPBACK, WITH_PICTURE, Guard, Guarded, Limits
from logicdistill.serving.service import Service
from logicdistill.tasks.schema import state_schema
from logicdistill.version import __version__

METHODS = ("GET", "POST", "PUT", "DELETE")


def create_app(
    policies: Mapping[str, Policy],
    *,
    keys: Keys | None = None,
    limits: Limits | None = None,
    hosts: Collection[str] | None = None,
    teachers: Mapping[str, Teacher] | None = None,
    open_questions: bool = False,
    drain: float = 0.0,
) -> FastAPI:
    """An application that serves policies. They stay the caller's to close.

    Args:
        policies: by the name that they have in addresses and as a model. One of a run's folder
            should be loaded with ``watch``, so that it sees changes that others make.
        keys: who may do what; None lets everyone do everything.
        limits: of sizes, times and numbers.
        hosts: names of this server that requests may ask for. By default any with keys, and
            `logicdistill.serving.limits.LOOPBACK` without: a page may rebind a name of its own.
        teachers: by policy, who writes functions for rules that are told.
        open_questions: answer choices that a policy was not made for from the words of their
            options, marked as such.
        drain: seconds for which a process that gets SIGTERM goes on, while ``/ready`` says 503.

    Raises:
        MissingExtraError: ``open_questions`` needs an encoder that is not installed.
    """
    readers = None
    if open_questions:
        from logicdistill.serving import open_questions as opened

        readers = opened.readers(policies)
    service = Service.of(policies, teachers, readers)
    if hosts is None and keys is None:
        hosts = LOOPBACK

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.recall()
        if drain:
            _drain(service, drain)
        yield
        service.close()

    sees = any(state_schema(policy.task).pictures for policy in policies.values())
    limits = limits or (Limits(body=WITH_PICTURE) if sees else Limits())
    guard = Guard(service, keys, limits, hosts)
    app = _Application(
        guard,
        title="logicdistill",
        version=__version__,
        description="Decisions by written rules.",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.service, app.state.keys = service, keys
    for part in (native, trying, playing, changing, labels, decisions, systemone, described, page):
        app.include_router(part.router)
    app.add_exception_handler(LogicDistillError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_middleware(Guarded, guard=guard)
    return app


class _Application(FastAPI):
    """FastAPI, but the requests that come most go from the guard straight to their answer.

    What FastAPI does for each request took more processor time than the decision. Its routers have
    these requests as well, for the description.
    """

    def __init__(self, guard: Guard, **settings: Any) -> None:
        super().__init__(**settings)
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        found = _quick(path_of(scope)) if scope["type"] == "http" else None
        if found is None or scope["method"] != "POST":
            await super().__call__(scope, receive, send)
            return

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            response = await found(Request(scope, receive))
            await response(scope, receive, send)

        scope["app"] = self
        await self._guard(answer, scope, receive, send)


def _drain(service: Service, seconds: float) -> None:
    """At the first SIGTERM be not ready, and pass it on after these seconds; a second one ends."""
    loop, ends = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)

    def leave() -> None:
        service.ready = False
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, ends)
        loop.call_later(seconds, os.kill, os.getpid(), signal.SIGTERM)

    loop.add_signal_handler(signal.SIGTERM, leave)


def _quick(path: str) -> Callable[[Request], Awaitable[Response]] | None:
    """What answers the requests that come most, by their path."""
    if path == "/v1/decisions":
        return decisions.decisions
    if path == "/v1/systemone":
        return systemone.systemone
    _, kind, name, deciding = (path.split("/", 3) + [""] * 4)[:4]
    if kind == "policies" and deciding in ("decide", "decide/many"):
        given = native.decide if deciding == "decide" else native.decide_many
        return partial(given, name=name)
    return None


def _taken(request: Request) -> list[str]:
    """The methods that a request's path takes; its own router names those of one route alone."""
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    routes = request.app.router.routes
    return [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in routes)
    ]


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, LogicDistillError)
    return envelope(dialect_of(path_of(request.scope)), error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {
        404: "there is nothing at this address; GET /openapi.json lists what there is",
        405: f"{request.method} is not taken here; GET /openapi.json lists what is",
    }
    message, headers = said.get(error.status_code, str(error.detail)), error.headers
    if error.status_code == 405:
        headers = {"allow": ", ".join(_taken(request))}
    refused = Refused(error.status_code, message, headers=headers)
    return envelope(dialect_of(path_of(request.scope)), refused)
