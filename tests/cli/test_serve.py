"""``logicdistill serve``: what it refuses, and a server with several processes."""

from __future__ import annotations

import gc
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests import patient
from tests.cli.test_main import logicdistill, mistake
from tests.parcels import run_of_parcels
from tests.serving.conftest import HEAVY
from tests.serving.test_native import EXPRESS

from logicdistill.cli.serve import Serving, named_policies, opened
from logicdistill.errors import BaseError
from logicdistill.policy import Policy


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_of_parcels(tmp_path / "parcels")


@contextmanager
def serving(*given: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "logicdistill", "serve", *map(str, given), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        try:
            found = re.match(r"http://\S+", line)
            assert found is not None, line
            yield found[0], process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)


def test_a_server_decides_logs_as_it_is_asked_to_and_ends_when_it_is_told_to(run: Path) -> None:
    field = next(iter(HEAVY))
    options = ("--log-redact", field, "--log-chain", "--drain", "2")
    with serving(run, *options) as (address, process):
        for _ in range(2):
            got = patient.post(f"{address}/policies/parcels/decide", json={"state": HEAVY})
            assert got.json()["action"] == "freight"
        got = patient.get(f"{address}/health", headers={"host": "attacker.example"})
        assert got.status_code == 403
        assert patient.get(f"{address}/ready").status_code == 200
        process.send_signal(signal.SIGTERM)
        for _ in range(100):  # it goes on, and says that it is not ready
            if patient.get(f"{address}/ready").status_code == 503:
                break
        got = patient.post(f"{address}/policies/parcels/decide", json={"state": HEAVY})
        assert got.json()["action"] == "freight"
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)  # at once
        assert process.wait(120) in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in (run / "decisions.jsonl").read_text().splitlines()]
    assert [field in line["state"] for line in lines] == [False] * 3
    assert [line["previous"] is None for line in lines] == [True, False, False]


def test_every_worker_sees_a_change_and_they_count_together(run: Path) -> None:
    with serving(run, "--workers", "2") as (address, _):
        tiny = {"state": {"weight_kg": 0.5}}
        decide = f"{address}/policies/parcels/decide"
        for _ in range(200):  # until both have begun
            try:
                patient.post(decide, json=tiny)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        with Policy.load(run) as other:
            other.accept(other.proposing.add_text(EXPRESS, "express"))
        # Without keep-alive, so that the connections go to both.
        found = {patient.post(decide, json=tiny).json()["action"] for _ in range(40)}
        assert found == {"freight"}
        text = patient.get(f"{address}/metrics").text
        total = re.search(r"^logicdistill_decisions_total\{.*\} (\S+)", text, re.MULTILINE)
        assert total is not None
        assert float(total[1]) == 41


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "no policy was named"),
        (["nowhere"], "unknown file or run 'nowhere'"),
        (["{run}", "{run}"], "are both named 'parcels'"),
        (["a b={run}"], "does not fit into an address"),
        (["{run}", "--host", "0.0.0.0"], "there are no --keys"),
        (["{run}", "--keys", "nowhere.toml"], "nowhere.toml"),
        (["{run}", "--budget", "1"], "--budget is about a live teacher"),
        (
            ["{run}", "--teacher", "m", "--workers", "2"],
            "--teacher is for one policy and one worker",
        ),
        (["{run}", "--log-redact", "weigth"], "weigth"),
        (["{run}", "--mcp", "--budget", "1"], "--budget is about a live teacher"),
        (["{run}", "--mcp", "--base-url", "http://x"], "--base-url is about a live teacher"),
        (["{run}", "--mcp", "--drain", "5"], "--mcp goes with neither"),
    ],
)
def test_a_mistake_is_one_line(run: Path, options: list[str], said: str) -> None:
    given = [one.format(run=run) for one in options]
    assert said in mistake(logicdistill("serve", *given))


def test_a_packed_policy_keeps_no_log_and_says_so(run: Path, tmp_path: Path) -> None:
    with Policy.load(run) as policy:
        policy.pack(tmp_path / "parcels.policy")
    said = mistake(logicdistill("serve", tmp_path / "parcels.policy", "--log", "--port", 0))
    assert "keeps no log" in said


def test_a_teacher_for_a_packed_policy_is_refused(run: Path, tmp_path: Path) -> None:
    assert logicdistill("pack", run, tmp_path / "a.policy").returncode == 0
    said = mistake(logicdistill("serve", tmp_path / "a.policy", "--teacher", "m"))
    assert "--teacher changes a run's folder" in said


def test_a_port_that_is_taken_is_one_line(run: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = mistake(logicdistill("serve", run, "--port", port))
    assert "take another --port" in said


def test_a_new_key_opens_a_server_on_another_host(run: Path, tmp_path: Path) -> None:
    printed = logicdistill("serve", "--new-key").stdout
    key, entry = printed.split()[1], re.search(r'"(sha256:[0-9a-f]+)"', printed)
    assert entry is not None
    (tmp_path / "keys.toml").write_text(f"decide = {json.dumps([entry[1]])}\n")
    with serving(run, "--host", "0.0.0.0", "--keys", tmp_path / "keys.toml") as (address, _):
        assert address.startswith("http://localhost:")  # 0.0.0.0 is none that can be opened
        there = address + "/policies/parcels/decide"
        assert patient.post(there, json={"state": HEAVY}).status_code == 401
        got = patient.post(there, json={"state": HEAVY}, headers={"x-api-key": key})
        assert got.json()["action"] == "freight"


def test_names_come_from_folders_and_files_or_are_given(tmp_path: Path) -> None:
    run, file = tmp_path / "claims", tmp_path / "desk.policy"
    found = named_policies([str(run), str(file), f"other={run}"])
    assert found == {"claims": str(run), "desk": str(file), "other": str(run)}
    with pytest.raises(BaseError, match="no policy"):
        named_policies([])


def test_exact_rules_are_served_without_libraries_for_training_encoders_and_games(
    run: Path,
) -> None:
    code = (
        "import sys\nfrom logicdistill.cli.serve import Serving, opened\n"
        "with opened(Serving({'parcels': sys.argv[1]}, '127.0.0.1')):\n"
        "    slow = {'torch', 'transformers', 'mcp', 'pyarrow', 'onnxruntime', 'tokenizers'}\n"
        "    print((slow | {'gymnasium'}) & set(sys.modules))"
    )
    got = subprocess.run(
        [sys.executable, "-c", code, run], capture_output=True, text=True, check=True
    )
    assert got.stdout.strip() == "set()"


def test_what_is_loaded_for_good_is_not_looked_at_again_while_a_server_decides(run: Path) -> None:
    with opened(Serving({"parcels": str(run)}, "127.0.0.1")):
        assert gc.get_freeze_count() > 10_000
    assert gc.get_freeze_count() == 0
