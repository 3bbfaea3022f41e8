"""What a search builds for a set of functions, built once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from logicdistill.types import Function

Index = TypeVar("Index")

KEPT = 4
"""Sets of functions whose index is kept: emergencies make the candidates of states of one batch differ."""


class Kept(Generic[Index]):
    """Indices of the last few tuples of functions.

    Args:
        build: functions to their index.
    """

    def __init__(self, build: Callable[[tuple[Function, ...]], Index]) -> None:
        self._build = build
        self._known: tuple[tuple[tuple[Function, ...], Index], ...] = ()

    def of(self, functions: tuple[Function, ...]) -> Index:
        """The index of these functions in this order."""
        for known, index in self._known:
            if known == functions:  # the same objects nearly always, which costs no comparison of their content
                return index
        index = self._build(functions)
        self._known = ((functions, index), *self._known[: KEPT - 1])  # one assignment, so that another thread sees all or nothing
        return index
