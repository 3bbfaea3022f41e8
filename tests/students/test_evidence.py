from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logicdistill.students.evidence import Evidence, evidence_json, read_evidence

FACTS = st.lists(
    st.sampled_from(["status: pending", "status: delivered", "reason: given", "reason: open"]),
    unique=True,
).map(tuple)
LABELLED = st.lists(st.tuples(FACTS, st.sampled_from(["cancel", "change", None])))


def test_a_fact_speaks_for_the_function_that_it_was_seen_with_and_against_the_others() -> None:
    evidence = Evidence.of(
        [(("reason: given",), "cancel")] * 8 + [(("reason: open",), "change")] * 8
    )
    [[cancel, change]] = evidence.nats([("reason: given",)], ["cancel", "change"])
    usual = 9 / 18
    assert cancel == pytest.approx(math.log((8 + 2 * usual) / (8 + 2) / usual))
    assert change == pytest.approx(math.log((2 * usual) / (8 + 2) / usual))
    assert cancel > 0.5 > -1 > change


@given(LABELLED, FACTS)
def test_functions_that_joined_later_and_facts_never_seen_say_nothing(
    labelled: list[tuple[tuple[str, ...], str | None]], asked: tuple[str, ...]
) -> None:
    evidence = Evidence.of(labelled)
    nats = evidence.nats([asked, ("colour: red",), ()], ["cancel", "joined later"])
    assert nats.shape == (3, 2)
    assert np.isfinite(nats).all()
    assert not nats[1:].any()
    assert nats[:, 1] == pytest.approx(0.0, abs=1e-12)


@given(LABELLED)
def test_evidence_is_read_as_it_was_written(
    labelled: list[tuple[tuple[str, ...], str | None]],
) -> None:
    evidence = Evidence.of(labelled)
    assert read_evidence(evidence_json({"intent": evidence})) == {"intent": evidence}
