"""Fine-tuning of a causal language model with LoRA, on so many examples: to select, or to write."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic

import numpy as np
import torch
from torch import Tensor, nn

from logicdistill.errors import TaskError
from logicdistill.runs import peak_rss_mb
from logicdistill.students.causal import (
    SETTINGS_FILE,
    CausalScoring,
    pair_of,
    scores_of,
    write_settings,
)
from logicdistill.students.language import (
    LanguageModel,
    TokenPair,
    add_adapter,
    load_adapter,
    merged_tokens,
    save_adapter,
)
from logicdistill.training.collect import TrainingExample
from logicdistill.training.fit import fit_none_score
from logicdistill.training.network import T, endless, has_bf16
from logicdistill.types import Function, Json, Query, Stage

CHECKPOINTS = 4
NONE_START, SCALE_START = -2.0, 4.0
RANK = 16  # of the LoRA matrices
STEP_TOKENS = 192  # of one step, common beginnings merged
DROPPED = 0.15  # probability that a function is missing in a step of selection: "none" wins


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt and what is to be written after it."""

    prompt: str
    completion: str


@dataclass(frozen=True, slots=True)
class CausalRecipe:
    """Settings of the training.

    Attributes:
        layers: upper blocks that are trained; None trains all.
        learning_rate: its peak.
    """

    layers: int | None = 10
    learning_rate: float = 1e-3


DEFAULT_RECIPE = CausalRecipe()


def fit_causal_student(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    model: str,
    folder: Path,
    shown: int,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    recipe: CausalRecipe = DEFAULT_RECIPE,
) -> Mapping[str, Json]:
    """Train a `logicdistill.students.causal.CausalStudent` and write its folder.

    ``functions`` are those of the selecting stages, ``examples`` distinct questions. ``model`` is a
    name for `logicdistill.students.weights.find_causal`. ``shown``: how many examples are shown; a
    second time counts again. ``on_progress`` is called with those shown and their total.

    Returns:
        ``seconds`` of training (checkpoints do not count), ``examples`` shown, ``curve`` (both,
        accuracy and log loss on the examples at each checkpoint), ``accuracy`` of the kept one,
        ``peak_rss_mb``.

    Raises:
        TaskError: no examples, or none is to be shown.
        MissingExtraError, UnknownNameError, CorruptError: see `LanguageModel`.
    """
    lesson = _Selection(stages, functions, examples, recipe, seed)
    return _train(lesson, model, folder, shown, on_progress)


def fit_text(
    pairs: Sequence[Pair],
    validation: Sequence[Pair],
    model: str,
    folder: Path,
    shown: int,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    start: Path | None = None,
    recipe: CausalRecipe = DEFAULT_RECIPE,
) -> Mapping[str, Json]:
    """Train to write completions; see `fit_causal_student`.

    The checkpoint with the most exact matches on ``validation``, pairs of other training states,
    is kept. ``start`` is the folder of an adapter to continue from after a change of the rules.
    """
    lesson = _Text(pairs, validation, recipe, seed)
    return _train(lesson, model, folder, shown, on_progress, start)


class _Lesson(Generic[T]):
    """Items to train on, in random order and packed into steps, and items to judge by."""

    def __init__(
        self, items: Sequence[T], checked: Sequence[T], recipe: CausalRecipe, seed: int
    ) -> None:
        self.items, self.checked, self.recipe, self.seed = items, checked, recipe, seed
        self.rng = random.Random(seed)
        self.parameters = list[nn.Parameter]()
        self._order, self._next = endless(items, self.rng), list[T]()

    def step(self, pairs_of: Callable[[T], list[TokenPair]]) -> tuple[list[T], list[TokenPair]]:
        """The next items, each at most once, and their pairs: `STEP_TOKENS` at most, or an item."""
        taken, pairs = list[T](), list[TokenPair]()
        while True:
            item = self._next.pop() if self._next else next(self._order)
            more = pairs_of(item)
            full = merged_tokens([*pairs, *more]) > STEP_TOKENS
            if taken and (full or len(taken) >= len(self.items)):
                self._next.append(item)
                return taken, pairs
            taken.append(item)
            pairs += more


class _Selection(_Lesson[TrainingExample]):
    """Questions about candidates; cross-entropy over their scores and "none of these"."""

    def __init__(
        self,
        stages: Sequence[Stage],
        functions: Sequence[Function],
        examples: Sequence[TrainingExample],
        recipe: CausalRecipe,
        seed: int,
    ) -> None:
        super().__init__(examples, examples, recipe, seed)
        self._stages = {stage.name: stage for stage in stages}
        self._functions = {(function.stage, function.name): function for function in functions}
        self._scale = nn.Parameter(torch.tensor(math.log(SCALE_START)))
        self._none = nn.Parameter(torch.tensor(NONE_START))
        self.parameters += self._scale, self._none

    @property
    def scoring(self) -> CausalScoring:
        scale, none = float(self._scale.detach().exp()), float(self._none.detach())
        return CausalScoring(scale, none)

    def loss(self, model: LanguageModel) -> tuple[Tensor, int]:
        """Loss of one step, and how many questions it asked."""
        missing = {key for key in self._functions if self.rng.random() < DROPPED}

        def there(example: TrainingExample) -> list[str]:
            return [name for name in example.candidates if (example.stage, name) not in missing]

        def pairs_of(example: TrainingExample) -> list[TokenPair]:
            stage, view = self._stages[example.stage], example.view
            found = [self._functions[example.stage, name] for name in there(example)]
            return [pair_of(model, stage, view, function) for function in found]

        asked, pairs = self.step(pairs_of)
        rows, losses = iter([row.mean() for row in model.logprobs(pairs)]), []
        for example in asked:
            names = there(example)
            scores = [next(rows) for _ in names]
            label = names.index(example.label) if example.label in names else len(names)
            logits = self._scale.exp() * torch.stack([*scores, self._none])
            losses.append(nn.functional.cross_entropy(logits, torch.tensor(label)))
        return torch.stack(losses).mean(), len(asked)

    def check(self, model: LanguageModel) -> tuple[dict[str, float], float, CausalScoring]:
        """Figures on all examples, how good they are, and the scoring with "none" fitted."""
        examples, scoring = self.checked, self.scoring
        asked = [
            (Query(self._stages[e.stage], e.view, (), {}), self._functions[e.stage, name])
            for e in examples
            for name in e.candidates
        ]
        rows = iter(scores_of(model, asked))
        scores = [{name: next(rows) for name in example.candidates} for example in examples]
        known = [(e.label, row) for e, row in zip(examples, scores, strict=True) if e.label]
        if known:
            scale, none = scoring.scale, scoring.none_score
            tried = np.linspace(none - 6 / scale, none + 3 / scale, 91)
            scoring = replace(scoring, none_score=fit_none_score(known, scale, tried))
        right, losses = list[bool](), list[float]()
        for example, row in zip(examples, scores, strict=True):
            choice = scoring.choice(example.candidates, list(row.values()))
            found = {candidate.name: candidate.probability for candidate in choice.ranked}
            losses.append(-math.log(max(1e-9, found.get(example.label or "", choice.none))))
            right.append(choice.selected == example.label)
        accuracy, log_loss = sum(right) / len(right), sum(losses) / len(losses)
        figures = {"accuracy": round(accuracy, 4), "log_loss": round(log_loss, 4)}
        return figures, accuracy - log_loss / 1e3, scoring


class _Text(_Lesson[Pair]):
    """Completions; the loss is the cross-entropy of their tokens."""

    def loss(self, model: LanguageModel) -> tuple[Tensor, int]:
        """Loss of one step, and how many pairs it showed."""
        asked, pairs = self.step(lambda pair: [_encoded(model, pair)])
        rows = model.logprobs(pairs)
        return -torch.cat(rows).sum() / sum(map(len, rows)), len(asked)

    def check(self, model: LanguageModel) -> tuple[dict[str, float], float, None]:
        """Figures on the validation pairs, and how good they are; there is no scoring."""
        right = model.would_write([_encoded(model, pair) for pair in self.checked])
        accuracy = sum(right) / max(1, len(right))
        return {"accuracy": round(accuracy, 4)}, accuracy, None


def _encoded(model: LanguageModel, pair: Pair) -> TokenPair:
    return model.encode(pair.prompt), model.encode(pair.completion)


def _train(
    lesson: _Selection | _Text,
    model: str,
    folder: Path,
    shown: int,
    on_progress: Callable[[int, int], None],
    start: Path | None = None,
) -> Mapping[str, Json]:
    """Show so many examples; the best checkpoint is written, its settings last."""
    if not lesson.items:
        raise TaskError("there is nothing to train on; collect training episodes first")
    if shown < 1:
        raise TaskError(f"{shown} examples are to be shown in training; give a number above 0")
    language = LanguageModel(model)
    network = language.network.requires_grad_(False)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SETTINGS_FILE).unlink(missing_ok=True)
    if start:
        config = load_adapter(network, start, merge=False)
    else:
        config = add_adapter(network, RANK, lesson.recipe.layers, lesson.seed)
    trained = [value for name, value in network.named_parameters() if "lora_" in name]
    for value in trained:
        value.requires_grad_()
    optimizer = torch.optim.AdamW(
        [
            {"params": trained, "weight_decay": 0.01, "peak": lesson.recipe.learning_rate},
            {"params": lesson.parameters, "weight_decay": 0.0, "peak": 2e-2},
        ]
    )
    bf16, writes = has_bf16(), isinstance(lesson, _Text)
    curve: list[dict[str, Json]] = []
    best, spent, seen, scoring = -math.inf, 0.0, 0, None
    while seen < shown:
        started, done = time.perf_counter(), seen / shown
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * min(1.0, (done + 0.01) / 0.05, max(0.05, 1.0 - done))
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss, count = lesson.loss(language)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        spent, seen = spent + time.perf_counter() - started, seen + count
        on_progress(min(seen, shown), shown)
        if seen >= shown * (len(curve) + 1) / CHECKPOINTS:
            # As the trained player computes: one that selects does so in float32.
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16 and writes):
                figures, good, found = lesson.check(language)
            curve.append({"seconds": round(spent, 1), "examples": seen, **figures})
            if good >= best:  # the later one of equals has seen more
                best, scoring = good, found
                save_adapter(network, config, folder)
    accuracy = max(point["accuracy"] for point in curve)
    record = {"seconds": round(spent, 1), "examples": seen, "accuracy": accuracy}
    write_settings(folder, model, scoring, record)
    return record | {"curve": curve, "peak_rss_mb": peak_rss_mb()}
