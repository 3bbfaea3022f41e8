"""Functions that show near misses: what a text is nearest to, and how few their sentences are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from logicdistill.students import near_misses
from logicdistill.students.near_misses import NEARNESS, Apart, fit_apart
from logicdistill.students.scoring import Vectors

PLACES = {"report a theft": (1, 0, 0), "it is gone": (0.8, 0.6, 0), "a thief": (0.8, 0, 0.6)}
PLACES |= {"it is broken": (0, 1, 0), "send a bill": (0, 0, 1), "where is my parcel": (0, 0.6, 0.8)}
STRANGE = (-1, 0, 0)


def embed(texts: Sequence[str]) -> Vectors:
    return np.array([PLACES.get(text, STRANGE) for text in texts], np.float32)


def fitted(*sentences: str) -> Apart:
    others = {"bill": ["send a bill", "where is my parcel"]}
    shown = {"theft": (("report a theft", *sentences), ("it is broken",))}
    return fit_apart(shown, others, embed(["send a bill"]), [], embed)


def share(apart: Apart, *place: float) -> float:
    return float(apart.shares(["?"], np.array([place], np.float32), [1])[0, 1])


def test_a_text_goes_with_what_it_is_nearest_to() -> None:
    apart = fitted("it is gone", "a thief")
    assert share(apart, 0.9, 0.3, 0.3) > 0.5
    assert share(apart, 0.1, 0.9, 0.1) < 0.5
    cosines = np.array([[0.9, 0.6, 0.3, 0.0, 0.2, 0.7]], np.float32)
    found = near_misses._nearness(cosines, (1, 1, 1, 1, 0, 0))
    assert found[0] == pytest.approx([NEARNESS * 0.7, NEARNESS * 0.6])
    cosines[0, 0] = np.nan  # the text itself, held out
    assert near_misses._nearness(cosines, (1, 1, 1, 1, 0, 0))[0, 1] == pytest.approx(NEARNESS * 0.3)


def test_a_function_known_by_few_sentences_does_not_lose_for_that_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gained(apart: Apart, without: Apart) -> float:
        """Of the logit, in a place between all others."""
        return float((apart.weights - without.weights)[-1, 1])

    few, more = fitted("it is gone"), fitted("it is gone", "a thief")
    monkeypatch.setattr(near_misses, "FEW", 0.0)
    gains = gained(few, fitted("it is gone")), gained(more, fitted("it is gone", "a thief"))
    assert gains == pytest.approx((2.0, 2.5 * 4 / 6))
