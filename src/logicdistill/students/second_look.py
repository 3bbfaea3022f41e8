"""A second look at the functions that a head finds likeliest: word by word, not text by text.

One vector says what a text is about. Which word goes with which is lost in it, and near functions
often differ in one word. So each word of a message is compared with the words of a function's
texts, as an encoder reads both in their places (Khattab and Zaharia, ColBERT, SIGIR 2020).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logicdistill.students.scoring import Scores, Vectors, starts_of

Words: TypeAlias = npt.NDArray[np.float16]
"""Unit vectors of a text's tokens, shape (tokens, width)."""

LOOKED_AT = 8
"""Functions that are looked at again; the others are behind by more than words make good."""

SHARPNESS = 40.0
"""Of the soft maximum over a function's texts."""

WEIGHT = 0.16
"""Of what the second look adds, beside the head's logits; 0 where a task's own messages clearly say
that it does harm."""


def added(logits: Scores, said: Sequence[Words], known: Sequence[Sequence[Words]]) -> Scores:
    """What the second look adds to the logits, before its weight; shape (messages, functions).

    Against a function without usage examples nothing speaks: it gets the most of the others. One
    that is not among the `LOOKED_AT` likeliest gets the least.

    Args:
        logits: of the head, shape (messages, functions).
        said: words of each message.
        known: of each function, the words of its usage examples; empty where it has none.
    """
    found, joined = np.zeros(logits.shape), dict[int, Vectors]()
    for row, (scores, words) in enumerate(zip(logits, said, strict=True)):
        best = np.argsort(-scores, kind="stable")[:LOOKED_AT]
        mine = words.astype(np.float32)
        looked = dict[int, float]()
        for column in best.tolist():
            if texts := known[column]:
                if column not in joined:
                    joined[column] = np.concatenate(texts).astype(np.float32).T
                starts = starts_of([len(one) for one in texts])
                alike = np.maximum.reduceat(mine @ joined[column], starts, axis=1).mean(axis=0)
                spread = np.exp(SHARPNESS * (alike.astype(np.float64) - 1.0))
                looked[column] = float(np.log(spread.mean()))
        if looked:
            values = [*looked.values()]
            found[row] = min(values)
            found[row, best] = max(values)
            found[row, [*looked]] = values
    return found


def weight_of(logits: Scores, more: Scores, labels: npt.NDArray[np.int64]) -> float:
    """`WEIGHT`, or 0 where the second look loses held-out messages, by two standard errors.

    Args:
        logits: of the head, shape (messages, functions).
        more: from `added`.
        labels: the right column of each message.
    """
    before = logits.argmax(axis=1) == labels
    after = (logits + WEIGHT * more).argmax(axis=1) == labels
    won, lost = (after & ~before).sum(), (before & ~after).sum()
    harms = not more.any() or lost - won > 2 * np.sqrt(lost + won)
    return 0.0 if harms else WEIGHT


def words_of(
    texts: Mapping[str, Sequence[str]], words: Mapping[str, Words], without: Set[str]
) -> list[list[Words]]:
    """By function, the words of its usage examples but for some.

    Args:
        texts: by function: its manual, then its usage examples.
        words: by text.
        without: texts that do not count.
    """
    return [[words[text] for text in mine] for mine in _examples(texts, without)]


def words_by_text(
    texts: Mapping[str, Sequence[str]], known: Sequence[Sequence[Words]], without: Set[str]
) -> dict[str, Words]:
    """What `words_of` was made of."""
    pairs = zip(_examples(texts, without), known, strict=True) if known else ()
    return {text: words for mine, found in pairs for text, words in zip(mine, found, strict=True)}


def _examples(texts: Mapping[str, Sequence[str]], without: Set[str]) -> list[list[str]]:
    return [
        [one for one in dict.fromkeys(mine[1:]) if one not in without] for mine in texts.values()
    ]
