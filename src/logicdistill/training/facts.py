"""Questions about views that show facts: real functions, and synthetic conditions over the same facts.

Plain fine-tuning learns to name the functions that it saw, and a function added later then wins nothing. So each step
also asks about functions that exist for that step alone: random conditions over the facts that the views show, put into
words as manuals are. They must beat the real functions where their condition holds, and only there.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor, nn

from logicdistill.training.collect import TrainingExample
from logicdistill.training.network import SentenceEncoder
from logicdistill.training.synthetic import Condition, FactSpace, parse_view, view_of
from logicdistill.types import Function

BLOCKED = -1e9
MAX_FUNCTIONS = 24  # real functions a step
POSITIVES = 2  # made-up views that satisfy a synthetic condition; one more nearly does
DROP_MANUAL = 0.1  # probability that a function is shown by usage examples alone
HOT_ADDS = 3  # synthetic functions a step that are also asked about beside the real ones


@dataclass(frozen=True, slots=True)
class FactRecipe:
    """Settings of the questions.

    Attributes:
        steps: steps a stage.
        learning_rate: peak of the encoder's learning rate.
        real_views: labelled views a step.
        synthetic: synthetic functions a step; 0 trains on the real ones alone.
        distractors: made-up functions a step that miss every view by one or two facts and stand beside the candidates of every question.
        sharpness: see `logicdistill.students.scoring.Scoring`.
        real_weight: weight of questions about the real functions; those about synthetic ones weigh 1.
        drop_function: probability that a real function is missing in a step, so that "none of these" is right.
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
    """Row of the view, candidates (columns of the episode's functions), right column (None: "none of these"), weight."""

    view: int
    columns: list[int]
    label: int | None
    weight: float


@dataclass(slots=True)
class _Episode:
    """One step: every text once, which of them are views, the functions as lists of texts, and the questions."""

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
    """Weighted cross-entropy over candidates and "none"; ``vectors`` is (texts, width), the scores as `Scoring` makes them."""
    where = episode.texts
    rows = [where[view] for view in episode.views]
    cosines = vectors[rows] @ vectors.T
    member = torch.zeros(len(episode.functions), len(where), dtype=torch.bool)
    for column, texts in enumerate(episode.functions):
        member[column, [where[text] for text in texts]] = True
    # A view that is itself a usage example must not recognise itself: it would learn nothing from the question.
    own = nn.functional.one_hot(torch.tensor(rows), len(where)).bool()
    mask = member[None] & ~own[:, None]
    mask = torch.where(mask.any(-1, keepdim=True), mask, member[None].expand_as(mask))
    spread = (sharpness * cosines[:, None]).masked_fill(~mask, BLOCKED)
    scores = (spread.logsumexp(-1) - mask.sum(-1).log()) / sharpness
    scores = torch.cat([scores, none.expand(len(rows), 1)], dim=1)
    last = scores.shape[1] - 1
    allowed = torch.full((len(episode.questions), last + 1), BLOCKED)
    for row, question in enumerate(episode.questions):
        allowed[row, [*question.columns, last]] = 0.0
    labels = torch.tensor(
        [last if question.label is None else question.label for question in episode.questions]
    )
    weights = torch.tensor([question.weight for question in episode.questions])
    asked = scores[[question.view for question in episode.questions]]
    losses = nn.functional.cross_entropy(scale * asked + allowed, labels, reduction="none")
    return (losses * weights).sum() / weights.sum()


class FactPlan:
    """Makes the questions of one stage.

    Args:
        functions: of the stage.
        examples: its labelled questions.
        recipe: settings.
        rng: where chance comes from.

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
        self._functions, self._examples, self._recipe, self._rng = functions, examples, recipe, rng
        self._queue: list[TrainingExample] = []
        parsed = [parse_view(example.view) for example in self._examples]
        space = FactSpace([facts for facts in parsed if facts is not None])
        # In free text there are no facts to make conditions of: the real functions alone are trained.
        self._space = (
            space if recipe.synthetic > 0 and None not in parsed and space.varied else None
        )

    def loss(self, network: SentenceEncoder, scale: Tensor, none: Tensor, *, bf16: bool) -> Tensor:
        """Loss of the next step's questions."""
        episode = self._episode()
        network.eval()  # no dropout
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            vectors = network.encode(list(episode.texts)).float()
        return _loss(episode, vectors, scale, none, self._recipe.sharpness)

    def _episode(self) -> _Episode:
        recipe, rng, episode = self._recipe, self._rng, _Episode()
        while len(self._queue) < recipe.real_views:
            self._queue = rng.sample(self._examples, len(self._examples)) + self._queue
        asked = [self._queue.pop() for _ in range(recipe.real_views)]
        rows = [episode.add_view(example.view) for example in asked]
        column = {
            function.name: episode.add_function(self._shown(function))
            for function in self._drawn(asked)
        }
        missing = {name for name in column if rng.random() < recipe.drop_function}
        for row, example in zip(rows, asked, strict=True):
            columns = [
                column[name]
                for name in example.candidates
                if name in column and name not in missing
            ]
            label = (
                None if example.label is None or example.label in missing else column[example.label]
            )
            episode.questions.append(_Question(row, columns, label, recipe.real_weight))
        if self._space is not None:
            self._add_synthetic(episode, self._space)
            self._add_distractors(episode, self._space)
        return episode

    def _drawn(self, asked: Sequence[TrainingExample]) -> list[Function]:
        """Every function of a small base; of a large one the right functions and some wrong ones, which bounds a step's cost."""
        right = {example.label for example in asked}
        wrong = [function.name for function in self._functions if function.name not in right]
        kept = right | set(
            self._rng.sample(wrong, min(len(wrong), max(0, MAX_FUNCTIONS - len(right))))
        )
        return [function for function in self._functions if function.name in kept]

    def _shown(self, function: Function) -> list[str]:
        """A part of the function's texts: it must be recognised by few usage examples, too."""
        manual, *usage = function.texts
        usage = self._rng.sample(
            usage, self._rng.randint(0, len(usage)) if self._rng.random() < 0.5 else len(usage)
        )
        return usage if usage and self._rng.random() < DROP_MANUAL else [manual, *usage]

    def _add_synthetic(self, episode: _Episode, space: FactSpace) -> None:
        rng = self._rng
        real, columns = list(episode.questions), list(range(len(episode.functions)))
        conditions: list[Condition] = []
        while len(conditions) < self._recipe.synthetic:
            conditions.append(
                space.condition(rng, conditions[-1] if conditions and rng.random() < 0.5 else None)
            )
        conditions = list(dict.fromkeys(conditions))
        for condition in conditions:
            for number in range(POSITIVES + 1):
                episode.add_view(
                    view_of(space.satisfying(rng, condition, miss=number == POSITIVES))
                )
        facts_of = [parse_view(view) or {} for view in episode.views]
        holds = [[condition.holds(facts) for condition in conditions] for facts in facts_of]
        # The most specific condition is right; where two are equally specific nobody can say, and nothing is asked.
        best: list[list[int]] = []
        for row in holds:
            top = max(
                (len(conditions[index].terms) for index, held in enumerate(row) if held), default=0
            )
            best.append(
                [
                    index
                    for index, held in enumerate(row)
                    if held and len(conditions[index].terms) == top
                ]
            )
        made: list[int] = []
        summaries = [function.manual.summary for function in self._functions]
        for index, condition in enumerate(conditions):
            mine = [
                view
                for view, winners in zip(episode.views, best, strict=True)
                if winners == [index]
            ]
            usage = rng.sample(mine, min(len(mine), rng.randint(0, 3)))
            manual = (
                [] if usage and rng.random() < DROP_MANUAL else [condition.words(rng, summaries)]
            )
            made.append(episode.add_function(manual + usage))
        for view, winners in enumerate(best):
            if len(winners) < 2:
                label = made[winners[0]] if winners else None
                episode.questions.append(_Question(view, made, label, 1.0))
        labelled = {question.view for question in real}
        for index in rng.sample(range(len(conditions)), min(HOT_ADDS, len(conditions))):
            new, weight = made[index], 1 / HOT_ADDS
            for view, known, right, _ in real:
                episode.questions.append(
                    _Question(view, [*known, new], new if holds[view][index] else right, weight)
                )
            for view in range(len(holds)):
                if holds[view][index] and view not in labelled:
                    episode.questions.append(_Question(view, [*columns, new], new, weight))

    def _add_distractors(self, episode: _Episode, space: FactSpace) -> None:
        """Functions that are nearly right and never are: every question must tell the right one from them."""
        rng, facts_of = self._rng, [parse_view(view) or {} for view in episode.views]
        summaries = [function.manual.summary for function in self._functions]
        added = []
        for _ in range(self._recipe.distractors):
            condition = space.miss(rng)
            if not any(condition.holds(facts) for facts in facts_of):
                usage = [view_of(space.satisfying(rng, condition))] if rng.random() < 0.4 else []
                manual = [] if usage and rng.random() < 0.3 else [condition.words(rng, summaries)]
                added.append(episode.add_function(manual + usage))
        episode.questions = [
            question._replace(columns=[*question.columns, *added]) for question in episode.questions
        ]
