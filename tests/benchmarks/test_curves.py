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


def test_a_selector_and_a_writer_are_shown_as_much_and_asked_the_same_in_each_draw(
    run_folder: Path, tiny_causal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import curves

    out = tmp_path / "curves.json"
    words = ["--players", "ld-causal", "kd-causal", "--shown", "4", "--states", "5", "--draws", "2"]
    words += ["--causal", str(tiny_causal), "--run", str(run_folder), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["curves.py", *words])
    curves.main()
    found = json.loads(out.read_text())
    assert found["states"] == 5
    writer, selector = found["rows"]
    assert (selector["answers"], writer["answers"]) == ("selected", "written")
    assert selector["shown"] == writer["shown"] == 4
    assert selector["unusable"] == 0 <= writer["unusable"]
    assert min(selector[bits]["least"] for bits in ("entropy_bits", "forced_bits")) > 0
    bits = [draw["entropy_bits"] for draw in writer["draws"]]
    assert bits[0] != bits[1]
    assert writer["entropy_bits"]["mean"] == pytest.approx(sum(bits) / 2, abs=1e-4)
