from __future__ import annotations

from pathlib import Path

import pytest
from tests.writing.expenses import make_run

from logicdistill.tasks.records import RecordTask


def test_the_same_states_are_decided_with_and_without_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    from log_cost import measured

    run = make_run(tmp_path / "run")
    states = [record.state for record in RecordTask(run / "task").records]
    found = measured(run, states, repeats=1)
    for name in ("decide_many", "decide"):
        assert found[f"{name}, logged"] > 0
        assert found[f"{name}, ratio"] == pytest.approx(
            found[f"{name}, logged"] / found[name], rel=0.1
        )
    assert found["bytes a decision"] > 300
    assert not (run / "decisions.jsonl").exists()
