"""Lexical and dense search fused by reciprocal rank (Cormack et al., SIGIR 2009), the default for large bases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from logicdistill.protocols import Embedder
from logicdistill.retrieval.exact import Vectors
from logicdistill.retrieval.index import EXACT, StageIndex
from logicdistill.types import Function


class FusedRetriever:
    """Words (BM25) and vectors (cosine with the nearest text of a function), fused as `logicdistill.retrieval.ranks.fuse` says.

    Up to ``exact`` functions each is scored, and nothing depends on what was searched before. Beyond, both searches go through an index
    (see docs/retrieval.md) that grows function by function.

    Args:
        embedder: for dense search; None leaves lexical search alone.
        folder: where indices are kept, one folder a stage; None keeps them in memory.
        encoder: names what the embedder computes; vectors in the folder that another one made are thrown away.
        exact: up to so many functions of a stage every one is scored.

    Attributes:
        embed_views: embeds views in the embedder's place, for who needs their vectors again; shape [views, width].
    """

    kinds: tuple[str, ...] = ("lexical", "dense")

    def __init__(
        self,
        embedder: Embedder | None,
        folder: Path | None = None,
        encoder: str = "",
        exact: int = EXACT,
    ) -> None:
        self._embedder, self._folder, self._encoder, self._exact = embedder, folder, encoder, exact
        self.embed_views: Callable[[Sequence[str]], Vectors] | None = None
        self._indices: dict[str, StageIndex] = {}
        self._lock = threading.Lock()

    def top(
        self, views: Sequence[str], functions: tuple[Function, ...], k: int
    ) -> list[tuple[Function, ...]]:
        """See `logicdistill.protocols.Retriever`; the functions are of one stage."""
        if not functions or not views:
            return [() for _ in views]
        index = self._index(functions[0].stage)
        kinds = [kind for kind in self.kinds if kind == "lexical" or self._embedder is not None]
        asked = np.zeros((len(views), 0), np.float32)
        if self._embedder is not None and "dense" in kinds:
            asked = (
                self.embed_views(views)
                if self.embed_views
                else np.asarray(self._embedder.embed(list(views)), dtype=np.float32)
            )
        return index.top(kinds, views, asked, functions, k)

    def vectors(self, function: Function) -> Vectors | None:
        """Vectors of a function's texts, shape [texts, width], where a search has computed them."""
        index = self._indices.get(function.stage)
        return index.vectors(function) if index is not None else None

    def settle(self) -> None:
        """Wait for work in the background."""
        for index in self._indices.values():
            index.settle()

    def close(self) -> None:
        """Wait for work in the background and close the files."""
        for index in self._indices.values():
            index.close()
        self._indices = {}

    def _index(self, stage: str) -> StageIndex:
        with self._lock:
            if stage not in self._indices:
                folder = self._folder / stage if self._folder is not None else None
                self._indices[stage] = StageIndex(
                    stage, self._embedder, folder, self._encoder, self._exact
                )
            return self._indices[stage]
