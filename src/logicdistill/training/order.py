"""Which views are worth a label first, by their words alone: no model is asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from logicdistill.students.lexical import Grams, word_grams

SPREAD = 1000
"""Views that are put in order at most; the others follow as they came."""


def diverse_first(views: Sequence[str]) -> list[int]:
    """Places of the views: first the most typical one, then always the one farthest from all taken.

    This is farthest-first traversal (Gonzalez 1985) over words and pairs of words, weighted by how
    rare they are. The same views give the same order.
    """
    if len(views) < 3:
        return list(range(len(views)))
    grams = [word_grams(view) for view in views]
    vectors = Grams.of(grams).vectors(grams)
    place, taken = int(np.argmax(vectors @ vectors.sum(axis=0))), list[int]()
    nearest = np.full(len(views), -np.inf, np.float32)  # cosine to the nearest one taken
    for _ in range(min(SPREAD, len(views))):
        taken.append(place)
        nearest = np.maximum(nearest, vectors @ vectors[place])
        nearest[taken] = np.inf
        place = int(np.argmin(nearest))
    return [*taken, *sorted(set(range(len(views))).difference(taken))]


def nearest_text(view: str, texts: Sequence[str]) -> int:
    """Place of the text that shares most with the view; of equal ones the first."""
    grams = [word_grams(text) for text in (view, *texts)]
    vectors = Grams.of(grams).vectors(grams)
    return int(np.argmax(vectors[1:] @ vectors[0]))
