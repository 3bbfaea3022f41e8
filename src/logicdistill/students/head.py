"""The head of the pretrained student: from an encoder's vectors to functions, in numpy.

Softmax regression on what is known of each function: its manual, its usage examples and labelled
states. Nothing in it is a fixed list: a function that joins is one more column, and fitting again
takes less than a second. Chosen on validation messages; docs/log.md has what was tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from logicdistill.students.lexical import Grams, fact_grams, word_grams
from logicdistill.students.regression import fit_softmax
from logicdistill.students.scoring import Scores, Vectors, times
from logicdistill.types import Json

Embed: TypeAlias = Callable[[Sequence[str]], Vectors]
"""Texts to unit vectors, shape (texts, width)."""

Texts: TypeAlias = Mapping[str, Sequence[str]]
"""By function: its manual, then its usage examples."""

PENALTY = 0.02
WORDS, FACTS = 0.5, 0.5
"""Length of the vectors of words and of facts, beside 1 for the encoder's."""

MANUAL = 3.0
"""Messages that a manual counts for."""

FEW, FEW_MESSAGES = 3.2, 4.0
"""Logit that a function without messages gets, and the number of them that halves it. A function
known by few texts loses to its neighbours for that alone."""

FOLDS = 4
MOST_FITTED = 8000
"""Messages that all folds together may train on; fewer folds are fitted where there are more."""

FACTORS = np.geomspace(0.1, 8.0, 160)
"""Factors of the logits that are tried."""

USUAL, SPREAD = 1.7, 0.3
"""The usual factor of a stage that reads text, and the deviation of its logarithm: those of the
best factors of 270 tasks with 3 to 20 labels, which were drawn from messages of CLINC150 and
BANKING77 and from diagnoses. It decides where few messages can be held out, and counts for little
beside hundreds."""

NEARNESS = 5.0
"""Logits that count as much as a cosine of 1 in a text's familiarity. The cosine tells what is far
from all functions, the logit what is near several."""

THRESHOLDS, SLOPES = 101, np.geomspace(6.0, 28.0, 7)
"""How many thresholds of "none of these" are tried, and the slopes."""

OUTSIDE, STRANGE = 0.2, 0.05
"""Weight of all messages that no function fits, beside 1 for all others: their share of the
examples says little about their share of what will come. Where none is known, nothing says that
any will come; the strangers alone weigh less."""

STRANGERS = (
    "what is the capital of france", "qwerty", "asdf asdf", "hello", "thanks a lot", "ok",
    "tell me a joke", "who won the world cup in 1998", "how tall is mount everest",
    "the cat sat on the mat", "to be or not to be", "lorem ipsum dolor sit amet",
    "what is the meaning of life", "how do i bake bread", "my dog likes long walks",
    "which planet is the largest", "translate good morning to spanish", "123456", "???",
    "the train was late because of the snow", "what does photosynthesis do",
    "i had pasta for lunch", "can you sing", "she painted the fence green",
    "how many legs does a spider have", "why is the sky blue", "it rained all night",
    "name three rivers in africa", "is chess older than go", "let us meet at the museum",
    "wie wird das wetter morgen", "où est la bibliothèque", "no", "the square root of nine",
    "write a poem about autumn", "who painted the mona lisa", "he plays the violin",
    "what year did the war end", "blue", "do aliens exist",
)  # fmt: skip
"""Texts that few tasks are about. They stand for what no function fits, beside known messages of
that kind: a policy without any must not be sure of everything."""


@dataclass(frozen=True, slots=True)
class Message:
    """A labelled message: text, the right function (None: no function fits), facts beside it."""

    text: str
    label: str | None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """How logits and familiarity become probabilities.

    Attributes:
        factor: of the logits.
        threshold: familiarity at which "none of these" is as likely as not.
        slope: logit of "none of these" for a unit of familiarity below it.
        sure: probability of the best function for each message that proves an error rate and gets
            one: by a head and a calibration that were fitted without it.
        right: whether it was the right one.
    """

    factor: float = USUAL
    threshold: float = 0.3
    slope: float = 14.0
    sure: tuple[float, ...] = ()
    right: tuple[bool, ...] = ()

    @classmethod
    def read(cls, table: Mapping[str, Json]) -> Self:
        """One of which a file holds the attributes."""
        return cls(**{**table, "sure": tuple(table["sure"]), "right": tuple(table["right"])})

    def probabilities(self, logits: Scores, familiar: Scores) -> Scores:
        """Of each function and, in the last column, of "none of these".

        Args:
            logits: shape (views, functions).
            familiar: from `Head.scores`, same shape.
        """
        scaled = self.factor * (logits - logits.max(axis=1, keepdims=True))
        shares = np.exp(scaled)
        shares /= shares.sum(axis=1, keepdims=True)
        none = self.slope * (self.threshold - familiar.max(axis=1))
        none = 1 / (1 + np.exp(-np.clip(none, -30.0, 30.0)))
        return np.column_stack([shares * (1 - none)[:, None], none])


@dataclass(frozen=True, slots=True)
class Head:
    """What was fitted for one stage.

    Attributes:
        texts: of the functions, whose order is that of the columns.
        weights: shape (features, functions).
        bias: shape (functions,).
        centres: unit vectors, shape (functions, width): means of the functions' texts.
        middle: mean of the encoder's vectors, which is subtracted.
        words: of the texts; None where the stage reads facts alone.
        facts: beside the texts; None where the stage reads text alone.
    """

    texts: dict[str, tuple[str, ...]]
    weights: Vectors
    bias: Vectors
    centres: Vectors
    middle: Vectors
    words: Grams | None
    facts: Grams | None
    calibration: Calibration = field(default_factory=Calibration)

    @property
    def column(self) -> dict[str, int]:
        """Column of each function."""
        return {name: index for index, name in enumerate(self.texts)}

    def scores(
        self, texts: Sequence[str], facts: Sequence[Sequence[str]], vectors: Vectors
    ) -> tuple[Scores, Scores]:
        """Logits and familiarity of texts with these vectors, shape (texts, functions) each."""
        rows = _features(texts, facts, vectors, self.middle, self.words, self.facts)
        logits = times(rows, self.weights).astype(np.float64) + self.bias
        cosines = times(vectors, self.centres.T).astype(np.float64)
        return logits, cosines + logits / NEARNESS


def _features(
    texts: Sequence[str],
    facts: Sequence[Sequence[str]],
    vectors: Vectors,
    middle: Vectors,
    words: Grams | None,
    beside: Grams | None,
) -> Vectors:
    parts = [vectors - middle, *parts_beside(words, beside, texts, facts)]
    return np.concatenate(parts, axis=1).astype(np.float32)


def parts_beside(
    words: Grams | None, facts: Grams | None, texts: Sequence[str], said: Sequence[Sequence[str]]
) -> list[Vectors]:
    """What a head knows of texts, and of the facts ``said`` beside them."""
    parts = []
    if words is not None:
        parts.append(WORDS * words.vectors([word_grams(text) for text in texts]))
    if facts is not None:
        parts.append(FACTS * facts.vectors([fact_grams(found) for found in said]))
    return parts


def shared_texts(functions: Texts) -> set[str]:
    """Usage examples of more than one function: they are examples of none."""
    counts = Counter(text for texts in functions.values() for text in dict.fromkeys(texts[1:]))
    return {text for text, count in counts.items() if count > 1}


def lessons(functions: Texts, messages: Sequence[Message], view_facts: bool) -> list[Message]:
    """Labelled messages, and the usage examples that are not among them.

    ``view_facts``: the stage reads facts alone, so a usage example's text is its facts.
    """
    shared = shared_texts(functions)
    known = {(one.text, one.label) for one in messages}
    usage = [
        Message(text, name, tuple(text.split(", ")) if view_facts else ())
        for name, texts in functions.items()
        for text in dict.fromkeys(texts[1:])
        if text not in shared and (text, name) not in known
    ]
    kept = [one for one in messages if one.label is None or one.label in functions]
    return [*dict.fromkeys([*kept, *usage])]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What a head is fitted on: the labelled messages, then the manuals.

    Attributes:
        names: of the functions, in the order of the columns.
        features: shape (rows, features).
        vectors: of the encoder, shape (rows, width).
        labels: column of each row's function.
        messages: how many of the rows are messages.
        reads_text: whether the stage reads text, alone or beside facts.
    """

    names: Sequence[str]
    features: Vectors
    vectors: Vectors
    labels: npt.NDArray[np.int64]
    messages: int
    reads_text: bool

    def fit(
        self, kept: npt.NDArray[np.bool_], start: Vectors | None = None
    ) -> tuple[Vectors, Vectors, Vectors]:
        """Weights, bias and centres from the rows that are kept."""
        importance = np.ones(len(self.labels), np.float32)
        importance[self.messages :] = MANUAL if self.reads_text else 1.0
        importance, labels, count = importance[kept], self.labels[kept], len(self.names)
        total = np.bincount(labels, importance, count)
        importance *= (np.median(total) / total)[labels].astype(np.float32)
        if start is None:
            start = np.zeros((self.features.shape[1], count), np.float32)
        weights = start
        if count > 1:
            weights = fit_softmax(self.features[kept], labels, importance, PENALTY, start)
        said = np.bincount(self.labels[: self.messages][kept[: self.messages]], minlength=count)
        bias = FEW * FEW_MESSAGES / (FEW_MESSAGES + said) * self.reads_text
        bias = np.maximum(0.0, bias - np.median(bias)).astype(np.float32)
        sums = np.zeros((count, self.vectors.shape[1]), np.float32)
        np.add.at(sums, labels, self.vectors[kept])
        return weights, bias, sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)


def fit_head(
    functions: Texts,
    messages: Sequence[Message],
    embed: Embed,
    *,
    reads_text: bool,
    before: Head | None = None,
    calibrate: bool = True,
    proving: Sequence[Message] = (),
) -> Head:
    """Fit a stage's head.

    Args:
        functions: by name.
        messages: from `lessons`.
        embed: texts to unit vectors.
        reads_text: whether the stage reads text, alone or beside facts.
        before: where the search starts.
        calibrate: by cross-fitting: each message is scored by a head that was fitted without it.
            Messages that no function fits train nothing, and are scored by the whole head. False
            keeps the calibration of ``before``.
        proving: those of the messages that prove an error rate. Usage examples, which an author
            may have chosen, prove none.
    """
    head, rows = _fitted(functions, messages, embed, reads_text, before)
    return _calibrated(head, rows, messages, embed, set(proving)) if calibrate else head


def cross_fitted(
    functions: Texts, messages: Sequence[Message], embed: Embed
) -> tuple[Scores, npt.NDArray[np.int64]]:
    """Logits of messages by heads that were fitted without them, and each one's right column."""
    head, rows = _fitted(functions, messages, embed, True, None)
    held, logits, _ = _cross_fitted(head, rows)
    return logits, rows.labels[held]


def _fitted(
    functions: Texts,
    messages: Sequence[Message],
    embed: Embed,
    reads_text: bool,
    before: Head | None,
) -> tuple[Head, _Rows]:
    """A head with the calibration of ``before``, and what it was fitted on."""
    names = sorted(functions)
    column = {name: index for index, name in enumerate(names)}
    known = [one for one in messages if one.label is not None]
    texts = [one.text for one in known] + [functions[name][0] for name in names]
    facts = [one.facts for one in known] + [() for _ in names]
    labels = np.array([column[str(one.label)] for one in known] + [*range(len(names))], np.int64)
    vectors = embed(texts)
    words = Grams.of([word_grams(text) for text in texts]) if reads_text else None
    beside = Grams.of([fact_grams(found) for found in facts]) if any(facts) else None
    middle = vectors.mean(axis=0)
    features = _features(texts, facts, vectors, middle, words, beside)
    rows = _Rows(names, features, vectors, labels, len(known), reads_text)
    start = np.zeros((features.shape[1], len(names)), np.float32)
    if before is not None and len(before.weights) == len(start):
        for name, index in before.column.items():
            if name in column:
                start[:, column[name]] = before.weights[:, index]
    weights, bias, centres = rows.fit(np.ones(len(labels), bool), start)
    kept = {name: tuple(functions[name]) for name in names}
    made = Calibration() if before is None else before.calibration
    return Head(kept, weights, bias, centres, middle, words, beside, made), rows


def _cross_fitted(head: Head, rows: _Rows) -> tuple[list[int], Scores, Scores]:
    """Messages that were held out in turn, with logits and familiarity as in `Head.scores`."""
    seen = np.zeros(len(rows.names), np.int64)
    folds = np.zeros(rows.messages, np.int64)
    for index, label in enumerate(rows.labels[: rows.messages]):
        folds[index] = seen[label] % FOLDS
        seen[label] += 1
    # A function's only message stays: without it the function would be another one.
    held_out = seen[rows.labels[: rows.messages]] > 1
    held, logits, familiar = list[int](), list[Scores](), list[Scores]()
    length, none = _length(head.weights), np.zeros((0, len(rows.names)))
    for fold in range(max(1, min(FOLDS, MOST_FITTED // max(1, rows.messages)))):
        out = np.flatnonzero(held_out & (folds == fold))
        if len(out):
            kept = np.ones(len(rows.labels), bool)
            kept[out] = False
            weights, bias, centres = rows.fit(kept)
            held += out.tolist()
            # Fewer texts give shorter weights. Without this the whole head would be too sure.
            grown = length / max(_length(weights), 1e-9)
            logits.append(grown * (rows.features[out] @ weights).astype(np.float64) + bias)
            familiar.append(rows.vectors[out] @ centres.T + logits[-1] / NEARNESS)
    return held, np.concatenate([none, *logits]), np.concatenate([none, *familiar])


def _calibrated(
    head: Head, rows: _Rows, messages: Sequence[Message], embed: Embed, proving: Set[Message]
) -> Head:
    """The head with the calibration that cross-fitting gives."""
    seen = np.zeros(len(rows.names), np.int64)
    turns = np.zeros(rows.messages, np.int64)
    for index, label in enumerate(rows.labels[: rows.messages]):
        turns[index] = label + seen[label] + seen[label] // FOLDS
        seen[label] += 1
    held, inside, near = _cross_fitted(head, rows)
    reads_text = rows.reads_text
    outside = [one for one in messages if one.label is None]
    strange = [Message(text, None) for text in STRANGERS] if reads_text else []
    away = [
        head.scores(*_columns(some), embed([one.text for one in some])) if some else None
        for some in (outside, strange)
    ]
    if not held:
        return replace(head, calibration=_from_strangers(head, away[1]))
    asked = _Asked(inside, near, rows.labels[held], turns[held])
    known = [one for one in messages if one.label is not None]
    proves = np.array([known[index] in proving for index in held])
    far = away[0]
    if far is not None:
        turns = np.arange(len(outside))
        asked = asked.joined(_Asked(*far, np.full(len(outside), -1), turns))
        proves = np.concatenate([proves, [one in proving for one in outside]])
    made = asked.calibration(away[1])
    if made is None:
        return replace(head, calibration=_from_strangers(head, away[1]))
    sure, right = list[float](), list[bool]()
    for half in (0, 1):
        mine, others = asked.turns % 2 == half, asked.turns % 2 != half
        fitted = asked.among(others).calibration(away[1])
        if fitted is None:
            continue
        found = asked.among(mine & proves)
        shares = fitted.probabilities(found.logits, found.familiar)
        chosen = shares.argmax(axis=1)
        some = chosen < shares.shape[1] - 1
        sure += shares.max(axis=1)[some].tolist()
        right += (chosen == found.labels)[some].tolist()
    return replace(head, calibration=replace(made, sure=tuple(sure), right=tuple(right)))


def _length(weights: Vectors) -> float:
    """Of what tells functions apart."""
    return float(np.linalg.norm(weights - weights.mean(axis=1, keepdims=True)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Messages that were scored by a head that was fitted without them.

    Attributes:
        logits: shape (messages, functions).
        familiar: same shape.
        labels: column of each message's right function; -1 where no function fits.
        turns: even for one half of the messages, odd for the other: either half proves what the
            other fits.
    """

    logits: Scores
    familiar: Scores
    labels: npt.NDArray[np.int64]
    turns: npt.NDArray[np.int64]

    def among(self, kept: npt.NDArray[np.bool_]) -> _Asked:
        """Some of the messages."""
        return _Asked(self.logits[kept], self.familiar[kept], self.labels[kept], self.turns[kept])

    def joined(self, other: _Asked) -> _Asked:
        """These messages and others."""
        return _Asked(
            np.concatenate([self.logits, other.logits]),
            np.concatenate([self.familiar, other.familiar]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.turns, other.turns]),
        )

    def calibration(self, strange: tuple[Scores, Scores] | None) -> Calibration | None:
        """What these messages and the strangers say; None where no message has a function."""
        known = self.labels >= 0
        if not known.any():
            return None
        near = self.familiar.max(axis=1)
        far = [near[~known]] if not known.all() else []
        far += [strange[1].max(axis=1)] if strange is not None else []
        prior = None if strange is None else (USUAL, SPREAD)
        factor = likeliest_factor(self.logits[known], self.labels[known], prior)
        return Calibration(factor, *fit_none(near[known], far, STRANGE if known.all() else OUTSIDE))


def _columns(messages: Sequence[Message]) -> tuple[list[str], list[tuple[str, ...]]]:
    return [one.text for one in messages], [one.facts for one in messages]


def _from_strangers(head: Head, strange: tuple[Scores, Scores] | None) -> Calibration:
    """Without held-out messages: what is as near as the nearest strangers is none of these."""
    made = head.calibration
    if strange is None:
        return replace(made, threshold=-1.0)
    return replace(made, threshold=float(np.quantile(strange[1].max(axis=1), 0.95)) + 0.1)


def likeliest_factor(
    logits: Scores, labels: npt.NDArray[np.int64], prior: tuple[float, float] | None = None
) -> float:
    """The likeliest of `FACTORS`: mean confidence is about the share that is right.

    The least log loss would be moved by a few wrong labels. Half a message counts as wrong.
    ``prior``: the usual factor, and the deviation of its logarithm.
    """
    right = (logits.argmax(axis=1) == labels).sum() + 0.5
    below = logits - logits.max(axis=1, keepdims=True)
    means = np.array([(1 / np.exp(factor * below).sum(axis=1)).mean() for factor in FACTORS])
    sure = np.clip(means, 1e-3, 1 - 1e-3)
    likelihood = right * np.log(sure) + (len(labels) + 1 - right) * np.log1p(-sure)
    if prior is not None:
        likelihood -= (np.log(FACTORS / prior[0]) / prior[1]) ** 2 / 2
    return float(FACTORS[likelihood.argmax()])


def fit_none(
    near: Scores,
    far: Sequence[Scores],
    weight: float = OUTSIDE,
    slopes: Sequence[float] | npt.NDArray[np.float64] = SLOPES,
) -> tuple[float, float]:
    """Threshold and slope of "none of these" with the least log loss; no messages: never.

    Args:
        near: familiarity of what some function fits.
        far: of what none fits, in groups that count alike.
        weight: of all that is far, beside 1 for all that is near.
        slopes: that are tried.
    """
    if not far:
        return float(near.min()) - 0.2, float(slopes[-1])
    every, best = np.concatenate([near, *far]), (np.inf, 0.0, 0.0)
    tried = np.linspace(every.min(), every.max(), THRESHOLDS)
    for slope in slopes:
        inside = np.logaddexp(0, slope * (tried[None] - near[:, None])).mean(axis=0)
        for found in far:
            outside = np.logaddexp(0, slope * (found[:, None] - tried[None]))
            inside += weight / len(far) * outside.mean(axis=0)
        place = int(inside.argmin())
        best = min(best, (float(inside[place]), float(tried[place]), float(slope)))
    return best[1], best[2]
