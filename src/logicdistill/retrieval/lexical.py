"""Lexical top-K search: BM25 over manuals and usage examples."""

from __future__ import annotations

from pathlib import Path

from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.retrieval.index import EXACT


class LexicalRetriever(FusedRetriever):
    """Lexical search alone; arguments as of `FusedRetriever`."""

    kinds = ("lexical",)

    def __init__(self, folder: Path | None = None, exact: int = EXACT) -> None:
        super().__init__(None, folder, exact=exact)
