"""Fine-tuning of the encoder student: each selecting stage is asked about by facts or by messages, whichever its views show."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from logicdistill.students.calibration import SHARPER, HeldOut, calibrate
from logicdistill.students.evidence import Evidence
from logicdistill.students.scoring import Scoring
from logicdistill.training.collect import TrainingExample
from logicdistill.training.facts import BLOCKED, FactPlan, FactRecipe
from logicdistill.training.messages import MessagePlan, MessageRecipe, split
from logicdistill.training.network import FittedEncoder, SentenceEncoder
from logicdistill.types import Function, Stage

Progress: TypeAlias = Callable[[int, int, float], None]
"""Called as ``on_progress(step, steps, loss)`` after each step."""

MAX_FACT_STEPS = 90
PRESENT_WEIGHT = 10.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of the training.

    Attributes:
        steps: steps in all, the stages taking turns; None takes what the stages' recipes say.
        frozen_layers: lower layers that keep their pretrained weights, as the word embeddings do, where no stage reads messages.
        max_tokens: longer texts are cut.
        bf16: compute in bfloat16: about twice as fast where the processor has it, slow elsewhere; None finds out.
        facts: of stages whose views show facts.
        messages: of stages that read free text, alone or beside facts.
    """

    steps: int | None = None
    frozen_layers: int = 3
    max_tokens: int = 128
    bf16: bool | None = None
    facts: FactRecipe = field(default_factory=FactRecipe)
    messages: MessageRecipe = field(default_factory=MessageRecipe)


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
        seed: of the order of questions, of the synthetic functions and of what is held out.
        on_progress: told of each step.
        recipe: settings.

    Returns:
        The encoder with its fitted scoring. Without any example it is the pretrained one.
    """
    started = time.perf_counter()
    rng = random.Random(seed)
    torch.manual_seed(seed)
    network = SentenceEncoder(weights_dir, recipe.max_tokens).eval()
    plans, held_out, evidence = _plans(stages, functions, examples, recipe, rng)
    talking = any(isinstance(plan, MessagePlan) for plan in plans)
    network.encoder.embeddings.requires_grad_(False)
    for layer in network.encoder.encoder.layer[: 0 if talking else recipe.frozen_layers]:
        layer.requires_grad_(False)
    pretrained = {name: value.clone() for name, value in network.state_dict().items()}
    order = (
        _turns(plans)
        if recipe.steps is None
        else [plans[step % len(plans)] for step in range(recipe.steps * bool(plans))]
    )
    scale, none = _train(
        network, order, has_bf16() if recipe.bf16 is None else recipe.bf16, on_progress
    )
    if talking and all(isinstance(plan, MessagePlan) for plan in plans):
        kept = recipe.messages.kept
        network.load_state_dict(
            {
                name: _between(pretrained[name], value, kept)
                for name, value in network.state_dict().items()
            }
        )
    scoring = Scoring(scale, recipe.facts.sharpness, none)
    fitted = FittedEncoder(
        network,
        weights_dir,
        scoring,
        recipe.max_tokens,
        tuple(functions),
        tuple(examples),
        len(order),
        0.0,
        held_out,
    )
    if order:
        fitted.scoring = _fit_none(fitted)
    unfitted = replace(
        fitted.scoring, sharpness=recipe.messages.sharpness, agreement=recipe.messages.agreement
    )
    fitted.evidence = evidence
    fitted.by_stage = calibrate(unfitted, held_out, functions, fitted.vectors, evidence, SHARPER)
    fitted.seconds = time.perf_counter() - started
    return fitted


def _plans(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    recipe: Recipe,
    rng: random.Random,
) -> tuple[list[FactPlan | MessagePlan], tuple[HeldOut, ...], dict[str, Evidence]]:
    plans: list[FactPlan | MessagePlan] = []
    evidence: dict[str, Evidence] = {}
    held_out: list[HeldOut] = []
    for stage in stages:
        mine = [function for function in functions if function.stage == stage.name]
        asked = [example for example in examples if example.stage == stage.name]
        if asked and stage.reads_text:
            said = (
                [replace(example, view=example.words) for example in asked]
                if stage.reads_text_and_facts
                else asked
            )
            held, known = split(said, recipe.messages.held_out, rng)
            held_out += held
            if stage.reads_text_and_facts:
                evidence[stage.name] = Evidence.of(
                    (example.facts, example.label) for example in known
                )
            plans.append(
                MessagePlan(mine, known, {message.view for message in held}, recipe.messages, rng)
            )
        elif asked:
            plans.append(FactPlan(mine, asked, recipe.facts, rng))
    facts = [plan for plan in plans if isinstance(plan, FactPlan)]
    for plan in facts:
        plan.steps = min(plan.steps, MAX_FACT_STEPS // len(facts))
    return [plan for plan in plans if plan.steps], tuple(held_out), evidence


def _turns(plans: Sequence[FactPlan | MessagePlan]) -> list[FactPlan | MessagePlan]:
    """The plans' steps, each plan's spread evenly over the whole."""
    turns = [
        ((step + 0.5) / plan.steps, index)
        for index, plan in enumerate(plans)
        for step in range(plan.steps)
    ]
    return [plans[index] for _, index in sorted(turns)]


def _train(
    network: SentenceEncoder,
    order: Sequence[FactPlan | MessagePlan],
    bf16: bool,
    on_progress: Progress | None,
) -> tuple[float, float]:
    """Train in place; the scale and the score of "none" for facts."""
    scale, none = nn.Parameter(torch.tensor(math.log(20.0))), nn.Parameter(torch.tensor(0.5))
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": trained, "weight_decay": 0.01}, {"params": [scale, none], "weight_decay": 0.0}]
    )
    warm = max(1, len(order) // 10)
    for step, plan in enumerate(order):
        share = min((step + 1) / warm, max(0.02, (len(order) - step) / (len(order) - warm + 1.5)))
        for group, peak in zip(optimizer.param_groups, (plan.rate, 1e-2), strict=True):
            group["lr"] = peak * share
        loss = plan.loss(network, scale.exp(), none, bf16=bf16)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        if on_progress is not None:
            on_progress(step + 1, len(order), float(loss.detach()))
    network.eval()
    return float(scale.detach().exp()), float(none.detach())


def has_bf16() -> bool:
    """Whether the processor computes in bfloat16; it is slow elsewhere."""
    # Older versions of torch cannot say; float32 is right everywhere.
    known: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def _between(before: Tensor, after: Tensor, kept: float) -> Tensor:
    return before * kept + after * (1 - kept) if after.is_floating_point() else after


def _fit_none(fitted: FittedEncoder) -> Scoring:
    """Move the score of "none" to the least weighted log loss: each question once whole, once without its right function."""
    old, talking = fitted.scoring, {message.stage for message in fitted.held_out}
    examples = [
        example
        for example in fitted.examples
        if example.label is not None and example.stage not in talking
    ]
    if not examples:
        return old
    views = list(dict.fromkeys(example.view for example in examples))
    vectors = fitted.vectors(views)
    row = {view: index for index, view in enumerate(views)}
    asked = {example.stage for example in examples}
    known = [function for function in fitted.functions if function.stage in asked]
    scores = {
        (f.stage, f.name): old.scale * old.scores(vectors, fitted.vectors(f.texts))[:, 0]
        for f in known
    }
    right, others = [], []
    for e in examples:
        rest = [
            scores[e.stage, name][row[e.view]]
            for name in e.candidates
            if name != e.label and (e.stage, name) in scores
        ]
        right.append(scores[e.stage, str(e.label)][row[e.view]])
        others.append(float(np.logaddexp.reduce(rest)) if rest else BLOCKED)
    label, rest_sum = np.array(right), np.array(others)
    grid = np.linspace(old.none_score - 0.3, old.none_score + 0.1, 81)

    def log_loss(score: float) -> float:
        none = old.scale * score
        present = np.logaddexp(np.logaddexp(label, rest_sum), none) - label
        missing = np.logaddexp(rest_sum, none) - none
        return float(PRESENT_WEIGHT * present.mean() + missing.mean())

    return Scoring(old.scale, old.sharpness, float(min(grid, key=log_loss)))
