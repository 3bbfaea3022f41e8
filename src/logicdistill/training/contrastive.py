"""Fine-tuning of the encoder student where states are text: supervised contrast of messages and manuals, and its calibration.

There are no facts in a message to make synthetic conditions of, and often hundreds of functions. So each step takes some functions,
two messages and the manual of each, and pulls what belongs to one function together against everything else in the step (the
supervised contrastive loss of Khosla et al., NeurIPS 2020). Nothing is learned that belongs to one function alone: a function added
later lives in the same space.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from logicdistill.students.calibration import HeldOut, calibrate
from logicdistill.students.scoring import Scoring
from logicdistill.training.examples import TrainingExample
from logicdistill.training.fit import Progress, has_bf16
from logicdistill.training.network import FittedEncoder, SentenceEncoder
from logicdistill.types import Function, Stage


@dataclass(frozen=True, slots=True)
class TextRecipe:
    """Settings of the training.

    Attributes:
        steps: steps in all; None takes as many as show each message `passes` times, within ``least`` and ``most``.
        passes: see ``steps``.
        least: fewest steps.
        most: most steps.
        learning_rate: peak of the encoder's learning rate; word embeddings keep their pretrained values.
        functions: functions a step.
        messages: messages a step of each of them.
        temperature: of the contrast.
        kept: share of the pretrained weights in the result; what lies between both is better on functions that joined later, and
            often on all (Wortsman et al., CVPR 2022).
        held_out: share of the messages that calibrate and are not trained on; one at least of a function that has five.
        sharpness: see `logicdistill.students.encoder.Scoring`.
        max_tokens: longer texts are cut.
    """

    steps: int | None = None
    passes: float = 6.0
    least: int = 120
    most: int = 900
    learning_rate: float = 1e-4
    functions: int = 32
    messages: int = 2
    temperature: float = 0.05
    kept: float = 0.3
    held_out: float = 0.1
    sharpness: float = 20.0
    max_tokens: int = 128


DEFAULT_RECIPE = TextRecipe()


def are_messages(stages: Sequence[Stage], examples: Sequence[TrainingExample]) -> bool:
    """Whether every stage that was asked about reads free text alone."""
    asked = {example.stage for example in examples}
    return bool(asked) and all(stage.reads_text_alone for stage in stages if stage.name in asked)


def fit_messages(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    weights_dir: Path,
    *,
    seed: int = 0,
    on_progress: Progress | None = None,
    recipe: TextRecipe = DEFAULT_RECIPE,
) -> FittedEncoder:
    """Fine-tune an encoder to select functions for messages; the same seed, machine and number of threads give the same weights.

    Args:
        stages: stages of the base; those without examples are passed over.
        functions: functions of the selecting stages.
        examples: distinct labelled questions; a label of None means that no function is right.
        weights_dir: folder of the pretrained encoder.
        seed: of the order of messages and of what is held out.
        on_progress: told of each step.
        recipe: settings.

    Returns:
        The encoder with its calibrated scoring and the messages that calibrated it.
    """
    started = time.perf_counter()
    rng = random.Random(seed)
    torch.manual_seed(seed)
    held, trained_on = _split(examples, recipe.held_out, rng)
    hidden = {example.view for example in held}
    pools = [
        _Pools([f for f in functions if f.stage == stage.name], [e for e in trained_on if e.stage == stage.name], hidden, rng)
        for stage in stages
        if any(example.stage == stage.name for example in trained_on)
    ]
    network = SentenceEncoder(weights_dir, recipe.max_tokens)
    network.encoder.embeddings.requires_grad_(False)
    weights = [parameter for parameter in network.parameters() if parameter.requires_grad]
    wanted = recipe.passes * sum(pool.size for pool in pools) / (recipe.functions * recipe.messages)
    steps = int(min(max(wanted, recipe.least), recipe.most)) if recipe.steps is None else recipe.steps
    steps *= bool(pools)
    optimizer = torch.optim.AdamW(weights, lr=recipe.learning_rate, weight_decay=0.01)
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / warm, (steps - step) / max(1, steps - warm + 1)))
    pretrained = {name: value.clone() for name, value in network.state_dict().items()}
    network.train()
    for step in range(steps):
        messages, manuals = pools[step % len(pools)].batch(recipe)
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bf16()):
            # Manuals are longer: padded together, messages would cost as much as they do.
            vectors = torch.cat([network.encode([text for text, _ in texts]).float() for texts in (messages, manuals) if texts])
        labels = torch.tensor([label for _, label in messages + manuals])
        loss = _contrast(vectors, labels, len(messages), recipe.temperature)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        if on_progress is not None:
            on_progress(step + 1, steps, float(loss.detach()))
    network.eval()
    network.load_state_dict({name: _between(pretrained[name], value, recipe.kept) for name, value in network.state_dict().items()})
    fitted = FittedEncoder(
        network, weights_dir, Scoring(20.0, recipe.sharpness, 0.4), recipe.max_tokens, tuple(functions), tuple(examples), steps, 0.0
    )
    fitted.held_out = tuple(HeldOut(example.stage, example.view, example.label) for example in held)
    fitted.scoring = calibrate(fitted.scoring, fitted.held_out, functions, fitted.vectors)
    fitted.seconds = time.perf_counter() - started
    return fitted


def _between(before: Tensor, after: Tensor, kept: float) -> Tensor:
    return before * kept + after * (1 - kept) if after.is_floating_point() else after


def _split(examples: Sequence[TrainingExample], share: float, rng: random.Random) -> tuple[list[TrainingExample], list[TrainingExample]]:
    """Messages that calibrate and messages that are trained on: of every function the same share, and always some for training.

    Those that no function fits have nothing to be pulled to: all of them calibrate.
    """
    by_label: dict[tuple[str, str | None], list[TrainingExample]] = {}
    for example in examples:
        by_label.setdefault((example.stage, example.label), []).append(example)
    held: list[TrainingExample] = []
    kept: list[TrainingExample] = []
    for key in sorted(by_label, key=str):
        mine = rng.sample(by_label[key], len(by_label[key]))
        count = len(mine) if key[1] is None else max(1, round(share * len(mine))) if len(mine) >= 5 else 0
        held += mine[:count]
        kept += mine[count:]
    return held, kept


@dataclass(slots=True)
class _Pools:
    """The messages of one stage by function, dealt out so that each comes before any comes again."""

    functions: Sequence[Function]
    examples: Sequence[TrainingExample]
    hidden: set[str]
    rng: random.Random
    known: dict[str, list[str]] = field(default_factory=dict)
    waiting: dict[str, list[str]] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for example in self.examples:
            if example.label is not None:
                self.known.setdefault(example.label, []).append(example.view)
        for function in self.functions:
            usage = [text for text in function.texts[1:] if text not in self.hidden]
            self.known[function.name] = list(dict.fromkeys([*self.known.get(function.name, []), *usage]))
        self.known = {name: messages for name, messages in self.known.items() if messages}
        self.waiting = {name: [] for name in self.known}

    @property
    def size(self) -> int:
        """Messages in all."""
        return sum(len(messages) for messages in self.known.values())

    def batch(self, recipe: TextRecipe) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
        """Messages and manuals, each with the number of its function."""
        manual = {function.name: function.texts[0] for function in self.functions if function.texts}
        dealt = self._dealt(recipe.functions)
        messages = [(text, number) for number, name in enumerate(dealt) for text in self._messages(name, recipe.messages)]
        return messages, [(manual[name], number) for number, name in enumerate(dealt) if name in manual]

    def _dealt(self, count: int) -> list[str]:
        if len(self.queue) < count:
            names = sorted(self.known)
            self.queue = self.rng.sample(names, len(names)) + self.queue
        return list(dict.fromkeys(self.queue.pop() for _ in range(min(count, len(self.queue)))))

    def _messages(self, name: str, count: int) -> Iterator[str]:
        for _ in range(min(count, len(self.known[name]))):
            if not self.waiting[name]:
                self.waiting[name] = self.rng.sample(self.known[name], len(self.known[name]))
            yield self.waiting[name].pop()


def _contrast(vectors: Tensor, labels: Tensor, asked: int, temperature: float) -> Tensor:
    """Mean over the first ``asked`` texts of -log of the probability of their function's other texts; ``vectors`` is (texts, width)."""
    similar = vectors @ vectors.T / temperature
    itself = torch.eye(len(vectors), dtype=torch.bool)
    positive = (labels[:, None] == labels[None]) & ~itself
    log_probability = similar - similar.masked_fill(itself, -torch.inf).logsumexp(1, keepdim=True)
    means = log_probability.masked_fill(~positive, 0.0).sum(1) / positive.sum(1).clamp(min=1)
    return -means[:asked][positive[:asked].any(1)].mean()
