"""A running server on loopback, and the policies that it serves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from tests.parcels import run_of_parcels

from logicdistill.policy import Policy
from logicdistill.serving.app import create_app
from logicdistill.serving.listening import bound

Serve = Callable[..., str]
"""Takes policies by name and options of `create_app`; gives the server's address."""

HEAVY, LIGHT = {"weight_kg": 77.5}, {"weight_kg": 1.5}


@contextmanager
def running(app: Any, **options: Any) -> Iterator[str]:
    """The address of a server of this application, in a thread."""
    config = uvicorn.Config(app, log_level="error", ws="none", **options)
    server, taken = uvicorn.Server(config), bound("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            thread.join(0.01)
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        taken.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(policies: Mapping[str, Policy], **options: Any) -> str:
            return stack.enter_context(running(create_app(policies, **options)))

        yield start


@pytest.fixture
def parcels_run(tmp_path: Path) -> Path:
    return run_of_parcels(tmp_path / "parcels")


@pytest.fixture
def parcels(parcels_run: Path) -> Iterator[Policy]:
    with Policy.load(parcels_run, watch=True, log=True) as policy:
        yield policy


@pytest.fixture
def address(serve: Serve, parcels: Policy) -> str:
    """A server of the policy ``parcels``, without keys."""
    return serve({"parcels": parcels})


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=120, verify=False) as made:
        yield made
