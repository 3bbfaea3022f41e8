"""Dense top-K search: the student's own encoder over manuals and usage examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from logicdistill.protocols import Embedder
from logicdistill.retrieval.kept import Kept
from logicdistill.types import Function

BLOCK = 256
"""Texts that are embedded at a time: lists of floats take eight times the room of the array that they become."""


class DenseRetriever:
    """Cosine between the view and the nearest text of a function; texts are embedded once.

    Args:
        embedder: texts to unit vectors.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, np.ndarray] = {}
        self._indices = Kept(self._index)

    def top(self, views: Sequence[str], functions: tuple[Function, ...], k: int) -> list[tuple[Function, ...]]:
        """See `logicdistill.protocols.Retriever`."""
        order = np.argsort(-self.scores(views, functions), axis=1, kind="stable")[:, :k]
        return [tuple(functions[index] for index in row) for row in order]

    def scores(self, views: Sequence[str], functions: tuple[Function, ...]) -> np.ndarray:
        """Cosines, shape [views, functions]."""
        texts, starts = self._indices.of(functions)
        asked = np.asarray(self._embedder.embed(list(views)), dtype=np.float32)
        nearest: np.ndarray = np.maximum.reduceat(asked @ texts.T, starts, axis=1)
        return nearest

    def _index(self, functions: tuple[Function, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Vectors of all texts, function after function, and the row at which each function begins."""
        texts = [text for function in functions for text in function.texts]
        new = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        for start in range(0, len(new), BLOCK):
            block = new[start : start + BLOCK]
            self._vectors.update(zip(block, np.asarray(self._embedder.embed(block), dtype=np.float32), strict=True))
        rows = np.stack([self._vectors[text] for text in texts])
        self._vectors.update(zip(texts, rows, strict=True))  # the rows are the only copy
        return rows, np.cumsum([0, *(len(function.texts) for function in functions[:-1])])
