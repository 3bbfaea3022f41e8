from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from logicdistill.functions.base import FunctionBase
from logicdistill.training.synthetic import parse_view

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def test_no_near_twin_is_right_in_a_state_that_is_asked_and_all_differ(
    guess_base: FunctionBase,
) -> None:
    from growth import twins

    stage = guess_base.stage("guess")
    asked = [
        {"last answer": answer, "numbers left": left}
        for answer in ("higher", "lower")
        for left in ("one", "two", "many")
    ]
    made = twins(stage, guess_base.of_stage("guess"), asked, 200, seed=1)
    assert len({function.texts[0] for function in made}) > 190
    assert len({function.manual.when for function in made}) == 200
    for function in made:
        when = compile(function.manual.when or "", "when", "eval")
        holds = [
            eval(when, {"facts": {key.replace(" ", "_"): value for key, value in facts.items()}})
            for facts in asked
        ]
        assert not any(holds)
        shown = parse_view(function.texts[1]) or {}
        assert eval(when, {"facts": {key.replace(" ", "_"): value for key, value in shown.items()}})


def test_a_growing_base_is_measured_and_a_second_start_measures_nothing_again(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import growth

    out = tmp_path / "growth.json"
    monkeypatch.setattr(
        sys,
        "argv",
        [
            "growth.py",
            "--run",
            str(run_folder),
            "--sizes",
            "0",
            "30",
            "--draws",
            "2",
            "--episodes",
            "4",
            "--out",
            str(out),
        ],
    )
    growth.main()
    found = json.loads(out.read_text())
    assert found["command"].startswith("python benchmarks/growth.py --run")
    small, *large = found["rows"]
    assert (small["functions"], [row["functions"] for row in large]) == (5, [30, 30])
    assert [row["draw"] for row in large] == [0, 1]
    for row in (small, *large):
        assert row["that_may_run"]["inputs"]["asked"] == row["views"] > 0
        assert row["that_may_run"]["found"]["share"] == 1.0
    [most] = found["largest"]
    assert (most["functions"], most["stage"]) == (30, "guess")
    assert most["as_found"]["share"] == min(row["as_found"]["inputs"]["share"] for row in large)
    monkeypatch.setattr(growth, "measure", None)
    growth.main()
    assert json.loads(out.read_text())["rows"] == found["rows"]
