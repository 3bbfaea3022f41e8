from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from logicdistill.errors import InvalidStateError, TaskError
from logicdistill.tasks.guess import Guess
from logicdistill.tasks.schema import Schema, StateSchema, check_state, infer_schema
from logicdistill.types import same

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "_id", "c d"]), inner, max_size=3)
    ),
    max_leaves=6,
)
states = st.lists(
    st.dictionaries(st.sampled_from(["weight", "note", "größe"]), values, min_size=1, max_size=3),
    min_size=1,
    max_size=6,
)


@settings(phases=[Phase.generate])
@given(states)
def test_every_state_fits_the_schema_that_was_proposed_from_it_and_stays_as_it_is(
    found: list[dict[str, Any]],
) -> None:
    schema = StateSchema(json.loads(json.dumps(infer_schema(found))))
    for state in found:
        filled = schema.filled(state)
        assert schema.faults(filled) == []
        assert filled == dict.fromkeys(schema.names) | state


def test_a_proposal_shows_few_strings_and_allows_others_and_long_ones_are_text() -> None:
    found = [
        {"way": ("in", "out")[n % 2], "name": f"n{n}", "note": f"word {n} " * 9, "short": "a b"}
        for n in range(9)
    ]
    schema = infer_schema(found, text=["short"])
    assert schema["properties"] == {
        "way": {"type": "string", "examples": ["in", "out"]},
        "name": {"type": "string"},
        "note": {"type": "string", "format": "text"},
        "short": {"type": "string", "format": "text"},
    }
    assert StateSchema(schema).faults({**found[0], "way": "around"}) == []


def test_a_field_that_some_states_lack_is_null_by_default_and_whole_numbers_allow_others() -> None:
    schema = infer_schema([{"a": 1, "b": {"c": 2}}, {"a": 2}])
    assert schema["required"] == ["a"]
    assert StateSchema(schema).filled({"a": 20.5}) == {"a": 20.5, "b": None}
    assert StateSchema(schema).faults({"a": 20.5, "b": None}) == []


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 3}, [1, 3], [0, 4, True, 2.5, "1"]),
        ({"type": "string", "pattern": "^[a-c]+$"}, ["abc"], ["d", "", 1]),
        ({"enum": [1, "a", [2]]}, [1, "a", [2]], [True, "b", [True], None]),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, [[1]], [[1, 1]]),
        (
            {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]},
            [{"x": 1}, {"x": 1, "y": 2}],
            [{}, {"x": "1"}],
        ),
        ({"oneOf": [{"type": "integer"}, {"enum": ["all"]}]}, [3, "all"], ["none", 1.5]),
        ({"type": ["integer", "null"]}, [3, None], ["3"]),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"const": 1}}, "x-hint": 2}, [1], [2, True]),
        ({"type": "string", "format": "date"}, ["2026-11-29"], ["2026-13-01"]),
        ({"format": "date-time"}, ["2024-05-02T10:00:00-05:00"], ["2024-05-02 10:00"]),
    ],
)
def test_a_schema_takes_what_it_says_and_nothing_else(
    schema: Any, right: list[Any], wrong: list[Any]
) -> None:
    found = Schema(schema)
    assert all(found.faults(value) == [] for value in right)
    assert all(found.faults(value) != [] for value in wrong)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "integer", "minimun": 1}, "'minimun' is no keyword"),
        ({"properties": {"a": {"tpye": "x"}}}, "field 'properties.a': 'tpye' is no keyword"),
        ({"type": "int"}, 'field \'type\': "int" is not one of "array", "boolean"'),
        ({"type": "int", "minimum": "3"}, "field 'minimum': \"3\" is not of type"),
        ({"$ref": "#/nowhere"}, "does not exist"),
        ({"$ref": "https://example.com/s.json"}, "Retrieval is disabled"),
        ({"pattern": "("}, '"(" is not a "regex"'),
        ({"const": float("nan")}, "NaN is no JSON value"),
        ("string", '"string" is not of types'),
    ],
)
def test_what_is_no_schema_is_named_in_one_line(schema: Any, said: str) -> None:
    with pytest.raises(TaskError) as caught:
        Schema(schema)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "array"}, "'type': 'object'"),
        ({"type": "object", "properties": {"a": True}}, "'additionalProperties': false"),
        (infer_schema([{"two words": 1}]), "parameter"),
        (infer_schema([{"class": 1}]), "parameter"),
        (infer_schema([{"gro\u0308ße": 1}]), "parameter"),  # Python reads another spelling of it
        (
            {**infer_schema([{"a": 1}]), "required": []},
            "field 'a' is not required: give it a 'default'",
        ),
    ],
)
def test_the_schema_of_a_state_names_parameters_and_refuses_other_fields(
    schema: Any, said: str
) -> None:
    with pytest.raises(TaskError, match=said):
        StateSchema(schema)


@dataclass(frozen=True)
class Trade(Guess):
    """A task with other states."""

    state_schema = {  # noqa: RUF012
        "type": "object",
        "properties": {
            "country": {"enum": ["DE", "FR"]},
            "order": {"type": "object"},
            "day": {"type": "string", "format": "date"},
            "notices": {"default": {}},
        },
        "required": ["country", "order", "day"],
        "additionalProperties": False,
    }

    def impossible(self, state: Any) -> str | None:
        return "orders of this day are void" if state["day"] == "2026-02-28" else None


STATE: dict[str, Any] = {"country": "DE", "order": {}, "day": "2026-11-29"}


def refusal(state: Any) -> str:
    with pytest.raises(InvalidStateError) as caught:
        check_state(Trade(), state, "line 3: ")
    said = str(caught.value)
    assert said.startswith("line 3: ")
    assert "\n" not in said
    return said.removeprefix("line 3: ").removesuffix(
        "; a state of guess-v1 has: country, order, day, notices"
    )


def test_a_refusal_names_fields_values_and_what_is_allowed_in_the_case_in_which_they_are() -> None:
    assert refusal({**STATE, "country": "DEU"}) == (
        'field \'country\': "DEU" is not one of "DE", "FR"'
    )
    several = refusal({**STATE, "country": "fr", "colour": 1, "size": 2, "kind": 3})
    assert "field 'colour' is not in the schema" in several
    assert several.endswith("; and 1 more")
    assert refusal({**STATE, "day": "2026-02-28"}) == "orders of this day are void"
    assert refusal([STATE]) == "a state is a JSON object; got list"


def test_defaults_are_filled_in_and_never_shared() -> None:
    checked = check_state(Trade(), STATE)
    assert checked == {**STATE, "notices": {}}
    checked["notices"]["strike"] = True
    assert check_state(Trade(), STATE)["notices"] == {}


@pytest.mark.parametrize(
    "key", ["_id", "__typename", "model_config", "copy", "json", "a b", "größe"]
)
def test_a_key_inside_a_state_may_have_any_name(key: str) -> None:
    state = {**STATE, "order": {key: {"deeper": [{key: 1}]}}}
    assert check_state(Trade(), state) == {**state, "notices": {}}
    assert StateSchema(infer_schema([{"order": {key: 1}}])).faults({"order": {key: 2}}) == []


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (float("nan"), "field 'order.a': NaN is no JSON value"),
        (float("inf"), "field 'order.a': Infinity is no JSON value"),
        ({1: 2}, "field 'order.a': a key is no text"),
        ("cut off emoji \ud83d", "field 'order.a': holds half of a Unicode character"),
        ({"\ud83d": 1}, "field 'order.a': a key is no text"),
        (-(10**30), "field 'order.a': a whole number beyond 64 bits"),
        (nested(60), "more than 50 levels deep"),
        (nested(5000), "more than 50 levels deep"),
        ((1, 2), "field 'order.a': tuple is no JSON value"),
        (object(), "field 'order.a': object is no JSON value"),
    ],
)
def test_what_not_every_json_reader_takes_is_refused_in_one_line(value: Any, said: str) -> None:
    assert said in refusal({**STATE, "order": {"a": value}})


def test_a_number_with_more_digits_than_python_prints_is_refused_in_one_line() -> None:
    assert "beyond 64 bits" in refusal({**STATE, "order": {"a": 10**5000}})


TOOLS = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"tool": {"const": "none"}},
            "required": ["tool"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"tool": {"const": "push"}, "branch": {"type": "string"}},
            "required": ["tool"],
            "additionalProperties": False,
        },
    ]
}


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"tool": "none"}, None),
        ({"tool": "push"}, None),
        ({"tool": "push", "branch": "main"}, None),
        ({"tool": "push", "branch": 1}, "field 'branch': 1 is not of type \"string\""),
        ({"tool": "none", "branch": "main"}, "field 'branch' is not in the schema"),
        ({"tool": "pull"}, 'field \'tool\': "pull" is not one of "none", "push"'),
        ({}, "field 'tool' is missing"),
        (None, 'null is not of type "object"'),
    ],
)
def test_of_several_alternatives_the_one_that_was_meant_is_explained(
    keyword: str, action: Any, said: str | None
) -> None:
    found = Schema({keyword: TOOLS["anyOf"]}).faults(action)
    assert found == ([] if said is None else [said])


def test_of_many_allowed_values_the_nearest_are_named() -> None:
    (said,) = Schema({"enum": [f"intent_{n}" for n in range(99)]}).faults("intent_77x")
    assert said.startswith('"intent_77x" is not one of 99 values such as "intent_77"')


def test_true_is_not_one() -> None:
    assert same({"a": [1, None]}, {"a": [1.0, None]})
    assert not any(same(*pair) for pair in ((True, 1), ([0], [False]), ({"a": 1}, {"a": True})))
