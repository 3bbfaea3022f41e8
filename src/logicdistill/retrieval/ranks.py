"""Several rankings to one: weighted reciprocal rank fusion (Cormack et al., SIGIR 2009), and a place for what one search is sure of."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

RANK_CONSTANT = 60.0
"""k of the paper: how slowly a rank loses weight."""

WEIGHTS = {"lexical": 1.0, "dense": 3.0}
"""Of the searches; where an encoder is trained, its nearest texts find more than words do (docs/retrieval.md)."""

SURE = 5
"""One place in so many belongs to the best of each search: a rare word may be all that tells two near-twins apart."""

DEPTH, MIN_DEPTH = 4, 64
"""Searches that do not rank everything give so many times K functions each to be fused, and at least so many."""

Item = TypeVar("Item", bound=Hashable)


def depth(k: int) -> int:
    """How many functions a search gives where K are wanted."""
    return max(MIN_DEPTH, DEPTH * k)


def fuse(rankings: Iterable[tuple[str, Sequence[Item]]], k: int) -> list[Item]:
    """The first ``k // 5`` items of each ranking, and those with the largest sum of weight / (60 + rank); best sum first.

    Of equal ones those that an earlier ranking names first.

    Args:
        rankings: kind of search (see `WEIGHTS`) and its items, best first.
        k: how many are wanted.
    """
    fused: dict[Item, float] = {}
    sure: set[Item] = set()
    for kind, ranking in rankings:
        sure.update(ranking[: k // SURE])
        for rank, item in enumerate(ranking):
            fused[item] = fused.get(item, 0.0) + WEIGHTS[kind] / (RANK_CONSTANT + 1.0 + rank)
    best = sorted(fused, key=lambda item: -fused[item])
    kept = set(sorted(best, key=lambda item: item not in sure)[:k])
    return [item for item in best if item in kept]


def filled(found: list[Item], items: Sequence[Item], k: int) -> tuple[Item, ...]:
    """``k`` items: those found, then the first others; a search by words alone finds only what shares one."""
    there = set(found)
    return (
        *found,
        *[item for item in items[: k + len(found)] if item not in there][: k - len(found)],
    )
