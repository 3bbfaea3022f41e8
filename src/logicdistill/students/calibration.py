"""Scores to calibrated probabilities, and error rates that can be promised.

Both come from held-out messages: messages that were not trained on. One half of them fits, the
other proves (`parted`): no choice of a setting has seen what a promise rests on. A policy
calibrates again when its base has changed, so this runs on numpy alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logicdistill.errors import BaseError
from logicdistill.students.evidence import Evidence, Facts
from logicdistill.students.scoring import Scores, Scoring, Vectors, agreements, starts_of
from logicdistill.types import Function

Embed: TypeAlias = Callable[[Sequence[str]], Vectors]
"""Texts to unit vectors, shape (texts, width)."""

SCALES = np.geomspace(4.0, 120.0, 60)
"""Scales that are tried."""

USUAL_SCALE = 31.0
"""Scale at which evidence is weighed against cosines."""

EXPECTED_MESSAGES = 100.0
"""Held-out messages that `Scoring.expected` counts for at most: the share that fine-tuning gets
right was 1 to 4 points above the one that a cross-fitted head on the frozen encoder gets right."""

SURE_MESSAGES = 3.0
"""... and for so many a held-out message: confidences vary about a third as much as being right."""

EVIDENCE_WEIGHTS = np.linspace(0.0, 1.0, 5)
"""Weights of the evidence that are tried: dependent facts say less than the sum of their nats."""

EVIDENCE_WEIGHT_DEVIATION = 0.25
"""Standard deviation of the normal prior of that weight around 1, which is Bayes' rule."""

SHARPNESS_FACTORS = (1.0, 2.0, 4.0)
"""Factors of the sharpness that are tried where functions have `MANY_TEXTS`: the nearest of
hundreds of texts says more than their mean."""

MANY_TEXTS = 50
"""Mean number of texts of a function from which on the sharpness is fitted."""

LEAST_SAVING = 2.0
"""Log loss over all held-out messages, in nats, that another sharpness has to save."""

NONE_SCORES = np.linspace(0.0, 1.0, 101)
"""Scores of "none of these" that are tried."""

ABSENT_WEIGHT = 0.2
"""Weight of all messages that no function fits, beside 1 for all others: their share of the
examples says little about their share of what will come."""

LEFT_OUT_WEIGHT = 0.02
"""Weight of messages asked without their right function, used where no message is known that no
function fits. They lie much nearer to the other functions than such messages do."""

PROMISE_CONFIDENCE = 0.9
"""Probability with which a promised error rate holds."""

LEAST_MEASURED = 20
"""Held-out messages from which on a usual confidence is told."""

PROMISED_ERRORS = np.geomspace(0.001, 0.9, 200)
"""Error rates that are tried to say which one can be promised."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A message that was not trained on; its label None means that no function is right."""

    stage: str
    view: str
    label: str | None
    facts: Facts = ()


def messages_by_stage(held_out: Iterable[HeldOut]) -> dict[str, list[HeldOut]]:
    """Messages by the name of their stage."""
    found: dict[str, list[HeldOut]] = {}
    for message in held_out:
        found.setdefault(message.stage, []).append(message)
    return found


def parted(held_out: Iterable[HeldOut]) -> tuple[list[HeldOut], list[HeldOut]]:
    """Held-out messages to fit with, and those to prove with, in each stage half and half.

    Labels take turns, so that either half has about the same share of each. The same words beside
    other facts stay together.
    """
    fit, prove = list[HeldOut](), list[HeldOut]()
    for messages in messages_by_stage(held_out).values():
        ordered = sorted(messages, key=lambda message: str(message.label))
        said = dict.fromkeys((message.label, message.view) for message in ordered)
        half = {words: place % 2 for place, words in enumerate(said)}
        for message in ordered:
            (prove if half[message.label, message.view] else fit).append(message)
    return fit, prove


@dataclass(frozen=True, slots=True)
class Scored:
    """Held-out messages of one stage with every function's score.

    Attributes:
        scores: shape (messages, functions).
        labels: column of each message's right function; -1 where there is none.
        nats: evidence from the facts beside the messages, shape (messages, functions), not yet in
            the scores; None where there is none.
    """

    scores: Scores
    labels: npt.NDArray[np.int64]
    nats: Scores | None = None

    def weighed(self, weight: float) -> Scored:
        """With the evidence in the scores."""
        return self if self.nats is None else Scored(self.scores + weight * self.nats, self.labels)


def score(
    scoring: Scoring,
    messages: Sequence[HeldOut],
    functions: Sequence[Function],
    embed: Embed,
    evidence: Evidence | None = None,
) -> Scored | None:
    """Scores of one stage's held-out messages; None where no message has a right function.

    Sharpness and agreement are those of ``scoring``. Messages whose function is gone and functions
    of other stages are left out. A message that is one of a function's texts does not recognise
    itself. There is evidence where messages have facts beside them.
    """
    stages = {message.stage for message in messages}
    mine = [function for function in functions if function.stage in stages and function.texts]
    column = {function.name: index for index, function in enumerate(mine)}
    messages = [message for message in messages if message.label is None or message.label in column]
    labels = np.array([column[m.label] if m.label is not None else -1 for m in messages])
    if not (labels >= 0).any():
        return None
    views = [message.view for message in messages]
    texts = [text for function in mine for text in function.texts]
    columns: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        columns.setdefault(text, []).append(index)
    own = [(row, index) for row, view in enumerate(views) for index in columns.get(view, ())]
    starts = starts_of([len(function.texts) for function in mine])
    scores = scoring.scores(embed(views), embed(texts), starts, own)
    facts = [message.facts for message in messages]
    return Scored(scores, labels, None if evidence is None else evidence.nats(facts, list(column)))


def calibrate(
    scoring: Scoring,
    messages: Sequence[HeldOut],
    functions: Sequence[Function],
    embed: Embed,
    evidence: Evidence | None = None,
    factors: Sequence[float] = SHARPNESS_FACTORS[:1],
) -> Scoring | None:
    """Fit the scale, the weight of the evidence and the score of "none of these"; see `score`.

    The scale is the one at which held-out messages are as sure as they are right. The score of
    "none of these" has the least log loss, and so has the factor of the sharpness among ``factors``
    where functions have `MANY_TEXTS`; elsewhere it is the first of them.
    """
    stages = {message.stage for message in messages}
    texts = [function.texts for function in functions if function.stage in stages]
    several = [mine for mine in texts if len(mine) > 1]
    if several:
        vectors = embed([text for mine in several for text in mine])
        agreed = agreements(vectors, starts_of([len(mine) for mine in several]))
    usual = replace(scoring, usual=float(agreed.mean()) if several else 0.0)
    few = not texts or np.mean([len(mine) for mine in texts]) < MANY_TEXTS
    options: list[tuple[float, Scoring]] = []
    for factor in factors[:1] if few else factors:
        option = replace(usual, sharpness=factor * usual.sharpness)
        scored = score(option, messages, functions, embed, evidence)
        if scored is None:
            return None
        weight = _evidence_weight(scored)
        scored = scored.weighed(weight)
        scale = _scale(scored, scoring.expected)
        fitted = replace(option, scale=scale, none_score=_none(scored, scale), evidence=weight)
        options.append((_log_loss(scored, scale) + LEAST_SAVING * bool(options), fitted))
    return min(options, key=lambda option: option[0])[1]


def _evidence_weight(scored: Scored) -> float:
    """Score that a nat adds: the likeliest of `EVIDENCE_WEIGHTS` at the usual scale."""
    if scored.nats is None:
        return 0.0

    def unlikely(weight: float) -> float:
        prior = (1.0 - weight) ** 2 / (2 * EVIDENCE_WEIGHT_DEVIATION**2)
        return _log_loss(scored.weighed(weight / USUAL_SCALE), USUAL_SCALE) + prior

    return float(min(EVIDENCE_WEIGHTS, key=unlikely)) / USUAL_SCALE


def _log_loss(scored: Scored, scale: float) -> float:
    """In nats, over the messages with a right function, without "none of these"."""
    rows = np.flatnonzero(scored.labels >= 0)
    logits = scale * scored.scores[rows]
    right = logits[np.arange(len(rows)), scored.labels[rows]]
    return float((np.logaddexp.reduce(logits, axis=1) - right).sum())


def _scale(scored: Scored, expected: float) -> float:
    """The likeliest of `SCALES`.

    At it the mean confidence in the best function is about the share of messages for which that
    function is right (binomial likelihood). The share that is ``expected`` is weighed in; it gives
    way to many messages. The least log loss would be moved by one wrong label among a few dozen
    messages. Half a message counts as wrong: a few messages, all decided rightly, do not promise
    that all will be.
    """
    rows = np.flatnonzero(scored.labels >= 0)
    scores, count = scored.scores[rows], len(rows) + 1.0
    right = (scores.argmax(axis=1) == scored.labels[rows]).sum() + 0.5
    if expected:
        added = 1 / (1 / EXPECTED_MESSAGES + 1 / (SURE_MESSAGES * len(rows)))
        right, count = right + expected * added, count + added
    below = scores - scores.max(axis=1, keepdims=True)
    means = [(1 / np.exp(scale * below).sum(axis=1)).mean() for scale in SCALES]
    sure = np.clip(means, 1e-3, 1 - 1e-3)
    likelihood = right * np.log(sure) + (count - right) * np.log1p(-sure)
    return float(SCALES[likelihood.argmax()])


def _none(scored: Scored, scale: float) -> float:
    logits = scale * scored.scores
    every = np.logaddexp.reduce(logits, axis=1)
    rows = np.flatnonzero(scored.labels >= 0)
    at = np.arange(len(rows)), scored.labels[rows]
    right = logits[rows][at]
    absent, weight = every[scored.labels < 0], ABSENT_WEIGHT
    if not len(absent) and logits.shape[1] > 1:
        others = logits[rows]
        others[at] = -np.inf
        absent, weight = np.logaddexp.reduce(others, axis=1), LEFT_OUT_WEIGHT
    return best_none_score(right, every[rows], absent, scale, NONE_SCORES, weight)


def best_none_score(
    right: Scores, every: Scores, absent: Scores, scale: float, tried: Scores, weight: float
) -> float:
    """The score of "none of these" with the least mean log loss.

    Args:
        right: logit of the right function, for each question that has one.
        every: logarithm of the sum of all functions' exponentiated logits, for the same questions.
        absent: the same for each question where "none of these" is right.
        scale: factor from a score to a logit.
        tried: scores to choose from.
        weight: of the mean over ``absent``, beside 1 for the mean over the others.
    """
    none = scale * tried[None]
    loss = (np.logaddexp(every[:, None], none) - right[:, None]).mean(axis=0)
    if len(absent):
        loss += weight * (np.logaddexp(absent[:, None], none) - none).mean(axis=0)
    return float(tried[loss.argmin()])


def least_confidence(scored: Scored, scoring: Scoring, max_error: float) -> float:
    """`promised` for the choices on these held-out messages."""
    scores = scored.weighed(scoring.evidence).scores
    found = scoring.probabilities(scores)
    chosen = found.argmax(axis=1)
    rows = np.flatnonzero(chosen < scores.shape[1])
    right = chosen[rows] == scored.labels[rows]
    return promised(found[rows, chosen[rows]], right, len(scored.labels), max_error)


def usual_confidence(sure: Sequence[float]) -> float | None:
    """What nine in ten of these probabilities reach; None where there are too few to tell."""
    return float(np.quantile(sure, 0.1)) if len(sure) >= LEAST_MEASURED else None


def promised(sure: Scores, right: npt.NDArray[np.bool_], messages: int, max_error: float) -> float:
    """The confidence from which on at most this share (in (0, 1)) of choices is wrong.

    Selection with guaranteed risk (Geifman and El-Yaniv, NeurIPS 2017) by fixed sequence testing
    (Angelopoulos et al., Learn then Test, 2021). Held-out messages are decided, the surest first,
    as long as a binomial test rejects a larger share of wrong choices. The first test is at the
    number of messages that would pass if all were decided rightly; the first failure ends it. The
    promise holds with a probability of `PROMISE_CONFIDENCE`.

    Args:
        sure: probability of the function that is chosen, for each message that gets one.
        right: whether it is the right one.
        messages: that were held out to prove with, in all.
        max_error: the share.

    Returns:
        Lowest probability at which a function may be chosen.

    Raises:
        BaseError: too few messages were held out, or too many are decided wrongly.
    """
    order = np.argsort(-sure, kind="stable")
    sure, right = sure[order], right[order]
    count = _decidable(right, max_error)
    if not count:
        possible = next((share for share in PROMISED_ERRORS if _decidable(right, share)), 1.0)
        held = f"{messages} held-out messages; the least is {possible:.1%}"
        raise BaseError(f"an error of at most {max_error:.2%} cannot be promised from {held}")
    return float(sure[count - 1])


def _decidable(right: npt.NDArray[np.bool_], share: float) -> int:
    """How many messages can be decided, the surest first, with at most this share wrong."""
    wrong, passed, level = np.cumsum(~right), 0, 1 - PROMISE_CONFIDENCE
    count = math.ceil(math.log(level) / math.log1p(-share))
    while passed < count <= len(right):
        if _binomial_cdf(int(wrong[count - 1]), count, share) > level:
            break
        passed, count = count, min(len(right), count + max(1, count // 5))
    return passed


def _binomial_cdf(most: int, count: int, share: float) -> float:
    """Probability of at most ``most`` wrong of ``count`` choices, each wrong by ``share``."""
    whole = math.lgamma(count + 1) + count * math.log1p(-share)
    odds = math.log(share) - math.log1p(-share)
    return sum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(count - k + 1) + k * odds)
        for k in range(most + 1)
    )
