from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from logicdistill.types import Candidate, Choice

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def test_a_sure_choice_has_no_entropy_and_four_equal_answers_have_two_bits() -> None:
    from curves import entropy

    assert entropy(Choice((Candidate("a", 1.0), Candidate("b", 0.0)))) == 0
    assert entropy(
        Choice(tuple(Candidate(name, 0.25) for name in "abc"), none=0.25)
    ) == pytest.approx(2.0)


def test_the_interval_holds_the_mean_and_narrows_with_more_values() -> None:
    from curves import interval

    few, many = interval([0.0, 1.0] * 5), interval([0.0, 1.0] * 500)
    assert few["ci95"][0] <= few["mean"] == 0.5 <= few["ci95"][1]
    assert many["ci95"][1] - many["ci95"][0] < few["ci95"][1] - few["ci95"][0]


def test_a_selector_and_a_writer_are_taught_for_as_long_and_asked_the_same(
    run_folder: Path, tiny_causal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import curves

    out = tmp_path / "curves.json"
    words = ["--players", "ld-causal", "kd-causal", "--seconds", "0.2", "--states", "5"]
    words += ["--causal", str(tiny_causal), "--run", str(run_folder), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["curves.py", *words])
    curves.main()
    found = json.loads(out.read_text())
    assert found["states"] == 5
    selector, writer = found["rows"]
    assert (selector["answers"], writer["answers"]) == ("selected", "written")
    assert selector["seconds"] == writer["seconds"] == 0.2
    assert selector["examples"] > 0 < writer["examples"]
    assert selector["unusable"] == 0 <= writer["unusable"]
    assert min(selector[bits]["mean"] for bits in ("entropy_bits", "forced_bits")) > 0
