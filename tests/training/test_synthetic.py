from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from logicdistill.training.synthetic import FactSpace, parse_view, view_of

FACTS = st.fixed_dictionaries(
    {
        "distance": st.sampled_from(["near", "far", "touching"]),
        "ways out": st.sampled_from(["one", "two"]),
        "left": st.integers(0, 9).map(str),
    }
)


@given(FACTS)
def test_a_view_gives_its_facts_back(facts: dict[str, str]) -> None:
    assert parse_view(view_of(facts)) == facts


def test_free_text_has_no_facts() -> None:
    assert parse_view("I lost my card abroad, please help") is None


@given(st.lists(FACTS, min_size=2, max_size=20), st.integers(0, 10_000))
def test_a_made_up_state_fulfils_its_condition_and_a_near_miss_does_not(
    known: list[dict[str, str]], seed: int
) -> None:
    space, rng = FactSpace(known), random.Random(seed)
    condition = space.condition(rng)
    assert condition.holds(space.satisfying(rng, condition))
    if condition.terms:
        assert not condition.holds(space.satisfying(rng, condition, miss=True))
        changed = space.condition(rng, condition)
        assert changed != condition
        assert {key for key, _ in changed.terms} == {key for key, _ in condition.terms}
