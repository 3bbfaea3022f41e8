"""Dense top-K search: the student's own encoder over manuals and usage examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from logicdistill.protocols import Embedder
from logicdistill.types import Function


class DenseRetriever:
    """Cosine between the view and the nearest text of a function; texts are embedded once.

    Args:
        embedder: texts to unit vectors.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, np.ndarray] = {}

    def top(self, views: Sequence[str], functions: tuple[Function, ...], k: int) -> list[tuple[Function, ...]]:
        """See `logicdistill.protocols.Retriever`."""
        order = np.argsort(-self.scores(views, functions), axis=1, kind="stable")[:, :k]
        return [tuple(functions[index] for index in row) for row in order]

    def scores(self, views: Sequence[str], functions: tuple[Function, ...]) -> np.ndarray:
        """Cosines, shape [views, functions]."""
        new = list(dict.fromkeys(text for function in functions for text in function.texts if text not in self._vectors))
        if new:
            self._vectors.update(zip(new, np.asarray(self._embedder.embed(new), dtype=np.float32), strict=True))
        asked = np.asarray(self._embedder.embed(list(views)), dtype=np.float32)
        texts = np.stack([self._vectors[text] for function in functions for text in function.texts])
        starts = np.cumsum([0, *(len(function.texts) for function in functions[:-1])])
        nearest: np.ndarray = np.maximum.reduceat(asked @ texts.T, starts, axis=1)
        return nearest
