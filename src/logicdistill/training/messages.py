"""Questions about messages: supervised contrast between messages and manuals.

A message has no facts to make synthetic conditions of, and there are often hundreds of functions.
So each step takes some functions, two messages and the manual of each, and pulls the texts of one
function together, against all other texts of the step (Khosla et al., NeurIPS 2020). Nothing is
learned that belongs to one function alone: a function added later lives in the same space.
"""

from __future__ import annotations

import random
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from logicdistill.students.calibration import HeldOut
from logicdistill.students.head import shared_texts
from logicdistill.training.collect import TrainingExample
from logicdistill.training.network import SentenceEncoder, endless, has_bf16
from logicdistill.types import Function

LEAST_MESSAGES = 5  # of a function, from which on some are held out


@dataclass(frozen=True, slots=True)
class MessageRecipe:
    """Settings of the questions.

    Attributes:
        passes: how often each message is shown, within ``least`` and ``most`` steps.
        least: fewest steps.
        most: most steps.
        learning_rate: peak of the encoder's learning rate.
        functions: functions a step.
        messages: messages a step of each of them.
        temperature: of the contrast.
        kept: share of the pretrained weights in the result, where all stages read messages. The
            mean of both is better on functions that join later (Wortsman et al., CVPR 2022).
        held_out: share of the messages that calibrate and are not trained on; at least one of a
            function that has `LEAST_MESSAGES`.
        sharpness: see `logicdistill.students.scoring.Scoring`.
        agreement: see there.
    """

    passes: float = 2.0
    least: int = 50
    most: int = 1500
    learning_rate: float = 2e-4
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
    """Held-out messages of one stage, and the examples that are left: the same share of each label.

    Messages that no function fits have nothing to be pulled to: all of them are held out.
    """
    by_label: dict[str | None, list[TrainingExample]] = {}
    for example in examples:
        by_label.setdefault(example.label, []).append(example)
    held, kept = list[HeldOut](), list[TrainingExample]()
    for label in sorted(by_label, key=str):
        # The same words beside other facts stay together.
        said = list(dict.fromkeys(example.view for example in by_label[label]))
        place = {view: index for index, view in enumerate(rng.sample(said, len(said)))}
        count = max(1, round(share * len(said))) if len(said) >= LEAST_MESSAGES else 0
        if label is None:
            count = len(said)
        for one in sorted(by_label[label], key=lambda example: place[example.view]):
            if place[one.view] < count:
                held.append(HeldOut(one.stage, one.view, label, one.facts))
            else:
                kept.append(one)
    return held, kept


class MessagePlan:
    """Makes the questions of one stage; each message is shown once before any is shown again.

    ``hidden`` are held-out messages: usage examples among them are left out, and so are those that
    several functions share.

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
        known: dict[str, list[str]] = {function.name: [] for function in functions}
        for example in examples:
            if example.label in known:
                known[example.label].append(example.view)
        left_out = hidden | shared_texts({function.name: function.texts for function in functions})
        for function in functions:
            known[function.name] += [text for text in function.texts[1:] if text not in left_out]
        messages = {name: list(dict.fromkeys(known[name])) for name in sorted(known) if known[name]}
        self._counts = {name: min(recipe.messages, len(messages[name])) for name in messages}
        self._messages = {name: endless(messages[name], rng) for name in messages}
        self._names = endless(list(messages), rng)
        self._manuals = {function.name: function.texts[0] for function in functions}
        self._step, self._temperature = min(recipe.functions, len(messages)), recipe.temperature
        wanted = recipe.passes * sum(map(len, messages.values()))
        wanted /= max(1, self._step * recipe.messages)
        enough = len(messages) > 1
        self.steps = int(min(max(wanted, recipe.least), recipe.most)) if enough else 0
        self.rate = recipe.learning_rate

    def loss(self, network: SentenceEncoder, scale: Tensor, none: Tensor) -> Tensor:
        """Loss of the next step's questions."""
        drawn = list(enumerate(dict.fromkeys(islice(self._names, self._step))))
        messages = [
            (text, number)
            for number, name in drawn
            for text in islice(self._messages[name], self._counts[name])
        ]
        manuals = [(self._manuals[name], number) for number, name in drawn]
        network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bf16()):
            # Manuals are longer: padded together, messages would cost as much as they do.
            parts = [[text for text, _ in texts] for texts in (messages, manuals)]
            vectors = torch.cat([network.encode(texts).float() for texts in parts])
        labels = torch.tensor([label for _, label in messages + manuals])
        return _contrast(vectors, labels, len(messages), self._temperature)


def _contrast(vectors: Tensor, labels: Tensor, asked: int, temperature: float) -> Tensor:
    """Mean negative log-probability of the other texts of a function, over the first texts.

    ``vectors`` has shape (texts, width), ``labels`` (texts,): the number of each text's function.
    """
    similar = vectors @ vectors.T / temperature
    itself = torch.eye(len(vectors), dtype=torch.bool)
    positive = (labels[:, None] == labels[None]) & ~itself
    log_probability = similar - similar.masked_fill(itself, -torch.inf).logsumexp(1, keepdim=True)
    means = log_probability.masked_fill(~positive, 0.0).sum(1) / positive.sum(1).clamp(min=1)
    return -means[:asked][positive[:asked].any(1)].mean()
