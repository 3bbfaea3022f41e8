"""Fine-tuning of the encoder student: episodes of real functions and of synthetic conditions over the same facts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from logicdistill.students.encoder import Scoring
from logicdistill.training.examples import TrainingExample
from logicdistill.types import Function, Stage

Progress: TypeAlias = Callable[[int, int, float], None]
"""Called as ``on_progress(step, steps, loss)`` after each step."""


@dataclass(frozen=True, slots=True)
class Recipe:
    steps: int = 90
    learning_rate: float = 1e-4
    frozen_layers: int = 3
    real_views: int = 20
    synthetic: int = 6
    positives: int = 2
    near: int = 1
    sharpness: float = 10.0
    scale: float = 20.0
    none_score: float = 0.5
    w_real: float = 1.0
    w_synth: float = 1.0
    w_hot: float = 0.5
    drop_function: float = 0.15
    drop_manual: float = 0.1
    max_tokens: int = 128
    bf16: bool = False


class SentenceEncoder(nn.Module):
    """A pretrained encoder with mean pooling and L2 norm: token ids (batch, tokens) to unit vectors (batch, width)."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        transformers_logging.disable_progress_bar()
        # Eager attention traces to plain ONNX operators, and was not slower than the fused kernel on CPU.
        self.encoder = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden: Tensor = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        kept = attention_mask.unsqueeze(-1).to(torch.float32)
        pooled = (hidden.float() * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1.0)
        return pooled / pooled.norm(dim=1, keepdim=True).clamp(min=1e-9)


@dataclass(slots=True)
class FittedEncoder:
    network: SentenceEncoder
    weights_dir: Path
    scoring: Scoring
    max_tokens: int
    functions: tuple[Function, ...]
    examples: tuple[TrainingExample, ...]
    steps: int
    seconds: float

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors, shape (texts, width)."""
        batch = _Texts(self.weights_dir, self.max_tokens)
        with torch.no_grad():
            parts = [batch.encode(self.network, texts[i : i + 64]).numpy() for i in range(0, len(texts), 64)]
        return np.concatenate(parts)


class _Texts:
    def __init__(self, folder: Path, max_tokens: int) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._max = max_tokens

    def encode(self, network: SentenceEncoder, texts: Sequence[str]) -> Tensor:
        batch = self._tokenizer(list(texts), padding=True, truncation=True, max_length=self._max, return_tensors="pt")
        vectors: Tensor = network(batch["input_ids"], batch["attention_mask"])
        return vectors


@dataclass(slots=True)
class _Episode:
    """One step's questions: texts, which of them are views, which belong to which function, and the losses' targets."""

    texts: dict[str, int] = field(default_factory=dict)
    views: list[str] = field(default_factory=list)
    functions: list[list[str]] = field(default_factory=list)
    rows: list[tuple[int, list[int], int | None, float]] = field(default_factory=list)  # view, columns, label column, weight


def fit(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    weights_dir: Path,
    *,
    seed: int = 0,
    on_progress: Progress | None = None,
    recipe: Recipe = Recipe(),
) -> FittedEncoder:
    started = time.perf_counter()
    torch.manual_seed(seed)
    rng = random.Random(seed)
    network = SentenceEncoder(weights_dir).eval()
    network.encoder.embeddings.requires_grad_(False)
    for layer in network.encoder.encoder.layer[: recipe.frozen_layers]:
        layer.requires_grad_(False)
    texts = _Texts(weights_dir, recipe.max_tokens)
    scale = nn.Parameter(torch.tensor(float(np.log(recipe.scale))))
    none = nn.Parameter(torch.tensor(recipe.none_score))
    trained = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": trained, "weight_decay": 0.01}, {"params": [scale, none], "lr": 1e-2, "weight_decay": 0.0}], lr=recipe.learning_rate
    )
    warm = max(1, recipe.steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / warm, max(0.02, (recipe.steps - s) / (recipe.steps - warm + 1)))
    )
    plans = [_Plan(stage, functions, examples, recipe, rng) for stage in stages if any(e.stage == stage.name for e in examples)]
    for step in range(recipe.steps):
        episode = plans[step % len(plans)].episode()
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bf16):
            vectors = texts.encode(network, list(episode.texts)).float()
        loss = _loss(episode, vectors, scale.exp(), none, recipe.sharpness)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        if on_progress:
            on_progress(step + 1, recipe.steps, float(loss.detach()))
    scoring = Scoring(float(scale.detach().exp()), recipe.sharpness, float(none.detach()))
    return FittedEncoder(
        network, weights_dir, scoring, recipe.max_tokens, tuple(functions), tuple(examples), recipe.steps, time.perf_counter() - started
    )


def _loss(episode: _Episode, vectors: Tensor, scale: Tensor, none: Tensor, sharpness: float) -> Tensor:
    where = episode.texts
    views = vectors[[where[v] for v in episode.views]]
    cosines = views @ vectors.T
    member = torch.zeros(len(episode.functions), len(where), dtype=torch.bool)
    for row, texts in enumerate(episode.functions):
        member[row, [where[t] for t in texts]] = True
    own = torch.zeros(len(episode.views), len(where), dtype=torch.bool)
    for row, view in enumerate(episode.views):
        own[row, where[view]] = True
    # A view that is itself a usage example must not recognise itself: it would learn nothing from the question.
    mask = member[None] & ~own[:, None]
    mask = torch.where(mask.any(-1, keepdim=True), mask, member[None].expand_as(mask))
    if sharpness > 0:
        spread = (sharpness * cosines[:, None]).masked_fill(~mask, -1e9)
        scores = (spread.logsumexp(-1) - mask.sum(-1).log()) / sharpness
    else:
        scores = (cosines[:, None] * mask).sum(-1) / mask.sum(-1)
    scores = torch.cat([scores, none.expand(len(episode.views), 1)], dim=1)
    index = torch.tensor([row[0] for row in episode.rows])
    allowed = torch.full((len(episode.rows), scores.shape[1]), -1e9)
    for row, (_, columns, _, _) in enumerate(episode.rows):
        allowed[row, columns] = 0.0
        allowed[row, -1] = 0.0
    labels = torch.tensor([scores.shape[1] - 1 if label is None else label for _, _, label, _ in episode.rows])
    weights = torch.tensor([row[3] for row in episode.rows])
    losses = nn.functional.cross_entropy(scale * scores[index] + allowed, labels, reduction="none")
    return (losses * weights).sum() / weights.sum()


@dataclass(frozen=True)
class Condition:
    terms: tuple[tuple[str, tuple[str, ...]], ...]

    def holds(self, facts: Mapping[str, str]) -> bool:
        return all(facts.get(k) in vs for k, vs in self.terms)

    @property
    def specificity(self) -> int:
        return len(self.terms)

    def words(self, rng: random.Random) -> str:
        terms = list(self.terms)
        rng.shuffle(terms)
        style = rng.randrange(4)
        parts = [_term(k, vs, style, rng) for k, vs in terms]
        joined = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if rng.random() < 0.7 else " and ".join(parts)
        start = rng.choice(("Use when ", "Use when ", "When ", "If ", "For states where ", "", "This applies when "))
        end = rng.choice(
            (
                "",
                "",
                " Do this.",
                " Choose the next step.",
                " Return the moves.",
                " Take the action that fits.",
                " Make the choice for this case.",
            )
        )
        text = start + joined
        return text[0].lower() + text[1:] + "." + end if rng.random() < 0.5 else text + "." + end


def _term(k: str, vs: tuple[str, ...], style: int, rng: random.Random) -> str:
    if all(_number(v) is not None for v in vs) and len(vs) > 1:
        v = f"between {vs[0]} and {vs[-1]}"
        return f"the {k} is {v}"
    v = " or ".join(vs)
    if v in ("yes", "no"):
        return (
            rng.choice((f"{k}", f"there is {k}", f"the {k} holds"))
            if v == "yes"
            else rng.choice((f"no {k}", f"there is no {k}", f"not {k}"))
        )
    if style == 0:
        return f"the {k} is {v}"
    if style == 1:
        return f"{k}: {v}"
    if style == 2:
        return f"{v} {k}"
    return f"{k} is {v}" if rng.random() < 0.5 else f"the {k} are {v}"


def _number(v: str) -> float | None:
    try:
        return float(v)
    except ValueError:
        return None


class FactSpace:
    def __init__(self, values: dict[str, list[str]], cache: dict[str, dict[str, str]]) -> None:
        self.values, self._cache = values, cache

    @classmethod
    def of(cls, views: Sequence[str]) -> FactSpace | None:
        cache = {}
        for v in views:
            f = parse(v)
            if f is None:
                return None
            cache[v] = f
        values: dict[str, list[str]] = {}
        for f in cache.values():
            for k, x in f.items():
                if x not in values.setdefault(k, []):
                    values[k].append(x)
        for k, xs in values.items():
            if all(_number(x) is not None for x in xs):
                xs.sort(key=float)
        return cls(values, cache) if any(len(x) > 1 for x in values.values()) else None

    def facts(self, view: str) -> dict[str, str]:
        if view not in self._cache:
            self._cache[view] = parse(view) or {}
        return self._cache[view]

    def render(self, facts: Mapping[str, str]) -> str:
        return ", ".join(f"{k}: {v}" for k, v in facts.items())

    def condition(self, rng, base, near) -> Condition:
        if near is not None:
            terms = dict(near.terms)
            k = rng.choice(list(terms))
            others = [x for x in self.values[k] if x not in terms[k]]
            if others:
                terms[k] = (rng.choice(others),)
            return Condition(tuple(sorted(terms.items())))
        keys = [k for k in base if len(self.values.get(k, ())) > 1]
        n = min(len(keys), rng.choice((1, 2, 2, 2, 3)))
        terms = {}
        for k in rng.sample(keys, n):
            vs = self.values[k]
            i = vs.index(base[k])
            if len(vs) > 3 and all(_number(x) is not None for x in vs):
                w = rng.randint(0, len(vs) // 3)
                lo = rng.randint(max(0, i - w), i)
                terms[k] = tuple(vs[lo : lo + w + 1]) if i <= lo + w else (vs[i],)
            elif len(vs) > 2 and rng.random() < 0.2:
                terms[k] = tuple(sorted({base[k], rng.choice(vs)}))
            else:
                terms[k] = (base[k],)
        return Condition(tuple(sorted(terms.items())))

    def satisfy(self, c, rng) -> dict[str, str]:
        base = dict(rng.choice(list(self._cache.values())))
        for k in base:
            if rng.random() < 0.5:
                base[k] = rng.choice(self.values[k])
        for k, vs in c.terms:
            base[k] = rng.choice(vs)
        return base

    def miss(self, c, rng) -> dict[str, str]:
        f = self.satisfy(c, rng)
        k, vs = rng.choice(c.terms)
        others = [x for x in self.values[k] if x not in vs]
        if others:
            f[k] = rng.choice(others)
        return f


def parse(view: str) -> dict[str, str] | None:
    facts = {}
    for part in view.split(", "):
        k, s, v = part.partition(": ")
        if not s or not k or not v:
            return None
        facts[k] = v
    return facts


class _Plan:
    """Makes the episodes of one stage."""

    def __init__(self, stage, functions, examples, recipe, rng) -> None:
        self.recipe, self.rng = recipe, rng
        self.functions = [f for f in functions if f.stage == stage.name]
        self.examples = [e for e in examples if e.stage == stage.name]
        self.space = FactSpace.of([e.view for e in self.examples] + [t for f in self.functions for t in f.texts[1:]])
        self.queue: list[TrainingExample] = []

    def episode(self) -> _Episode:
        r, rng, ep = self.recipe, self.rng, _Episode()
        while len(self.queue) < r.real_views:
            more = list(self.examples)
            rng.shuffle(more)
            self.queue = more + self.queue
        batch = [self.queue.pop() for _ in range(r.real_views)]

        def view(text):
            ep.texts.setdefault(text, len(ep.texts))
            if text not in ep.views:
                ep.views.append(text)
            return ep.views.index(text)

        def function(texts):
            for t in texts:
                ep.texts.setdefault(t, len(ep.texts))
            ep.functions.append(list(texts))
            return len(ep.functions) - 1

        for e in batch:
            view(e.view)
        column = {}
        for f in self.functions:
            own = list(f.texts[1:])
            k = rng.randint(0, len(own)) if rng.random() < 0.5 else len(own)
            texts = rng.sample(own, k)
            if not texts or rng.random() >= r.drop_manual:
                texts = [f.texts[0], *texts]
            column[f.name] = function(texts)
        dropped = {f.name for f in self.functions if rng.random() < r.drop_function}
        for e in batch:
            cols = [column[n] for n in e.candidates if n in column and n not in dropped]
            if cols:
                ep.rows.append((view(e.view), cols, None if e.label in dropped else column[e.label], r.w_real))
        if self.space is None or not r.synthetic:
            return ep
        conditions: list[Condition] = []
        real = [self.space.facts(e.view) for e in batch]
        while len(conditions) < r.synthetic:
            near = conditions[-1] if conditions and rng.random() < 0.5 else None
            c = self.space.condition(rng, rng.choice(real), near)
            if c not in conditions:
                conditions.append(c)
        for c in conditions:
            for _ in range(r.positives):
                view(self.space.render(self.space.satisfy(c, rng)))
            for _ in range(r.near):
                view(self.space.render(self.space.miss(c, rng)))
        facts = [self.space.facts(v) for v in ep.views]
        holds = [[c.holds(f) for c in conditions] for f in facts]
        best: list[int | None] = []
        skip = []
        for row in holds:
            matching = [i for i, h in enumerate(row) if h]
            top = max((conditions[i].specificity for i in matching), default=0)
            winners = [i for i in matching if conditions[i].specificity == top]
            best.append(winners[0] if matching else None)
            skip.append(len(winners) > 1)
        columns = []
        for i, c in enumerate(conditions):
            mine = [v for v, b, s in zip(ep.views, best, skip) if b == i and not s]
            texts = rng.sample(mine, min(len(mine), rng.randint(0, 3)))
            if not texts or rng.random() >= r.drop_manual:
                texts = [c.words(rng), *texts]
            columns.append(function(texts))
        for v in range(len(ep.views)):
            if not skip[v]:
                ep.rows.append((v, columns, None if best[v] is None else columns[best[v]], r.w_synth))
        if r.w_hot:
            for s in rng.sample(range(len(conditions)), 3):
                for e in batch:
                    v = view(e.view)
                    cols = [column[n] for n in e.candidates if n in column and n not in dropped] + [columns[s]]
                    if holds[v][s] and conditions[s].specificity < 2:
                        continue
                    lab = columns[s] if holds[v][s] else (None if e.label in dropped else column[e.label])
                    ep.rows.append((v, cols, lab, r.w_hot / 3))
                for v in range(len(batch), len(ep.views)):
                    if holds[v][s] and v >= len({e.view for e in batch}):
                        ep.rows.append((v, [*column.values(), columns[s]], columns[s], r.w_hot / 3))
        return ep
