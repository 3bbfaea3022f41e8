"""Questions about views that show facts.

Plain fine-tuning learns to name the functions that it saw, and a function added later wins nothing.
So each step also asks about functions that exist for that step alone: random conditions over the
facts that the views show, in words as manuals have them. They must beat the real functions where
their condition holds, and only there.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import torch
from torch import Tensor, nn

from logicdistill.training.collect import TrainingExample
from logicdistill.training.network import SentenceEncoder, endless, has_bf16
from logicdistill.training.synthetic import Condition, FactSpace, parse_view, view_of
from logicdistill.types import Function

NO_LOGIT = -1e9
"""Logit of what cannot be chosen."""

MAX_FUNCTIONS = 24  # real functions a step
POSITIVES = 2  # made-up views that satisfy a synthetic condition; one more nearly does
DROP_MANUAL = 0.1  # probability that a function is shown by usage examples alone
HOT_ADDS = 3  # synthetic functions a step that are also asked about beside the real ones
LENGTH_PARTS = 3  # parts of a step's texts, padded apart: manuals are twice as long as views


@dataclass(frozen=True, slots=True)
class FactRecipe:
    """Settings of the questions.

    Attributes:
        steps: steps a stage.
        learning_rate: peak of the encoder's learning rate.
        real_views: labelled views a step.
        synthetic: synthetic functions a step; 0 trains on the real ones alone.
        distractors: made-up functions a step that miss every view by one or two facts; they are
            candidates of every question.
        sharpness: see `logicdistill.students.scoring.Scoring`.
        real_weight: weight of questions about real functions, beside 1 for synthetic ones.
        drop_function: probability that a real function is missing in a step: "none" wins.
    """

    steps: int = 45
    learning_rate: float = 4e-4
    real_views: int = 20
    synthetic: int = 6
    distractors: int = 12
    sharpness: float = 30.0
    real_weight: float = 2.0
    drop_function: float = 0.15


class _Question(NamedTuple):
    """Row of the view, columns of the candidates, right column (None: "none of these"), weight."""

    view: int
    columns: list[int]
    label: int | None
    weight: float


@dataclass(slots=True)
class _Episode:
    """One step: the row of each text and of each view, the texts of each function, questions."""

    texts: dict[str, int] = field(default_factory=dict)
    views: dict[str, int] = field(default_factory=dict)
    functions: list[list[str]] = field(default_factory=list)
    questions: list[_Question] = field(default_factory=list)

    def add_view(self, text: str) -> int:
        self.texts.setdefault(text, len(self.texts))
        return self.views.setdefault(text, len(self.views))

    def add_function(self, texts: list[str]) -> int:
        for text in texts:
            self.texts.setdefault(text, len(self.texts))
        self.functions.append(texts)
        return len(self.functions) - 1


def _loss(
    episode: _Episode, vectors: Tensor, scale: Tensor, none: Tensor, sharpness: float
) -> Tensor:
    """Weighted cross-entropy over candidates and "none", with the scores of `Scoring`.

    ``vectors`` are those of the episode's texts, shape (texts, width).
    """
    where = episode.texts
    rows = [where[view] for view in episode.views]
    cosines = vectors[rows] @ vectors.T
    member = torch.zeros(len(episode.functions), len(where), dtype=torch.bool)
    for column, texts in enumerate(episode.functions):
        member[column, [where[text] for text in texts]] = True
    # A view that is itself a usage example must not recognise itself: nothing would be learned.
    own = nn.functional.one_hot(torch.tensor(rows), len(where)).bool()
    mask = member[None] & ~own[:, None]
    mask = torch.where(mask.any(-1, keepdim=True), mask, member[None].expand_as(mask))
    spread = (sharpness * cosines[:, None]).masked_fill(~mask, NO_LOGIT)
    scores = (spread.logsumexp(-1) - mask.sum(-1).log()) / sharpness
    scores = torch.cat([scores, none.expand(len(rows), 1)], dim=1)
    last = scores.shape[1] - 1
    allowed = torch.full((len(episode.questions), last + 1), NO_LOGIT)
    for row, question in enumerate(episode.questions):
        allowed[row, [*question.columns, last]] = 0.0
    labels = torch.tensor([last if q.label is None else q.label for q in episode.questions])
    weights = torch.tensor([question.weight for question in episode.questions])
    asked = scores[[question.view for question in episode.questions]]
    losses = nn.functional.cross_entropy(scale * asked + allowed, labels, reduction="none")
    return (losses * weights).sum() / weights.sum()


class FactPlan:
    """Makes the questions of one stage, from its functions and labelled questions.

    Attributes:
        steps: of training by default.
        rate: peak of the learning rate.
    """

    def __init__(
        self,
        functions: Sequence[Function],
        examples: Sequence[TrainingExample],
        recipe: FactRecipe,
        rng: random.Random,
    ) -> None:
        self.steps, self.rate = recipe.steps, recipe.learning_rate
        self._functions, self._recipe, self._rng = functions, recipe, rng
        self._examples = endless(examples, rng)
        parsed = [parse_view(example.view) for example in examples]
        space = FactSpace([facts for facts in parsed if facts is not None])
        # Free text has no facts to make conditions of: the real functions alone are trained.
        varied = any(len(values) > 1 for values in space.values.values())
        usable = recipe.synthetic > 0 and None not in parsed and varied
        self._space = space if usable else None

    def loss(self, network: SentenceEncoder, scale: Tensor, none: Tensor) -> Tensor:
        """Loss of the next step's questions."""
        episode = self._episode()
        network.eval()  # no dropout
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bf16()):
            vectors = network.encode_by_length(list(episode.texts), LENGTH_PARTS).float()
        return _loss(episode, vectors, scale, none, self._recipe.sharpness)

    def _episode(self) -> _Episode:
        recipe, rng, episode = self._recipe, self._rng, _Episode()
        asked = list(islice(self._examples, recipe.real_views))
        rows = [episode.add_view(example.view) for example in asked]
        column = {f.name: episode.add_function(self._shown(f)) for f in self._drawn(asked)}
        there = {n: column[n] for n in column if rng.random() >= recipe.drop_function}
        for row, example in zip(rows, asked, strict=True):
            columns = [there[name] for name in example.candidates if name in there]
            label = there.get(example.label) if example.label is not None else None
            episode.questions.append(_Question(row, columns, label, recipe.real_weight))
        if self._space is not None:
            self._add_synthetic(episode, self._space)
            self._add_distractors(episode, self._space)
        return episode

    def _drawn(self, asked: Sequence[TrainingExample]) -> list[Function]:
        """The right functions and some wrong ones: a step's cost is bounded."""
        right = {example.label for example in asked}
        wrong = [function.name for function in self._functions if function.name not in right]
        count = min(len(wrong), max(0, MAX_FUNCTIONS - len(right)))
        kept = right | set(self._rng.sample(wrong, count))
        return [function for function in self._functions if function.name in kept]

    def _shown(self, function: Function) -> list[str]:
        """Some of the function's texts: it must be recognised by few usage examples, too."""
        manual, *usage = function.texts
        some = self._rng.random() < 0.5
        usage = self._rng.sample(usage, self._rng.randint(0, len(usage)) if some else len(usage))
        return usage if usage and self._rng.random() < DROP_MANUAL else [manual, *usage]

    def _add_synthetic(self, episode: _Episode, space: FactSpace) -> None:
        """Functions with random conditions: asked about alone, and beside the real ones."""
        rng = self._rng
        real, columns = list(episode.questions), list(range(len(episode.functions)))
        conditions: list[Condition] = []
        while len(conditions) < self._recipe.synthetic:
            near = conditions[-1] if conditions and rng.random() < 0.5 else None
            conditions.append(space.condition(rng, near))
        conditions = list(dict.fromkeys(conditions))
        for condition in conditions:
            for number in range(POSITIVES + 1):
                facts = space.satisfying(rng, condition, miss=number == POSITIVES)
                episode.add_view(view_of(facts))
        shown = [parse_view(view) or {} for view in episode.views]
        holds = [[condition.holds(facts) for condition in conditions] for facts in shown]
        # The most specific condition is right. Between equally specific ones nothing is asked.
        sizes, best = [len(condition.terms) for condition in conditions], list[list[int]]()
        for row in holds:
            held = [index for index, does in enumerate(row) if does]
            most = max((sizes[index] for index in held), default=0)
            best.append([index for index in held if sizes[index] == most])
        made: list[int] = []
        for index, condition in enumerate(conditions):
            views = zip(episode.views, best, strict=True)
            mine = [view for view, winners in views if winners == [index]]
            usage = rng.sample(mine, min(len(mine), rng.randint(0, 3)))
            made.append(self._add_made(episode, condition, usage, DROP_MANUAL))
        for view, winners in enumerate(best):
            if len(winners) < 2:
                label = made[winners[0]] if winners else None
                episode.questions.append(_Question(view, made, label, 1.0))
        labelled = {question.view for question in real}
        for index in rng.sample(range(len(conditions)), min(HOT_ADDS, len(conditions))):
            new, weight = made[index], 1 / HOT_ADDS
            for view, known, right, _ in real:
                label = new if holds[view][index] else right
                episode.questions.append(_Question(view, [*known, new], label, weight))
            for view in range(len(holds)):
                if holds[view][index] and view not in labelled:
                    episode.questions.append(_Question(view, [*columns, new], new, weight))

    def _add_distractors(self, episode: _Episode, space: FactSpace) -> None:
        """Functions that are nearly right, and never right, as candidates of every question."""
        rng, shown = self._rng, [parse_view(view) or {} for view in episode.views]
        added = []
        for _ in range(self._recipe.distractors):
            condition = space.miss(rng)
            if not any(condition.holds(facts) for facts in shown):
                usage = [view_of(space.satisfying(rng, condition))] if rng.random() < 0.4 else []
                added.append(self._add_made(episode, condition, usage, 0.3))
        episode.questions = [q._replace(columns=[*q.columns, *added]) for q in episode.questions]

    def _add_made(
        self, episode: _Episode, condition: Condition, usage: list[str], drop_manual: float
    ) -> int:
        summaries = [function.manual.summary for function in self._functions]
        if usage and self._rng.random() < drop_manual:
            return episode.add_function(usage)
        return episode.add_function([condition.words(self._rng, summaries), *usage])
