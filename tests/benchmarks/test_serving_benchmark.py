from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.parcels import run_of_parcels

ROOT = Path(__file__).parents[2]


def test_what_http_costs_is_measured_against_the_same_states_in_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import serving

    run = run_of_parcels(tmp_path / "parcels")
    states = serving.states_of(run, None)
    assert states == [{"weight_kg": 3.25}, {"weight_kg": 41.75}]
    found = serving.measure(run, states, seconds=0.3, connections=4, workers=1)
    assert found["many_ratio"] == pytest.approx(found["many"] / found["in_process"])
    rates = ("in_process", "many", "single", "half_load_p50_ms", "rss_mb")
    assert all(found[name] > 0 for name in rates)
    assert found["half_load_p50_ms"] <= found["half_load_p99_ms"]
    started = serving.starts(run, workers=1, number=1)
    assert started["ready_cpu_ms"] > 0 < started["ready_s"]
    assert started["ready_cpu_ratio"] > 0
    json.dumps(found | started)
