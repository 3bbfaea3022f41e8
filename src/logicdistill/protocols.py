"""The seams of the package: each Protocol has at least two real implementations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from logicdistill.types import Choice, Function, Query


class Student(Protocol):
    """The S-LLM p_θS (or a floor in its place): selects among candidates, or "none of these".

    The choice must not depend on the order of the candidates, can only name a candidate, and a function
    added later is scored without retraining.
    """

    name: str

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """One `Choice` a query, in order; every candidate of a query appears in its ``ranked`` exactly once."""
        ...


class Retriever(Protocol):
    """The retriever p_θR: the top-K functions for a state."""

    def top(self, views: Sequence[str], functions: tuple[Function, ...], k: int) -> list[tuple[Function, ...]]:
        """For each view at most ``k`` of ``functions``, best first."""
        ...


class Embedder(Protocol):
    """Texts to unit vectors; what the dense retriever and the encoder student share."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One L2-normalised vector a text."""
        ...
