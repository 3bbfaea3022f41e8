"""Floors: students without a model. ``conditions`` is a policy that one can deploy where the manuals' ``When:`` lines decide everything."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from logicdistill.protocols import Holds
from logicdistill.types import Candidate, Choice, Function, Query


class FirstStudent:
    """Always the first candidate by name."""

    name = "first"

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        return [
            _certain(sorted(function.name for function in query.candidates)) for query in queries
        ]


class RandomStudent:
    """A candidate at random.

    Args:
        seed: of the generator; the choices are a function of it and of the calls so far.
    """

    name = "random"

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`; every candidate has the same probability."""
        choices = []
        for query in queries:
            names = sorted(function.name for function in query.candidates)
            self._random.shuffle(names)
            choices.append(
                Choice(
                    tuple(Candidate(name, 1 / len(names)) for name in names),
                    none=0.0 if names else 1.0,
                )
            )
        return choices


class NearestStudent:
    """The candidate that a search without a model finds first, such as BM25 over manuals and usage examples.

    Args:
        scores: views and functions to scores, shape [views, functions]; 0 where nothing is in common.
    """

    name = "bm25"

    def __init__(
        self, scores: Callable[[Sequence[str], tuple[Function, ...]], npt.NDArray[np.float64]]
    ) -> None:
        self._scores = scores

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`; the probabilities are the softmax of the scores, in which "none of these" scores 0."""
        found: dict[int, Choice] = {}
        by_candidates: dict[tuple[Function, ...], list[int]] = {}
        for index, query in enumerate(queries):
            by_candidates.setdefault(query.candidates, []).append(index)
        for candidates, indices in by_candidates.items():
            scores = self._scores([queries[index].view for index in indices], candidates)
            found |= {
                index: self._choice(queries[index], row)
                for index, row in zip(indices, scores, strict=True)
            }
        return [found[index] for index in range(len(queries))]

    @staticmethod
    def _choice(query: Query, scores: npt.NDArray[np.float64]) -> Choice:
        names = [function.name for function in query.candidates]
        ordered = sorted(
            zip(names, scores.tolist(), strict=True), key=lambda item: (-item[1], item[0])
        )
        weights = [math.exp(score - ordered[0][1]) for _, score in ordered]
        none = math.exp(-ordered[0][1]) if ordered else 1.0
        total = sum(weights) + none
        ranked = tuple(
            Candidate(name, weight / total)
            for (name, _), weight in zip(ordered, weights, strict=True)
        )
        return Choice(ranked, none=none / total)


class ConditionsStudent:
    """The candidate whose ``When:`` holds; where none does, the first one without a ``When:``; otherwise none of these.

    Args:
        holds: evaluates conditions in the sandbox.
    """

    name = "conditions"

    def __init__(self, holds: Holds) -> None:
        self._holds = holds

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        return [
            self._choice(query, names)
            for query, names in zip(queries, holding(queries, self._holds), strict=True)
        ]

    @staticmethod
    def _choice(query: Query, fitting: Sequence[str]) -> Choice:
        open_ones = sorted(
            function.name for function in query.candidates if function.manual.when is None
        )
        rest = sorted(
            {function.name for function in query.candidates}.difference(fitting, open_ones)
        )
        return _certain([*fitting, *open_ones, *rest], found=bool(fitting or open_ones))


def holding(queries: Sequence[Query], holds: Holds) -> list[list[str]]:
    """For each query the candidates whose ``When:`` holds, by name, less those that another of them replaces."""
    true: list[list[str]] = [[] for _ in queries]
    conditional: dict[Function, list[int]] = {}
    for index, query in enumerate(queries):
        for function in query.candidates:
            if function.manual.when is not None:
                conditional.setdefault(function, []).append(index)
    for function, indices in conditional.items():
        for index, does in zip(
            indices, holds(function, [queries[i].scope for i in indices]), strict=True
        ):
            if does:
                true[index].append(function.name)
    return [query.unreplaced(sorted(names)) for query, names in zip(queries, true, strict=True)]


def _certain(names: Sequence[str], found: bool = True) -> Choice:
    """A choice that is sure of its first name."""
    sure = 1.0 if found and names else 0.0
    ranked = tuple(Candidate(name, sure if index == 0 else 0.0) for index, name in enumerate(names))
    return Choice(ranked, none=1.0 - sure)
