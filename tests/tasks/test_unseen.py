"""Values that a state's schema allows and that no training state holds."""

from __future__ import annotations

from typing import Any

from logicdistill.tasks.unseen import Values, unseen_line

SCHEMA = {
    "type": "object",
    "properties": {
        "status": {"enum": ["single", "joint", "widowed"]},
        "credits": {"type": "integer", "minimum": 0},
        "spouse": {"type": ["string", "null"], "default": None},
        "over_65": {"type": "boolean"},
        "students": {
            "type": "array",
            "items": {"properties": {"paid": {"type": "number"}, "half_time": {"type": "boolean"}}},
        },
        "note": {"type": "string", "format": "text"},
        "rate": {"type": "number", "exclusiveMinimum": 0},
        "home": {"anyOf": [{"$ref": "#/$defs/home"}, {"type": "null"}]},
    },
    "required": ["status", "credits", "over_65", "students", "note", "rate", "home"],
    "$defs": {"home": {"type": "object", "properties": {"rented": {"type": "boolean"}}}},
}
STATE = {
    "status": "single",
    "credits": 0,
    "spouse": "Kim",
    "over_65": False,
    "students": [],
    "note": "first",
    "rate": 0.5,
    "home": {"rented": True},
}


def lines(*states: dict[str, Any]) -> list[str]:
    values = Values(SCHEMA)
    for state in states:
        values.see(state)
    return [unseen_line(one, values.states) for one in values.unseen()]


def test_each_value_that_no_state_holds_is_named_in_a_line_a_field() -> None:
    other = {**STATE, "status": "joint", "spouse": "Lee", "note": "second", "rate": 0.7}
    assert lines(STATE, other) == [
        'status: no training state (of 2) has "widowed"',
        "credits: each training state (of 2) has 0",
        "spouse: no training state (of 2) has null",
        "over_65: each training state (of 2) has false",
        "students: each training state (of 2) has an empty list",
        "home: no training state (of 2) has null",
        "home.rented: each training state (of 2) has true",
    ]


def test_data_without_education_credits_are_noticed_and_one_credit_ends_it() -> None:
    spent = {**STATE, "credits": 1500}
    said = [line for line in lines(STATE, STATE, spent) if line.startswith("credits")]
    assert said == []
    assert "credits: no training state (of 2) has 0" in lines(spent, {**spent, "credits": 3})


def test_fields_of_objects_in_a_list_are_looked_at() -> None:
    student = {"paid": 10, "half_time": True}
    found = lines(STATE, {**STATE, "students": [student, {**student, "paid": 20}]})
    assert "students[].paid: no training state (of 2) has 0" in found
    assert "students[].half_time: each training state (of 2) has true" in found


def test_without_states_nothing_is_said() -> None:
    assert lines() == []
