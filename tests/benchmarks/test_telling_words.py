from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def test_a_rule_about_words_takes_new_sentences_and_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(TESTS.parent / "benchmarks"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    import telling_words

    out = tmp_path / "told.json"
    words = ["--data", str(TESTS / "data"), "--quick", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["telling_words.py", *words])
    telling_words.main()
    [case] = json.loads(out.read_text())["cases"]
    assert case["told"]["others_same"] == case["of"]["others"] > 0
    assert case["told"]["near_left"] >= 5
    assert case["told"]["new"] >= 9
    assert len(case["told"]["missed"]) == 12 - case["told"]["new"]
