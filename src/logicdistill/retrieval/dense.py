"""Dense top-K search: the student's own encoder over manuals and usage examples."""

from __future__ import annotations

from logicdistill.retrieval.fused import FusedRetriever


class DenseRetriever(FusedRetriever):
    """Dense search alone: cosine between the view and the nearest text of a function; arguments as of `FusedRetriever`."""

    kinds = ("dense",)
