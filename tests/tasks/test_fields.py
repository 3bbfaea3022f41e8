from __future__ import annotations

from typing import Any

import pytest

from logicdistill.tasks.fields import describe
from logicdistill.tasks.kinds import is_code, time_kind
from logicdistill.tasks.schema import StateSchema, infer_schema


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (["a"] * 3 + ["b"] * 3, 'x: text, 2 values seen ("a", "b"), left open'),
        ([f"name {n}" for n in range(9)], "x: text, 9 values seen, left open"),
        (["2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z"] * 3, "x: date and time"),
        (["01.02.2026", "2026-02-01"] * 3, "x: date"),
        (["10:30", "11:45:10"] * 3, "x: time"),
        (["C-10421", "C-10422"] * 9, "x: id or code"),
        ([0.2, 31.5, 4], "x: number, 0.2 to 31.5 seen, left open"),
        ([1500, 20], "x: number, 20 to 1,500 seen, left open"),
        ([True, False, None], "x: true or false, empty in 1 of 3"),
        ([True, True], "x: true or false, only true seen"),
        (["word " * 20], "x: free text"),
        ([1, "a"], "x: number or text"),
        ([None], "x: empty in every state"),
        ([[1], [1, 2]], "x: list, 1 to 2 items seen"),
        ([{"a": 1, "b": 2}], "x: object, keys a, b"),
    ],
)
def test_a_field_is_said_in_one_line(values: list[Any], line: str) -> None:
    schema = infer_schema([{"x": value} for value in values])
    assert describe("x", schema["properties"]["x"], values).line() == line


def test_what_a_person_wrote_into_the_schema_is_said() -> None:
    assert describe("x", {"enum": ["a", "b"]}, ["a"]).line() == (
        'x: text, 1 value seen ("a"), only "a", "b" allowed'
    )
    schema = {"type": "integer", "minimum": 0, "maximum": 50}
    assert describe("x", schema, [1, 2]).line() == (
        "x: number, 1 to 2 seen, whole numbers only, minimum 0, maximum 50"
    )


@pytest.mark.parametrize("value", ["05.03.2026", "01067", "10:30", "C-10421"])
def test_dates_times_and_ids_are_never_listed_and_others_are_states_like_any(value: str) -> None:
    schema = infer_schema([{"x": value, "n": 1}] * 9)
    assert schema["properties"]["x"] == {"type": "string"}
    assert StateSchema(schema).faults({"x": "never seen", "n": 20.5}) == []


@pytest.mark.parametrize("text", ["illness", "12", "economy", "", "a b", "3.5", "2XL", "20260301"])
def test_words_and_sizes_are_no_times(text: str) -> None:
    assert time_kind(text) is None
    assert is_code(text) == (text == "20260301")


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        ("2026-03-05", ["20.05.2026", "2026-02-31", ""]),
        ("2026-03-05T10:00:00Z", ["2026-03-05T25:00:00Z", "2026-03-05"]),
    ],
)
def test_a_field_of_dates_refuses_what_is_none_by_name(seen: str, wrong: list[str]) -> None:
    schema = infer_schema([{"day": seen}, {"day": None}])
    assert not StateSchema(schema).faults({"day": seen})
    assert not StateSchema(schema).faults({"day": None})
    for text in wrong:
        assert "'day'" in StateSchema(schema).faults({"day": text})[0]
    mixed = infer_schema([{"day": seen}, {"day": "soon"}])
    assert not StateSchema(mixed).faults({"day": wrong[0]})
