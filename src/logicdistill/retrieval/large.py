"""A set of functions too large to score each: found through the folded part, and one by one where they came since."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from logicdistill.retrieval.exact import Exact, Numbers, Vectors
from logicdistill.retrieval.folded import Folded
from logicdistill.retrieval.records import Records
from logicdistill.types import Function

PART = 1024
"""Functions that are compared at a time: a part that fits the processor's cache is touched once."""


class Large:
    """Which of an index's records are in the set, and search among them.

    Args:
        functions: the set.
        ids: their ids.
        records: hold the vectors by which candidates are scored.

    Attributes:
        stale: whether the set has changed since `search_in`.
        folded: the part that is searched.
    """

    def __init__(
        self, functions: tuple[Function, ...], ids: Sequence[int], records: Records
    ) -> None:
        self._functions, self._records = functions, records
        self._by_id: list[Function | None] = [None] * (max(ids) + 1)
        self._alive = np.zeros(len(self._by_id), bool)
        self._put(functions, ids)
        self.folded: Folded | None = None
        self.stale = True

    def follow(
        self, functions: tuple[Function, ...], ids_of: Callable[[Sequence[Function]], list[int]]
    ) -> bool:
        """Become this set where it is the present one with one stretch replaced, as after one change of a base; False where it is not."""
        old = self._functions
        if functions is old:
            return True
        # Before the change objects are the same at the same place, after it they are not: the place is found by halving, and then checked.
        shorter = min(len(old), len(functions))
        head = bisect_left(
            range(shorter), True, key=lambda place: old[place] is not functions[place]
        )
        tail = bisect_left(
            range(shorter - head),
            True,
            key=lambda place: old[-1 - place] is not functions[-1 - place],
        )
        ends = len(old) - tail, len(functions) - tail
        if ends[1] - head > len(functions) // 2 or not (
            _same(old, functions, 0, 0, head) and _same(old, functions, *ends, tail)
        ):
            return False
        gone, new = old[head : ends[0]], functions[head : ends[1]]
        self._alive[ids_of(gone)] = False
        self._put(new, ids_of(new))
        self._functions, self.stale = functions, True
        return True

    def since(self, covered: int) -> Numbers:
        """Ids of the set from ``covered`` on."""
        return np.flatnonzero(self._alive[covered:]) + covered

    def search_in(self, folded: Folded | None, exact: Exact, tail: Numbers) -> None:
        """Search in these from now on: the folded part, and the functions that it does not cover by their numbers in ``exact``."""
        self.folded, self._exact, self._tail, self.stale = folded, exact, tail, False
        self._tail_ids = self.since(folded.covered if folded else 0)

    def named(self, ids: Iterable[int]) -> list[Function]:
        """The functions with these ids."""
        return [function for number in ids if (function := self._by_id[number]) is not None]

    def nearest(self, asked: Vectors, count: int) -> Numbers:
        """Ids by cosine with the nearest text, best first."""
        ids = self._living(
            lambda wanted: self.folded.best_by_vector(asked, wanted) if self.folded else None, count
        )
        scores = np.zeros(0)
        if len(ids):
            rows, counts = self._records.vectors(ids.tolist())
            scores = np.maximum.reduceat(rows @ asked, np.cumsum([0, *counts[:-1]]))
        return self._ordered(ids, scores, self._exact.cosines(asked[None], self._tail)[0], count)

    def by_words(self, view: str, count: int) -> Numbers:
        """Ids by BM25, best first; only functions that share a word with the view that not most of them hold."""
        scored: dict[int, float] = {}
        folded = self.folded
        view = folded.telling(view) if folded else view

        def look(wanted: int) -> tuple[Numbers, bool] | None:
            if folded is None:
                return None
            ids, scores = folded.best_by_words(view, wanted)
            scored.update(zip(ids.tolist(), scores.tolist(), strict=True))
            return ids, len(ids) < wanted

        ids = self._living(look, count)
        known = (folded.holding, folded.covered, folded.length) if folded else (None, 0, 0)
        tail = self._exact.postings.scores(view, self._tail, *known)
        return self._ordered(
            ids,
            np.asarray([scored[number] for number in ids.tolist()]),
            np.where(tail > 0, tail, -np.inf),
            count,
        )

    def _put(self, functions: Sequence[Function], ids: Sequence[int]) -> None:
        if ids and max(ids) >= len(self._by_id):
            missing = max(ids) + 1 - len(self._by_id)
            self._by_id += [None] * missing
            self._alive = np.append(self._alive, np.zeros(missing, bool))
        for number, function in zip(ids, functions, strict=True):
            self._by_id[number] = function
        self._alive[list(ids)] = True

    def _living(self, look: Callable[[int], tuple[Numbers, bool] | None], count: int) -> Numbers:
        """The first ``count`` ids of the set that a search gives; it is asked for more while too few of its ids are in the set."""
        wanted = 2 * count
        while (found := look(wanted)) is not None:
            ids, complete = found
            ids = ids[ids < len(self._alive)]
            living = ids[self._alive[ids]]
            if len(living) >= count or complete:
                return living[:count]
            wanted *= 4
        return np.zeros(0, np.intp)

    def _ordered(
        self, ids: Numbers, scores: np.ndarray, tail_scores: np.ndarray, count: int
    ) -> Numbers:
        """Both parts by score; equal ones by id."""
        every, all_scores = (
            np.concatenate([ids, self._tail_ids]),
            np.concatenate([scores, tail_scores]),
        )
        order = np.lexsort((every, -all_scores))[:count]
        return np.asarray(every[order][np.isfinite(all_scores[order])])


def _same(
    left: tuple[Function, ...],
    right: tuple[Function, ...],
    left_start: int,
    right_start: int,
    count: int,
) -> bool:
    """Whether so many functions from these places on are equal."""
    return all(
        left[left_start + done : left_start + min(done + PART, count)]
        == right[right_start + done : right_start + min(done + PART, count)]
        for done in range(0, count, PART)
    )
