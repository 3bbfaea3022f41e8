"""The page's files and what the server answers for it; the browser is in test_page_in_browser."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import httpx
import pytest
from starlette.routing import Match
from tests import patient
from tests.serving.conftest import HEAVY, LIGHT, Serve

from logicdistill.deciding.log import LogOptions
from logicdistill.policy import Policy
from logicdistill.serving.app import create_app
from logicdistill.serving.keys import Keys, new_key, read_keys
from logicdistill.serving.page import NAMES, POLICY, TYPES
from logicdistill.tasks.registry import get_task

FOLDER = Path(str(resources.files("logicdistill.serving") / "page"))
SCRIPTS = sorted(FOLDER.glob("*.js"))
TEXTS = {file.name: file.read_text() for file in sorted(FOLDER.iterdir())}


def test_every_file_of_the_page_is_served_with_its_type(client: httpx.Client) -> None:
    assert sorted(TEXTS) == sorted(NAMES)
    for name in NAMES:
        answer = client.get("/" if name == "index.html" else f"/page/{name}")
        assert answer.status_code == 200
        assert answer.text == TEXTS[name]
        kind = TYPES[name.rpartition(".")[2]]
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_browser_that_has_a_file_does_not_get_it_again(client: httpx.Client) -> None:
    tag = client.get("/page/app.js").headers["etag"]
    again = client.get("/page/app.js", headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/page/app.js", headers={"if-none-match": '"other"'}).status_code == 200


def test_the_policy_of_the_page_lets_no_text_become_code_or_style() -> None:
    rules = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in POLICY
    assert "*" not in POLICY


@pytest.mark.parametrize(
    "path",
    ["/page/native.py", "/page/..%2fnative.py", "/page/%2e%2e/native.py", "/page/", "/page/x.js"],
)
def test_no_other_file_is_served(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "def " not in answer.text


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_file_names_no_address_of_the_network(name: str) -> None:
    assert not re.search(r"https?:|\bwss?:|[\"'(]//|@import", TEXTS[name])


def test_the_markup_has_no_script_or_style_of_its_own() -> None:
    found = TEXTS["index.html"]
    assert re.findall(r"<script[^>]*>", found) == ['<script type="module" src="page/app.js">']
    assert not re.search(r"<style|\sstyle=|\son\w+=", found)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_a_script_sets_foreign_text_as_text_alone(script: Path) -> None:
    text = script.read_text()
    wrong = r"(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\bstyle:"
    assert not re.search(wrong, text)
    assert len(text.splitlines()) <= 500
    assert "fetch(" not in text or script.name == "server.js"
    assert "localStorage" not in text
    assert "document.cookie" not in text


def test_every_request_of_the_page_has_an_endpoint() -> None:
    asked = re.findall(r"\bask\(\"(\w+)\", [\"`](.*?)[\"`][,)]", TEXTS["server.js"])
    assert len(asked) == TEXTS["server.js"].count("=> ask(")
    routes = create_app({}).routes
    for method, path in asked:
        plain = re.sub(r"\$\{[^}]*\}", "x", path).partition("?")[0]
        scope = {"type": "http", "method": method, "path": plain, "headers": []}
        assert any(route.matches(scope)[0] is Match.FULL for route in routes), (method, path)
    used = set(re.findall(r"\bserver\.(\w+)\(", "".join(TEXTS.values())))
    assert used == set(re.findall(r"^  (\w+): \(.*=> ask\(", TEXTS["server.js"], re.MULTILINE))


def with_keys(tmp_path: Path) -> tuple[Keys, dict[str, str]]:
    """Keys of a file, and a key for each right."""
    made = {right: new_key() for right in ("decide", "read", "change")}
    file = tmp_path / "keys.toml"
    file.write_text("".join(f"{right} = [{json.dumps(e)}]\n" for right, (_, e) in made.items()))
    return read_keys(file), {right: key for right, (key, _) in made.items()}


def test_the_page_needs_no_key_and_is_told_what_a_key_may_do(
    serve: Serve, parcels: Policy, tmp_path: Path
) -> None:
    keys, given = with_keys(tmp_path)
    address = serve({"parcels": parcels}, keys=keys)
    assert patient.get(f"{address}/").status_code == 200
    assert patient.get(f"{address}/page/app.js").status_code == 200
    assert patient.get(f"{address}/policies").status_code == 401

    def rights(key: str) -> object:
        found = patient.get(f"{address}/rights", headers={"authorization": f"Bearer {key}"}).json()
        assert found["keys"]
        return found["rights"]

    assert rights("nobody's") == []
    assert rights(given["read"]) == ["read"]
    assert rights(given["decide"]) == ["decide"]
    assert rights(given["change"]) == ["decide", "read", "change"]


def test_a_key_does_on_the_page_what_it_may_and_no_more(
    serve: Serve, parcels: Policy, tmp_path: Path
) -> None:
    keys, given = with_keys(tmp_path)
    address = serve({"parcels": parcels}, keys=keys) + "/policies/parcels"
    label = {"state": HEAVY, "action": "post"}
    for right, explained, listed, labelled in [
        ("decide", 200, 403, 403),
        ("read", 403, 200, 403),
        ("change", 200, 200, 201),
    ]:
        send = {"x-api-key": given[right]}
        said = patient.post(f"{address}/explain", json={"state": HEAVY}, headers=send)
        assert said.status_code == explained
        assert patient.get(f"{address}/examples", headers=send).status_code == listed
        kept = patient.post(f"{address}/labels", json=label, headers=send)
        assert kept.status_code == labelled
    assert kept.json()["label"]["by"].startswith("HTTP, key ")


def test_a_try_says_what_a_decision_says_and_is_not_logged(
    client: httpx.Client, parcels: Policy
) -> None:
    tried = client.post("/policies/parcels/explain", json={"state": HEAVY}).json()
    assert parcels.log is not None
    assert not parcels.log.exists()
    decided = client.post("/policies/parcels/decide", json={"state": HEAVY}).json()
    assert {name: tried[name] for name in decided} == decided
    assert tried["explanation"] == parcels.decide(HEAVY).explain()
    assert (tried["state"], tried["marks"]) == (HEAVY, [])


def test_a_state_that_does_not_fit_is_refused_in_a_line(client: httpx.Client) -> None:
    answer = client.post("/policies/parcels/explain", json={"state": {"weight_kg": "much"}})
    assert answer.status_code == 422
    assert "weight_kg" in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_examples_are_the_recorded_states_with_what_is_right(client: httpx.Client) -> None:
    found = client.get("/policies/parcels/examples").json()["examples"]
    assert [one["state"] for one in found] == [{"weight_kg": 3.25}, {"weight_kg": 41.75}]
    assert not any("action" in one for one in found)  # none is recorded
    assert len(client.get("/policies/parcels/examples?limit=1").json()["examples"]) == 1
    assert client.get("/policies/parcels/examples?limit=0").status_code == 400


def test_a_game_has_its_beginnings_as_examples_and_plays(
    serve: Serve, guess_policy: Policy
) -> None:
    address = serve({"guess": guess_policy}) + "/policies/guess"
    found = patient.get(f"{address}/examples").json()["examples"]
    assert len(found) == 8
    assert all(one["state"]["guesses"] == [] for one in found)
    game = patient.post(f"{address}/play", json={"seed": 3}).json()
    assert game["success"]
    last, task = game["turns"][-1], get_task("guess")
    assert task.illegal(last["state"], last["action"]) is None
    assert guess_policy.decide(last["state"]).explain() == last["explanation"]
    assert patient.post(f"{address}/play", json={"seed": -1}).status_code == 400


def test_a_task_without_episodes_is_not_played(client: httpx.Client) -> None:
    answer = client.post("/policies/parcels/play", json={})
    assert (answer.status_code, "no game" in answer.json()["error"]) == (409, True)


def test_a_label_is_kept_with_the_state_as_it_was_logged(
    client: httpx.Client, parcels_run: Path
) -> None:
    client.post("/policies/parcels/decide", content='{"state": {"weight_kg": 2.0}}')
    # JavaScript writes 2.0 as 2.
    body = {"state": {"weight_kg": 2}, "action": "freight", "by": "Ada"}
    answer = client.post("/policies/parcels/labels", json=body)
    assert answer.status_code == 201
    lines = (parcels_run / "labels.jsonl").read_text().splitlines()
    assert len(lines) == 1
    assert '{"weight_kg": 2.0}' in lines[0]
    kept = json.loads(lines[0])
    assert (kept["action"], kept["by"]) == ("freight", "Ada (HTTP)")
    assert client.get("/policies/parcels/labels").json() == {"keeps": True, "labels": [kept]}


def test_a_label_is_an_action_of_the_task(client: httpx.Client, parcels_run: Path) -> None:
    for action in ("by air", None, {"do": "post"}):
        body = {"state": LIGHT, "action": action}
        answer = client.post("/policies/parcels/labels", json=body)
        assert answer.status_code == 422, action
    assert client.post("/policies/parcels/labels", json={"state": LIGHT}).status_code == 400
    bad = {"state": {"weight_kg": "much"}, "action": "post"}
    assert client.post("/policies/parcels/labels", json=bad).status_code == 422
    assert not (parcels_run / "labels.jsonl").exists()


def test_a_packed_policy_keeps_no_labels(serve: Serve, parcels: Policy, tmp_path: Path) -> None:
    parcels.pack(tmp_path / "parcels.policy")
    with Policy.load(tmp_path / "parcels.policy") as packed:
        address = serve({"parcels": packed}) + "/policies/parcels"
        body = {"state": LIGHT, "action": "post"}
        answer = patient.post(f"{address}/labels", json=body)
        assert (answer.status_code, "packed" in answer.json()["error"]) == (409, True)
        assert patient.get(f"{address}/labels").json() == {"keeps": False, "labels": []}
        assert patient.get(f"{address}/examples").json() == {"examples": []}


def test_a_log_that_leaves_fields_out_keeps_no_whole_state_as_a_label(
    serve: Serve, parcels_run: Path
) -> None:
    options = LogOptions(redact=(next(iter(LIGHT)),))
    with Policy.load(parcels_run, log=True, log_options=options) as policy:
        address = serve({"parcels": policy}) + "/policies/parcels"
        answer = patient.post(f"{address}/labels", json={"state": LIGHT, "action": "post"})
    assert (answer.status_code, "--log-redact" in answer.json()["error"]) == (409, True)
    assert not (parcels_run / "labels.jsonl").exists()


def test_the_impact_of_a_change_counts_labels(client: httpx.Client, parcels: Policy) -> None:
    at = "/policies/parcels"
    for action in ("post", "freight"):  # the newest counts
        body = {"state": {"weight_kg": 22.5}, "action": action}
        assert client.post(f"{at}/labels", json=body).status_code == 201
    parcels.decide({"weight_kg": 24.5})
    body = {"state": {"weight_kg": 24.5}, "action": "post"}
    assert client.post(f"{at}/labels", json=body).status_code == 201
    heavy = client.get(f"{at}/functions/heavy").json()["source"].replace("> 20", "> 23")
    shown = client.put(f"{at}/functions/heavy", json={"source": heavy}).json()["impact"]
    assert (shown["decided"], shown["known"], shown["right_before"]) == (4, 2, 1)
    assert shown["right_after"] == 0


def test_what_others_changed_is_shown_before_anything_is_decided(
    client: httpx.Client, parcels_run: Path
) -> None:
    at = "/policies/parcels"
    assert len(client.get(at).json()["rules"][0]["functions"]) == 1
    with Policy.load(parcels_run) as other:
        text = other.base.function("heavy").source.replace("heavy", "bulky")
        (parcels_run / "bulky.py").write_text(text)
        other.add(parcels_run / "bulky.py", by="another program")
    assert client.get(at).json()["rules"][0]["functions"] == ["bulky", "heavy"]
    assert "bulky" in client.get(f"{at}/functions").text
    assert client.get(f"{at}/functions/bulky").status_code == 200
    assert client.get(f"{at}/journal").json()["entries"][-1]["by"] == "another program"


def test_a_damaged_base_is_shown_as_it_decides(client: httpx.Client, parcels_run: Path) -> None:
    (parcels_run / "base" / ".snapshots" / "HEAD").write_text("{")
    assert client.get("/policies/parcels").status_code == 200
    tried = client.post("/policies/parcels/explain", json={"state": HEAVY})
    assert tried.json()["action"] == "freight"


def test_what_comes_into_force_is_what_was_shown(client: httpx.Client) -> None:
    heavy = client.get("/policies/parcels/functions/heavy").json()["source"]
    first, second = heavy.replace("> 20", "> 25"), heavy.replace("> 20", "> 28")
    seen = client.put("/policies/parcels/functions/heavy", json={"source": first}).json()
    sent = {"accept": True, "parent": seen["old"], "new": seen["new"]}
    other = client.put("/policies/parcels/functions/heavy", json={"source": second, **sent})
    assert (other.status_code, other.json()["code"]) == (409, "change_changed")
    assert client.get("/policies/parcels").json()["snapshot"] == seen["old"]
    same = client.put("/policies/parcels/functions/heavy", json={"source": first, **sent})
    assert same.status_code == 200
    assert client.get("/policies/parcels").json()["snapshot"] == seen["new"]
