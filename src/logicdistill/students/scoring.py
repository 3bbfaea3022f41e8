"""How cosines between a view and a function's texts become the function's score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]

GONE = -1e9


@dataclass(frozen=True, slots=True)
class Scoring:
    """How cosines become probabilities; fitted in training, stored in ``student.toml``.

    Attributes:
        scale: factor from a function's score (a soft cosine in [-1, 1]) to a logit.
        sharpness: beta of the soft maximum over a function's texts; 0 is their mean, large is the nearest text.
        none_score: score of "none of these", on the same scale as a function's score.
        agreement: how far a function's score is corrected for how much its own texts agree. Training draws the texts of a function
            together; one that joined later has looser texts, and would lose to its neighbours for that alone. 0 corrects nothing.
        usual: the agreement at which nothing is corrected.
    """

    scale: float
    sharpness: float
    none_score: float
    agreement: float = 0.0
    usual: float = 0.0

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
        counts = np.diff([*starts, len(texts)])
        found = self._without(cosines, counts, starts, own) if own else self._soft(cosines, counts, starts)
        if not self.agreement:
            return found
        agreed = agreements(texts, starts) if agreed is None else agreed
        return found - self.agreement * np.where(np.isnan(agreed), 0.0, agreed - self.usual)

    def _soft(self, cosines: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], starts: Sequence[int]) -> npt.NDArray[np.float64]:
        if self.sharpness < 1e-6:
            return np.asarray(np.add.reduceat(cosines, starts, axis=1) / counts)
        top = np.maximum.reduceat(cosines, starts, axis=1)
        spread = np.exp(self.sharpness * (cosines - np.repeat(top, counts, axis=1)))
        return np.asarray(top + np.log(np.add.reduceat(spread, starts, axis=1) / counts) / self.sharpness)

    def _without(
        self, cosines: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], starts: Sequence[int], own: Sequence[tuple[int, int]]
    ) -> npt.NDArray[np.float64]:
        kept = np.ones(cosines.shape)
        rows, columns = np.array(own).T
        kept[rows, columns] = 0.0
        left = np.add.reduceat(kept, starts, axis=1)
        kept = np.where(np.repeat(left == 0, counts, axis=1), 1.0, kept)
        left = np.where(left == 0, counts, left)
        if self.sharpness < 1e-6:
            return np.asarray(np.add.reduceat(cosines * kept, starts, axis=1) / left)
        top = np.maximum.reduceat(np.where(kept > 0, cosines, GONE), starts, axis=1)
        spread = kept * np.exp(np.minimum(self.sharpness * (cosines - np.repeat(top, counts, axis=1)), 0.0))
        return np.asarray(top + np.log(np.add.reduceat(spread, starts, axis=1) / left) / self.sharpness)


def agreements(texts: Vectors, starts: Sequence[int]) -> npt.NDArray[np.float64]:
    """Mean cosine between two of a function's texts, for each function; NaN where it has one text alone."""
    counts = np.diff([*starts, len(texts)])
    sums = np.add.reduceat(texts.astype(np.float64), starts, axis=0)
    pairs = np.where(counts > 1, counts * (counts - 1), np.nan)
    return np.asarray(((sums**2).sum(axis=1) - counts) / pairs)
