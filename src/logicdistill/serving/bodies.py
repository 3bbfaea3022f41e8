"""Bodies of requests: read as JSON under limits, and errors in each dialect's envelope."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from fastapi import Request, Response

from logicdistill.errors import (
    BaseError,
    CorruptError,
    GateRefusal,
    InvalidStateError,
    LimitReachedError,
    LogicDistillError,
    ManualError,
    MissingReplyError,
    QuestionError,
    RunLockedError,
    StorageError,
    TeacherError,
    UnknownNameError,
    one_line,
)
from logicdistill.serving.shown import Shown
from logicdistill.tasks.schema import each_key_once
from logicdistill.types import Json

Dialect: TypeAlias = Literal["native", "decisions", "systemone"]

DEEPEST = 64
"""Levels of arrays and objects in a body at most."""

LARGE = 64 * 1024
"""Bytes of a body from which on a thread reads it."""

_OPENING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)

STATUSES: Mapping[type[LogicDistillError], int] = {
    InvalidStateError: 422,
    UnknownNameError: 404,
    GateRefusal: 422,
    ManualError: 422,
    QuestionError: 400,
    BaseError: 409,
    RunLockedError: 503,
    StorageError: 503,
    CorruptError: 500,
    LimitReachedError: 503,
    TeacherError: 502,
    MissingReplyError: 502,
}


class Refused(LogicDistillError):
    """A request that is refused, with its status.

    Args:
        status: of HTTP.
        message: one line.
        code: for programs, such as ``model_not_found``.
        param: the part of the body that it is about, as a path.
        headers: to send as well.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param
        self.headers = dict(headers or {})


def path_of(scope: Mapping[str, Any]) -> str:
    """The path of a request below the one that the application is mounted at."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    below = path.removeprefix(root)
    return below if below.startswith("/") else path


def dialect_of(path: str) -> Dialect:
    """The dialect of a path."""
    if path.startswith("/v1/systemone"):
        return "systemone"
    return "decisions" if path.startswith("/v1/") else "native"


def depth_of(body: bytes) -> int:
    """Levels of arrays and objects, counted up to `DEEPEST` + 1 without reading the values."""
    depth = deepest = 0
    for found in _OPENING.finditer(body):
        sign = found[0]
        if sign in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                break
        elif sign in (b"]", b"}"):
            depth -= 1
    return deepest


def parsed(body: bytes, what: str = "the body") -> Json:
    """A body as JSON.

    Raises:
        Refused: it is none, holds NaN, Infinity or a key twice, or is deeper than `DEEPEST`.
    """
    if body.count(b"[") + body.count(b"{") > DEEPEST and depth_of(body) > DEEPEST:
        raise Refused(400, f"{what} is more than {DEEPEST} levels deep; send it flatter")
    try:
        return _READS.decode(body.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"{what} is no JSON: {one_line(error)}; send one JSON value") from None


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON value")


_READS = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=each_key_once)


async def object_of(request: Request) -> dict[str, Json]:
    """The body as a JSON object; raises `Refused` where it is none."""
    body = await request.body()
    # Reading a large body would hold up the event loop.
    large = len(body) > LARGE
    found = await asyncio.to_thread(parsed, body) if large else parsed(body)
    if not isinstance(found, dict):
        raise Refused(400, f"the body is a JSON object; got {_kind(found)}")
    return found


_MISSING: Any = object()


def taken(
    body: Mapping[str, Json], name: str, kind: type | tuple[type, ...], default: Json = _MISSING
) -> Json:
    """A field of a body; raises `Refused` where it is missing or of another kind."""
    value = body.get(name, default)
    if value is _MISSING:
        raise Refused(400, f"the field {name!r} is missing", param=name)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if kinds == (int,) and isinstance(value, float) and value.is_integer():
        return int(value)  # JSON knows one kind of number
    wrong = not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)
    if value is not default and wrong:
        wanted = " or ".join(_KINDS[one] for one in kinds)
        raise Refused(400, f"the field {name!r} is {wanted}; got {_kind(value)}", param=name)
    return value


def check_fields(body: Mapping[str, Json], known: tuple[str, ...]) -> None:
    """Raise `Refused` where a body has another field than these."""
    if unknown := [name for name in body if name not in known]:
        raise Refused(400, f"unknown field {unknown[0][:80]!r}; there are: {', '.join(known)}")


def limit_of(request: Request, usual: int, most: int) -> int:
    """How many a request wants; raises `Refused` where ``limit`` is no number from 1 to `most`."""
    asked = request.query_params.get("limit", str(usual))
    if not asked.isascii() or not asked.isdigit() or not 0 < int(asked) <= most:
        raise Refused(400, f"limit is a whole number from 1 to {most}; got {asked[:40]!r}")
    return int(asked)


_KINDS = {
    dict: "an object",
    list: "an array",
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    type(None): "null",
}


def _kind(value: Json) -> str:
    return _KINDS.get(type(value), "something else")


def status_of(error: LogicDistillError) -> int:
    """The status that fits an error."""
    if isinstance(error, Refused):
        return error.status
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 400)


def envelope(dialect: Dialect, error: LogicDistillError) -> Response:
    """An error as a dialect's clients read it."""
    status, message = status_of(error), str(error)
    code = getattr(error, "code", None)
    param = getattr(error, "param", None)
    headers: dict[str, str] = getattr(error, "headers", {})
    if dialect == "decisions":
        # Its clients expect 400 for all that is wrong with a request.
        status = 400 if status == 422 else status
        if isinstance(error, InvalidStateError):
            param = "input"
    return Shown(_content(dialect, status, message, code, param), status, headers)


_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def _content(
    dialect: Dialect, status: int, message: str, code: str | None, param: str | None
) -> Json:
    if dialect == "decisions":
        kind = _TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
        return {"error": {"message": message, "type": kind, "param": param, "code": code}}
    if dialect == "systemone":
        if status != 422:
            return {"detail": message}
        where = ["body", *(param.split(".") if param else ["state"])]
        return {"detail": [{"loc": where, "msg": message, "type": code or "value_error"}]}
    return {"error": message, **({"code": code} if code else {})}
