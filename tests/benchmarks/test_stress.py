from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_no_decision_is_wrong_while_functions_join_and_workers_are_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT / 'benchmarks'}")
    import stress

    found = stress.stress(tmp_path, seconds=3, threads=2, seed=1, starts=("fork", "spawn"))
    assert (found["wrong"], found["unmarked"], found["hung"]) == (0, 0, 0)
    assert (found["raised"], found["faults"]) == ({}, [])
    assert sorted(found["processes"]) == ["fork-0", "spawn-1", "threads"]
    assert all(one["decisions"] > 0 for one in found["processes"].values())
    assert found["killed"] > 0


def test_a_decision_that_differs_from_its_snapshots_is_wrong_unless_it_is_a_fallback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import stress

    run = stress.make_run(tmp_path / "run")
    with stress.load(run) as policy:
        snapshot = policy.base.snapshot
    right = [snapshot, 0, '"post"', "plain", 5]
    wrong = [snapshot, 0, '"freight"', "plain", 2]
    marked = [snapshot, 0, '"freight"', "marked", 1]
    fallback = [snapshot, 0, '"desk"', "fallback", 3]
    found = stress.tally(run, [{"counts": [right, wrong]}, {"counts": [marked, fallback]}])
    assert found == {"decisions": 11, "wrong": 3, "unmarked": 2, "fallbacks": 3, "marked": 1}
