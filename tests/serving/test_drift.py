"""Windows of the last day and the week before, and what counts as none, fallback and unsure."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.serving.conftest import HEAVY, Serve

from logicdistill.policy import Policy
from logicdistill.serving.drift import DAY, HOUR, WEEK, Drift, unfitting, unsure
from logicdistill.serving.metrics import WORKERS_FOLDER, Metrics
from logicdistill.students.calibration import usual_confidence
from logicdistill.types import Candidate, Choice, Decision, Outcome, Step


def decision(
    probability: float = 0.9, error: str | None = None, failed: dict[str, str] | None = None
) -> Decision:
    choice = Choice((Candidate("a", probability), Candidate("b", 0.01)), none=0.05)
    function = None if error else "a"
    step = Step("say", "", choice, function, (), Outcome("x", error), failed or {})
    return Decision("x", 0.0 if error else probability, error, (step,), "s")


def test_an_hour_moves_from_the_day_into_the_week_and_is_then_forgotten() -> None:
    now = 1000 * HOUR
    drift = Drift(lambda: now)
    for _ in range(3):
        drift.decided(decision(), {})
    drift.decided(decision(error="none fits"), {})
    counts = {"decisions": 4, "none": 1, "fallbacks": 1, "unsure": 0}
    nothing = dict.fromkeys(counts, 0)
    for hours, day, week in (
        (0, counts, nothing),
        (DAY - 1, counts, nothing),
        (DAY, nothing, counts),
        (DAY + WEEK - 1, nothing, counts),
        (DAY + WEEK, nothing, nothing),
    ):
        now = (1000 + hours) * HOUR
        assert drift.windows() == {"day": day, "week": week}
    drift.decided(decision(), {})
    assert len(drift._hours) == 1


def test_a_choice_is_unsure_below_what_nine_in_ten_held_out_ones_reach() -> None:
    usual = usual_confidence([index / 100 for index in range(100)])
    assert usual == pytest.approx(0.099)
    assert usual_confidence([0.5] * 19) is None
    assert unsure(decision(0.09), {"say": 0.099})
    assert not unsure(decision(0.1), {"say": 0.099})
    assert not unsure(decision(0.01), {"other": 0.099})


def test_a_function_that_failed_is_a_fallback_and_not_none() -> None:
    assert unfitting(decision(error="no function fits"))
    failed = decision(error="a failed", failed={"a": "KeyError"})
    assert not unfitting(failed)
    assert failed.fallback is not None


def shown(client: httpx.Client) -> dict[str, float]:
    lines = [line for line in client.get("/metrics").text.splitlines() if line[:1] != "#"]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_have_both_windows_and_the_counters(client: httpx.Client) -> None:
    for _ in range(3):
        client.post("/policies/parcels/decide", json={"state": HEAVY})
    found = shown(client)
    assert found['logicdistill_window{of="decisions",policy="parcels",window="day"}'] == 3
    assert found['logicdistill_window{of="decisions",policy="parcels",window="week"}'] == 0
    assert found['logicdistill_window{of="none",policy="parcels",window="day"}'] == 0


def test_after_a_restart_the_windows_hold_what_the_log_has_of_day_and_week(
    parcels: Policy, serve: Serve
) -> None:
    for _ in range(5):
        parcels.decide(HEAVY)
    assert parcels.log is not None
    records = [json.loads(line) for line in parcels.log.read_text().splitlines()]
    now = datetime.datetime.now(datetime.UTC)
    for record, days in zip(records, (0.1, 3, 3, 7, 9), strict=True):
        record["time"] = (now - datetime.timedelta(days=days)).isoformat()
    records[1] |= {"fallback": "none fits", "stages": [{"stage": "say", "error": "none fits"}]}
    lines = [*map(json.dumps, records), '"no record"', "{", json.dumps({"time": "x"})]
    parcels.log.with_name(f"{parcels.log.name}.1").write_text("\n".join(lines[:2]) + "\n")
    parcels.log.write_text("\n".join(lines[2:]) + "\n")
    with httpx.Client(base_url=serve({"parcels": parcels}), timeout=30) as client:
        client.post("/policies/parcels/decide", json={"state": HEAVY})  # it is counted once
        week = 'logicdistill_window{of="%s",policy="parcels",window="%s"}'
        for _ in range(200):
            found = shown(client)
            if found.get(week % ("decisions", "week")) == 3:
                break
        kinds = ("decisions", "none", "fallbacks")
        assert [found[week % (kind, "week")] for kind in kinds] == [3, 1, 1]
        assert [found[week % (kind, "day")] for kind in kinds] == [2, 0, 0]


def test_a_logged_choice_is_unsure_as_a_decided_one_is() -> None:
    drift = Drift(lambda: 1000 * HOUR)
    time = datetime.datetime.fromtimestamp(999 * HOUR, datetime.UTC).isoformat()
    for share in (0.4, 0.6):
        stage = {"stage": "say", "candidates": {"a": share, "b": 0.1}}
        record = {"time": time, "fallback": None, "stages": [stage]}
        drift.logged(record, {"say": 0.5}, before=1000 * HOUR)
        drift.logged(record, {"say": 0.5}, before=998 * HOUR)  # of this process, counted already
    counts = {"decisions": 2, "none": 0, "fallbacks": 0, "unsure": 1}
    assert drift.windows()["day"] == counts


def test_one_of_several_workers_reads_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WORKERS_FOLDER, str(tmp_path))
    assert [Metrics.is_first(name) for name in ("a", "b", "a")] == [True, True, False]


@pytest.fixture
def guessing(run_folder: Path, serve: Serve) -> Iterator[tuple[httpx.Client, Policy]]:
    with (
        Policy.load(run_folder) as policy,
        httpx.Client(base_url=serve({"guess": policy}), timeout=30) as client,
    ):
        yield client, policy


def test_a_choice_less_sure_than_usual_is_counted(
    guessing: tuple[httpx.Client, Policy], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, policy = guessing
    [stage] = [one.name for one in policy.base.stages if one.asks][:1]
    asked = threading.Event()

    def usual(functions: object) -> dict[str, float]:
        asked.set()
        return {stage: 1.1}  # no choice reaches it

    monkeypatch.setattr(policy.parts.student, "usual_confidences", usual)
    state = {"n": 100, "guesses": [50], "answers": ["higher"], "guesses_left": 6}
    client.post("/policies/guess/decide", json={"state": state})
    assert asked.wait(10)
    for _ in range(100):
        client.post("/policies/guess/decide", json={"state": state})
        if shown(client).get('logicdistill_unsure_total{policy="guess"}'):
            break
    found = shown(client)
    counted = found['logicdistill_unsure_total{policy="guess"}']
    assert 1 <= counted <= found['logicdistill_decisions_total{policy="guess"}']
    assert found['logicdistill_window{of="unsure",policy="guess",window="day"}'] == counted
