"""The application inside another one, and with clients that speak HTTP badly."""

from __future__ import annotations

import httpx
from fastapi import FastAPI
from tests import patient
from tests.serving.conftest import HEAVY, running

from logicdistill.policy import Policy
from logicdistill.serving.app import create_app


def test_it_works_mounted_below_a_path(parcels: Policy) -> None:
    app = FastAPI()
    app.mount("/ours", create_app({"parcels": parcels}))
    with running(app) as address:
        got = patient.post(f"{address}/ours/policies/parcels/decide", json={"state": HEAVY})
        assert got.json()["action"] == "freight"
        got = patient.post(f"{address}/ours/v1/systemone", json={"model": "other"})
        assert "detail" in got.json()
        got = patient.post(f"{address}/ours/v1/decisions", json={"model": "other"})
        assert got.json()["error"]["type"] == "invalid_request_error"
        assert patient.get(f"{address}/ours/v1/nothing").json()["error"]["message"]


def test_a_method_that_is_not_taken_is_one_line(client: httpx.Client) -> None:
    got = client.put("/policies/parcels/decide", json={"state": HEAVY})
    assert got.status_code == 405
    assert got.json()["error"].startswith("PUT is not taken here")
    assert got.headers["allow"] == "POST"
    got = client.post("/policies/parcels/functions/heavy")
    assert got.headers["allow"] == "GET, PUT, DELETE"
    assert client.delete("/policies/parcels/functions").headers["allow"] == "GET, POST"


def test_a_body_of_another_form_is_one_line(client: httpx.Client) -> None:
    for body, said in (
        (b"", "no JSON"),
        (b"[]", "a JSON object; got an array"),
        (b'{"state": 1}', "'state' is an object; got a whole number"),
        (b'{"stat": {}}', "unknown field 'stat'"),
        (b"{}", "'state' is missing"),
        (b'{"state": {}, "request": 5}', "'request' is text"),
    ):
        got = client.post("/policies/parcels/decide", content=body)
        assert got.status_code == 400
        assert said in got.json()["error"]
