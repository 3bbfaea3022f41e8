"""Two rankings become one: weighted reciprocal rank fusion (Cormack et al., SIGIR 2009)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

RANK_CONSTANT = 60.0
"""k of the paper: how slowly a rank loses weight."""

WEIGHTS = {"lexical": 1.0, "dense": 3.0}
"""Of the searches: a trained encoder finds more than words do."""

RESERVED = 5
"""One place in so many goes to the best of each search: one rare word may tell near-twins apart."""


def fuse(scores: Mapping[str, npt.NDArray[np.float64]], k: int) -> npt.NDArray[np.intp]:
    """The ``k // 5`` best items of each search, then the largest sums of weight / (60 + rank).

    Args:
        scores: search (see `WEIGHTS`) to its scores, shape [views, items]; -inf: not found.
        k: how many items are wanted.

    Returns:
        Numbers of at most ``k`` items a view, best sum first; of equal ones the first.
    """
    shape = next(iter(scores.values())).shape
    fused, reserved = np.zeros(shape), np.zeros(shape, bool)
    for kind, found in scores.items():
        ranks = np.argsort(np.argsort(-found, axis=1, kind="stable"), axis=1, kind="stable")
        fused += np.where(found > -np.inf, WEIGHTS[kind] / (RANK_CONSTANT + 1.0 + ranks), 0.0)
        reserved |= (ranks < k // RESERVED) & (found > 0)
    kept = np.sort(np.lexsort((-fused, ~reserved), axis=1)[:, :k], axis=1)
    order = np.argsort(-np.take_along_axis(fused, kept, axis=1), axis=1, kind="stable")
    return np.take_along_axis(kept, order, axis=1)
