"""Fine-tuning of a causal language model with LoRA, bounded by time: to select functions, or to write text."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from logicdistill.errors import TaskError
from logicdistill.files import write_atomic
from logicdistill.runs import PeakMemory
from logicdistill.students.causal import (
    SETTINGS_FILE,
    CausalScoring,
    Pairs,
    scores_of,
    settings_toml,
)
from logicdistill.students.language import (
    LanguageModel,
    add_adapter,
    forest_of,
    load_adapter,
    save_adapter,
)
from logicdistill.training.collect import TrainingExample
from logicdistill.training.fit import has_bf16
from logicdistill.training.network import busy_seconds
from logicdistill.types import Function, Json, Query, Stage

CHECKPOINTS = 4
NONE_START = {"name": -2.0, "manual": -2.0, "fits": 0.0}
SCALE_START = {"name": 2.0, "manual": 4.0, "fits": 1.0}
PRESENT_WEIGHT = 10.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt and what is to be written after it."""

    prompt: str
    completion: str


@dataclass(frozen=True, slots=True)
class CausalRecipe:
    """Settings of the training.

    Attributes:
        kind: see `logicdistill.students.causal.CausalScoring`; of selection alone.
        rank: of the LoRA matrices.
        layers: upper blocks that are trained; None trains all.
        learning_rate: its peak.
        step_tokens: tokens of one step, counted after common beginnings are merged.
        drop_function: probability that a function is missing in a step of selection, so that "none of these" is right.
        bf16: compute in bfloat16; None where the processor has it.
    """

    kind: str = "manual"
    rank: int = 16
    layers: int | None = 10
    learning_rate: float = 1e-3
    step_tokens: int = 192
    drop_function: float = 0.15
    bf16: bool | None = None


DEFAULT_RECIPE = CausalRecipe()


def fit_causal_student(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    model: str,
    folder: Path,
    seconds: float,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    recipe: CausalRecipe = DEFAULT_RECIPE,
) -> Mapping[str, Json]:
    """Train ld-causal and write its folder: the adapter and, last, ``causal.toml`` (see `logicdistill.students.causal.CausalStudent`).

    Args:
        stages: the base's stages.
        functions: functions of the selecting stages.
        examples: distinct questions with their labels.
        model: see `logicdistill.students.weights.find_causal`.
        folder: to write.
        seconds: time for training; checkpoints are not counted.
        seed: of the training.
        on_progress: told of seconds done and in all.
        recipe: settings.

    Returns:
        ``seconds`` of training, ``examples`` seen, ``curve`` (seconds, examples, accuracy and log loss on the examples at each
        checkpoint), ``accuracy`` of the checkpoint that is kept, ``peak_rss_mb``.

    Raises:
        TaskError: no examples, or no time.
        MissingExtraError, UnknownNameError, CorruptError: see `logicdistill.students.language.LanguageModel`.
    """
    if not examples:
        raise TaskError("there is no example to train on; collect training episodes first")
    lesson = _Selection(stages, functions, examples, recipe, seed)
    return _train(lesson, model, folder, seconds, seed, on_progress, recipe, None)


def fit_text(
    pairs: Sequence[Pair],
    validation: Sequence[Pair],
    model: str,
    folder: Path,
    seconds: float,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    start: Path | None = None,
    recipe: CausalRecipe = DEFAULT_RECIPE,
) -> Mapping[str, Json]:
    """Train to write the completions; the checkpoint with the most exact matches on ``validation`` is kept. See `fit_causal_student`.

    Args:
        pairs: of training states.
        validation: of other training states; used to choose the checkpoint.
        model: see `logicdistill.students.weights.find_causal`.
        folder: to write.
        seconds: time for training; checkpoints are not counted.
        seed: of the training.
        on_progress: told of seconds done and in all.
        start: folder of an adapter to go on from (training again after the rules have changed).
        recipe: settings.
    """
    if not pairs:
        raise TaskError("there is nothing to train on; collect training episodes first")
    return _train(
        _Text(pairs, validation, recipe, seed),
        model,
        folder,
        seconds,
        seed,
        on_progress,
        recipe,
        start,
    )


class _Selection:
    """Questions about candidates; the loss is the cross-entropy over their scores and "none of these"."""

    def __init__(
        self,
        stages: Sequence[Stage],
        functions: Sequence[Function],
        examples: Sequence[TrainingExample],
        recipe: CausalRecipe,
        seed: int,
    ) -> None:
        self._stages = {stage.name: stage for stage in stages}
        self._functions = {(function.stage, function.name): function for function in functions}
        self._recipe, self._examples, self._rng = recipe, list(examples), random.Random(seed)
        self._queue: list[TrainingExample] = []
        start = math.log(SCALE_START[recipe.kind])
        self._scale, self._none = (
            nn.Parameter(torch.tensor(start)),
            nn.Parameter(torch.tensor(NONE_START[recipe.kind])),
        )
        self.parameters = [self._scale, self._none]

    @property
    def scoring(self) -> CausalScoring:
        """As it stands."""
        return CausalScoring(
            self._recipe.kind, float(self._scale.detach().exp()), float(self._none.detach())
        )

    def loss(self, model: LanguageModel) -> tuple[Tensor, int]:
        """Loss of one step, and how many questions it asked."""
        scoring, asked, pairs = self.scoring, list[tuple[TrainingExample, list[str]]](), Pairs()
        missing = {
            key for key in self._functions if self._rng.random() < self._recipe.drop_function
        }
        while True:
            if not self._queue:
                self._queue = self._rng.sample(self._examples, len(self._examples))
            example = self._queue[-1]
            names = [name for name in example.candidates if (example.stage, name) not in missing]
            more = [
                p
                for name in names
                for p in scoring.pairs(
                    model,
                    self._stages[example.stage],
                    example.view,
                    self._functions[example.stage, name],
                )
            ]
            if asked and (
                len(forest_of([*pairs, *more]).ids) > self._recipe.step_tokens
                or len(asked) >= len(self._examples)
            ):
                break
            self._queue.pop()
            asked.append((example, names))
            pairs += more
        rows = iter([row.mean() for row in model.logprobs(pairs)])
        losses = []
        for example, names in asked:
            scores = [
                next(rows) - next(rows) if scoring.kind == "fits" else next(rows) for _ in names
            ]
            label = names.index(example.label) if example.label in names else len(names)
            losses.append(
                nn.functional.cross_entropy(
                    self._scale.exp() * torch.stack([*scores, self._none])[None],
                    torch.tensor([label]),
                )
            )
        return torch.stack(losses).mean(), len(asked)

    def check(self, model: LanguageModel) -> tuple[dict[str, float], float, CausalScoring]:
        """Figures of a checkpoint on all examples, how good it is, and its scoring with "none" fitted."""
        queries = [
            Query(
                self._stages[e.stage],
                e.view,
                tuple(self._functions[e.stage, name] for name in e.candidates),
                {},
            )
            for e in self._examples
        ]
        rows = iter(
            scores_of(
                model,
                self.scoring,
                [(query, function) for query in queries for function in query.candidates],
            )
        )
        scores = [[next(rows) for _ in query.candidates] for query in queries]
        scoring = self._with_none(scores)
        choices = [
            scoring.choice(example.candidates, row)
            for example, row in zip(self._examples, scores, strict=True)
        ]
        sure = [
            next((c.probability for c in choice.ranked if c.name == e.label), choice.none)
            for e, choice in zip(self._examples, choices, strict=True)
        ]
        accuracy = _mean(
            [choice.selected == e.label for e, choice in zip(self._examples, choices, strict=True)]
        )
        log_loss = -_mean([math.log(max(1e-9, probability)) for probability in sure])
        return (
            {"accuracy": round(accuracy, 4), "log_loss": round(log_loss, 4)},
            accuracy - log_loss / 1e3,
            scoring,
        )

    def _with_none(self, scores: Sequence[Sequence[float]]) -> CausalScoring:
        """The score of "none" at the least log loss: each question once whole, once without its right function."""
        old, label, others = self.scoring, list[float](), list[float]()
        for example, row in zip(self._examples, scores, strict=True):
            if example.label is None:
                continue
            scaled = [old.scale * score for score in row]
            label.append(scaled.pop(example.candidates.index(example.label)))
            others.append(float(np.logaddexp.reduce(scaled)) if scaled else -1e9)

        def log_loss(score: float) -> float:
            none = old.scale * score
            present = np.logaddexp(np.logaddexp(label, others), none) - label
            return float(
                PRESENT_WEIGHT * present.mean() + (np.logaddexp(others, none) - none).mean()
            )

        grid = np.linspace(old.none_score - 6 / old.scale, old.none_score + 3 / old.scale, 91)
        return CausalScoring(
            old.kind, old.scale, float(min(grid, key=log_loss)) if label else old.none_score
        )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


class _Text:
    """Completions; the loss is the cross-entropy of their tokens."""

    def __init__(
        self, pairs: Sequence[Pair], validation: Sequence[Pair], recipe: CausalRecipe, seed: int
    ) -> None:
        self._tokens, self._rng = recipe.step_tokens, random.Random(seed)
        self._pairs, self._validation = list(pairs), list(validation)
        self._queue: list[Pair] = []
        self.parameters: list[nn.Parameter] = []

    def loss(self, model: LanguageModel) -> tuple[Tensor, int]:
        """Loss of one step, and how many pairs it showed."""
        pairs = Pairs()
        while True:
            if not self._queue:
                self._queue = self._rng.sample(self._pairs, len(self._pairs))
            pair = self._queue[-1]
            more = (model.encode(pair.prompt), model.encode(pair.completion))
            if pairs and (
                len(forest_of([*pairs, more]).ids) > self._tokens or len(pairs) >= len(self._pairs)
            ):
                break
            self._queue.pop()
            pairs.append(more)
        rows = model.logprobs(pairs)
        return -torch.cat(rows).sum() / sum(map(len, rows)), len(pairs)

    def check(self, model: LanguageModel) -> tuple[dict[str, float], float, None]:
        """Figures of a checkpoint on the validation pairs, and how good it is; there is no scoring."""
        accuracy = _mean(
            model.would_write(
                [
                    (model.encode(pair.prompt), model.encode(pair.completion))
                    for pair in self._validation
                ]
            )
        )
        return {"accuracy": round(accuracy, 4)}, accuracy, None


def _train(
    lesson: _Selection | _Text,
    model: str,
    folder: Path,
    seconds: float,
    seed: int,
    on_progress: Callable[[int, int], None],
    recipe: CausalRecipe,
    start: Path | None,
) -> Mapping[str, Json]:
    if not seconds > 0:
        raise TaskError(f"the training time is {seconds}; give seconds above 0")
    with PeakMemory() as memory:
        language = LanguageModel(model)
        network = language.network.requires_grad_(False)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SETTINGS_FILE).unlink(missing_ok=True)
        config = (
            load_adapter(network, start, merge=False)
            if start
            else add_adapter(network, recipe.rank, recipe.layers, seed)
        )
        trained = [
            value.requires_grad_() for name, value in network.named_parameters() if "lora_" in name
        ]
        groups: list[dict[str, Any]] = [
            {"params": trained, "weight_decay": 0.01, "peak": recipe.learning_rate}
        ]
        if lesson.parameters:
            groups.append({"params": lesson.parameters, "weight_decay": 0.0, "peak": 2e-2})
        optimizer = torch.optim.AdamW(groups)
        bf16 = has_bf16() if recipe.bf16 is None else recipe.bf16
        curve: list[dict[str, Json]] = []
        best, spent, seen, kept = -math.inf, 0.0, 0, None
        while spent < seconds:
            started = busy_seconds()
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * min(
                    1.0, (spent / seconds + 0.01) / 0.05, max(0.05, 1.0 - spent / seconds)
                )
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                loss, count = lesson.loss(language)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            spent, seen = spent + busy_seconds() - started, seen + count
            on_progress(min(int(spent), int(seconds)), int(seconds))
            if spent >= seconds * (len(curve) + 1) / CHECKPOINTS:
                # As the trained player computes: one that selects does so in float32.
                with torch.autocast(
                    "cpu", torch.bfloat16, enabled=bf16 and isinstance(lesson, _Text)
                ):
                    figures, good, scoring = lesson.check(language)
                curve.append({"seconds": round(spent, 1), "examples": seen, **figures})
                if good >= best:  # the later one of equals has seen more
                    best, kept = good, scoring
                    save_adapter(network, config, folder)
    record = {
        "seconds": round(spent, 1),
        "examples": seen,
        "accuracy": max((point["accuracy"] for point in curve), default=0.0),
    }
    write_atomic(folder / SETTINGS_FILE, settings_toml(model, folder, kept, record))
    return record | {"curve": curve, "peak_rss_mb": memory.peak_mb}
