"""Limits, and what a client may not do: sizes, depth, paths, hosts, slow and many connections."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import patient
from tests.serving.conftest import HEAVY, Serve, running

from logicdistill.policy import Policy
from logicdistill.serving.app import create_app
from logicdistill.serving.bodies import DEEPEST, Refused, depth_of, parsed
from logicdistill.serving.limits import Limits, Rates, decoded

DECIDE = "/policies/parcels/decide"


def raw(address: str, request: bytes, *, wait: float = 60.0) -> bytes:
    """What the server answers to these bytes; b"" where it says nothing."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=wait) as connection:
        connection.sendall(request)
        found = b""
        while part := connection.recv(65536):
            found += part
        return found


def test_a_body_that_is_too_large_is_refused(serve: Serve, parcels: Policy) -> None:
    address = serve({"parcels": parcels}, limits=Limits(body=1000, many=2000))
    large = json.dumps({"state": HEAVY, "request": "x" * 1000})
    assert patient.post(f"{address}{DECIDE}", content=large).status_code == 413
    states = json.dumps([HEAVY] * 200)
    assert patient.post(f"{address}{DECIDE}/many", content=states).status_code == 413

    def parts() -> Any:
        yield from (b"x" * 100 for _ in range(100))

    assert patient.post(f"{address}{DECIDE}", content=parts()).status_code == 413
    assert patient.post(f"{address}{DECIDE}", json={"state": HEAVY}).status_code == 200


def test_bodies_are_held_up_to_a_limit_and_lines_are_counted(
    serve: Serve, parcels: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = serve({"parcels": parcels}, limits=Limits(held=100))
    assert patient.post(f"{address}{DECIDE}", json={"state": HEAVY}).status_code == 200
    large = json.dumps({"state": HEAVY, "request": "x" * 60})
    assert patient.post(f"{address}{DECIDE}", content=large).status_code == 503
    monkeypatch.setattr("logicdistill.serving.native.MOST_STATES", 2)
    lines = f"{json.dumps(HEAVY)}\n"
    assert patient.post(f"{address}{DECIDE}/many", content="\n\n\n").status_code == 413
    assert patient.post(f"{address}{DECIDE}/many", content=lines).status_code == 200


@pytest.mark.parametrize("deep", [100, 100_000])
def test_a_body_that_is_too_deep_is_refused(client: httpx.Client, deep: int) -> None:
    for path in (DECIDE, "/v1/decisions", "/v1/systemone"):
        got = client.post(path, content=b'{"state":' + b"[" * deep + b"]" * deep + b"}")
        assert got.status_code == 400
        assert "levels deep" in got.text


@given(st.recursive(st.text() | st.integers(), st.lists, max_leaves=20))
def test_depth_is_counted_as_it_is(value: Any) -> None:
    def depth(one: Any) -> int:
        return 1 + max(map(depth, one), default=0) if isinstance(one, list) else 0

    assert depth_of(json.dumps(value).encode()) == min(depth(value), DEEPEST + 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_refused(body: bytes) -> None:
    try:
        found = parsed(body)
    except Refused:
        return
    assert found == json.loads(body)


def test_what_is_no_json_of_every_reader_is_refused() -> None:
    for body in (b"NaN", b'{"a": Infinity}', b"\xff", b"[" * (DEEPEST + 1), b"1e999x", b""):
        with pytest.raises(Refused):
            parsed(body)


def test_a_key_that_stands_twice_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="the body is no JSON: two keys 'amount'; send one"):
        parsed(b'{"state": {"amount": 10, "amount": 10000}}')


@pytest.mark.parametrize(
    "path",
    [
        "/policies/..%2f..%2f..%2fetc%2fpasswd",
        "/policies/parcels/functions/..%2f..%2fbase.toml",
        "/policies/parcels/functions/%2e%2e/%2e%2e/run.toml",
        "/policies/%00",
        "/policies/parcels/functions/heavy.py",
        "/../../etc/passwd",
        "//etc/passwd",
        "/policies/parcels/functions/" + "a" * 5000,
    ],
)
def test_no_path_of_a_request_reaches_the_disk(address: str, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    found = raw(address, request.encode())
    assert b" 404 " in found.splitlines()[0]
    assert b"root:" not in found


def test_a_rollback_names_a_snapshot_and_no_file(client: httpx.Client) -> None:
    for name in ("../../run", "/etc/passwd", "", "x" * 10_000):
        got = client.post("/policies/parcels/rollback", json={"snapshot": name, "accept": True})
        assert got.status_code in (200, 404), got.text
        assert "etc/passwd" not in got.text or got.status_code == 404


def test_a_browser_s_page_of_another_origin_is_refused(serve: Serve, parcels: Policy) -> None:
    address = serve({"parcels": parcels})  # without keys, names of this machine alone
    body = json.dumps({"state": HEAVY})
    port = urlsplit(address).port
    for headers, status in (
        ({"host": "attacker.example"}, 403),
        ({"host": f"attacker.example:{port}"}, 403),
        ({"host": f"localhost:{port}"}, 200),
        ({"origin": "http://attacker.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": f"http://127.0.0.1:{port}"}, 200),
    ):
        got = patient.post(f"{address}{DECIDE}", content=body, headers=headers)
        assert got.status_code == status, headers


def test_every_answer_keeps_browsers_from_guessing(client: httpx.Client) -> None:
    for path in ("/health", "/nothing", "/policies/parcels/functions/heavy"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"


def test_a_request_s_id_comes_back_unless_it_is_strange(client: httpx.Client) -> None:
    got = client.get("/health", headers={"x-request-id": "mine-7"})
    assert got.headers["x-request-id"] == "mine-7"
    got = client.get("/health", headers={"x-request-id": "a b\tc" * 30})
    assert len(got.headers["x-request-id"]) == 32


def test_a_body_that_comes_too_slowly_is_given_up(serve: Serve, parcels: Policy) -> None:
    address = serve({"parcels": parcels}, limits=Limits(body_seconds=0.3))
    head = f"POST {DECIDE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{{"
    found = raw(address, head.encode())
    assert b" 408 " in found.splitlines()[0]
    assert b"connection: close" in found.lower()


def test_too_many_at_once_are_told_to_come_back_and_health_answers(
    serve: Serve, parcels: Policy
) -> None:
    address = serve({"parcels": parcels}, limits=Limits(reading=1, body_seconds=60.0))
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port)) as slow:
        head = f"POST {DECIDE} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
        slow.sendall(head.encode())
        for _ in range(100):
            got = patient.post(f"{address}{DECIDE}", json={"state": HEAVY})
            if got.status_code == 503:
                break
        assert got.status_code == 503
        assert got.headers["retry-after"] == "1"
        assert patient.get(f"{address}/health").status_code == 200
    got = patient.post(f"{address}{DECIDE}", json={"state": HEAVY})
    assert got.status_code in (200, 503)


def test_many_connections_are_all_answered(address: str) -> None:
    async def ask() -> list[int]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
            many = [client.post(DECIDE, json={"state": HEAVY}) for _ in range(200)]
            return [got.status_code for got in await asyncio.gather(*many)]

    assert set(asyncio.run(ask())) == {200}


def test_a_compressed_body_is_read_and_a_bomb_is_not(client: httpx.Client) -> None:
    packed = gzip.compress(json.dumps({"state": HEAVY}).encode())
    headers = {"content-encoding": "gzip"}
    assert client.post(DECIDE, content=packed, headers=headers).status_code == 200
    assert client.post(DECIDE, content=packed[:-9], headers=headers).status_code == 400
    bomb = gzip.compress(b" " * 50_000_000)
    assert client.post(DECIDE, content=bomb, headers=headers).status_code == 413
    got = client.post(DECIDE, content=packed, headers={"content-encoding": "br"})
    assert got.status_code == 415
    assert "gzip" in got.headers["accept-encoding"]


def test_typesafe_s_compression_is_read_where_a_library_for_it_is_installed() -> None:
    zstd = pytest.importorskip("backports.zstd")
    body = b'{"weight_kg": 77.5}' * 100
    assert decoded(zstd.compress(body), "zstd", 10_000) == body
    for wrong, said in (
        (zstd.compress(body)[:-4], "is no zstd"),
        (b"nonsense", "is no zstd"),
        (zstd.compress(b" " * 1_000_000), "more than"),
    ):
        with pytest.raises(Refused, match=said):
            decoded(wrong, "zstd", 10_000)


def test_nothing_of_a_bomb_is_made_beyond_the_limit() -> None:
    with pytest.raises(Refused, match="more than 1,000 bytes"):
        decoded(gzip.compress(b"x" * 10_000), "gzip", 1000)


def test_a_rate_is_kept_and_what_was_not_used_is_saved_for_a_second() -> None:
    now = [0.0]
    rates = Rates(2.0, lambda: now[0])
    assert [rates.wait("a") > 0 for _ in range(3)] == [False, False, True]
    assert rates.wait("b") == 0
    now[0] = 0.5
    assert rates.wait("a") == 0
    now[0] = 100.0
    assert [rates.wait("a") > 0 for _ in range(3)] == [False, False, True]


def test_no_key_and_no_state_stand_in_the_metrics(client: httpx.Client) -> None:
    headers = {"authorization": "Bearer a-secret-key-of-somebody"}
    state = {"weight_kg": 123.456}
    client.post(DECIDE, json={"state": state}, headers=headers)
    text = client.get("/metrics").text
    assert 'logicdistill_decisions_total{policy="parcels"} 1.0' in text
    assert "secret" not in text
    assert "123.456" not in text


def test_errors_and_seconds_are_counted_by_dialect(client: httpx.Client) -> None:
    client.post("/v1/systemone", content=b"nonsense")
    client.post(DECIDE, json={"state": {"weight_kg": 1}})
    text = client.get("/metrics").text
    assert 'logicdistill_errors_total{dialect="systemone",status="400"} 1.0' in text
    assert 'logicdistill_request_seconds_count{dialect="native"} 1.0' in text
    assert 'logicdistill_fallbacks_total{policy="parcels"}' not in text


def test_a_failure_inside_is_one_line_with_the_request_s_id(
    parcels: Policy, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app({"parcels": parcels})
    with running(app) as address:
        app.state.service.deciding.shutdown()  # as if the machine gave no more threads
        got = patient.post(f"{address}{DECIDE}", json={"state": HEAVY})
    assert got.status_code == 500
    assert got.json()["error"].endswith(got.headers["x-request-id"])
    assert "Traceback" in caplog.text
