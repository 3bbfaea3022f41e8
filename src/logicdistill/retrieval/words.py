"""Search by words: BM25 over functions held in memory."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from logicdistill.types import Function

K1, B = 1.5, 0.75
"""Saturation of a word's count and weight of a text's length (Robertson and Zaragoza 2009)."""


def words(text: str) -> list[str]:
    """Lower-case runs of letters and digits."""
    return "".join(character if character.isalnum() else " " for character in text.lower()).split()


def words_of(function: Function) -> str:
    """What is searched by words: a function's name and texts."""
    return " ".join((function.name, *function.texts))


class Postings:
    """Counts of words by text; texts are numbered from 0. Adding one is a few appends."""

    def __init__(self) -> None:
        self._held: dict[str, array[int]] = {}  # a text and the count there, and so on
        self._lengths = array("q")

    def add(self, text: str) -> None:
        """Add a text."""
        found = Counter(words(text))
        for word, count in found.items():
            self._held.setdefault(word, array("q")).extend((len(self._lengths), count))
        self._lengths.append(found.total())

    def scores(self, view: str, live: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """BM25 with Lucene's weight of a word, as if only the ``live`` texts (numbers) existed.

        Returns:
            A score for each of ``live``, in its order; 0 where no word is shared.
        """
        lengths = np.array(self._lengths, np.int64)
        counted = np.zeros(len(lengths), bool)
        counted[live] = True
        average = max(1.0, lengths[live].sum() / max(1, len(live)))
        norm = K1 * (1 - B + B * lengths / average)
        found = np.zeros(len(lengths))
        for word, times in Counter(words(view)).items():
            if word in self._held:
                holders, counts = np.frombuffer(self._held[word], np.int64).reshape(-1, 2).T
                holding = int(counted[holders].sum())
                weight = np.log1p((len(live) - holding + 0.5) / (holding + 0.5))
                found[holders] += times * weight * (K1 + 1) * counts / (counts + norm[holders])
        return np.asarray(found[live])


def word_scores(views: Sequence[str], functions: tuple[Function, ...]) -> npt.NDArray[np.float64]:
    """BM25 of functions for views, shape [views, functions]; 0 where no word is shared."""
    postings = Postings()
    for function in functions:
        postings.add(words_of(function))
    return np.stack([postings.scores(view, np.arange(len(functions))) for view in views])
