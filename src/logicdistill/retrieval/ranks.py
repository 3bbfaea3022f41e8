"""Several rankings to one: reciprocal rank fusion (Cormack et al., SIGIR 2009)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

RANK_CONSTANT = 60.0
"""k of the paper: how slowly a rank loses weight."""

DEPTH, MIN_DEPTH = 4, 64
"""Searches that do not rank everything give so many times K functions each to be fused, and at least so many."""

Item = TypeVar("Item", bound=Hashable)


def depth(k: int) -> int:
    """How many functions a search gives where K are wanted."""
    return max(MIN_DEPTH, DEPTH * k)


def fuse(rankings: Iterable[Sequence[Item]], k: int) -> list[Item]:
    """The ``k`` items with the largest sum of 1 / (60 + rank); of equal ones those that an earlier ranking names first."""
    fused: dict[Item, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking):
            fused[item] = fused.get(item, 0.0) + 1.0 / (RANK_CONSTANT + 1.0 + rank)
    return sorted(fused, key=lambda item: -fused[item])[:k]


def filled(found: list[Item], items: Sequence[Item], k: int) -> tuple[Item, ...]:
    """``k`` items: those found, then the first others; a search by words alone finds only what shares one."""
    there = set(found)
    return (*found, *[item for item in items[: k + len(found)] if item not in there][: k - len(found)])
