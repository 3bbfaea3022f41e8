"""Students without a model: what a trained student has to beat.

``conditions`` can be deployed where the ``When:`` lines of the manuals decide everything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import compress

from logicdistill.protocols import Holds
from logicdistill.students.scoring import Scores, Scoring
from logicdistill.types import Candidate, Choice, Function, Query, unreplaced


class FirstStudent:
    """Always the first candidate by name."""

    name = "first"

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        names = [sorted(function.name for function in query.candidates) for query in queries]
        return [certain(found, bool(found)) for found in names]


class RandomStudent:
    """A candidate at random; the choices depend on the seed and on the calls so far."""

    name = "random"

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`; every candidate has the same probability."""
        found = []
        for query in queries:
            names = sorted(function.name for function in query.candidates)
            self._random.shuffle(names)
            ranked = tuple(Candidate(name, 1 / len(names)) for name in names)
            found.append(Choice(ranked, none=0.0 if names else 1.0))
        return found


class NearestStudent:
    """The candidate that a search finds first, such as BM25 over manuals and usage examples.

    Args:
        scores: shape (views, functions); 0 where they have no word in common.
    """

    name = "bm25"
    most_candidates = 1_000_000  # it is a search of the whole stage itself

    def __init__(self, scores: Callable[[Sequence[str], tuple[Function, ...]], Scores]) -> None:
        self._scores = scores

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`; the softmax of the scores, "none of these" at 0."""
        by_candidates: dict[tuple[Function, ...], list[int]] = {}
        for index, query in enumerate(queries):
            by_candidates.setdefault(query.candidates, []).append(index)
        found: dict[int, Choice] = {}
        for candidates, indices in by_candidates.items():
            scores = self._scores([queries[index].view for index in indices], candidates)
            names = [function.name for function in candidates]
            scoring = Scoring(scale=1.0, sharpness=0.0, none_score=0.0)
            found |= zip(indices, scoring.choices(names, scores), strict=True)
        return [found[index] for index in range(len(queries))]


class ConditionsStudent:
    """The candidate whose ``When:`` holds, or else the first one without a ``When:``."""

    name = "conditions"

    def __init__(self, holds: Holds) -> None:
        self._holds = holds

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        found = []
        for query, fitting in zip(queries, holding(queries, self._holds), strict=True):
            open_ones = sorted(f.name for f in query.candidates if f.manual.when is None)
            first = [*fitting, *open_ones]
            rest = sorted({f.name for f in query.candidates}.difference(first))
            found.append(certain([*first, *rest], bool(first)))
        return found


def holding(queries: Sequence[Query], holds: Holds) -> list[list[str]]:
    """For each query the candidates whose ``When:`` holds, by name, without the replaced ones."""
    true: list[list[Function]] = [[] for _ in queries]
    conditional: dict[Function, list[int]] = {}
    for index, query in enumerate(queries):
        for function in query.candidates:
            if function.manual.when is not None:
                conditional.setdefault(function, []).append(index)
    for function, indices in conditional.items():
        found = holds(function, [queries[index].scope for index in indices])
        for index in compress(indices, found):
            true[index].append(function)
    return [sorted(function.name for function in unreplaced(found)) for found in true]


def certain(names: Sequence[str], found: bool = True) -> Choice:
    """A choice that is sure of its first name, or (not ``found``) of "none of these"."""
    ranked = [Candidate(name, float(found and place == 0)) for place, name in enumerate(names)]
    return Choice(tuple(ranked), none=float(not found))
