"""Cosines to calibrated probabilities, from messages that were held out of training; made anew when the base has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logicdistill.students.scoring import Scoring, Vectors
from logicdistill.types import Function

Embed: TypeAlias = Callable[[Sequence[str]], Vectors]

SCALES = np.geomspace(4.0, 120.0, 60)
NONE_SCORES = np.linspace(0.0, 1.0, 101)
ABSENT = 0.2
"""Weight of all messages that no function fits beside that of all others: how many of them there are in the examples says little about
what will come."""

LEFT_OUT = 0.1
"""Weight of a message asked without its right function, where no message is known for which no function is right: such a one lies
much nearer to the other functions than what people really send."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A message that was not trained on, with its right function; None where no function is right."""

    stage: str
    view: str
    label: str | None


@dataclass(frozen=True, slots=True)
class Scored:
    """Held-out messages of one stage with every function's score.

    Attributes:
        scores: shape (messages, functions).
        labels: column of each message's right function; -1 where there is none.
    """

    scores: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int64]


def calibrate(scoring: Scoring, held_out: Iterable[HeldOut], functions: Sequence[Function], embed: Embed) -> Scoring:
    """The scale and the score of "none" with the least log loss on held-out messages.

    Args:
        scoring: gives the sharpness, and is what comes back where nothing was held out.
        held_out: of messages whose function is gone nothing is learned.
        functions: of the base; a message that is one of a function's texts does not recognise itself.
        embed: texts to unit vectors.
    """
    stages = [found for found in score(scoring, held_out, functions, embed) if (found.labels >= 0).any()]
    if not stages:
        return scoring
    known_none = any((found.labels < 0).any() for found in stages)
    best = min(
        ((_log_loss(stages, scale, known_none), scale) for scale in SCALES),
        key=lambda found: found[0].min(),
    )
    return replace(scoring, scale=float(best[1]), none_score=float(NONE_SCORES[int(best[0].argmin())]))


def score(scoring: Scoring, held_out: Iterable[HeldOut], functions: Sequence[Function], embed: Embed) -> list[Scored]:
    """Scores of held-out messages, a `Scored` a stage."""
    by_stage: dict[str, list[HeldOut]] = {}
    for message in held_out:
        by_stage.setdefault(message.stage, []).append(message)
    found = []
    for stage, messages in by_stage.items():
        mine = [function for function in functions if function.stage == stage]
        column = {function.name: index for index, function in enumerate(mine)}
        messages = [message for message in messages if message.label is None or message.label in column]
        if not mine or not messages:
            continue
        texts = [text for function in mine for text in function.texts]
        starts = np.cumsum([0, *(len(function.texts) for function in mine[:-1])]).tolist()
        views = [message.view for message in messages]
        scores = scoring.scores(embed(views), embed(texts), starts, own=_own(views, texts))
        labels = np.array([-1 if message.label is None else column[message.label] for message in messages])
        found.append(Scored(scores, labels))
    return found


def _own(views: Sequence[str], texts: Sequence[str]) -> list[tuple[int, int]]:
    columns: dict[str, list[int]] = {}
    for column, text in enumerate(texts):
        columns.setdefault(text, []).append(column)
    return [(row, column) for row, view in enumerate(views) for column in columns.get(view, ())]


def _log_loss(stages: Sequence[Scored], scale: float, known_none: bool) -> npt.NDArray[np.float64]:
    """Weighted mean log loss for each of `NONE_SCORES`."""
    total, weight = np.zeros(len(NONE_SCORES)), 0.0
    none = scale * NONE_SCORES[None]
    for stage in stages:
        logits = scale * stage.scores
        every = np.logaddexp.reduce(logits, axis=1)[:, None]
        rows = np.flatnonzero(stage.labels >= 0)
        right = logits[rows, stage.labels[rows]][:, None]
        total += (np.logaddexp(every[rows], none) - right).sum(axis=0)
        weight += len(rows)
        absent = every[stage.labels < 0]
        if known_none:
            share = ABSENT * len(rows) / max(1, len(absent))
            total += share * (np.logaddexp(absent, none) - none).sum(axis=0)
            weight += share * len(absent)
        elif logits.shape[1] > 1:
            rest = logits[rows].copy()
            rest[np.arange(len(rows)), stage.labels[rows]] = -np.inf
            others = np.logaddexp.reduce(rest, axis=1)[:, None]
            total += LEFT_OUT * (np.logaddexp(others, none) - none).sum(axis=0)
            weight += LEFT_OUT * len(rows)
    return total / weight
