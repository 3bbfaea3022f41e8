"""Words and facts to vectors of fixed width, by hashing: what an encoder's vector does not keep."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, islice, pairwise

import numpy as np

from logicdistill.students.scoring import Vectors

WIDTH = 512
"""Numbers of a vector; a power of two."""

PLACES = 4
"""Places of the vector that one gram changes, each by plus or minus its weight."""

MAX_PAIRED = 12
"""Most facts whose pairs are grams as well."""

MAX_WORDS = 256
"""Words that are read; an encoder reads no more either."""

_WORD = re.compile(r"\w+")


def word_grams(text: str) -> list[str]:
    """A text's words in lower case, and pairs of neighbours."""
    words = [found.group() for found in islice(_WORD.finditer(text.lower()), MAX_WORDS)]
    return [*words, *(f"{left} {right}" for left, right in pairwise(words))]


def fact_grams(facts: Sequence[str]) -> list[str]:
    """Facts, and pairs of them."""
    pairs = combinations(sorted(facts), 2) if len(facts) <= MAX_PAIRED else ()
    return [*facts, *(f"{left}; {right}" for left, right in pairs)]


class Grams:
    """The grams of known texts with their weights: the rarer, the more a gram says (IDF).

    Grams are known by their hashes alone, so what is saved shows no word of a message. Who guesses
    a word can still check it.

    Args:
        weights: by the gram's hash, 16 hex digits; others are not read.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = dict(weights)

    @classmethod
    def of(cls, texts: Sequence[Iterable[str]]) -> Grams:
        """From the grams of each known text."""
        counts = Counter(_hashed(gram) for grams in texts for gram in dict.fromkeys(grams))
        return cls({key: math.log((1 + len(texts)) / (1 + n)) + 1 for key, n in counts.items()})

    def vectors(self, texts: Sequence[Iterable[str]]) -> Vectors:
        """Unit vectors, shape (texts, `WIDTH`); 0 for a text without a known gram."""
        found = np.zeros((len(texts), WIDTH), np.float32)
        for row, grams in zip(found, texts, strict=True):
            for gram, count in Counter(grams).items():
                if (key := _hashed(gram)) in self.weights:
                    value = self.weights[key] * (1 + math.log(count))
                    for place, sign in _places(key):
                        row[place] += sign * value
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.where(norms > 0, norms, 1.0))


@lru_cache(maxsize=100_000)
def _hashed(gram: str) -> str:
    """Names a gram."""
    return hashlib.blake2b(gram.encode("utf-8", "replace"), digest_size=2 * PLACES).hexdigest()


@lru_cache(maxsize=100_000)
def _places(key: str) -> tuple[tuple[int, float], ...]:
    """Places of a gram with their signs."""
    drawn = bytes.fromhex(key)
    numbers = [int.from_bytes(drawn[at : at + 2], "little") for at in range(0, len(drawn), 2)]
    return tuple((number % WIDTH, 1.0 if number & 0x8000 else -1.0) for number in numbers)
