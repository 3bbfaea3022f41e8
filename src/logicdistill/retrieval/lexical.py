"""Lexical top-K search: BM25 over manuals and usage examples."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np

from logicdistill.retrieval.kept import Kept
from logicdistill.types import Function


class LexicalRetriever:
    """BM25 (``bm25s``); the index is built once for a set of functions."""

    def __init__(self) -> None:
        self._indices = Kept(_index)

    def top(self, views: Sequence[str], functions: tuple[Function, ...], k: int) -> list[tuple[Function, ...]]:
        """See `logicdistill.protocols.Retriever`."""
        scores = self.scores(views, functions)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return [tuple(functions[index] for index in row) for row in order]

    def scores(self, views: Sequence[str], functions: tuple[Function, ...]) -> np.ndarray:
        """BM25 scores, shape [views, functions]."""
        index = self._indices.of(functions)
        rows = [index.get_scores(words) if (words := _words(view)) else np.zeros(len(functions)) for view in views]
        return np.asarray(rows, dtype=np.float64)


def _index(functions: tuple[Function, ...]) -> bm25s.BM25:
    index = bm25s.BM25()
    index.index([_words(" ".join((function.name, *function.texts))) for function in functions], show_progress=False)
    return index


def _words(text: str) -> list[str]:
    cleaned = "".join(character if character.isalnum() else " " for character in text.lower())
    return cleaned.split()
