"""A choice that no function was made for: a frozen encoder compares a text with options' words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from logicdistill.students.encoder import OnnxEmbedder
from logicdistill.students.scoring import Vectors

SCALE, NONE_SCORE = 20.0, 0.25
"""Factor from a cosine to a logit, and cosine of "none of these". Chosen on validation messages of
CLINC150 and training messages of BANKING77; docs/service.md has what came of it on their tests."""

KEPT_OPTIONS = 4096
"""Options whose vectors are kept: the same questions come again and again."""


class OptionReader:
    """Says how well each option fits a text, with no example of any: by their words alone.

    Threads may share it.

    Args:
        embedder: a frozen encoder. One that was tuned for other choices is no judge of these.
        name: of the encoder, for answers and logs.
    """

    def __init__(self, embedder: OnnxEmbedder, name: str) -> None:
        self.embedder, self.name = embedder, name
        self._vector = lru_cache(KEPT_OPTIONS)(self._embedded)

    def shares(
        self, text: str, options: Sequence[str], none: int | None = None
    ) -> tuple[float, ...] | None:
        """The probability of each option, or None where the encoder knows nothing of the text.

        Args:
            text: what the choice is about.
            options: each option's name, or name and description (`option_text`).
            none: index of the option that stands for "none of these"; its words do not count.
        """
        if not self.embedder.readable(text):
            return None
        view = self.embedder.vectors([text])[0]
        scores = [
            NONE_SCORE if index == none else float(self._vector(option) @ view)
            for index, option in enumerate(options)
        ]
        weights = np.exp(SCALE * (np.array(scores) - max(scores)))
        return tuple((weights / weights.sum()).tolist())

    def _embedded(self, option: str) -> Vectors:
        found: Vectors = self.embedder.vectors([option])[0]
        return found


def option_text(name: str, description: str | None) -> str:
    """What the encoder reads of an option."""
    words = " ".join(name.replace("_", " ").split())
    return f"{words}: {description}" if description else words
