"""Fine-tuning of the encoder student: episodes of real functions and of synthetic conditions over the same facts.

Plain fine-tuning learns to name the functions that it saw, and a function added later then wins nothing. So each step
also asks about functions that exist for that step alone: random conditions over the facts that the views show, put into
words as manuals are. They must beat the real functions where their condition holds, and only there.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from logicdistill.students.scoring import Scoring
from logicdistill.training.examples import TrainingExample
from logicdistill.training.network import FittedEncoder, SentenceEncoder
from logicdistill.training.synthetic import Condition, FactSpace, parse_view, view_of
from logicdistill.types import Function, Stage

Progress: TypeAlias = Callable[[int, int, float], None]
"""Called as ``on_progress(step, steps, loss)`` after each step."""

STEPS_A_STAGE = 45
MAX_DEFAULT_STEPS = 90
BLOCKED = -1e9
MAX_FUNCTIONS = 24  # real functions a step
POSITIVES = 2  # made-up views that satisfy a synthetic condition; one more nearly does
DROP_MANUAL = 0.1  # probability that a function is shown by usage examples alone
HOT_ADDS = 3  # synthetic functions a step that are also asked about beside the real ones
PRESENT_WEIGHT = 10.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of the training.

    Attributes:
        steps: steps in all; None takes `STEPS_A_STAGE` for each selecting stage, at most `MAX_DEFAULT_STEPS`.
        learning_rate: peak of the encoder's learning rate.
        frozen_layers: lower layers that keep their pretrained weights, as the word embeddings do.
        real_views: labelled views a step.
        synthetic: synthetic functions a step; 0 trains on the real ones alone.
        distractors: made-up functions a step that miss every view by one or two facts and stand beside the candidates of every question.
        sharpness: see `logicdistill.students.encoder.Scoring`.
        real_weight: weight of questions about the real functions; those about synthetic ones weigh 1.
        drop_function: probability that a real function is missing in a step, so that "none of these" is right.
        max_tokens: longer texts are cut.
        bf16: compute in bfloat16: about twice as fast where the processor has it, slow elsewhere; None finds out.
    """

    steps: int | None = None
    learning_rate: float = 4e-4
    frozen_layers: int = 3
    real_views: int = 20
    synthetic: int = 6
    distractors: int = 12
    sharpness: float = 30.0
    real_weight: float = 2.0
    drop_function: float = 0.15
    max_tokens: int = 128
    bf16: bool | None = None


DEFAULT_RECIPE = Recipe()


def fit(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    weights_dir: Path,
    *,
    seed: int = 0,
    on_progress: Progress | None = None,
    recipe: Recipe = DEFAULT_RECIPE,
) -> FittedEncoder:
    """Fine-tune an encoder to select functions; the same seed, machine and number of threads give the same weights.

    Args:
        stages: stages of the base; those without examples are passed over.
        functions: functions of the selecting stages.
        examples: distinct labelled questions; their counts do not matter here.
        weights_dir: folder of the pretrained encoder.
        seed: of the order of questions and of the synthetic functions.
        on_progress: told of each step.
        recipe: settings.

    Returns:
        The encoder with its fitted scoring. Without any example it is the pretrained one.
    """
    started = time.perf_counter()
    rng = random.Random(seed)
    network = SentenceEncoder(weights_dir, recipe.max_tokens).eval()
    network.encoder.embeddings.requires_grad_(False)
    for layer in network.encoder.encoder.layer[: recipe.frozen_layers]:
        layer.requires_grad_(False)
    plans = [
        _Plan([f for f in functions if f.stage == stage.name], asked, recipe, rng)
        for stage in stages
        if (asked := [example for example in examples if example.stage == stage.name])
    ]
    steps = min(STEPS_A_STAGE * len(plans), MAX_DEFAULT_STEPS) if recipe.steps is None else recipe.steps * bool(plans)
    bf16 = has_bf16() if recipe.bf16 is None else recipe.bf16
    scale, none = nn.Parameter(torch.tensor(math.log(20.0))), nn.Parameter(torch.tensor(0.5))
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = [{"params": trained, "weight_decay": 0.01}, {"params": [scale, none], "lr": 1e-2, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate)
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.02, (steps - step) / (steps - warm + 1.5)))
    )
    for step in range(steps):
        episode = plans[step % len(plans)].episode()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            vectors = network.encode(list(episode.texts)).float()
        loss = _loss(episode, vectors, scale.exp(), none, recipe.sharpness)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        if on_progress is not None:
            on_progress(step + 1, steps, float(loss.detach()))
    scoring = Scoring(float(scale.detach().exp()), recipe.sharpness, float(none.detach()))
    fitted = FittedEncoder(network, weights_dir, scoring, recipe.max_tokens, tuple(functions), tuple(examples), steps, 0.0)
    if steps:
        fitted.scoring = _fit_none(fitted)
    fitted.seconds = time.perf_counter() - started
    return fitted


def has_bf16() -> bool:
    """Whether the processor computes in bfloat16; it is slow elsewhere."""
    # Older versions of torch cannot say; float32 is right everywhere.
    known: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def _fit_none(fitted: FittedEncoder) -> Scoring:
    """Move the score of "none" to the least weighted log loss: each question once whole, once without its right function."""
    old = fitted.scoring
    views = list(dict.fromkeys(example.view for example in fitted.examples))
    vectors = fitted.vectors(views)
    row = {view: index for index, view in enumerate(views)}
    scores = {(f.stage, f.name): old.scale * old.scores(vectors, fitted.vectors(f.texts))[:, 0] for f in fitted.functions}
    right, others = [], []
    for e in fitted.examples:
        if e.label is None:
            continue
        rest = [scores[e.stage, name][row[e.view]] for name in e.candidates if name != e.label and (e.stage, name) in scores]
        right.append(scores[e.stage, e.label][row[e.view]])
        others.append(float(np.logaddexp.reduce(rest)) if rest else BLOCKED)
    label, rest_sum = np.array(right), np.array(others)
    grid = np.linspace(old.none_score - 0.3, old.none_score + 0.1, 81)

    def log_loss(score: float) -> float:
        none = old.scale * score
        present = np.logaddexp(np.logaddexp(label, rest_sum), none) - label
        missing = np.logaddexp(rest_sum, none) - none
        return float(PRESENT_WEIGHT * present.mean() + missing.mean())

    return Scoring(old.scale, old.sharpness, float(min(grid, key=log_loss)))


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


def _loss(episode: _Episode, vectors: Tensor, scale: Tensor, none: Tensor, sharpness: float) -> Tensor:
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
    labels = torch.tensor([last if question.label is None else question.label for question in episode.questions])
    weights = torch.tensor([question.weight for question in episode.questions])
    asked = scores[[question.view for question in episode.questions]]
    losses = nn.functional.cross_entropy(scale * asked + allowed, labels, reduction="none")
    return (losses * weights).sum() / weights.sum()


class _Plan:
    """Makes the episodes of one stage."""

    def __init__(self, functions: Sequence[Function], examples: Sequence[TrainingExample], recipe: Recipe, rng: random.Random) -> None:
        self._functions, self._examples, self._recipe, self._rng = functions, examples, recipe, rng
        self._queue: list[TrainingExample] = []
        parsed = [parse_view(example.view) for example in self._examples]
        space = FactSpace([facts for facts in parsed if facts is not None])
        # In free text there are no facts to make conditions of: the real functions alone are trained.
        self._space = space if recipe.synthetic > 0 and None not in parsed and space.varied else None

    def episode(self) -> _Episode:
        """The next step's questions."""
        recipe, rng, episode = self._recipe, self._rng, _Episode()
        while len(self._queue) < recipe.real_views:
            self._queue = rng.sample(self._examples, len(self._examples)) + self._queue
        asked = [self._queue.pop() for _ in range(recipe.real_views)]
        rows = [episode.add_view(example.view) for example in asked]
        column = {function.name: episode.add_function(self._shown(function)) for function in self._drawn(asked)}
        missing = {name for name in column if rng.random() < recipe.drop_function}
        for row, example in zip(rows, asked, strict=True):
            columns = [column[name] for name in example.candidates if name in column and name not in missing]
            label = None if example.label is None or example.label in missing else column[example.label]
            episode.questions.append(_Question(row, columns, label, recipe.real_weight))
        if self._space is not None:
            self._add_synthetic(episode, self._space)
            self._add_distractors(episode, self._space)
        return episode

    def _drawn(self, asked: Sequence[TrainingExample]) -> list[Function]:
        """Every function of a small base; of a large one the right functions and some wrong ones, which bounds a step's cost."""
        right = {example.label for example in asked}
        wrong = [function.name for function in self._functions if function.name not in right]
        kept = right | set(self._rng.sample(wrong, min(len(wrong), max(0, MAX_FUNCTIONS - len(right)))))
        return [function for function in self._functions if function.name in kept]

    def _shown(self, function: Function) -> list[str]:
        """A part of the function's texts: it must be recognised by few usage examples, too."""
        manual, *usage = function.texts
        usage = self._rng.sample(usage, self._rng.randint(0, len(usage)) if self._rng.random() < 0.5 else len(usage))
        return usage if usage and self._rng.random() < DROP_MANUAL else [manual, *usage]

    def _add_synthetic(self, episode: _Episode, space: FactSpace) -> None:
        rng = self._rng
        real, columns = list(episode.questions), list(range(len(episode.functions)))
        conditions: list[Condition] = []
        while len(conditions) < self._recipe.synthetic:
            conditions.append(space.condition(rng, conditions[-1] if conditions and rng.random() < 0.5 else None))
        conditions = list(dict.fromkeys(conditions))
        for condition in conditions:
            for number in range(POSITIVES + 1):
                episode.add_view(view_of(space.satisfying(rng, condition, miss=number == POSITIVES)))
        facts_of = [parse_view(view) or {} for view in episode.views]
        holds = [[condition.holds(facts) for condition in conditions] for facts in facts_of]
        # The most specific condition is right; where two are equally specific nobody can say, and nothing is asked.
        best: list[list[int]] = []
        for row in holds:
            top = max((len(conditions[index].terms) for index, held in enumerate(row) if held), default=0)
            best.append([index for index, held in enumerate(row) if held and len(conditions[index].terms) == top])
        made: list[int] = []
        summaries = [function.manual.summary for function in self._functions]
        for index, condition in enumerate(conditions):
            mine = [view for view, winners in zip(episode.views, best, strict=True) if winners == [index]]
            usage = rng.sample(mine, min(len(mine), rng.randint(0, 3)))
            manual = [] if usage and rng.random() < DROP_MANUAL else [condition.words(rng, summaries)]
            made.append(episode.add_function(manual + usage))
        for view, winners in enumerate(best):
            if len(winners) < 2:
                label = made[winners[0]] if winners else None
                episode.questions.append(_Question(view, made, label, 1.0))
        labelled = {question.view for question in real}
        for index in rng.sample(range(len(conditions)), min(HOT_ADDS, len(conditions))):
            new, weight = made[index], 1 / HOT_ADDS
            for view, known, right, _ in real:
                episode.questions.append(_Question(view, [*known, new], new if holds[view][index] else right, weight))
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
        episode.questions = [question._replace(columns=[*question.columns, *added]) for question in episode.questions]
