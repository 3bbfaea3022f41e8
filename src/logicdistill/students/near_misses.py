"""Functions that show near misses, told apart from all the rest by a softmax of their own.

A near miss says what a function is not, and not which other function is right. So it counts for
"the rest": one column for all other functions, for "none of these" and for near misses. What the
rest is, the stage's head says as it did without these functions. So a function that joins takes a
message or leaves it, and moves none from one of the others to another. docs/log.md has what was
tried.

Few sentences say little about words that they do not have. So what a text is nearest to counts
beside the softmax: sentences of the function, or near misses and the middle of other functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from logicdistill.students.head import (
    FEW_MESSAGES,
    FOLDS,
    MANUAL,
    PENALTY,
    STRANGERS,
    USUAL,
    Embed,
    Message,
    likeliest_factor,
)
from logicdistill.students.lexical import Grams, word_grams
from logicdistill.students.regression import fit_softmax
from logicdistill.students.scoring import Scores, Vectors, columns_of, times

Shown: TypeAlias = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
"""By function: its manual and usage examples, and its near misses."""

NEAR_MISS = 3.0
"""Messages that a near miss counts for."""

WORDS = 0.25
"""Length of the vectors of words, beside 1 for the encoder's."""

NEARNESS, NEAREST = 12.0, 3
"""Logit for a cosine of 1: to the rest's nearest vector, and on average to so many of a function's
texts, the nearest ones."""

FEW = 2.5
"""Logit that a function without a sentence gets; `FEW_MESSAGES` of them halve it."""

MOST_REST = 4000
"""Texts of the rest that are fitted on; of more, every second, third ... one."""


@dataclass(frozen=True, slots=True)
class Apart:
    """What was fitted for the functions of a stage that show near misses.

    Attributes:
        texts: of these functions; they are columns 1, 2 ... and the rest is column 0.
        weights: shape (features, columns); the last feature is always 1.
        middle: mean of the encoder's vectors, which is subtracted.
        words: of the texts.
        seen: unit vectors of the functions' texts, of their near misses, and middles of the others.
        owners: column of each of them.
        factor: of the logits, by cross-fitting.
        sure: probability of the best function for each held-out sentence that is given to one.
        right: whether it was the right one.
    """

    texts: dict[str, tuple[str, ...]]
    weights: Vectors
    middle: Vectors
    words: Grams
    seen: Vectors
    owners: tuple[int, ...]
    factor: float = USUAL
    sure: tuple[float, ...] = ()
    right: tuple[bool, ...] = ()

    @property
    def column(self) -> dict[str, int]:
        """Column of each function."""
        return {name: index for index, name in enumerate(self.texts, start=1)}

    def shares(self, texts: Sequence[str], vectors: Vectors, columns: Sequence[int]) -> Scores:
        """Probability of the rest, and of the functions with these columns, for each text."""
        logits = _nearness(times(vectors, self.seen.T), self.owners)
        logits += times(_features(texts, vectors, self.middle, self.words), self.weights)
        return _softmax(self.factor * columns_of(logits, [0, *columns]))


def fit_apart(
    shown: Shown,
    others: Mapping[str, Sequence[str]],
    centres: Vectors,
    messages: Sequence[Message],
    embed: Embed,
) -> Apart:
    """Tell functions that show near misses apart from all the rest.

    Args:
        shown: these functions.
        others: the other functions: manual and usage examples.
        centres: unit vectors, the middle of each of them.
        messages: labelled ones; those that no function fits are of the rest.
        embed: texts to unit vectors.
    """
    names = sorted(shown)
    column = {name: index for index, name in enumerate(names, start=1)}
    labels: dict[str, int] = {}
    for one in messages:
        labels[one.text] = column.get(str(one.label), 0)
    labels = dict([*labels.items()][:: -(-max(1, len(labels)) // MOST_REST)])
    labels |= {text: 0 for texts in others.values() for text in texts}
    labels |= dict.fromkeys(STRANGERS, 0)
    labels |= {text: 0 for _, misses in shown.values() for text in misses}
    labels |= {text: column[name] for name in names for text in shown[name][0]}
    texts, wanted = [*labels], np.array([*labels.values()], np.int64)
    manuals = {shown[name][0][0] for name in names}
    near = {text for _, misses in shown.values() for text in misses}
    weight = {**dict.fromkeys(near, NEAR_MISS), **dict.fromkeys(manuals, MANUAL)}
    importance = np.array([weight.get(text, 1.0) for text in texts], np.float32)
    total = np.bincount(wanted, importance, len(names) + 1)
    importance *= (total.mean() / total)[wanted].astype(np.float32)
    vectors, words = embed(texts), Grams.of([word_grams(text) for text in texts])
    middle = vectors.mean(axis=0)
    rows = _features(texts, vectors, middle, words)

    said = np.bincount(wanted, [text not in manuals for text in texts], len(names) + 1)
    few = (FEW * FEW_MESSAGES / (FEW_MESSAGES + said[1:])).astype(np.float32)

    def fit(kept: Sequence[int]) -> Vectors:
        start = np.zeros((rows.shape[1], len(names) + 1), np.float32)
        weights = fit_softmax(rows[kept], wanted[kept], importance[kept], PENALTY, start)
        weights[-1, 1:] += few
        return weights

    owned = [(text, column[name]) for name in names for text in shown[name][0]]
    owned += [(text, 0) for text in sorted(near)]
    seen = np.concatenate([embed([text for text, _ in owned]), centres])
    owners = (*(owner for _, owner in owned), *[0] * len(centres))
    whole = fit(range(len(texts)))
    made = Apart({name: shown[name][0] for name in names}, whole, middle, words, seen, owners)
    # Cross-fitting: each sentence is scored by weights that were fitted without it.
    folds = np.zeros(len(texts), np.int64)
    for label in range(len(names) + 1):
        mine = np.flatnonzero(wanted == label)
        folds[mine] = np.arange(len(mine)) % FOLDS
    held = [index for index, text in enumerate(texts) if text not in manuals]
    logits = np.zeros((len(texts), len(names) + 1))
    for fold in range(FOLDS):
        out = [index for index in held if folds[index] == fold]
        kept = [index for index in range(len(texts)) if folds[index] != fold or index not in out]
        logits[out] = rows[out] @ fit(kept)
    cosines = times(vectors, seen.T)
    row = {text: index for index, text in enumerate(texts)}
    for place, (text, _) in enumerate(owned):  # a text that is held out is not near itself
        cosines[row[text], place] = np.nan
    logits += _nearness(cosines, owners)
    logits, wanted = logits[held], wanted[held]
    factor = likeliest_factor(logits, wanted)
    shares = _softmax(factor * logits)
    best = shares.argmax(axis=1)
    sure, right = shares.max(axis=1)[best > 0], (best == wanted)[best > 0]
    return replace(made, factor=factor, sure=tuple(sure.tolist()), right=tuple(right.tolist()))


def _nearness(cosines: Vectors, owners: Sequence[int]) -> Scores:
    """Logits of the rest and of the functions for what the texts are nearest to.

    Args:
        cosines: of texts and `Apart.seen`; NaN is left out.
        owners: see `Apart`.
    """
    found = np.zeros((len(cosines), max(owners) + 1))
    for column in range(found.shape[1]):
        mine = cosines[:, [index for index, owner in enumerate(owners) if owner == column]]
        nearest = -np.sort(-mine.astype(np.float64), axis=1)[:, : NEAREST if column else 1]
        found[:, column] = NEARNESS * np.nanmean(nearest, axis=1)
    return found


def _softmax(logits: Scores) -> Scores:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _features(texts: Sequence[str], vectors: Vectors, middle: Vectors, words: Grams) -> Vectors:
    # Facts beside the words are left out: usage examples show none.
    said = WORDS * words.vectors([word_grams(text) for text in texts])
    ones = np.ones((len(texts), 1), np.float32)
    return np.concatenate([vectors - middle, said, ones], axis=1).astype(np.float32)
