"""The service's own dialect: decisions, and changes that are shown before they are in force."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from tests import patient
from tests.serving.conftest import HEAVY, LIGHT, Serve

from logicdistill.deciding.log import LOG, LogOptions
from logicdistill.deciding.log_files import closed_files
from logicdistill.policy import RETRY_SECONDS, Policy
from logicdistill.serving import logged
from logicdistill.serving.labels import _as_logged
from logicdistill.writing.replies import recorded_teacher

SOURCE = '''def heavy(weight_kg: float) -> str:
    """Send heavy parcels by freight.

    Use when: The parcel is heavy.
    When: weight_kg > 50
    Rules: 1

    >>> heavy(60)
    'freight'
    """
    return "freight"
'''
LIGHTER = '''def light(weight_kg: float) -> str:
    """Send the others by post.

    Use when: The parcel is light.
    When: weight_kg < 20.5
    Rules: 2

    >>> light(3)
    'post'
    """
    return "post"
'''
EXPRESS = '''def express(weight_kg: float) -> str:
    """Send tiny parcels by freight as well.

    Use when: The parcel is tiny.
    When: weight_kg < 1
    Replaces: light

    >>> express(0.5)
    'freight'
    """
    return "freight"
'''


def test_a_decision_over_http_is_the_decision_of_the_policy(
    client: httpx.Client, parcels: Policy
) -> None:
    for state in (HEAVY, LIGHT):
        got = client.post("/policies/parcels/decide", json={"state": state})
        decision = parcels.decide(state)
        assert got.json() == json.loads(json.dumps(asdict(decision)))
        assert got.headers["x-logicdistill-snapshot"] == decision.snapshot
        assert got.headers["x-logicdistill-rules"] == ",".join(map(str, decision.rules))


def test_a_state_that_does_not_fit_is_one_line(client: httpx.Client) -> None:
    got = client.post("/policies/parcels/decide", json={"state": {"weight_kg": "much"}})
    assert got.status_code == 422
    assert "weight_kg" in got.json()["error"]
    assert "\n" not in got.json()["error"]
    got = client.post("/policies/parcel/decide", json={"state": HEAVY})
    assert got.status_code == 404
    assert "did you mean 'parcels'" in got.json()["error"]


@pytest.mark.parametrize("form", ["lines", "array"])
def test_a_bad_state_of_many_costs_its_own_line(client: httpx.Client, form: str) -> None:
    states: list[Any] = [HEAVY, {"weight": 1}, LIGHT, 7]
    lines = [json.dumps(one) for one in states]
    body = "\n".join(lines) if form == "lines" else f"[{','.join(lines)}]"
    got = client.post("/policies/parcels/decide/many", content=body).text.splitlines()
    found = [json.loads(line) for line in got]
    assert [one.get("action") for one in found] == ["freight", None, "post", None]
    place = ("line", 2, 4) if form == "lines" else ("index", 1, 3)
    assert [one[place[0]] for one in found if "error" in one] == list(place[1:])


def test_a_line_that_is_no_json_costs_itself(client: httpx.Client) -> None:
    body = f"{json.dumps(HEAVY)}\nnonsense\n\n{json.dumps(LIGHT)}\n"
    got = client.post("/policies/parcels/decide/many", content=body).text.splitlines()
    assert [json.loads(line).get("action") for line in got] == ["freight", None, "post"]
    assert json.loads(got[1])["line"] == 2


def test_more_states_than_a_batch_come_back_in_order(client: httpx.Client) -> None:
    weights = [float(number % 40) for number in range(300)]
    body = json.dumps([{"weight_kg": one} for one in weights])
    got = client.post("/policies/parcels/decide/many", content=body).text.splitlines()
    actions = [json.loads(line)["action"] for line in got]
    assert actions == ["freight" if one > 20 else "post" for one in weights]


def test_a_policy_tells_its_rules_and_who_serves_them(client: httpx.Client) -> None:
    about = client.get("/policies/parcels").json()
    assert [rule["functions"] for rule in about["rules"]] == [["heavy"], ["light"]]
    assert about["actions"] == ["freight", "post"]
    assert about["uncovered"] == []
    assert client.get("/policies").json()["policies"][0]["name"] == "parcels"
    found = client.get("/policies/parcels/functions/heavy").json()
    assert found["source"].startswith("def heavy(")
    names = [one["name"] for one in client.get("/policies/parcels/functions").json()["functions"]]
    assert names == ["heavy", "light"]


def test_a_change_is_shown_and_changes_nothing(client: httpx.Client, parcels: Policy) -> None:
    before = parcels.base.snapshot
    got = client.post("/policies/parcels/functions", json={"source": EXPRESS}).json()
    assert (got["applied"], got["old"], got["snapshot"]) == (False, before, before)
    assert got["impact"]["joined"][0]["name"] == "express"
    assert parcels.base.snapshot == before


def test_an_accepted_function_decides_and_a_rollback_takes_it_back(
    client: httpx.Client, parcels: Policy
) -> None:
    tiny, before = {"state": {"weight_kg": 0.5}}, parcels.base.snapshot
    assert client.post("/policies/parcels/decide", json=tiny).json()["action"] == "post"
    body = {"source": EXPRESS, "accept": True, "by": "Ann", "why": "a trial", "parent": before}
    got = client.post("/policies/parcels/functions", json=body).json()
    assert got["applied"]
    decided = client.post("/policies/parcels/decide", json=tiny).json()
    assert (decided["action"], decided["snapshot"]) == ("freight", got["new"])
    entry = client.get("/policies/parcels/journal").json()["entries"][-1]
    assert (entry["function"], entry["by"], entry["why"]) == ("express", "Ann (HTTP)", "a trial")
    back = {"snapshot": before, "accept": True}
    assert client.post("/policies/parcels/rollback", json=back).json()["snapshot"] == before
    assert client.post("/policies/parcels/decide", json=tiny).json()["action"] == "post"


def test_a_change_of_a_base_that_has_changed_is_refused(
    client: httpx.Client, parcels_run: Path, parcels: Policy
) -> None:
    seen = client.get("/policies/parcels").json()["snapshot"]
    with Policy.load(parcels_run) as other:
        other.accept(other.proposing.add_text(EXPRESS, "express"))
    body = {"accept": True, "parent": seen}
    got = client.request("DELETE", "/policies/parcels/functions/express", json=body)
    assert got.status_code == 409
    assert got.json()["code"] == "base_changed"
    again = {"accept": True, "parent": client.get("/policies/parcels").json()["snapshot"]}
    got = client.request("DELETE", "/policies/parcels/functions/express", json=again)
    assert got.json()["snapshot"] == seen
    assert parcels.base.snapshot == seen


def test_a_function_over_http_passes_the_same_gate(client: httpx.Client, parcels: Policy) -> None:
    before = parcels.base.snapshot
    for source in (
        EXPRESS.replace("'freight'", "'post'"),
        EXPRESS.replace('return "freight"', 'return open("/etc/passwd").read()'),
        "import os\n" + EXPRESS,
        "nonsense(",
        "\ud800",
    ):
        body = json.dumps({"source": source, "accept": True})
        got = client.post("/policies/parcels/functions", content=body)
        assert got.status_code == 422, source
        assert "\n" not in got.json()["error"]
    assert parcels.base.snapshot == before


def test_a_function_is_replaced_under_its_own_name_alone(
    client: httpx.Client, parcels: Policy
) -> None:
    address = "/policies/parcels/functions/light"
    got = client.put(address, json={"source": SOURCE, "accept": True})
    assert got.status_code == 409
    assert "'heavy' and cannot take the place of 'light'" in got.json()["error"]
    got = client.put(address, json={"source": LIGHTER, "accept": True})
    assert got.json()["applied"]
    assert parcels.base.function("light").manual.when == "weight_kg < 20.5"
    assert client.put(address.replace("light", "lite"), json={"source": LIGHTER}).status_code == 404


def test_logged_decisions_come_newest_first(client: httpx.Client) -> None:
    for state in (HEAVY, LIGHT):
        asked = {"state": state, "request": f"r{state['weight_kg']}"}
        client.post("/policies/parcels/decide", json=asked)
    found = client.get("/policies/parcels/decisions", params={"limit": 1}).json()
    assert [(one["id"], one["action"]) for one in found["decisions"]] == [("r1.5", "post")]
    assert client.get("/policies/parcels/decisions", params={"limit": "-1"}).status_code == 400


def test_logged_decisions_of_closed_files_come_too(serve: Serve, parcels_run: Path) -> None:
    options = LogOptions(rotate=900)
    with Policy.load(parcels_run, log=True, log_options=options) as policy:
        for number in range(12):
            policy.decide(LIGHT, request=f"r{number}")
        assert len(closed_files(parcels_run / LOG)) > 9
        where = f"{serve({'parcels': policy})}/policies/parcels/decisions"
        for limit in (1, 5, 50):
            found = patient.get(where, params={"limit": limit}).json()
            listed = [f"r{number}" for number in reversed(range(12))][:limit]
            assert [one["id"] for one in found["decisions"]] == listed
        (parcels_run / LOG).unlink()  # as between the closing of one file and the next call
        [found] = patient.get(where, params={"limit": 1}).json()["decisions"]
        assert found["id"] == "r10"


def test_a_log_that_is_closed_while_it_is_read_is_read_once(
    parcels_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, real = parcels_run / LOG, logged.log_files
    log.write_text('{"id": 1}\n{"id": 2}\n')

    def meanwhile(file: Path) -> list[Path]:
        file.rename(f"{file}.1")
        file.write_text('{"id": 3}\n')
        return real(file)

    monkeypatch.setattr(logged, "log_files", meanwhile)
    assert logged.newest(log, 10) == [{"id": 2}, {"id": 1}]


def test_no_more_is_read_than_the_end_of_all_files(
    parcels_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = parcels_run / LOG
    for name, first in ((f"{LOG}.1", 1), (f"{LOG}.2", 4), (LOG, 7)):
        lines = "".join(f'{{"id": {number}}}\n' for number in range(first, first + 3))
        (parcels_run / name).write_text(lines)
    monkeypatch.setattr(logged, "MOST_BYTES", 50)  # five lines of ten bytes, if none is cut
    assert logged.newest(log, 10) == [{"id": number} for number in (9, 8, 7, 6)]


def test_a_label_is_for_the_logged_state_and_true_is_not_one(parcels: Policy) -> None:
    assert parcels.log is not None
    states = ({"a": True}, {"a": 1.0}, {"a": True})
    parcels.log.write_text("".join(f"{json.dumps({'state': state})}\n" for state in states))
    cases = (({"a": 1}, {"a": 1.0}), ({"a": True}, {"a": True}), ({"a": 0}, None))
    for given, expected in cases:
        assert repr(_as_logged(parcels, given)) == repr(expected)


def test_without_a_teacher_a_rule_cannot_be_told(client: httpx.Client) -> None:
    got = client.post("/policies/parcels/tell", json={"rule": "Anything goes."})
    assert got.status_code == 409
    assert "--teacher" in got.json()["error"]


def test_a_told_rule_is_shown_and_then_in_force(serve: Serve, run_folder: Path) -> None:
    with Policy.load(run_folder, watch=True) as policy:
        change = policy.task.changes["even-only"]
        teacher = recorded_teacher(run_folder, policy.task)
        address = serve({"guess": policy}, teachers={"guess": teacher})
        told = f"{address}/policies/guess/tell"
        before = policy.base.snapshot
        shown = patient.post(told, json={"rule": change.rule}).json()
        assert shown["functions"]
        assert policy.base.snapshot == before
        body = {"rule": change.rule, "accept": True, "parent": before}
        assert patient.post(told, json=body).json()["new"] == policy.base.snapshot


def test_a_packed_policy_decides_and_is_not_changed(
    serve: Serve, parcels: Policy, tmp_path: Path
) -> None:
    parcels.pack(tmp_path / "parcels.policy")
    with Policy.load(tmp_path / "parcels.policy") as packed:
        address = serve({"packed": packed})
        got = patient.post(f"{address}/policies/packed/decide", json={"state": HEAVY})
        assert got.json()["action"] == "freight"
        for path, body in (("functions", {"source": EXPRESS}), ("tell", {"rule": "x"})):
            got = patient.post(f"{address}/policies/packed/{path}", json=body)
            assert got.status_code == 409
            assert "pack it again" in got.json()["error"]
        about = patient.get(f"{address}/policies/packed").json()
        assert (about["kind"], about["changeable"]) == ("packed", False)
        assert patient.get(f"{address}/policies/packed/journal").json()["entries"] == []


def test_the_description_shows_what_the_policy_really_decides(
    client: httpx.Client, parcels: Policy
) -> None:
    found = client.get("/openapi.json").json()
    deciding = found["paths"]["/policies/parcels/decide"]["post"]
    form = found["components"]["schemas"]["parcels.state"]
    assert form["properties"].keys() == HEAVY.keys()
    shown = deciding["requestBody"]["content"]["application/json"]["examples"]["parcels"]["value"]
    answered = deciding["responses"]["200"]["content"]["application/json"]["examples"]
    assert answered["parcels"]["value"]["action"] == parcels.decide(shown["state"]).action


@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/systemone"])
def test_the_description_shows_a_body_of_the_other_dialects_that_is_answered(
    client: httpx.Client, path: str
) -> None:
    found = client.get("/openapi.json").json()
    shown = found["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    described = {**shown["schema"], "components": found["components"]}
    schema = jsonschema_rs.Draft202012Validator(described)
    body = shown["examples"]["parcels"]["value"]
    assert schema.is_valid(body)
    assert not schema.is_valid({**body, "model": "letters"})
    answers = client.post(path, json=body).json()["answers"]
    answer = answers["action"] if path == "/v1/systemone" else answers[0]
    assert (answer["type"], answer["choice"]) == ("choice", "freight")


def test_a_large_body_is_read_as_a_small_one(client: httpx.Client) -> None:
    body = {"state": HEAVY, "request": "x" * 200_000}
    assert client.post("/policies/parcels/decide", json=body).json()["action"] == "freight"


def test_health_and_ready_answer(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/ready").json() == {"ready": True, "policies": 1}


def test_a_changed_base_that_cannot_be_taken_up_makes_the_server_not_ready(
    client: httpx.Client, parcels: Policy, parcels_run: Path
) -> None:
    decided = client.post("/policies/parcels/decide", json={"state": HEAVY}).json()
    head = parcels_run / "base" / ".snapshots" / "HEAD"
    sound = head.read_text()
    head.write_text("damaged\n")
    got = client.get("/ready")
    assert (got.status_code, got.json()["stale"]) == (503, ["parcels"])
    assert str(parcels_run) not in got.text  # everybody may ask
    assert client.get("/health").status_code == 200
    again = client.post("/policies/parcels/decide", json={"state": HEAVY}).json()
    assert again["snapshot"] == decided["snapshot"]
    head.write_text(sound)
    time.sleep(RETRY_SECONDS)
    assert client.get("/ready").json() == {"ready": True, "policies": 1}


def test_a_log_that_cannot_be_written_costs_no_decision_and_is_said_once_and_counted(
    client: httpx.Client, parcels_run: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (parcels_run / LOG).mkdir()
    for _ in range(3):
        got = client.post("/policies/parcels/decide", json={"state": HEAVY})
        assert got.json()["action"] == "freight"
    lines = b"\n".join([json.dumps(HEAVY).encode()] * 4)
    got = client.post("/policies/parcels/decide/many", content=lines)
    assert len(got.content.splitlines()) == 4
    said = [one for one in caplog.messages if "still deciding, without the log" in one]
    assert len(said) == 1
    assert client.get("/health").json() == {"status": "ok", "unlogged": {"parcels": 7}}
    ready = client.get("/ready")
    assert (ready.status_code, ready.json()["unlogged"]) == (200, {"parcels": 7})
    counted = 'logicdistill_unlogged_decisions_total{policy="parcels"} 7.0'
    assert counted in client.get("/metrics").text
    (parcels_run / LOG).rmdir()
    client.post("/policies/parcels/decide", json={"state": HEAVY})
    assert client.get("/health").json() == {"status": "ok"}
    assert counted in client.get("/metrics").text


def test_a_function_that_is_not_there_is_said_before_a_parent_that_is_old(
    client: httpx.Client,
) -> None:
    body = {"source": LIGHTER, "parent": "0123456789abcdef"}
    got = client.put("/policies/parcels/functions/nothing", json=body)
    assert (got.status_code, "nothing" in got.json()["error"]) == (404, True)
    got = client.request("DELETE", "/policies/parcels/functions/nothing", json={"parent": "0123"})
    assert got.status_code == 404
    assert client.put("/policies/parcels/functions/light", json=body).status_code == 409
