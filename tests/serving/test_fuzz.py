"""Whatever a client sends, no request fails inside the server."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["post", "freight", "none", "other", "action", "way", "heavy", "{}", "[1]"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = st.sampled_from(["action", "way", "post", "heavy", "rain"])
CHOICES = st.lists(
    st.fixed_dictionaries({"value": VALUES | st.sampled_from(["post", "freight"])}), max_size=4
)
LEVELS = st.lists(st.fixed_dictionaries({"label": VALUES}, optional={"description": VALUES}))
STATES = st.just({"weight_kg": 3.5}) | st.dictionaries(st.just("weight_kg"), VALUES) | VALUES

QUESTIONS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["choice", "predicate", "score", "box"]),
        "instructions": st.just("?"),
    },
    optional={"name": NAMES | VALUES, "choices": CHOICES | VALUES, "levels": LEVELS | VALUES},
)
PARTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["input_text", "input_json", "input_image", "x"])},
    optional={"text": VALUES, "data": STATES},
)
ITEMS = st.fixed_dictionaries(
    {"content": VALUES | st.lists(PARTS, max_size=3)},
    optional={
        "role": st.sampled_from(["user", "assistant", "system", 7]),
        "type": st.sampled_from(["message", "function_call", "function_call_output", 7]),
        "output": VALUES,
    },
)
DECISIONS = st.fixed_dictionaries(
    {
        "model": st.just("parcels") | VALUES,
        "input": st.just('{"weight_kg": 50}') | st.lists(ITEMS, max_size=3) | VALUES,
        "questions": st.lists(QUESTIONS, min_size=1, max_size=3) | VALUES,
    }
)
ASKED = st.fixed_dictionaries(
    {"type": st.sampled_from(["noul", "choice", "score", "box", "x"])},
    optional={
        "criteria": VALUES
        | st.dictionaries(st.sampled_from(["post", "freight", "none", "heavy"]), st.none())
        | st.lists(VALUES | st.sampled_from(["post", "freight"]), max_size=4)
    },
)
SYSTEMONE = st.fixed_dictionaries(
    {
        "model": st.just("parcels") | VALUES,
        "state": STATES,
        "questions": st.dictionaries(NAMES, ASKED | VALUES, max_size=3) | VALUES,
    }
)
CHANGE = st.fixed_dictionaries(
    {},
    optional={
        "source": VALUES | st.just("def post():\n    return 1\n"),
        "stage": VALUES,
        "rule": VALUES,
        "emergency": VALUES,
        "expires": VALUES,
        "snapshot": VALUES,
        "by": VALUES,
        "accept": VALUES,
        "parent": VALUES,
    },
)


@pytest.mark.parametrize(
    ("path", "bodies"),
    [
        ("/v1/decisions", DECISIONS),
        ("/v1/systemone", SYSTEMONE),
        ("/policies/parcels/decide", st.fixed_dictionaries({"state": STATES})),
        ("/policies/parcels/decide/many", st.lists(STATES, max_size=4) | VALUES),
        ("/policies/parcels/functions", CHANGE),
        ("/policies/parcels/rollback", CHANGE),
        ("/policies/parcels/tell", CHANGE),
    ],
)
def test_no_body_fails_inside(client: httpx.Client, path: str, bodies: Any) -> None:
    @settings(suppress_health_check=list(HealthCheck))
    @given(bodies)
    def sends(body: Any) -> None:
        got = client.post(path, json=body)
        assert got.status_code in (200, 400, 404, 409, 422, 503), got.text
        assert "failed; its log" not in got.text

    sends()
