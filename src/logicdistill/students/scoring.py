"""How cosines between a view and a function's texts become the function's score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scoring:
    """How cosines become probabilities; fitted in training, stored in ``student.toml``.

    Attributes:
        scale: inverse temperature of the softmax: factor from a function's score (a soft cosine in [-1, 1]) to a logit.
        sharpness: beta of the soft maximum over a function's texts; 0 is their mean, large is the nearest text.
        none_score: score of "none of these", on the same scale as a function's score.
        agreement: how far a function's score is corrected for how much its own texts agree (intra-class similarity: the mean cosine
            between them). Training draws the texts of a function together; one that joined later has looser texts, and would lose to
            its neighbours for that alone. 0 corrects nothing.
        usual: the intra-class similarity at which nothing is corrected.
        evidence: score that a nat of evidence from the facts beside a message adds (see `logicdistill.students.evidence`).
    """

    scale: float
    sharpness: float
    none_score: float
    agreement: float = 0.0
    usual: float = 0.0
    evidence: float = 0.0

    def scores(
        self,
        views: Vectors,
        texts: Vectors,
        starts: Sequence[int] = (0,),
        own: Sequence[tuple[int, int]] = (),
        agreed: npt.NDArray[np.float64] | None = None,
    ) -> npt.NDArray[np.float64]:
        """Scores of functions for views: log-mean-exp of the cosines with each function's texts.

        Args:
            views: unit vectors, shape (views, width).
            texts: unit vectors of all functions' texts, one function after the other, shape (texts, width).
            starts: row in ``texts`` at which each function begins; by default all texts are one function's.
            own: pairs (view, text) that do not count: a view that is itself a usage example. A function whose only text it is
                keeps it.
            agreed: `agreements` of the functions, where they are known already.

        Returns:
            Scores, shape (views, functions).
        """
        cosines = (views @ texts.T).astype(np.float64)
        counts = left = np.diff([*starts, len(texts)])
        if own:
            cosines, left = _without(cosines, counts, starts, own)
        if self.sharpness < 1e-6:
            found = (
                np.add.reduceat(np.where(np.isneginf(cosines), 0.0, cosines), starts, axis=1) / left
            )
        else:
            top = np.maximum.reduceat(cosines, starts, axis=1)
            spread = np.exp(self.sharpness * (cosines - np.repeat(top, counts, axis=1)))
            found = top + np.log(np.add.reduceat(spread, starts, axis=1) / left) / self.sharpness
        if self.agreement:
            agreed = agreements(texts, starts) if agreed is None else agreed
            found = found - self.agreement * np.where(np.isnan(agreed), 0.0, agreed - self.usual)
        return np.asarray(found)


def _without(
    cosines: npt.NDArray[np.float64],
    counts: npt.NDArray[np.int64],
    starts: Sequence[int],
    own: Sequence[tuple[int, int]],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Cosines with minus infinity where a text does not count, and how many texts of each function are left, shape (views, functions)."""
    gone = np.zeros(cosines.shape, bool)
    gone[tuple(np.array(own).T)] = True
    alone = np.add.reduceat(gone.astype(np.int64), starts, axis=1) == counts
    gone &= ~np.repeat(alone, counts, axis=1)
    return np.where(gone, -np.inf, cosines), counts - np.add.reduceat(
        gone.astype(np.int64), starts, axis=1
    )


def agreements(texts: Vectors, starts: Sequence[int]) -> npt.NDArray[np.float64]:
    """Mean cosine between two of a function's texts, for each function; NaN where it has one text alone."""
    counts = np.diff([*starts, len(texts)])
    sums = np.add.reduceat(texts.astype(np.float64), starts, axis=0)
    pairs = np.where(counts > 1, counts * (counts - 1), np.nan)
    return np.asarray(((sums**2).sum(axis=1) - counts) / pairs)
