"""Changes while decisions are taken: every answer is wholly of one snapshot."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
from tests.serving.conftest import Serve
from tests.serving.test_native import EXPRESS

from logicdistill.policy import Policy

TINY = {"weight_kg": 0.5}


def test_every_answer_s_action_is_that_of_its_snapshot(
    serve: Serve, parcels: Policy, parcels_run: Path
) -> None:
    before = parcels.base.snapshot
    address = serve({"parcels": parcels})
    with Policy.load(parcels_run) as other:
        after = other.proposing.add_text(EXPRESS, "express").new.snapshot
    right = {before: "post", after: "freight"}
    seen = dict.fromkeys(right, 0)
    wrong: list[object] = []
    stop = threading.Event()
    question = {
        "type": "choice",
        "name": "action",
        "instructions": "?",
        "choices": [{"value": "post"}, {"value": "freight"}],
    }

    def ask(own: bool) -> None:
        with httpx.Client(base_url=address, timeout=120, verify=False) as client:
            while not stop.is_set():
                if own:
                    got = client.post("/policies/parcels/decide", json={"state": TINY}).json()
                    snapshot, action = got["snapshot"], got["action"]
                else:
                    body = {
                        "model": "parcels",
                        "input": '{"weight_kg": 0.5}',
                        "questions": [question],
                    }
                    found = client.post("/v1/decisions", json=body)
                    snapshot = found.headers["x-logicdistill-snapshot"]
                    action = found.json()["answers"][0]["choice"]
                seen[snapshot] += 1
                if right[snapshot] != action:
                    wrong.append((snapshot, action))

    threads = [threading.Thread(target=ask, args=(own,)) for own in (True, True, False, False)]
    for thread in threads:
        thread.start()
    try:
        with httpx.Client(base_url=address, timeout=120, verify=False) as client:
            for _ in range(6):
                body = {"source": EXPRESS, "accept": True}
                got = client.post("/policies/parcels/functions", json=body).json()
                assert got["snapshot"] == after
                back = {"snapshot": before, "accept": True}
                got = client.post("/policies/parcels/rollback", json=back).json()
                assert got["snapshot"] == before
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not wrong
    assert min(seen.values()) > 0


def test_another_process_s_change_counts_from_the_next_decision_on(
    client: httpx.Client, parcels_run: Path
) -> None:
    asked = {"state": TINY}
    assert client.post("/policies/parcels/decide", json=asked).json()["action"] == "post"
    with Policy.load(parcels_run) as other:
        other.accept(other.proposing.add_text(EXPRESS, "express"))
    assert client.post("/policies/parcels/decide", json=asked).json()["action"] == "freight"
