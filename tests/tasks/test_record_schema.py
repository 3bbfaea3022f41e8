from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from logicdistill.errors import TaskError
from logicdistill.tasks.record_schema import infer_schema, state_model, type_of

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c d"]), inner, max_size=3)
    ),
    max_leaves=8,
)
states = st.lists(
    st.dictionaries(st.sampled_from(["weight", "note", "seen"]), values, min_size=1, max_size=3),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(states)
def test_every_state_fits_the_schema_that_was_made_of_it_and_stays_as_it_is(
    found: list[dict[str, Any]],
) -> None:
    schema = json.loads(json.dumps(infer_schema(found)))
    model = state_model(schema)
    for state in found:
        shown = model.model_validate(state, strict=True).model_dump(mode="json")
        assert {name: shown[name] for name in state} == state
        assert all(shown[name] is None for name in shown.keys() - state.keys())
        assert model.model_validate(shown, strict=True).model_dump(mode="json") == shown


def test_few_strings_are_an_enum_many_are_not_and_long_ones_are_text() -> None:
    found = [
        {"way": ("in", "out")[n % 2], "name": f"n{n}", "note": f"word {n} " * 9, "short": "a b"}
        for n in range(9)
    ]
    properties = infer_schema(found, text=["short"])["properties"]
    assert properties == {
        "way": {"enum": ["in", "out"]},
        "name": {"type": "string"},
        "note": {"type": "string", "format": "text"},
        "short": {"type": "string", "format": "text"},
    }


def test_a_field_that_some_states_lack_may_be_null() -> None:
    schema = infer_schema([{"a": 1, "b": {"c": 2}}, {"a": 1.5}])
    assert schema["required"] == ["a"]
    assert state_model(schema).model_validate({"a": 3}, strict=True).model_dump() == {
        "a": 3,
        "b": None,
    }


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 3}, [1, 3], [0, 4, True, 2.0, "1"]),
        ({"type": "string", "pattern": "^[a-c]+$"}, ["abc"], ["d", "", 1]),
        ({"enum": [1, "a", [2]]}, [1, "a", [2]], [True, "b", [True], None]),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, [[1]], [[], ["a"], [1.5]]),
        (
            {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]},
            [{"x": 1}],
            [{}, {"x": "1"}, {"x": 1, "y": 2}],
        ),
        ({"anyOf": [{"type": "integer"}, {"enum": ["all"]}]}, [3, "all"], ["none", 1.5]),
        ({"type": ["integer", "null"]}, [3, None], ["3"]),
    ],
)
def test_a_schema_takes_what_it_says_and_nothing_else(
    schema: Any, right: list[Any], wrong: list[Any]
) -> None:
    kind = TypeAdapter(type_of(schema))
    for value in right:
        kind.validate_python(value, strict=True)
    for value in wrong:
        with pytest.raises(ValidationError):
            kind.validate_python(value, strict=True)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "integer", "minimun": 1}, "did you mean 'minimum'"),
        ({"type": "int"}, "'type' is 'int'"),
        ({"oneOf": []}, "'type' is None"),
        ({"enum": []}, "one or more values"),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "additionalProperties": True,
            },
            "unknown fields are refused",
        ),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "has to allow null"),
        ("string", "a schema is an object"),
    ],
)
def test_what_a_schema_cannot_say_is_named_in_one_line(schema: Any, said: str) -> None:
    with pytest.raises(TaskError, match=said) as caught:
        type_of(schema)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["two words", "class", "_hidden", "json"])
def test_a_field_has_a_name_that_a_function_can_take_as_a_parameter(name: str) -> None:
    with pytest.raises(TaskError, match="parameter"):
        state_model(infer_schema([{name: 1}]))
