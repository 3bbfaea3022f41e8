from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import stamps

TESTS = Path(__file__).parents[1]


def test_functions_that_were_never_trained_are_added_from_their_files_and_win_their_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(TESTS.parent / "benchmarks"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    import hot_add

    out, small = (
        tmp_path / "hot-add.json",
        ["--left-out", "2", "--shots", "2", "--draws", "1", "--usage", "0", "5", "--steps", "1"],
    )
    data = ["--data", str(TESTS / "data" / "clinc150")]
    monkeypatch.setattr(stamps, "SCORINGS", tmp_path / "scorings.jsonl")
    monkeypatch.setattr(
        sys,
        "argv",
        ["hot_add.py", *data, *small, "--work", str(tmp_path / "work"), "--json", str(out)],
    )
    hot_add.main()
    found = json.loads(out.read_text())
    assert len(found["left_out"]) == 2
    bare, shown, trained = found["rows"]
    assert [row["usage_examples"] for row in found["rows"]] == ["0", "5", "trained"]
    assert trained["others"] > 0.5
    for row in (bare, shown):
        assert row["new_ci95"][0] <= row["new"] <= row["new_ci95"][1]
        assert row["new_selective"] <= row["new"]
        assert row["new"] > 0.1  # among 150 functions
        assert row["others"] > 0.5
        assert row["others_selective"] <= row["others"]
        assert row["ms"] > 0
    kept = (tmp_path / "work" / "clinc150-2" / "without-2" / "heads.json").read_text()
    [head] = json.loads(kept)["stages"].values()
    assert len(head["texts"]) == 148
    assert not set(found["left_out"]) & set(head["texts"])
