"""What every request passes first: host and origin, keys and rates, sizes, times and numbers."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import re
import time
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from logicdistill.deciding.tracing import incoming, tracing
from logicdistill.errors import LogicDistillError, one_line
from logicdistill.serving.bodies import Refused, dialect_of, envelope, path_of
from logicdistill.serving.connections import connection_of
from logicdistill.serving.keys import Keys, Right, key_of
from logicdistill.serving.service import Service

logger = logging.getLogger("logicdistill")

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Names by which a browser on this machine may ask; another one may be a rebound name."""

OPEN = ("/health", "/ready")
"""Paths that need no key and are never refused for load."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

SECURITY = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Headers of every answer that does not set its own."""

_SECURITY = [(name.encode(), value.encode()) for name, value in SECURITY.items()]


WITH_PICTURE = 8 * 1024 * 1024
"""Bytes of a body where some policy reads pictures: base64 makes 4 MiB a third longer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process takes.

    Attributes:
        body: bytes of a body, after it was decompressed.
        many: bytes of a body of ``decide/many``.
        body_seconds: how long a body may take to come.
        concurrent: requests that are answered at the same time.
        reading: requests whose bodies are being read at the same time.
        held: bytes of all bodies that are held at the same time.
    """

    body: int = 1024 * 1024
    many: int = 64 * 1024 * 1024
    body_seconds: float = 10.0
    concurrent: int = 256
    reading: int = 1024
    held: int = 512 * 1024 * 1024


def right_for(method: str, path: str) -> frozenset[Right] | None:
    """Rights of which a key needs one, or None where no key is needed."""
    if path in (*OPEN, "/", "/rights") or path.startswith("/page/"):
        return None
    if path in ("/v1/models", "/openapi.json"):
        return frozenset(("decide", "read"))
    deciding = path.endswith(("/decide", "/decide/many", "/explain", "/play"))
    if method == "POST" and (deciding or path.startswith("/v1/")):
        return frozenset(("decide",))
    return frozenset(("read",)) if method in ("GET", "HEAD") else frozenset(("change",))


class Rates:
    """Requests a second for each key: a bucket that holds one second's worth.

    Args:
        rate: requests a second.
        clock: seconds from a monotonic clock.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._most = max(1.0, rate)
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, key: str) -> float:
        """Count a request; seconds until the next one may come, or 0 where this one may."""
        now = self._clock()
        left, at = self._left.get(key, (self._most, now))
        left = min(self._most, left + (now - at) * self._rate)
        taken = left >= 1.0
        self._left[key] = (left - 1.0 if taken else left), now
        return 0.0 if taken else (1.0 - left) / self._rate


class Guard:
    """Lets through to an ASGI application what may pass.

    Args:
        service: whose metrics are counted.
        keys: who may do what; None lets everyone do everything.
        limits: see there.
        hosts: names of this server that a request may ask for; None takes any.
    """

    def __init__(
        self, service: Service, keys: Keys | None, limits: Limits, hosts: Collection[str] | None
    ) -> None:
        self._service, self._keys = service, keys
        self._limits, self._hosts = limits, hosts
        self._rates = Rates(keys.rate) if keys and keys.rate else None
        self._taken: Counter[str] = Counter()

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered, or say in the dialect's envelope why not."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        connection, headers = connection_of(scope), Headers(scope=scope)
        if connection is not None:
            connection.began()
        try:
            if tracing():
                with incoming(headers):
                    await self._answer(app, headers, scope, receive, send)
            else:
                await self._answer(app, headers, scope, receive, send)
        finally:
            if connection is not None:
                connection.ended()

    async def _answer(
        self, app: ASGIApp, headers: Headers, scope: Scope, receive: Receive, send: Send
    ) -> None:
        path = path_of(scope)
        dialect = dialect_of(path)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else os.urandom(16).hex()
        scope.setdefault("state", {})["request_id"] = request_id
        status, started = 0, time.monotonic()
        unread = "content-length" in headers or "transfer-encoding" in headers

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = message.setdefault("headers", [])
                named = {name for name, _ in own}
                own += [one for one in _SECURITY if one[0] not in named]
                own.append((b"x-request-id", request_id.encode()))
                if unread:  # what is left of the body is no next request
                    own.append((b"connection", b"close"))
                if dialect != "native":
                    own.append((b"x-typesafe-request-id", request_id.encode()))
            await send(message)

        self._service.metrics.began()
        try:
            scope["state"]["key"] = self._check(scope["method"], path, headers)
            with self._room("reading", 1, math.inf if path in OPEN else self._limits.reading):
                body = await self._body(path, headers, receive)
            unread = False
            started = time.monotonic()
            turns = math.inf if path in OPEN else self._limits.concurrent
            with self._room("turns", 1, turns), self._room("held", len(body), self._limits.held):
                await app(scope, _replay(body, receive), answer)
        except Exception as error:
            if status:  # the client sees that the answer breaks off
                raise
            if not isinstance(error, LogicDistillError):
                logger.exception("request %s failed", request_id)
                error = Refused(500, f"the server failed; its log has request {request_id}")
            await envelope(dialect, error)(scope, receive, answer)
        finally:
            seconds = time.monotonic() - started
            self._service.metrics.ended(dialect, status or 499, seconds)

    def _check(self, method: str, path: str, headers: Headers) -> str | None:
        """The short name of the request's key, or None where none is needed."""
        host = headers.get("host", "")
        if self._hosts is not None and _hostname(host) not in self._hosts:
            allowed = ", ".join(self._hosts)
            raise Refused(403, f"this server is not {host[:80]!r}; ask for one of: {allowed}")
        origin = headers.get("origin")
        if origin is not None and _place(origin) != host.casefold():
            raise Refused(403, f"pages of {origin[:80]!r} may not ask this server")
        needed = right_for(method, path)
        if self._keys is None or needed is None:
            return None
        found = self._keys.of(key_of(headers))
        if found is None:
            raise Refused(
                401,
                "no known key came; send one as 'Authorization: Bearer KEY' or 'x-api-key: KEY'",
                code="invalid_api_key",
                headers={"www-authenticate": "Bearer"},
            )
        name, rights = found
        if not rights & needed:
            listed = " or ".join(sorted(needed))
            raise Refused(403, f"this key may not do that; it needs the right to {listed}")
        if self._rates is not None and (wait := self._rates.wait(name)):
            raise Refused(
                429,
                f"this key may send {self._keys.rate:g} requests a second; wait and repeat",
                code="rate_limit_exceeded",
                headers={"retry-after": str(max(1, round(wait + 0.5)))},
            )
        return name

    @contextmanager
    def _room(self, of: str, size: int, most: float) -> Iterator[None]:
        """So much of something is taken inside; refused where it would be more than ``most``."""
        if size and self._taken[of] + size > most:
            raise _busy()
        self._taken[of] += size
        try:
            yield
        finally:
            self._taken[of] -= size

    async def _body(self, path: str, headers: Headers, receive: Receive) -> bytes:
        most = self._limits.many if path.endswith("/decide/many") else self._limits.body
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > most:
            raise _too_large(most)
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                raw = await _read(receive, most)
        except TimeoutError:
            raise Refused(
                408, f"the body took longer than {self._limits.body_seconds:g} s; repeat"
            ) from None
        return decoded(raw, headers.get("content-encoding", "identity"), most)


class Guarded:
    """`Guard` as middleware.

    Args:
        app: answers what passes.
        guard: lets it through.
    """

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app, self._guard = app, guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See `Guard`."""
        await self._guard(self._app, scope, receive, send)


async def _read(receive: Receive, most: int) -> bytes:
    parts, size = list[bytes](), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "the client went away before its body had come")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise _too_large(most)
        if not message.get("more_body", False):
            return b"".join(parts)


def decoded(raw: bytes, encoding: str, most: int) -> bytes:
    """A body decompressed; at most so many bytes are ever made of it.

    Raises:
        Refused: it is damaged, larger, or of an encoding that this server cannot read.
    """
    name = encoding.strip().casefold()
    if name in ("", "identity"):
        return raw
    try:
        if name == "gzip":
            return _bounded(zlib.decompressobj(wbits=31), raw, most)
        if name == "zstd" and (made := _zstd()) is not None:
            return _bounded(made, raw, most)
    except (zlib.error, EOFError, ValueError) as error:
        raise Refused(400, f"the body is no {name}: {one_line(error)}") from None
    known = "gzip, zstd" if _zstd() else "gzip"
    raise Refused(
        415,
        f"the content encoding {encoding[:40]!r} is unknown here; send {known}, or none",
        headers={"accept-encoding": known},
    )


def _bounded(decompressor: object, raw: bytes, most: int) -> bytes:
    """The decompressed bytes; raises `Refused` where there are more than ``most``."""
    try:
        found: bytes = decompressor.decompress(raw, most + 1)  # type: ignore[attr-defined]
    except Exception as error:  # zstd's own class depends on the library
        raise ValueError(one_line(error)) from None
    if len(found) > most:
        raise _too_large(most)
    if not decompressor.eof:  # type: ignore[attr-defined]
        raise ValueError("its end is missing")
    return found


def _zstd() -> object | None:
    """A decompressor of zstd: Python 3.14 has one, and the package backports.zstd."""
    for name in ("compression.zstd", "backports.zstd"):
        with suppress(ImportError):
            made: object = import_module(name).ZstdDecompressor()
            return made
    return None


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read, and then what the client does."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _place(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.casefold()
    except ValueError:
        return None


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _busy() -> Refused:
    return Refused(503, "too many requests at once; repeat", headers={"retry-after": "1"})


def _too_large(most: int) -> Refused:
    return Refused(413, f"the body has more than {most:,} bytes; send less at a time")
