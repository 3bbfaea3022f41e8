"""A connection that sends no request, or half of one, is closed; a slow answer is waited for."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from tests import patient
from tests.serving.conftest import running

from logicdistill.policy import Policy
from logicdistill.serving import connections
from logicdistill.serving.app import create_app
from logicdistill.serving.connections import PatientProtocol


@pytest.fixture
def address(parcels: Policy, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    with running(create_app({"parcels": parcels}), http=PatientProtocol) as found:
        yield found


WHOLE = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", b"GET /hea", WHOLE + b"GET /health HTTP/1.1\r\nHo"])
def test_a_head_that_does_not_come_ends_the_connection(address: str, sent: bytes) -> None:
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=120) as connection:
        connection.sendall(sent)
        found = b""
        while part := connection.recv(65536):
            found += part
    assert found.count(b"200 OK") == sent.count(b"\r\n\r\n")


def test_a_connection_that_is_used_stays(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 1.0)
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=120) as connection:
        for _ in range(3):  # together longer than one head may take
            time.sleep(0.4)
            connection.sendall(WHOLE)
            found = b""
            while not found.endswith(b"}"):
                part = connection.recv(65536)
                assert part, found
                found += part
            assert b"200 OK" in found


def test_an_answer_does_not_wait_for_the_network(parcels: Policy) -> None:
    seen = list[int]()

    class Seen(PatientProtocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            taken = transport.get_extra_info("socket")
            seen.append(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    server = uvicorn.Server(
        uvicorn.Config(create_app({"parcels": parcels}), log_level="error", ws="none", http=Seen)
    )
    with socket.socket() as taken:  # as uvicorn makes it for several workers
        taken.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        while not server.started:
            thread.join(0.01)
        port = taken.getsockname()[1]
        assert patient.get(f"http://127.0.0.1:{port}/health").status_code == 200
        server.should_exit = True
        thread.join()
    assert seen
    assert all(seen)
