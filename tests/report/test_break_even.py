from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.comparison import summary, write_comparison

from logicdistill.errors import CorruptError, StorageError, TaskError
from logicdistill.report.break_even import (
    Tokens,
    asked_tokens,
    break_even,
    cost,
    read_costs,
    written_tokens,
)
from logicdistill.tasks.registry import get_task

COSTS = read_costs()
tokens = st.builds(Tokens, st.floats(1, 1e6), st.floats(1, 1e6))


@given(written=tokens, asked=tokens, seconds=st.floats(0, 1e4), decision_ms=st.floats(0.1, 100))
def test_distilling_has_cost_less_from_the_break_even_on_and_not_before(
    written: Tokens, asked: Tokens, seconds: float, decision_ms: float
) -> None:
    found = break_even(COSTS, written, asked, seconds, decision_ms)
    assert found["decisions"] is not None
    once = found["written_dollars"] + found["trained_dollars"]

    def gain(decisions: int) -> float:
        return decisions * found["asked_dollars"] - once - decisions * found["decided_dollars"]

    assert gain(found["decisions"] + 1) > 0
    assert gain(found["decisions"] - 1) <= 1e-9 * once


def test_one_case_by_hand() -> None:
    prices = replace(
        COSTS,
        token_in=1e-6,
        token_out=1e-5,
        core_hour=0.36,
        cores=2,
        first_token_seconds=1.0,
        tokens_per_second=10.0,
    )
    found = break_even(
        prices, Tokens(100_000, 20_000), Tokens(400, 10), training_seconds=100, decision_ms=2.0
    )
    assert found["written_dollars"] == pytest.approx(0.3)
    assert found["trained_dollars"] == pytest.approx(0.02)
    assert found["asked_dollars"] == pytest.approx(0.0005)
    assert found["decided_dollars"] == pytest.approx(2e-7)
    assert found["decisions"] == 641  # 0.32 / 0.0004998 = 640.3
    assert found["asked_ms"] == pytest.approx(2000)
    assert found["latency_ratio"] == pytest.approx(1000)


def test_it_never_pays_where_a_decision_costs_as_much() -> None:
    free = replace(COSTS, token_in=0.0, token_out=0.0)
    assert break_even(free, Tokens(1, 1), Tokens(1, 1), 1.0, 1.0)["decisions"] is None


def test_the_packages_prices_say_that_they_are_assumed() -> None:
    assert "assumed" in COSTS.name


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[large_model]\ndollars_per_million_tokens_in = '3'\n", "dollars_per_million_tokens_in"),
        ("large_model = 3\n", "dollars_per_million_tokens_in"),
        ("[large_model\n", "not TOML"),
    ],
)
def test_a_price_list_with_a_mistake_names_it(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "prices.toml").write_text(text)
    with pytest.raises(TaskError, match=named):
        read_costs(tmp_path / "prices.toml")
    with pytest.raises(StorageError, match="cannot read"):
        read_costs(tmp_path / "none.toml")


def test_a_negative_price_is_refused(tmp_path: Path) -> None:
    shipped = (
        Path(__file__).resolve().parents[2] / "src" / "logicdistill" / "report" / "prices.toml"
    )
    (tmp_path / "prices.toml").write_text(shipped.read_text().replace("= 15.0", "= -15.0"))
    with pytest.raises(TaskError, match=r"tokens_out is -15\.0; give a number of at least 0"):
        read_costs(tmp_path / "prices.toml")


def test_tokens_of_writing_leave_out_what_was_asked_for_evaluation_or_changed_rules(
    tmp_path: Path,
) -> None:
    run = write_comparison(tmp_path / "made") / "guess"
    assert written_tokens(run, 4.0) == Tokens(2 * 1100, 2 * 200)
    (run / "replies" / "damaged.json").write_text('{"reply": 1}')
    with pytest.raises(CorruptError, match=r"damaged\.json"):
        written_tokens(run, 4.0)


@pytest.mark.parametrize("name", ["guess", "pendulum"])
def test_a_question_to_a_large_model_holds_the_rules_and_a_state(name: str) -> None:
    task = get_task(name)
    found = asked_tokens(task, 4.0)
    rules = sum(map(len, task.rules)) / 4
    assert rules < found.into < rules + 200
    assert 0 < found.out < 20


def test_other_prices_move_the_break_even(tmp_path: Path) -> None:
    run = write_comparison(tmp_path / "made") / "guess"
    found = cost(run, get_task("guess"), summary("guess-v1", "guess"), COSTS)
    dearer = cost(
        run,
        get_task("guess"),
        summary("guess-v1", "guess"),
        replace(COSTS, core_hour=COSTS.core_hour * 10),
    )
    assert 0 < found["decisions"] < dearer["decisions"]
