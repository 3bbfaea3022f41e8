"""Cosines between a view and a function's texts to the function's score, and scores to a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logicdistill.types import Candidate, Choice

Vectors: TypeAlias = npt.NDArray[np.float32]
Scores: TypeAlias = npt.NDArray[np.float64]

ROWS = 8
"""Rows of one matrix product in `times`."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """How cosines become probabilities; fitted in training, stored in ``student.toml``.

    Attributes:
        scale: inverse temperature of the softmax: factor from a score (a cosine) to a logit.
        sharpness: beta of the soft maximum over a function's texts; 0: mean, large: nearest text.
        none_score: score of "none of these", on the same scale as a function's score.
        agreement: how much a function's score is lowered for each unit by which the mean cosine
            between its own texts exceeds ``usual``. Training draws the texts of a function
            together; the looser texts of a function added later would lose for that alone.
        usual: mean cosine between a function's texts at which nothing is corrected.
        evidence: score that a nat of `logicdistill.students.evidence.Evidence` adds.
        expected: share of messages that a head on the frozen encoder gets right, by cross-fitting;
            a few held-out messages are weighed against it. 0: not known.
    """

    scale: float
    sharpness: float
    none_score: float
    agreement: float = 0.0
    usual: float = 0.0
    evidence: float = 0.0
    expected: float = 0.0

    def scores(
        self,
        views: Vectors,
        texts: Vectors,
        starts: Sequence[int] = (0,),
        own: Sequence[tuple[int, int]] = (),
        agreed: Scores | None = None,
    ) -> Scores:
        """Scores of functions for views: log-mean-exp of the cosines with each function's texts.

        Args:
            views: unit vectors, shape (views, width).
            texts: unit vectors of all texts, function after function, shape (texts, width).
            starts: row in ``texts`` at which each function begins; by default there is one.
            own: pairs (view, text) that do not count: a view that is itself a usage example.
                The only text of a function always counts.
            agreed: `agreements` of the functions, where they are known already.

        Returns:
            Shape (views, functions).
        """
        cosines = times(views, texts.T).astype(np.float64)
        counts = left = np.diff([*starts, len(texts)])
        if own:
            gone = np.zeros(cosines.shape, bool)
            gone[tuple(np.array(own).T)] = True
            alone = np.add.reduceat(gone.astype(np.int64), starts, axis=1) == counts
            gone &= ~np.repeat(alone, counts, axis=1)
            left = counts - np.add.reduceat(gone.astype(np.int64), starts, axis=1)
            cosines = np.where(gone, -np.inf, cosines)
        if self.sharpness < 1e-6:
            counted = np.where(np.isneginf(cosines), 0.0, cosines)
            found = np.add.reduceat(counted, starts, axis=1) / left
        else:
            top = np.maximum.reduceat(cosines, starts, axis=1)
            spread = np.exp(self.sharpness * (cosines - np.repeat(top, counts, axis=1)))
            found = top + np.log(np.add.reduceat(spread, starts, axis=1) / left) / self.sharpness
        if self.agreement:
            agreed = agreements(texts, starts) if agreed is None else agreed
            found = found - self.agreement * np.where(np.isnan(agreed), 0.0, agreed - self.usual)
        return np.asarray(found)

    def probabilities(self, scores: Scores) -> Scores:
        """Softmax over the functions' scores and, in the last column, that of "none of these"."""
        logits = self.scale * np.column_stack([scores, np.full(len(scores), self.none_score)])
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def choices(self, names: Sequence[str], scores: Scores) -> list[Choice]:
        """One choice a view from its functions' scores, shape (views, functions); ties by name."""
        order = sorted(range(len(names)), key=names.__getitem__)
        names, scores = [names[column] for column in order], columns_of(scores, order)
        ranks = np.argsort(-scores, axis=1, kind="stable").tolist()
        rows = self.probabilities(scores).tolist()
        return [
            Choice(tuple(Candidate(names[column], row[column]) for column in ranked), none=row[-1])
            for ranked, row in zip(ranks, rows, strict=True)
        ]


def choice_of(names: Sequence[str], shares: Scores) -> Choice:
    """The choice by these functions' shares and, behind them, that of "none of these"."""
    ranked = np.argsort(-shares[:-1], kind="stable").tolist()
    pairs = (Candidate(names[column], float(shares[column])) for column in ranked)
    return Choice(tuple(pairs), none=float(shares[-1]))


def times(rows: Vectors, matrix: Vectors) -> Vectors:
    """``rows @ matrix``, each row's product the same to the last bit whatever rows are beside it.

    The library adds up in an order that depends on the shapes, so all products have one shape.

    Args:
        rows: shape (rows, width).
        matrix: shape (width, columns).
    """
    whole = -(-len(rows) // ROWS) * ROWS
    padded = np.zeros((whole, rows.shape[1]), rows.dtype)
    padded[: len(rows)] = rows
    found = np.empty((whole, matrix.shape[1]), np.result_type(rows, matrix))
    for start in range(0, whole, ROWS):
        found[start : start + ROWS] = padded[start : start + ROWS] @ matrix
    return found[: len(rows)]


def columns_of(scores: Scores, columns: Sequence[int]) -> Scores:
    """Some columns, laid out row by row: sums over a row then do not depend on how many there are.

    ``scores``: shape (rows, columns).
    """
    return np.ascontiguousarray(scores[:, columns])


def agreements(texts: Vectors, starts: Sequence[int]) -> Scores:
    """Mean cosine between two of a function's texts, for each function; NaN where it has one."""
    counts = np.diff([*starts, len(texts)])
    sums = np.add.reduceat(texts.astype(np.float64), starts, axis=0)
    pairs = np.where(counts > 1, counts * (counts - 1), np.nan)
    return np.asarray(((sums**2).sum(axis=1) - counts) / pairs)


def starts_of(counts: Sequence[int]) -> list[int]:
    """Row at which each function's texts begin, from how many texts each function has."""
    return [0, *np.cumsum(counts).tolist()[:-1]]
