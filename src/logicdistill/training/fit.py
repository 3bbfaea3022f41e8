"""Fine-tuning of the encoder student, stage by stage on facts or on messages."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from logicdistill.students.calibration import (
    SHARPNESS_FACTORS,
    HeldOut,
    best_none_score,
    calibrate,
    messages_by_stage,
)
from logicdistill.students.evidence import Evidence
from logicdistill.students.scoring import Scores, Scoring, Vectors
from logicdistill.training.collect import TrainingExample
from logicdistill.training.facts import NO_LOGIT, FactPlan, FactRecipe
from logicdistill.training.messages import MessagePlan, MessageRecipe, split
from logicdistill.training.network import FittedEncoder, SentenceEncoder, has_bf16
from logicdistill.types import Function, Stage

Progress: TypeAlias = Callable[[int, int, float], None]
"""Called as ``on_progress(step, steps, loss)`` after each step."""

MAX_FACT_STEPS = 90
"""Steps of all stages that show facts, together."""

MISSING_WEIGHT = 0.1
"""Weight of questions without their right function, beside 1 for whole ones, when the score of
"none of these" is fitted."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of the training.

    Attributes:
        steps: steps in all, the stages taking turns; None takes what the stages' recipes say.
        frozen_layers: lower layers that keep their pretrained weights, as the word embeddings do;
            none where a stage reads messages.
        max_tokens: longer texts are cut.
        bf16: compute in bfloat16; None where the processor has it.
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
    on_progress: Progress = lambda *_: None,
    recipe: Recipe = DEFAULT_RECIPE,
) -> FittedEncoder:
    """Fine-tune an encoder to select functions.

    The same seed, machine and number of threads give the same weights.

    Args:
        stages: stages of the base; those without examples are skipped.
        functions: functions of the selecting stages.
        examples: distinct labelled questions; their counts do not matter here.
        weights_dir: folder of the pretrained encoder.
        seed: of the order of questions, the synthetic functions and what is held out.
        on_progress: called after each step.
        recipe: settings.

    Returns:
        The encoder with its fitted scoring. Without any example it is the pretrained one.
    """
    rng = random.Random(seed)
    torch.manual_seed(seed)
    network = SentenceEncoder(weights_dir, recipe.max_tokens).eval()
    plans, held_out, evidence = _plans(stages, functions, examples, recipe, rng)
    with_messages = any(isinstance(plan, MessagePlan) for plan in plans)
    network.encoder.embeddings.requires_grad_(False)
    for layer in network.encoder.encoder.layer[: 0 if with_messages else recipe.frozen_layers]:
        layer.requires_grad_(False)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    order = _turns(plans)
    if recipe.steps is not None:
        order = [plans[step % len(plans)] for step in range(recipe.steps)] if plans else []
    bf16 = has_bf16() if recipe.bf16 is None else recipe.bf16
    scale, none = _train(network, order, bf16, on_progress)
    if plans and all(isinstance(plan, MessagePlan) for plan in plans):
        kept, after = recipe.messages.kept, network.state_dict()
        network.load_state_dict({n: _between(before[n], after[n], kept) for n in after})
    fitted = FittedEncoder(
        network,
        weights_dir,
        Scoring(scale, recipe.facts.sharpness, none),
        recipe.max_tokens,
        tuple(functions),
        tuple(examples),
        len(order),
        held_out,
        evidence=evidence,
    )
    if order and (none_score := _fit_none(fitted)) is not None:
        fitted.scoring = Scoring(scale, recipe.facts.sharpness, none_score)
    unfitted = replace(
        fitted.scoring, sharpness=recipe.messages.sharpness, agreement=recipe.messages.agreement
    )
    for stage, messages in messages_by_stage(held_out).items():
        facts, factors = evidence.get(stage), SHARPNESS_FACTORS
        found = calibrate(unfitted, messages, functions, fitted.vectors, facts, factors)
        if found is not None:
            fitted.by_stage[stage] = found
    return fitted


def _plans(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    recipe: Recipe,
    rng: random.Random,
) -> tuple[list[FactPlan | MessagePlan], tuple[HeldOut, ...], dict[str, Evidence]]:
    """What is trained in each stage, messages that are held out, and evidence by stage."""
    fact_plans, plans = list[FactPlan](), list[FactPlan | MessagePlan]()
    held_out, evidence = list[HeldOut](), dict[str, Evidence]()
    for stage in stages:
        mine = [function for function in functions if function.stage == stage.name]
        asked = [example for example in examples if example.stage == stage.name]
        if not asked:
            continue
        if not stage.reads_text:
            fact_plans.append(FactPlan(mine, asked, recipe.facts, rng))
            plans.append(fact_plans[-1])
            continue
        if stage.reads_text_and_facts:
            asked = [replace(example, view=example.words) for example in asked]
        held, known = split(asked, recipe.messages.held_out, rng)
        held_out += held
        if stage.reads_text_and_facts:
            evidence[stage.name] = Evidence.of((one.facts, one.label) for one in known)
        hidden = {message.view for message in held}
        plans.append(MessagePlan(mine, known, hidden, recipe.messages, rng))
    for plan in fact_plans:
        plan.steps = min(plan.steps, MAX_FACT_STEPS // len(fact_plans))
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
    on_progress: Progress,
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
        on_progress(step + 1, len(order), float(loss.detach()))
    network.eval()
    return float(scale.detach().exp()), float(none.detach())


def _between(before: Tensor, after: Tensor, kept: float) -> Tensor:
    return before * kept + after * (1 - kept) if after.is_floating_point() else after


def candidate_scores(
    questions: Sequence[TrainingExample],
    functions: Sequence[Function],
    scoring: Scoring,
    embed: Callable[[Sequence[str]], Vectors],
) -> list[dict[str, float]]:
    """For each question the scores of its candidates, by name.

    Args:
        questions: about facts.
        functions: of the base.
        scoring: gives the sharpness.
        embed: texts to unit vectors, shape (texts, width).
    """
    if not questions:
        return []
    views = list(dict.fromkeys(question.view for question in questions))
    row, vectors = {view: index for index, view in enumerate(views)}, embed(views)
    stages = {question.stage for question in questions}
    scores = {
        (function.stage, function.name): scoring.scores(vectors, embed(function.texts))[:, 0]
        for function in functions
        if function.stage in stages
    }
    return [
        {
            name: float(scores[question.stage, name][row[question.view]])
            for name in question.candidates
            if (question.stage, name) in scores
        }
        for question in questions
    ]


def _fit_none(fitted: FittedEncoder) -> float | None:
    asked = [question for question in fitted.questions() if question.label is not None]
    found = candidate_scores(asked, fitted.functions, fitted.scoring, fitted.vectors)
    scale, none = fitted.scoring.scale, fitted.scoring.none_score
    tried = np.linspace(none - 0.3, none + 0.1, 81)
    labels = [str(question.label) for question in asked]
    return fit_none_score(labels, found, scale, tried) if asked else None


def fit_none_score(
    labels: Sequence[str], scores: Sequence[Mapping[str, float]], scale: float, tried: Scores
) -> float:
    """The best score of "none of these" for questions asked whole and without their right function.

    Args:
        labels: name of each question's right function.
        scores: for each question the scores of its candidates, by name.
        scale: factor from a score to a logit.
        tried: scores to choose from.
    """
    right, others = list[float](), list[float]()
    for label, found in zip(labels, scores, strict=True):
        rest = [scale * score for name, score in found.items() if name != label]
        right.append(scale * found[label])
        others.append(float(np.logaddexp.reduce(rest)) if rest else NO_LOGIT)
    every = np.logaddexp(right, others)
    return best_none_score(np.array(right), every, np.array(others), scale, tried, MISSING_WEIGHT)
