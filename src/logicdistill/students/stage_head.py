"""What is fitted for one stage of the pretrained student, and fitted anew for what joins."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from logicdistill.students.encoder import SCORE_DECIMALS
from logicdistill.students.head import Head, Message, fit_head, lessons
from logicdistill.students.near_misses import Apart, Shown, fit_apart
from logicdistill.students.scoring import Scores, Vectors, columns_of

MOST_HEADS = 256
"""Heads of sets of candidates that are kept."""


@dataclass(frozen=True, slots=True)
class StageHead:
    """A stage's head with the labelled messages that it was fitted on.

    Attributes:
        head: of the functions that show no near misses.
        messages: labelled ones.
        reads_text: whether the stage reads text, alone or beside facts.
        apart: of the functions that show near misses; None where there is none, or where all do:
            then there is no rest to tell them apart from.
        near_misses: by function, where it shows any.
    """

    head: Head
    messages: tuple[Message, ...]
    reads_text: bool
    apart: Apart | None = None
    near_misses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def fitted(
        cls,
        functions: Shown,
        messages: Sequence[Message],
        embed: Callable[[Sequence[str]], Vectors],
        *,
        reads_text: bool,
    ) -> StageHead:
        """Fitted for functions, and calibrated."""
        texts = _texts_of_head(functions)
        known = lessons(texts, messages, not reads_text)
        head = fit_head(texts, known, embed, reads_text=reads_text, proving=messages)
        return cls(head, (*messages,), reads_text)._with_apart(functions, embed)

    @property
    def shown(self) -> Shown:
        """The functions that it was fitted for."""
        texts = {**self.head.texts, **(self.apart.texts if self.apart else {})}
        return {name: (mine, self.near_misses.get(name, ())) for name, mine in texts.items()}

    def refitted(
        self, functions: Shown, embed: Callable[[Sequence[str]], Vectors], calibrate: bool = False
    ) -> StageHead:
        """Fitted again, for these functions; the calibration of the head stays by default.

        The head is the same, where none of its functions has changed.
        """
        texts, head = _texts_of_head(functions), self.head
        if texts != head.texts or calibrate:
            known = lessons(texts, self.messages, not self.reads_text)
            reads = {"reads_text": self.reads_text, "calibrate": calibrate}
            proving = self.messages
            head = fit_head(texts, known, embed, before=self.head, proving=proving, **reads)
        return replace(self, head=head)._with_apart(functions, embed)

    def _with_apart(self, functions: Shown, embed: Callable[[Sequence[str]], Vectors]) -> StageHead:
        others = self.head.texts
        mine = {name: found for name, found in functions.items() if name not in others}
        apart = None
        if mine:
            apart = fit_apart(mine, others, self.head.centres, self.messages, embed)
        misses = {name: found for name, (_, found) in functions.items() if found}
        return replace(self, apart=apart, near_misses=misses)

    def probabilities(
        self,
        names: Sequence[str],
        texts: Sequence[str],
        facts: Sequence[Sequence[str]],
        vectors: Vectors,
    ) -> Scores:
        """Of each of these functions and, in the last column, of "none of these".

        Args:
            names: of the candidates, the same for all texts.
            texts: of the views.
            facts: beside them.
            vectors: of the texts, of the encoder.
        """
        logits, familiar = self.head.scores(texts, facts, vectors)
        logits, familiar = logits.round(SCORE_DECIMALS), familiar.round(SCORE_DECIMALS)
        column, shares = self.head.column, np.zeros((len(texts), len(names) + 1))
        inside = [place for place, name in enumerate(names) if name in column]
        at = [column[names[place]] for place in inside]
        if at:
            shares[:, [*inside, -1]] = self.head.calibration.probabilities(
                columns_of(logits, at), columns_of(familiar, at)
            )
        else:
            shares[:, -1] = 1.0
        if self.apart is None or len(inside) == len(names):
            return shares
        outside = [place for place in range(len(names)) if place not in inside]
        columns = [self.apart.column[names[place]] for place in outside]
        apart = self.apart.shares(texts, vectors, columns).round(SCORE_DECIMALS)
        shares *= apart[:, :1]
        shares[:, outside] = apart[:, 1:]
        return shares


def _texts_of_head(functions: Shown) -> dict[str, tuple[str, ...]]:
    """Texts of those without near misses; of all, where every one shows some: what is the rest?"""
    plain = {name: texts for name, (texts, misses) in functions.items() if not misses}
    return plain or {name: texts for name, (texts, _) in functions.items()}


class NarrowHeads:
    """Heads fitted for one set of candidates, those used last."""

    def __init__(self) -> None:
        self._kept = OrderedDict[tuple[object, ...], StageHead]()

    def of(
        self,
        stage: str,
        trained: StageHead,
        shown: Shown,
        embed: Callable[[Sequence[str]], Vectors],
    ) -> StageHead:
        """The head of these candidates of a stage, from its trained head and the messages."""
        key = (stage, *sorted(shown.items()))
        if key not in self._kept:
            self._kept[key] = trained.refitted(shown, embed)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_HEADS:
            self._kept.popitem(last=False)
        return self._kept[key]
