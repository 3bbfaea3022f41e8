"""Connections: answers go out at once, and one whose request does not come is closed."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from typing import Any, TypeAlias

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_SECONDS = 10.0
"""How long the head of a request may take to come, in seconds."""

Ends: TypeAlias = tuple[tuple[str, int], tuple[str, int]]
"""Addresses of both ends of a connection."""

_OPEN: dict[Ends, PatientProtocol] = {}
"""Connections of this process. An application sees no connection, but both of its addresses."""


def connection_of(scope: Mapping[str, Any]) -> PatientProtocol | None:
    """The connection of a request; None where it has another protocol, or no addresses."""
    client, server = scope.get("client"), scope.get("server")
    return _OPEN.get((tuple(client), tuple(server))) if client and server else None


class PatientProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Uvicorn's protocol, with a limit on the time for the head of each request.

    Uvicorn itself waits for a head without end; only between requests it does not. Where its socket
    is of no named protocol, asyncio leaves small packets waiting. The application says when it
    has a head (`began`), and when it has answered (`ended`).
    """

    _timer: asyncio.TimerHandle | None = None
    _under_way = 0
    _ends: Ends | None = None
    _taken: asyncio.Transport | None = None

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self._taken = transport
        if (taken := transport.get_extra_info("socket")) is not None:
            # Head and body of an answer are sent one after the other. Otherwise the body would wait
            # 40 ms for the client's word that the head has come.
            with contextlib.suppress(OSError):
                taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client, server = (transport.get_extra_info(end) for end in ("peername", "sockname"))
        if isinstance(client, tuple) and isinstance(server, tuple):
            self._ends = (client[0], client[1]), (server[0], server[1])
            _OPEN[self._ends] = self
        self._wait()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        super().data_received(data)
        cycle = self.cycle
        if not self._under_way and (cycle is None or cycle.response_complete):  # a part of a head
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._stop()
        if self._ends is not None and _OPEN.get(self._ends) is self:
            del _OPEN[self._ends]
        super().connection_lost(exc)

    def began(self) -> None:
        """A head has come, and is answered."""
        self._under_way += 1
        self._stop()

    def ended(self) -> None:
        """A request was answered; the next head has time from its first byte on."""
        self._under_way -= 1

    def _wait(self) -> None:
        if self._timer is None and self._ends is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if not self._under_way and self._taken is not None:
            self._taken.close()
