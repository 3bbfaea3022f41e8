"""The HTTP application: the dialects, behind the guard; a person may mount it into another one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route

from logicdistill import __version__
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
from logicdistill.serving.limits import LOOPBACK, WITH_PICTURE, Guard, Limits
from logicdistill.serving.open_questions import readers
from logicdistill.serving.service import Service
from logicdistill.tasks.schema import state_schema


def create_app(
    policies: Mapping[str, Policy],
    *,
    keys: Keys | None = None,
    limits: Limits | None = None,
    hosts: Collection[str] | None = None,
    teachers: Mapping[str, Teacher] | None = None,
    open_questions: bool = False,
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

    Raises:
        MissingExtraError: ``open_questions`` needs an encoder that is not installed.
    """
    service = Service.of(policies, teachers, readers(policies) if open_questions else None)
    if hosts is None and keys is None:
        hosts = LOOPBACK

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.close()

    app = FastAPI(
        title="logicdistill",
        version=__version__,
        description="Decisions by written rules.",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.service, app.state.keys = service, keys
    app.router.routes.extend(_quick())
    for part in (native, trying, playing, changing, labels, decisions, systemone, described, page):
        app.include_router(part.router)
    app.add_exception_handler(LogicDistillError, _refused)
    app.add_exception_handler(HTTPException, _http)
    sees = any(state_schema(policy.task).pictures for policy in policies.values())
    limits = limits or (Limits(body=WITH_PICTURE) if sees else Limits())
    app.add_middleware(Guard, service=service, keys=keys, limits=limits, hosts=hosts)
    return app


def _quick() -> list[Route]:
    """The requests that come most, found first and without FastAPI's work for each request.

    The routers below have them as well, for the description.
    """

    async def decide(request: Request) -> Response:
        return await native.decide(request, request.path_params["name"])

    async def decide_many(request: Request) -> Response:
        return await native.decide_many(request, request.path_params["name"])

    quick = {
        "/policies/{name}/decide": decide,
        "/policies/{name}/decide/many": decide_many,
        "/v1/decisions": decisions.decisions,
        "/v1/systemone": systemone.systemone,
    }
    return [Route(path, answer, methods=["POST"]) for path, answer in quick.items()]


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, LogicDistillError)
    return envelope(dialect_of(path_of(request.scope)), error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {
        404: "there is nothing at this address; GET /openapi.json lists what there is",
        405: f"{request.method} is not taken here; GET /openapi.json lists what is",
    }
    message = said.get(error.status_code, str(error.detail))
    refused = Refused(error.status_code, message, headers=error.headers)
    return envelope(dialect_of(path_of(request.scope)), refused)
