"""Stages that are searched before their functions are looked at; the size from which that is so is lowered."""

from __future__ import annotations

from typing import Any

import pytest
from tests.test_algorithm import STATE, Ranked, function_file, parts_of

from logicdistill import selection
from logicdistill.selection import queries_for

SOURCES = [
    *(function_file(f"plain_{number}", "return 5") for number in range(12)),
    *(function_file(f"later_{number}", "return later", parameter="later: int") for number in range(12)),
    function_file("urgent", "return 7", "    When: n > 50\n    Replaces: plain_0, plain_1\n", example="n=60", expected="7"),
]
SCOPES: list[dict[str, Any]] = [{**STATE, "n": n} for n in (10, 60)]


def names(top_k: int) -> list[list[str]]:
    parts = parts_of(SOURCES, Ranked("plain_2"), top_k=top_k, origin="emergency")
    return [[function.name for function in query.candidates] for query in queries_for(parts, parts.base.stages[0], SCOPES)]


@pytest.mark.parametrize("top_k", [4, 11])
def test_a_stage_searched_first_has_the_same_candidates_as_one_looked_at_first(top_k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at_first = names(top_k)
    monkeypatch.setattr(selection, "EXACT", 8)
    searched_first = names(top_k)
    for calm, urgent in (looked_at_first, searched_first):
        assert all(name.startswith("plain_") for name in calm)
        assert "urgent" in urgent
        assert not {"plain_0", "plain_1"} & set(urgent)
        assert (len(calm), len(urgent)) == (top_k, top_k)


def test_a_stage_with_fewer_fitting_functions_than_k_gives_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "EXACT", 8)
    calm, urgent = names(16)
    assert sorted(calm) == sorted(f"plain_{number}" for number in range(12))
    assert sorted(urgent) == sorted(["urgent", *(f"plain_{number}" for number in range(2, 12))])
