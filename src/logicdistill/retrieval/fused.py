"""Lexical and dense search fused by reciprocal rank (Cormack et al., SIGIR 2009), the default for large bases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from logicdistill.protocols import Embedder
from logicdistill.retrieval.dense import DenseRetriever
from logicdistill.retrieval.lexical import LexicalRetriever
from logicdistill.types import Function

RANK_CONSTANT = 60.0
"""k of the paper: how slowly a rank loses weight."""


class FusedRetriever:
    """Sum of 1 / (60 + rank) over both searches.

    Args:
        embedder: for the dense half; None leaves the lexical one alone.
    """

    def __init__(self, embedder: Embedder | None) -> None:
        self._searches: list[LexicalRetriever | DenseRetriever] = [LexicalRetriever()]
        if embedder is not None:
            self._searches.append(DenseRetriever(embedder))

    def top(self, views: Sequence[str], functions: tuple[Function, ...], k: int) -> list[tuple[Function, ...]]:
        """See `logicdistill.protocols.Retriever`."""
        fused = np.zeros((len(views), len(functions)))
        for search in self._searches:
            order = np.argsort(-search.scores(views, functions), axis=1, kind="stable")
            ranks = np.argsort(order, axis=1, kind="stable")
            fused += 1.0 / (RANK_CONSTANT + 1.0 + ranks)
        best = np.argsort(-fused, axis=1, kind="stable")[:, :k]
        return [tuple(functions[index] for index in row) for row in best]
