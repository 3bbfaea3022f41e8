"""Fields that few states have otherwise than the rest are named with their lines."""

from __future__ import annotations

from typing import Any

from logicdistill.tasks.odd import odd_fields


def notes(*odd: dict[str, Any], usual: int = 21) -> list[str]:
    state = {"receipt": True, "amount_eur": 3, "day": "2026-03-05"}
    states = [*[state] * usual, *odd]
    return list(odd_fields(dict(enumerate(states, start=1)), "states.jsonl"))


def test_a_field_that_is_spelt_almost_like_another_is_asked_about() -> None:
    odd = {"reciept": True, "amount_eur": 3, "day": "2026-03-05"}
    assert notes(odd) == ["reciept is in 1 of 22 states (states.jsonl:22); did you mean receipt?"]


def test_a_field_of_another_type_a_missing_one_and_a_day_that_is_none_are_named() -> None:
    odd = {"amount_eur": "3", "day": "20.05.2026"}
    assert notes(odd) == [
        "receipt is missing in 1 of 22 states (states.jsonl:22)",
        "amount_eur is text in states.jsonl:22 only, and else a number",
        'day is no date in states.jsonl:22 only: "20.05.2026"',
    ]


def test_what_many_states_do_and_null_are_no_mistake() -> None:
    without = {"receipt": None, "amount_eur": 3, "day": None}
    assert notes(without) == []
    assert notes(*[{"receipt": True, "amount_eur": 3, "receipts": True}] * 9, usual=9) == []
