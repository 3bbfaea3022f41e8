"""Students without a model: what a trained student has to beat.

``conditions`` can be deployed where the ``When:`` lines of the manuals decide everything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from logicdistill.protocols import Runner
from logicdistill.students.scoring import Scores, Scoring
from logicdistill.types import (
    Candidate,
    Choice,
    Function,
    Outcome,
    Query,
    places_of,
    same,
    unreplaced,
)


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
    """The candidate whose ``When:`` holds, or else the first one without a ``When:``.

    Where several hold, they have to give the same result. Where they do not, and where a condition
    cannot be evaluated, it chooses none and says why. Of several without a ``When:`` it takes the
    first by name, and is no surer of it than of the others.

    Args:
        runner: evaluates conditions and runs functions.
    """

    name = "conditions"

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        found = []
        for query, held in zip(queries, holding(queries, self._runner), strict=True):
            open_ones = sorted(f.name for f in query.candidates if f.manual.when is None)
            first = held.names or open_ones
            rest = sorted({f.name for f in query.candidates}.difference(first))
            choice = certain([*first, *rest], bool(first) and not held.unclear, held.unclear)
            if len(open_ones) > 1 and not held.names and not held.unclear:
                shares = [Candidate(name, 1 / len(open_ones)) for name in open_ones]
                choice = Choice((*shares, *choice.ranked[len(shares) :]))
            found.append(choice)
        return found


@dataclass(frozen=True, slots=True)
class Held:
    """What the conditions of the candidates say in one scope.

    Attributes:
        names: candidates whose ``When:`` holds, by name, without the replaced ones.
        unclear: why they do not say which one is right: a condition cannot be evaluated, or two
            hold that give different results. "" where they do, or where none holds.
    """

    names: list[str]
    unclear: str = ""


def holding(queries: Sequence[Query], runner: Runner) -> list[Held]:
    """What the conditions of each query's candidates say."""
    true: list[list[Function]] = [[] for _ in queries]
    unclear = [""] * len(queries)
    for function, indices in places_of(query.candidates for query in queries).items():
        if function.manual.when is not None and not function.by_words:
            scopes = [queries[index].scope for index in indices]
            for index, said in zip(indices, runner.conditions(function, scopes), strict=True):
                if said.error is not None:
                    what = f"the 'When:' of {function.name} cannot be evaluated"
                    unclear[index] = f"{what}: {said.error}"
                elif said.value is True:
                    true[index].append(function)
    kept = [sorted(unreplaced(found), key=lambda function: function.name) for found in true]
    several = [index for index, found in enumerate(kept) if len(found) > 1 and not unclear[index]]
    given: dict[int, list[tuple[str, Outcome]]] = {index: [] for index in several}
    for function, places in places_of(kept[index] for index in several).items():
        asked = [several[place] for place in places]
        outcomes = runner.call_many(function, [queries[index].scope for index in asked])
        for index, outcome in zip(asked, outcomes, strict=True):
            given[index].append((function.name, outcome))
    for index, results in given.items():
        unclear[index] = _difference(results)
    names = [[function.name for function in found] for found in kept]
    return [Held(*pair) for pair in zip(names, unclear, strict=True)]


def _difference(results: Sequence[tuple[str, Outcome]]) -> str:
    """Which two functions that hold give different results; "" where all agree."""
    first, outcome = results[0]
    for other, its in results:
        if its.error is not None:
            return f"several 'When:' hold, and {other} failed: {its.error}"
        if not same(its.value, outcome.value):
            return f"{first} and {other} both hold and give different results"
    return ""


def certain(names: Sequence[str], found: bool = True, why: str = "") -> Choice:
    """A choice that is sure of its first name, or (not ``found``) of "none of these": ``why``."""
    ranked = [Candidate(name, float(found and place == 0)) for place, name in enumerate(names)]
    return Choice(tuple(ranked), none=float(not found), why=why)
