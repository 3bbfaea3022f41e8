"""Cosines to calibrated probabilities, from messages that were held out of training; made anew when the base has changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logicdistill.errors import BaseError
from logicdistill.students.evidence import Evidence, Facts
from logicdistill.students.scoring import Scoring, Vectors, agreements
from logicdistill.types import Function

Embed: TypeAlias = Callable[[Sequence[str]], Vectors]

SCALES = np.geomspace(4.0, 120.0, 60)
USUAL_SCALE, SPREAD = 31.0, 0.15
"""Where the scale of a student that is trained as here lies, and how far its logarithm is from that: 28 to 36 on thousands of validation
messages of two sets. A hundred held-out messages alone would miss it by more."""

WORTHS = np.linspace(0.0, 1.0, 5)
"""What a nat of evidence may be worth: facts that depend on each other say less than their sum."""

DOUBT = 0.25
"""Standard deviation of what it is worth before any message is seen, from 1 (Bayes' rule): a few dozen messages decide little."""

SHARPER = (1.0, 2.0, 4.0)
"""Factors of the sharpness that are tried where functions have many texts: the nearest of hundreds says more than their mean."""

MANY = 50
"""Texts a function, in the mean, from which on the sharpness is fitted: the mean over a few dilutes the nearest little."""

CAUTION = 2.0
"""Nats of log loss, over all held-out messages, that another sharpness has to save."""

NONE_SCORES = np.linspace(0.0, 1.0, 101)
ABSENT = 0.2
"""Weight of all messages that no function fits beside that of all others: how many of them there are in the examples says little about
what will come."""

LEFT_OUT = 0.02
"""Weight of a message asked without its right function, where no message is known for which no function is right: such a one lies
much nearer to the other functions than what people really send."""

CERTAINTY = 0.9
"""Probability with which a promised error rate holds."""

PROMISES = np.geomspace(0.001, 0.9, 200)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A message that was not trained on, with its right function (None where no function is right) and the facts beside it."""

    stage: str
    view: str
    label: str | None
    facts: Facts = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """Held-out messages of one stage with every function's score.

    Attributes:
        scores: shape (messages, functions).
        labels: column of each message's right function; -1 where there is none.
        nats: evidence for each function from the facts beside the messages, which is not in the scores; None where there is none.
    """

    scores: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int64]
    nats: npt.NDArray[np.float64] | None = None

    def weighed(self, weight: float) -> Scored:
        """With the evidence in the scores."""
        return self if self.nats is None else Scored(self.scores + weight * self.nats, self.labels)


def calibrate(
    scoring: Scoring,
    held_out: Iterable[HeldOut],
    functions: Sequence[Function],
    embed: Embed,
    evidence: Mapping[str, Evidence] | None = None,
    sharper: Sequence[float] = SHARPER[:1],
) -> dict[str, Scoring]:
    """The scale that makes held-out messages as sure as they are right, and the score of "none" with the least log loss, a stage.

    Args:
        scoring: gives the sharpness.
        held_out: of messages whose function is gone nothing is learned.
        functions: of the base; a message that is one of a function's texts does not recognise itself.
        embed: texts to unit vectors.
        evidence: of stages whose messages have facts beside them.
        sharper: factors of the sharpness of which the best is taken, by log loss, where functions have `MANY` texts; the first one is
            taken elsewhere.
    """
    by_stage: dict[str, list[HeldOut]] = {}
    for message in held_out:
        by_stage.setdefault(message.stage, []).append(message)
    found = {}
    for stage, messages in by_stage.items():
        usual = replace(scoring, usual=_usual(stage, functions, embed))
        counts = [len(function.texts) for function in functions if function.stage == stage]
        options: list[tuple[float, Scoring]] = []
        for factor in sharper if counts and np.mean(counts) >= MANY else sharper[:1]:
            option = replace(usual, sharpness=factor * usual.sharpness)
            for scored in _scored(option, messages, functions, embed, {}, evidence or {}).values():
                options.append(_fitted(option, scored, CAUTION if options else 0.0))
        if options:
            found[stage] = min(options, key=lambda option: option[0])[1]
    return found


def _fitted(option: Scoring, scored: Scored, caution: float) -> tuple[float, Scoring]:
    """Log loss over the messages for which a function is right, in nats, and the scoring with its scale, weight and "none"."""
    weight = _weight(scored)
    scored = scored.weighed(weight)
    scale = _scale(scored)
    none = NONE_SCORES[int(_log_loss(scored, scale).argmin())]
    return _lost(scored, scale) + caution, replace(
        option, scale=scale, none_score=float(none), evidence=weight
    )


def _usual(stage: str, functions: Sequence[Function], embed: Embed) -> float:
    """How much the texts of a function agree, in the mean over a stage's functions with several; 0 where there is none."""
    texts = [
        function.texts
        for function in functions
        if function.stage == stage and len(function.texts) > 1
    ]
    if not texts:
        return 0.0
    starts = np.cumsum([0, *(len(mine) for mine in texts[:-1])]).tolist()
    return float(agreements(embed([text for mine in texts for text in mine]), starts).mean())


def score(
    scoring: Scoring,
    held_out: Iterable[HeldOut],
    functions: Sequence[Function],
    embed: Embed,
    by_stage: Mapping[str, Scoring] | None = None,
    evidence: Mapping[str, Evidence] | None = None,
) -> dict[str, Scored]:
    """Scores of held-out messages by stage; a stage without a message whose function is there is left out.

    Args:
        scoring: gives the sharpness of stages that are not in ``by_stage``.
        held_out: messages.
        functions: of the base.
        embed: texts to unit vectors.
        by_stage: scoring of single stages.
        evidence: see `calibrate`.
    """
    by_stage = by_stage or {}
    found = _scored(scoring, held_out, functions, embed, by_stage, evidence or {})
    return {
        stage: scored.weighed(by_stage.get(stage, scoring).evidence)
        for stage, scored in found.items()
    }


def _scored(
    scoring: Scoring,
    held_out: Iterable[HeldOut],
    functions: Sequence[Function],
    embed: Embed,
    by_stage: Mapping[str, Scoring],
    evidence: Mapping[str, Evidence],
) -> dict[str, Scored]:
    asked: dict[str, list[HeldOut]] = {}
    for message in held_out:
        asked.setdefault(message.stage, []).append(message)
    found = {}
    for stage, messages in asked.items():
        mine = [function for function in functions if function.stage == stage and function.texts]
        column = {function.name: index for index, function in enumerate(mine)}
        messages = [
            message for message in messages if message.label is None or message.label in column
        ]
        labels = np.array(
            [-1 if message.label is None else column[message.label] for message in messages]
        )
        if not (labels >= 0).any():
            continue
        texts = [text for function in mine for text in function.texts]
        starts = np.cumsum([0, *(len(function.texts) for function in mine[:-1])]).tolist()
        views = [message.view for message in messages]
        nats = (
            evidence[stage].nats([message.facts for message in messages], list(column))
            if stage in evidence
            else None
        )
        scores = by_stage.get(stage, scoring).scores(
            embed(views), embed(texts), starts, own=_own(views, texts)
        )
        found[stage] = Scored(scores, labels, nats)
    return found


def least_confidence(scored: Scored, scoring: Scoring, max_error: float) -> float:
    """The confidence from which on at most this share of choices is wrong, with a probability of `CERTAINTY`.

    Selection with guaranteed risk (Geifman and El-Yaniv, NeurIPS 2017), by fixed sequence testing (Angelopoulos et al., Learn then Test,
    2021): more and more of the held-out messages are decided, the surest first, as long as a binomial test rejects that the share of
    wrong choices is larger. It begins where messages that are all decided rightly would pass, and ends at the first test that fails.

    Args:
        scored: held-out messages.
        scoring: calibrated.
        max_error: in (0, 1).

    Returns:
        Lowest probability of a chosen function with which it may be chosen.

    Raises:
        BaseError: too few messages were held out, or too many of them are decided wrongly, to promise so little.
    """
    sure, right = _decided(scored, scoring)
    count = _provable(right, max_error)
    if not count:
        possible = next((share for share in PROMISES if _provable(right, share)), 1.0)
        held = f"{len(scored.labels)} held-out messages"
        raise BaseError(
            f"an error of at most {max_error:.2%} cannot be promised from {held}; the least is {possible:.1%}"
        )
    return float(sure[count - 1])


def _provable(right: npt.NDArray[np.bool_], share: float) -> int:
    """How many messages can be decided, the surest first, so that at most this share is wrong; 0 if that cannot be said of any."""
    wrong, passed = np.cumsum(~right), 0
    count = math.ceil(math.log(1 - CERTAINTY) / math.log1p(-share))
    while (
        count <= len(right) and _binomial_cdf(int(wrong[count - 1]), count, share) <= 1 - CERTAINTY
    ):
        passed = count
        if count == len(right):
            break
        count = min(len(right), count + max(1, count // 5))
    return passed


def _binomial_cdf(most: int, count: int, share: float) -> float:
    """Probability of at most ``most`` wrong choices of ``count``, each wrong with probability ``share``."""
    whole = math.lgamma(count + 1) + count * math.log1p(-share)
    odds = math.log(share) - math.log1p(-share)
    return sum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(count - k + 1) + k * odds)
        for k in range(most + 1)
    )


def _decided(
    scored: Scored, scoring: Scoring
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Confidence of the held-out messages for which a function is chosen, highest first, and whether it is the right one."""
    logits = scoring.scale * np.column_stack(
        [scored.scores, np.full(len(scored.scores), scoring.none_score)]
    )
    probabilities = np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])
    chosen = probabilities.argmax(axis=1)
    rows = np.flatnonzero(chosen < scored.scores.shape[1])
    rows = rows[np.argsort(-probabilities[rows, chosen[rows]], kind="stable")]
    return probabilities[rows, chosen[rows]], chosen[rows] == scored.labels[rows]


def _own(views: Sequence[str], texts: Sequence[str]) -> list[tuple[int, int]]:
    columns: dict[str, list[int]] = {}
    for column, text in enumerate(texts):
        columns.setdefault(text, []).append(column)
    return [(row, column) for row, view in enumerate(views) for column in columns.get(view, ())]


def _weight(scored: Scored) -> float:
    """The likeliest of `WORTHS` where the scale is the usual one, as the score that a nat adds; 0 without evidence."""
    if scored.nats is None:
        return 0.0

    def unlikely(worth: float) -> float:
        return _lost(scored.weighed(worth / USUAL_SCALE), USUAL_SCALE) + (1.0 - worth) ** 2 / (
            2 * DOUBT**2
        )

    return float(min(WORTHS, key=unlikely)) / USUAL_SCALE


def _lost(scored: Scored, scale: float) -> float:
    """Log loss over the messages for which a function is right, in nats, "none of these" left out."""
    rows = np.flatnonzero(scored.labels >= 0)
    logits = scale * scored.scores[rows]
    return float(
        (
            np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(rows)), scored.labels[rows]]
        ).sum()
    )


def _scale(scored: Scored) -> float:
    """Of `SCALES` the likeliest: the mean confidence in the best function is about the share of messages for which it is right.

    How nearly depends on how many messages there are (binomial likelihood); beside it stands a Cauchy prior of the scale's logarithm, which
    gives way where many messages say otherwise. The least log loss would be moved by one wrong label among a few dozen messages. Half a
    message counts as wrong, so that few messages, all of them right, do not promise that all will be.
    """
    rows = np.flatnonzero(scored.labels >= 0)
    logits = scored.scores[rows]
    right = (logits.argmax(axis=1) == scored.labels[rows]).sum() + 0.5
    surplus = logits - logits.max(axis=1, keepdims=True)
    sure = np.clip(
        [(1 / np.exp(scale * surplus).sum(axis=1)).mean() for scale in SCALES], 1e-3, 1 - 1e-3
    )
    likelihood = right * np.log(sure) + (len(rows) + 1 - right) * np.log1p(-sure)
    prior = -np.log1p((np.log(SCALES / USUAL_SCALE) / SPREAD) ** 2)
    return float(SCALES[(likelihood + prior).argmax()])


def _log_loss(scored: Scored, scale: float) -> npt.NDArray[np.float64]:
    """Weighted mean log loss for each of `NONE_SCORES`."""
    none, logits = scale * NONE_SCORES[None], scale * scored.scores
    every = np.logaddexp.reduce(logits, axis=1)[:, None]
    rows = np.flatnonzero(scored.labels >= 0)
    right = logits[rows, scored.labels[rows]][:, None]
    loss = (np.logaddexp(every[rows], none) - right).mean(axis=0)
    absent, weight = every[scored.labels < 0], ABSENT
    if not len(absent) and logits.shape[1] > 1:
        rest = logits[rows]
        rest[np.arange(len(rows)), scored.labels[rows]] = -np.inf
        absent, weight = np.logaddexp.reduce(rest, axis=1)[:, None], LEFT_OUT
    return np.asarray(
        loss + weight * (np.logaddexp(absent, none) - none).mean(axis=0) if len(absent) else loss
    )
