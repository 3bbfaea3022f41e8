"""Keys: who may decide, read and change; and what a wrong keys file says."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from tests import patient
from tests.serving.conftest import HEAVY, Serve
from tests.serving.test_native import EXPRESS
from typesafe_sdk import Noul, RetryPolicy, TypeSafeAuthenticationError, TypeSafeClient

from logicdistill.errors import CorruptError
from logicdistill.policy import Policy
from logicdistill.serving.keys import new_key, read_keys

DECIDES, READS = "decides-and-nothing-else", "reads-and-nothing-else-at-all"


@pytest.fixture
def keyed(serve: Serve, parcels: Policy, tmp_path: Path) -> tuple[str, str]:
    """The address of a server with keys, and the key that may change."""
    changes, entry = new_key()
    file = tmp_path / "keys.toml"
    file.write_text(f'decide = ["{DECIDES}"]\nread = ["{READS}"]\nchange = ["{entry}"]\n')
    return serve({"parcels": parcels}, keys=read_keys(file)), changes


REQUESTS: list[tuple[str, str, Any, set[str]]] = [
    ("POST", "/policies/parcels/decide", {"state": HEAVY}, {"decide", "change"}),
    ("POST", "/policies/parcels/decide/many", [HEAVY], {"decide", "change"}),
    ("POST", "/v1/decisions", {}, {"decide", "change"}),
    ("POST", "/v1/systemone", {}, {"decide", "change"}),
    ("GET", "/v1/models", None, {"decide", "read", "change"}),
    ("GET", "/policies", None, {"read", "change"}),
    ("GET", "/policies/parcels/functions/heavy", None, {"read", "change"}),
    ("GET", "/policies/parcels/decisions", None, {"read", "change"}),
    ("GET", "/policies/parcels/journal", None, {"read", "change"}),
    ("GET", "/metrics", None, {"read", "change"}),
    ("POST", "/policies/parcels/functions", {"source": "x"}, {"change"}),
    ("PUT", "/policies/parcels/functions/heavy", {"source": "x"}, {"change"}),
    ("DELETE", "/policies/parcels/functions/heavy", {}, {"change"}),
    ("POST", "/policies/parcels/rollback", {"snapshot": "0"}, {"change"}),
    ("POST", "/policies/parcels/tell", {"rule": "x"}, {"change"}),
    ("GET", "/health", None, {"decide", "read", "change", "nobody"}),
]


@pytest.mark.parametrize(("method", "path", "body", "rights"), REQUESTS)
def test_a_key_does_what_it_may_and_nothing_else(
    keyed: tuple[str, str], method: str, path: str, body: Any, rights: set[str]
) -> None:
    address, changes = keyed
    keys = {"decide": DECIDES, "read": READS, "change": changes, "nobody": "another-key-altogether"}
    for right, key in keys.items():
        headers = {"authorization": f"Bearer {key}"} if right != "read" else {"x-api-key": key}
        got = patient.request(method, f"{address}{path}", json=body, headers=headers)
        if right in rights:
            assert got.status_code not in (401, 403), (right, got.text)
        else:
            assert got.status_code == (401 if right == "nobody" else 403), (right, got.text)


def test_the_journal_names_the_key_of_a_change_by_its_hash(
    keyed: tuple[str, str], parcels: Policy
) -> None:
    address, changes = keyed
    body = {"source": EXPRESS, "accept": True}
    headers = {"x-api-key": changes}
    got = patient.post(f"{address}/policies/parcels/functions", json=body, headers=headers)
    assert got.json()["applied"]
    assert parcels.folder is not None
    by = parcels.folder.journal()[-1]["by"]
    assert by == f"HTTP, key {hashlib.sha256(changes.encode()).hexdigest()[:12]}"


def test_each_client_tells_its_own_error_of_a_wrong_key(keyed: tuple[str, str]) -> None:
    address, _ = keyed
    question: Any = {"type": "predicate", "instructions": "?"}
    with (
        openai.OpenAI(base_url=f"{address}/v1", api_key="wrong", max_retries=0) as api,
        pytest.raises(openai.AuthenticationError, match="no known key"),
    ):
        api.decisions.create(model="parcels", input="{}", questions=[question])
    with (
        TypeSafeClient(
            api_key="wrong", base_url=address, retry=RetryPolicy(max_retries=0)
        ) as client,
        pytest.raises(TypeSafeAuthenticationError, match="no known key"),
    ):
        client.system_one("x", {"post": Noul(instructions="?")}, model="parcels")


def test_a_key_that_asks_too_often_is_told_when_to_come_back(
    serve: Serve, parcels: Policy, tmp_path: Path
) -> None:
    key, entry = new_key()
    (tmp_path / "keys.toml").write_text(f'rate = 2\ndecide = ["{entry}"]\n')
    address = serve({"parcels": parcels}, keys=read_keys(tmp_path / "keys.toml"))
    with httpx.Client(base_url=address, headers={"x-api-key": key}) as client:
        got = [client.get("/v1/models")]
        while got[-1].status_code == 200 and len(got) < 200:  # a slow machine asks less often
            got.append(client.get("/v1/models"))
    assert [one.status_code for one in got[:2]] == [200, 200]
    assert got[-1].status_code == 429
    assert got[-1].headers["retry-after"] == "1"
    assert got[-1].json()["error"]["type"] == "rate_limit_error"


def test_a_hash_lets_its_key_in_and_not_itself() -> None:
    key, entry = new_key()
    assert entry.startswith("sha256:")
    assert key not in entry


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("decide = [", "no TOML"),
        ("decides = ['x']", "unknown name 'decides'"),
        ("decide = 'x'", "is a list of keys"),
        ("decide = ['short']", "has 5 characters"),
        ("decide = ['sha256:12']", "64 digits"),
        ("rate = -1\ndecide = []", "above 0"),
        ("", "holds no key"),
    ],
)
def test_a_wrong_keys_file_is_one_line_without_a_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(text)
    with pytest.raises(CorruptError, match=said) as found:
        read_keys(file)
    assert "short" not in str(found.value)
    assert "\n" not in str(found.value)
