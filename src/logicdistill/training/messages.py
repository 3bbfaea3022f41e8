"""Questions about messages: supervised contrast of what people write with the manuals and with each other.

There are no facts in a message to make synthetic conditions of, and often hundreds of functions. So each step takes some functions,
two messages and the manual of each, and pulls what belongs to one function together against everything else in the step (the
supervised contrastive loss of Khosla et al., NeurIPS 2020). Nothing is learned that belongs to one function alone: a function added
later lives in the same space.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import torch
from torch import Tensor

from logicdistill.students.calibration import HeldOut
from logicdistill.training.collect import TrainingExample
from logicdistill.training.network import SentenceEncoder
from logicdistill.types import Function

ENOUGH = 5
"""Messages of a function of which one can be held out."""


@dataclass(frozen=True, slots=True)
class MessageRecipe:
    """Settings of the questions.

    Attributes:
        passes: how often each message is shown, within ``least`` and ``most`` steps.
        least: fewest steps.
        most: most steps.
        learning_rate: peak of the encoder's learning rate; word embeddings keep their pretrained values.
        functions: functions a step.
        messages: messages a step of each of them.
        temperature: of the contrast.
        kept: share of the pretrained weights in the result, where all stages read messages; what lies between both is better on
            functions that join later, and often on all (Wortsman et al., CVPR 2022).
        held_out: share of the messages that calibrate and are not trained on; one at least of a function that has five.
        sharpness: see `logicdistill.students.scoring.Scoring`.
        agreement: see there.
    """

    passes: float = 6.0
    least: int = 120
    most: int = 1500
    learning_rate: float = 1e-4
    functions: int = 32
    messages: int = 2
    temperature: float = 0.05
    kept: float = 0.3
    held_out: float = 0.1
    sharpness: float = 20.0
    agreement: float = 0.3


def split(
    examples: Sequence[TrainingExample], share: float, rng: random.Random
) -> tuple[list[HeldOut], list[TrainingExample]]:
    """Messages that calibrate and messages that are trained on: of every function the same share, and always some for training.

    Those that no function fits have nothing to be pulled to: all of them calibrate.

    Args:
        examples: of one stage.
        share: that is held out.
        rng: draws them.
    """
    by_label: dict[str | None, list[TrainingExample]] = {}
    for example in examples:
        by_label.setdefault(example.label, []).append(example)
    held: list[HeldOut] = []
    kept: list[TrainingExample] = []
    for label in sorted(by_label, key=str):
        said = list(
            dict.fromkeys(example.view for example in by_label[label])
        )  # the same words beside other facts stay together
        dealt = {view: place for place, view in enumerate(rng.sample(said, len(said)))}
        count = (
            len(said)
            if label is None
            else max(1, round(share * len(said)))
            if len(said) >= ENOUGH
            else 0
        )
        mine = sorted(by_label[label], key=lambda example: dealt[example.view])
        held += [
            HeldOut(example.stage, example.view, label, example.facts)
            for example in mine
            if dealt[example.view] < count
        ]
        kept += [example for example in mine if dealt[example.view] >= count]
    return held, kept


class MessagePlan:
    """Makes the questions of one stage; its messages are dealt out so that each comes before any comes again.

    Args:
        functions: of the stage.
        examples: its labelled messages, without those that are held out.
        hidden: messages that are held out; functions are shown without them.
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
        hidden: Set[str],
        recipe: MessageRecipe,
        rng: random.Random,
    ) -> None:
        messages: dict[str, list[str]] = {function.name: [] for function in functions}
        for example in examples:
            if example.label in messages:
                messages[example.label].append(example.view)
        for function in functions:
            messages[function.name] += [text for text in function.texts[1:] if text not in hidden]
        self._messages = {
            name: list(dict.fromkeys(texts)) for name, texts in sorted(messages.items()) if texts
        }
        self._manuals = {
            function.name: function.texts[0] for function in functions if function.texts
        }
        self._recipe, self._rng = recipe, rng
        self._waiting: dict[str, list[str]] = {name: [] for name in self._messages}
        self._queue: list[str] = []
        shown = min(recipe.functions, len(self._messages)) * recipe.messages
        wanted = recipe.passes * sum(map(len, self._messages.values())) / max(shown, 1)
        self.steps = (
            int(min(max(wanted, recipe.least), recipe.most)) if len(self._messages) > 1 else 0
        )
        self.rate = recipe.learning_rate

    def loss(self, network: SentenceEncoder, scale: Tensor, none: Tensor, *, bf16: bool) -> Tensor:
        """Loss of the next step's questions."""
        dealt = self._functions()
        messages = [
            (text, number) for number, name in enumerate(dealt) for text in self._next(name)
        ]
        manuals = [
            (self._manuals[name], number)
            for number, name in enumerate(dealt)
            if name in self._manuals
        ]
        network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            # Manuals are longer: padded together, messages would cost as much as they do.
            vectors = torch.cat(
                [
                    network.encode([text for text, _ in texts]).float()
                    for texts in (messages, manuals)
                    if texts
                ]
            )
        labels = torch.tensor([label for _, label in messages + manuals])
        return _contrast(vectors, labels, len(messages), self._recipe.temperature)

    def _functions(self) -> list[str]:
        count = min(self._recipe.functions, len(self._messages))
        while len(self._queue) < count:
            self._queue = self._rng.sample(list(self._messages), len(self._messages)) + self._queue
        return list(dict.fromkeys(self._queue.pop() for _ in range(count)))

    def _next(self, name: str) -> Iterator[str]:
        for _ in range(min(self._recipe.messages, len(self._messages[name]))):
            if not self._waiting[name]:
                self._waiting[name] = self._rng.sample(
                    self._messages[name], len(self._messages[name])
                )
            yield self._waiting[name].pop()


def _contrast(vectors: Tensor, labels: Tensor, asked: int, temperature: float) -> Tensor:
    """Mean over the first ``asked`` texts of -log of the probability of their function's other texts; ``vectors`` is (texts, width)."""
    similar = vectors @ vectors.T / temperature
    itself = torch.eye(len(vectors), dtype=torch.bool)
    positive = (labels[:, None] == labels[None]) & ~itself
    log_probability = similar - similar.masked_fill(itself, -torch.inf).logsumexp(1, keepdim=True)
    means = log_probability.masked_fill(~positive, 0.0).sum(1) / positive.sum(1).clamp(min=1)
    return -means[:asked][positive[:asked].any(1)].mean()
