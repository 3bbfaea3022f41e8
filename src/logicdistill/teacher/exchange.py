"""One exchange with a server, whose answer is hostile until it is read (extra ``teacher``)."""

from __future__ import annotations

import zlib
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from logicdistill.errors import TeacherError
from logicdistill.files import write_atomic
from logicdistill.teacher.answers import NoAnswerError, safe_line
from logicdistill.teacher.secrets import masked

LARGEST = 2**23
"""Bytes of an answer at most, as it comes and after it is decompressed."""


@dataclass(slots=True)
class Exchange:
    """What the connection and its caller tell each other.

    Attributes:
        keep: an answer is written here before anybody reads it, without keys.
        kept: such an answer of an earlier run, to be read instead of asking; b"" asks.
        fault: why the answer was not taken.
    """

    keep: Path
    kept: bytes = b""
    fault: Exception | None = None


exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


class _Client(httpx2.AsyncClient):
    async def send(self, request: httpx2.Request, **more: Any) -> httpx2.Response:
        """Answers with what is kept, where something is; nothing is sent then."""
        under_way = exchange.get()
        if under_way and under_way.kept:
            form = {"content-type": "application/json"}
            return httpx2.Response(200, headers=form, content=under_way.kept, request=request)
        return await super().send(request, **more)


def http_client(timeout: float) -> httpx2.AsyncClient:
    """A client that follows no redirect, reads no more than `LARGEST`, and keeps what it read."""
    limits = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)
    return _Client(
        timeout=httpx2.Timeout(timeout, connect=5.0),
        limits=limits,
        follow_redirects=False,
        headers={"accept-encoding": "gzip"},
        event_hooks={"response": [_taken]},
    )


async def _taken(response: httpx2.Response) -> None:
    under_way = exchange.get()
    try:
        if response.has_redirect_location:
            there = safe_line(response.headers["location"])
            raise TeacherError(
                f"{safe_line(str(response.url))} leads on to {there!r}, and a question goes only "
                "where it was meant to go: name the final address with --base-url"
            )
        body = await _body(response)
        if under_way and response.is_success:
            write_atomic(under_way.keep, masked(body.decode(errors="replace")))
    except Exception as error:
        if under_way:
            under_way.fault = error
        raise
    for name in ("content-encoding", "content-length"):
        response.headers.pop(name, None)
    response.stream = httpx2.ByteStream(body)


async def _body(response: httpx2.Response) -> bytes:
    form = response.headers.get("content-encoding", "identity").strip().lower()
    if form not in ("identity", "gzip", "x-gzip", "deflate", ""):
        raise NoAnswerError(
            f"the server's answer is compressed as {safe_line(form)!r}; gzip is known"
        )
    unpack = None if form in ("identity", "") else zlib.decompressobj(wbits=47)
    came, body = 0, bytearray()
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    try:
        async for chunk in response.stream:
            came += len(chunk)
            body += unpack.decompress(chunk, LARGEST + 1 - len(body)) if unpack else chunk
            if max(came, len(body)) > LARGEST:
                raise NoAnswerError(f"the server's answer is larger than {LARGEST} bytes")
    except zlib.error:
        raise NoAnswerError("the server's answer is not compressed as it says") from None
    finally:
        await response.stream.aclose()
    return bytes(body)
