from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.functions.values import json_value

LIMIT = 2000
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**4000), 2**4000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=600),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=40,
)


@given(VALUES)
def test_what_passes_is_no_longer_as_json_than_the_limit(value: object) -> None:
    try:
        found = json_value(value, LIMIT)
    except ValueError:
        assert len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")) > LIMIT / 4
    else:
        assert len(json.dumps(found, ensure_ascii=False).encode()) <= LIMIT + 8


@pytest.mark.parametrize(
    "value", ["\U0001f600" * 600, [2**4000] * 2, "\x00" * 400, {"é" * 1100: 1}]
)
def test_bytes_count_and_not_characters(value: object) -> None:
    with pytest.raises(ValueError, match="more than 2000 bytes of JSON"):
        json_value(value, LIMIT)


def test_half_a_character_is_no_value() -> None:
    with pytest.raises(ValueError, match="half of a Unicode character"):
        json_value(["\ud83d"], LIMIT)
