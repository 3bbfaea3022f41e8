"""BM25 over functions held in memory; one more is a few appends."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

K1, B = 1.5, 0.75
"""Saturation of a word's count, and how much a long manual pays for its length (Robertson and Zaragoza 2009)."""


def words(text: str) -> list[str]:
    """Lower-case runs of letters and digits."""
    return "".join(character if character.isalnum() else " " for character in text.lower()).split()


class Postings:
    """Which text holds which word how often; texts are numbered from 0."""

    def __init__(self) -> None:
        self._texts: dict[str, array[int]] = {}
        self._counts: dict[str, array[int]] = {}
        self._lengths = array("q")

    def add(self, text: str) -> None:
        """Add a text."""
        found = Counter(words(text))
        for word, count in found.items():
            self._texts.setdefault(word, array("q")).append(len(self._lengths))
            self._counts.setdefault(word, array("q")).append(count)
        self._lengths.append(found.total())

    def scores(
        self,
        view: str,
        live: npt.NDArray[np.intp],
        elsewhere: Callable[[str], int] | None = None,
        texts_elsewhere: int = 0,
        length_elsewhere: int = 0,
    ) -> npt.NDArray[np.float64]:
        """BM25 with Lucene's weight of a word, as if only the ``live`` texts existed beside those elsewhere.

        Args:
            view: what is searched.
            live: numbers of the texts that count.
            elsewhere: word to the number of texts outside this object that hold it; None where there are none.
            texts_elsewhere: how many texts there are outside.
            length_elsewhere: words in them altogether.

        Returns:
            A score for each of ``live``, in its order; 0 where no word is shared.
        """
        lengths = np.frombuffer(self._lengths, np.int64) if self._lengths else np.zeros(0, np.int64)
        counted = np.zeros(len(lengths), bool)
        counted[live] = True
        texts = len(live) + texts_elsewhere
        norm = K1 * (
            1
            - B
            + B * lengths / max(1.0, (int(lengths[live].sum()) + length_elsewhere) / max(1, texts))
        )
        found = np.zeros(len(lengths))
        for word, times in Counter(words(view)).items():
            if word not in self._texts:
                continue
            holders, counts = (
                np.frombuffer(self._texts[word], np.int64),
                np.frombuffer(self._counts[word], np.int64),
            )
            holding = int(counted[holders].sum()) + (elsewhere(word) if elsewhere else 0)
            weight = np.log1p((texts - holding + 0.5) / (holding + 0.5))
            found[holders] += times * weight * (K1 + 1) * counts / (counts + norm[holders])
        return np.asarray(found[live])
