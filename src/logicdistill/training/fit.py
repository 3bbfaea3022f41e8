"""Fine-tuning of the encoder student, stage by stage on facts or on messages."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from logicdistill.students.calibration import (
    SHARPNESS_FACTORS,
    HeldOut,
    best_none_score,
    calibrate,
    messages_by_stage,
    parted,
    score,
)
from logicdistill.students.evidence import Evidence
from logicdistill.students.head import Message, cross_fitted, lessons
from logicdistill.students.scoring import Scores, Scoring, Vectors
from logicdistill.training.collect import TrainingExample
from logicdistill.training.facts import NO_LOGIT, FactPlan, FactRecipe
from logicdistill.training.messages import MessagePlan, MessageRecipe, split
from logicdistill.training.network import FittedEncoder, SentenceEncoder
from logicdistill.types import Function, Stage

MAX_FACT_STEPS = 90  # of all stages that show facts, together
CHECKS = 20  # of the held-out messages, at most, while steps are taken
LEAST_BETWEEN = 20  # steps between two checks
PATIENCE = 3  # checks in a row without a better accuracy, after which the training ends
CHECKED, CHECKED_TEXTS = 300, 3  # held-out messages of a check, and texts of each function
ENOUGH_HELD_OUT = 500  # messages to calibrate with, from which on no other share is weighed in
EXPECTED_FROM = 2000  # labelled messages at most, from which that share is found
MISSING_WEIGHT = 0.1  # of questions without their right function in the fit of "none"; others: 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of the training.

    Attributes:
        steps: most steps in all, the stages taking turns; None takes what the stages' recipes say.
            Where messages are held out, training ends when accuracy on them is flat.
        frozen_layers: lower layers that keep their pretrained weights, as the word embeddings do;
            none where a stage reads messages.
        facts: of stages whose views show facts.
        messages: of stages that read free text, alone or beside facts.
    """

    steps: int | None = None
    frozen_layers: int = 3
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
    on_progress: Callable[[int, int], None] = lambda *_: None,
    recipe: Recipe = DEFAULT_RECIPE,
) -> FittedEncoder:
    """Fine-tune an encoder to select functions; without any example it stays as pretrained.

    The same seed, machine and number of threads give the same weights.

    ``functions`` are those of the selecting stages, ``examples`` distinct questions, whose counts
    do not matter here. ``on_progress`` is called with the steps done and in all.
    """
    rng = random.Random(seed)
    torch.manual_seed(seed)
    network = SentenceEncoder(weights_dir).eval()
    plans, held_out, evidence = _plans(stages, functions, examples, recipe, rng)
    expected = _expected(stages, functions, examples, held_out, network, random.Random(seed))
    with_messages = any(isinstance(plan, MessagePlan) for plan in plans)
    network.encoder.embeddings.requires_grad_(False)
    for layer in network.encoder.encoder.layer[: 0 if with_messages else recipe.frozen_layers]:
        layer.requires_grad_(False)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    # Each plan's steps are spread evenly over the whole.
    turns = [((step + 0.5) / p.steps, n) for n, p in enumerate(plans) for step in range(p.steps)]
    order = [plans[index] for _, index in sorted(turns)]
    if recipe.steps is not None and plans:
        order = [plans[step % len(plans)] for step in range(recipe.steps)]
    mine = [replace(one, texts=one.texts[:CHECKED_TEXTS]) for one in functions]
    unfitted = Scoring(20.0, recipe.messages.sharpness, 0.0, recipe.messages.agreement)
    fitting = parted(held_out)[0]
    drawn = random.Random(seed).sample(fitting, min(CHECKED, len(fitting)))
    by_stage = messages_by_stage([one for one in drawn if one.label is not None])

    def right() -> int:
        found = (score(unfitted, some, mine, network.vectors) for some in by_stage.values())
        return sum(int((s.scores.argmax(axis=1) == s.labels).sum()) for s in found if s)

    scale, none, steps = _train(network, order, on_progress, right if by_stage else None)
    if plans and all(isinstance(plan, MessagePlan) for plan in plans):
        kept = recipe.messages.kept
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                value.copy_(before[name] * kept + value * (1 - kept))
    scoring = Scoring(scale, recipe.facts.sharpness, none)
    fitted = FittedEncoder(
        network, weights_dir, scoring, functions, examples, steps, held_out, evidence
    )
    asked = [question for question in fitted.questions() if question.label is not None]
    if order and asked:
        found = candidate_scores(asked, functions, scoring, fitted.vectors)
        known = [(str(one.label), scores) for one, scores in zip(asked, found, strict=True)]
        none_score = fit_none_score(known, scale, np.linspace(none - 0.3, none + 0.1, 81))
        fitted.scoring = replace(scoring, none_score=none_score)
    sharpness, agreement = recipe.messages.sharpness, recipe.messages.agreement
    unfitted = replace(fitted.scoring, sharpness=sharpness, agreement=agreement)
    for stage, messages in messages_by_stage(fitting).items():
        facts, factors = evidence.get(stage), SHARPNESS_FACTORS
        weighed = replace(unfitted, expected=expected.get(stage, 0.0))
        if calibrated := calibrate(weighed, messages, functions, fitted.vectors, facts, factors):
            fitted.by_stage[stage] = calibrated
    return fitted


def _plans(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    recipe: Recipe,
    rng: random.Random,
) -> tuple[list[FactPlan | MessagePlan], list[HeldOut], dict[str, Evidence]]:
    """What is trained in each stage, messages that are held out, and evidence by stage."""
    plans, held_out, evidence = list[FactPlan | MessagePlan](), list[HeldOut](), {}
    for stage in stages:
        mine = [function for function in functions if function.stage == stage.name]
        asked = [example for example in examples if example.stage == stage.name]
        if not asked:
            continue
        if not stage.reads_text:
            plans.append(FactPlan(mine, asked, recipe.facts, rng))
            continue
        if stage.reads_text_and_facts:
            asked = [replace(example, view=example.words) for example in asked]
        held, known = split(asked, recipe.messages.held_out, rng)
        held_out += held
        if stage.reads_text_and_facts:
            evidence[stage.name] = Evidence.of((one.facts, one.label) for one in known)
        hidden = {message.view for message in held}
        plans.append(MessagePlan(mine, known, hidden, recipe.messages, rng))
    fact_plans = [plan for plan in plans if isinstance(plan, FactPlan)]
    for plan in fact_plans:
        plan.steps = min(plan.steps, MAX_FACT_STEPS // len(fact_plans))
    return [plan for plan in plans if plan.steps], held_out, evidence


def _expected(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    held_out: Sequence[HeldOut],
    network: SentenceEncoder,
    rng: random.Random,
) -> dict[str, float]:
    """By stage that reads text alone, `Scoring.expected` of the encoder before it is trained.

    Where `ENOUGH_HELD_OUT` messages calibrate, they say enough.
    """
    enough = {
        name for name, some in messages_by_stage(held_out).items() if len(some) > ENOUGH_HELD_OUT
    }
    found = {}
    for stage in stages:
        asked = [one for one in examples if one.stage == stage.name and one.label is not None]
        if not asked or not stage.reads_text_alone or stage.name in enough:
            continue
        some = rng.sample(asked, min(EXPECTED_FROM, len(asked)))
        texts = {one.name: one.texts for one in functions if one.stage == stage.name}
        known = lessons(texts, [Message(one.view, one.label) for one in some], False)
        vectors = dict[str, Vectors]()

        def embed(wanted: Sequence[str], kept: dict[str, Vectors] = vectors) -> Vectors:
            new = [text for text in dict.fromkeys(wanted) if text not in kept]
            kept.update(zip(new, network.vectors(new), strict=True) if new else ())
            return np.stack([kept[text] for text in wanted])

        logits, labels = cross_fitted(texts, known, embed)
        found[stage.name] = float((logits.argmax(axis=1) == labels).mean()) if len(labels) else 0.0
    return found


def _train(
    network: SentenceEncoder,
    order: Sequence[FactPlan | MessagePlan],
    on_progress: Callable[[int, int], None],
    right: Callable[[], int] | None,
) -> tuple[float, float, int]:
    """Train in place; the scale and the score of "none" for facts, and the steps taken.

    ``right`` counts held-out messages that get their function. Once it has not grown for `PATIENCE`
    checks the best weights return, and the training ends.
    """
    scale, none = nn.Parameter(torch.tensor(math.log(20.0))), nn.Parameter(torch.tensor(0.5))
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": trained, "weight_decay": 0.01}, {"params": [scale, none], "weight_decay": 0.0}]
    )
    warm = max(1, len(order) // 10)
    between, flat, most = max(LEAST_BETWEEN, len(order) // CHECKS), 0, -1
    best, taken = list[Tensor](), len(order)
    for step, plan in enumerate(order):
        share = min((step + 1) / warm, max(0.02, (len(order) - step) / (len(order) - warm + 1.5)))
        for group, peak in zip(optimizer.param_groups, (plan.rate, 1e-2), strict=True):
            group["lr"] = peak * share
        loss = plan.loss(network, scale.exp(), none)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        on_progress(step + 1, len(order))
        if right is None or (step + 1) % between or step + 1 == len(order):
            continue
        network.eval()
        found = right()
        flat = 0 if found > most else flat + 1
        if found > most:
            most, best = found, [parameter.detach().clone() for parameter in trained]
        if flat == PATIENCE:
            with torch.no_grad():
                for parameter, value in zip(trained, best, strict=True):
                    parameter.copy_(value)
            taken = step + 1
            on_progress(len(order), len(order))
            break
    network.eval()
    return float(scale.detach().exp()), float(none.detach()), taken


def candidate_scores(
    questions: Sequence[TrainingExample],
    functions: Sequence[Function],
    scoring: Scoring,
    embed: Callable[[Sequence[str]], Vectors],
) -> list[dict[str, float]]:
    """For each question about facts the scores of its candidates, by name."""
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
            name: float(scores[asked.stage, name][row[asked.view]])
            for name in asked.candidates
            if (asked.stage, name) in scores
        }
        for asked in questions
    ]


def fit_none_score(
    known: Sequence[tuple[str, Mapping[str, float]]], scale: float, tried: Scores
) -> float:
    """The best score of "none of these" for questions asked whole and without their right function.

    ``known`` has each question's right function, and its candidates' scores by name.
    """
    right, others = list[float](), list[float]()
    for label, found in known:
        rest = [scale * score for name, score in found.items() if name != label]
        right.append(scale * found[label])
        others.append(float(np.logaddexp.reduce(rest)) if rest else NO_LOGIT)
    every = np.logaddexp(right, others)
    return best_none_score(np.array(right), every, np.array(others), scale, tried, MISSING_WEIGHT)
