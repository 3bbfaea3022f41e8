"""Exact search over functions held in memory: every function is scored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from logicdistill.retrieval.bm25 import Postings
from logicdistill.types import Function

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.intp]


def words_of(function: Function) -> str:
    """What lexical search reads of a function."""
    return " ".join((function.name, *function.texts))


def word_scores(views: Sequence[str], functions: tuple[Function, ...]) -> npt.NDArray[np.float64]:
    """BM25 of functions for views, shape [views, functions]; 0 where no word is shared."""
    postings = Postings()
    for function in functions:
        postings.add(words_of(function))
    live = np.arange(len(functions))
    return np.stack([postings.scores(view, live) for view in views])


class Exact:
    """Functions with their words and vectors, in the order in which they came.

    Attributes:
        slots: function to its number.
    """

    def __init__(self) -> None:
        self.slots: dict[Function, int] = {}
        self.postings = Postings()
        self._rows = np.zeros((0, 0), np.float32)
        self._used = 0
        self._starts: list[int] = []

    def add(self, function: Function, vectors: Vectors) -> None:
        """Add a function.

        Args:
            function: not here yet.
            vectors: unit vectors of its texts, shape [texts, width]; width 0 where nothing is embedded.
        """
        self.slots[function] = len(self.slots)
        self.postings.add(words_of(function))
        needed = self._used + len(vectors)
        if needed > len(self._rows):
            larger = np.zeros((max(64, 2 * needed), vectors.shape[1]), np.float32)
            if self._used:
                larger[: self._used] = self._rows[: self._used]
            self._rows = larger
        self._starts.append(self._used)
        self._rows[self._used : needed] = vectors
        self._used = needed

    def numbers(self, functions: Sequence[Function]) -> Numbers:
        """Their numbers, in their order."""
        return np.fromiter(
            (self.slots[function] for function in functions), np.intp, len(functions)
        )

    def vectors(self, function: Function) -> Vectors | None:
        """Vectors of a function's texts, shape [texts, width]; None where it is not here."""
        slot = self.slots.get(function)
        if slot is None:
            return None
        return self._rows[
            self._starts[slot] : self._starts[slot + 1]
            if slot + 1 < len(self._starts)
            else self._used
        ]

    def cosines(self, asked: Vectors, live: Numbers) -> npt.NDArray[np.float32]:
        """Cosine of each view with the nearest text of each live function, shape [views, live]."""
        if not len(live):
            return np.zeros((len(asked), 0), np.float32)
        return np.asarray(
            np.maximum.reduceat(asked @ self._rows[: self._used].T, self._starts, axis=1)[:, live]
        )
