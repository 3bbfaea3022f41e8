"""KD, the paper's baseline: the same small encoder imitates the teacher's actions instead of selecting its functions.

The student is the encoder of `logicdistill.students.encoder` with one linear layer over the actions that the teacher took.
It sees every state of the episodes that LD's examples come from, and the action that the labelled functions give there.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from logicdistill.algorithm import decide
from logicdistill.baselines.actions import ActionCoder
from logicdistill.episodes import play
from logicdistill.errors import CorruptError
from logicdistill.runs import write_atomic
from logicdistill.selection import Parts
from logicdistill.training.collect import Labeller, LabelStudent
from logicdistill.training.network import SentenceEncoder
from logicdistill.types import Decision, Json, Scope, Stage
from logicdistill.views import render_view

BATCH = 32
MAX_TOKENS = 192
CHECKPOINTS = 8


@dataclass(frozen=True, slots=True)
class Imitated:
    """A state in words, and the label of the teacher's action in it."""

    text: str
    label: str


def state_text(state: Scope) -> str:
    """All fields of a state in words, as a view renders them; a grid's cells stand apart, so that each is a token."""
    spaced = {
        name: [" ".join(row) if isinstance(row, str) and not row.isalpha() else row for row in value] if isinstance(value, list) else value
        for name, value in state.items()
    }
    return render_view(Stage("action", "action", "", reads=tuple(spaced)), spaced)


def collect_actions(parts: Parts, labeller: Labeller, coder: ActionCoder, seeds: Sequence[int], explore: float = 0.15) -> list[Imitated]:
    """The teacher's action in every state of training episodes; now and then another one is played, so that errors are seen as well.

    Args:
        parts: task, base and sandbox; its student is not asked.
        labeller: names the right function.
        coder: actions to labels.
        seeds: training seeds.
        explore: share of selections made at random in what is played.
    """
    exact, exploring = (
        Parts(parts.task, parts.base, parts.retriever, LabelStudent(labeller, share, seed=0), parts.sandbox, parts.top_k)
        for share in (0.0, explore)
    )
    found: list[Imitated] = []

    def player(_: object, states: list[dict[str, Json]]) -> list[tuple[Json, Decision | None]]:
        for state, decision in zip(states, decide(exact, states), strict=True):
            if decision.fallback is None:
                found.append(Imitated(state_text(state), coder.encode(state, decision.action)))
        return [(decision.action, decision) for decision in decide(exploring, states)]

    for start in range(0, len(seeds), 100):
        play(parts.task, player, seeds[start : start + 100])
    return found


class ImitationNetwork(nn.Module):
    """Encoder and a linear layer: texts to logits over the labels, shape (texts, labels)."""

    def __init__(self, weights: Path, labels: Sequence[str]) -> None:
        super().__init__()
        self.encoder = SentenceEncoder(weights, MAX_TOKENS)
        self.labels = tuple(labels)
        width = int(self.encoder.encoder.config.hidden_size)
        self.head = nn.Linear(width, len(labels))

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """See the class."""
        # Unit vectors leave a linear layer little range; the factor is that of layer normalisation.
        logits: torch.Tensor = self.head(self.encoder.encode(texts) * self.head.in_features**0.5)
        return logits

    def best(self, texts: Sequence[str]) -> list[str]:
        """The most probable label of each text."""
        with torch.inference_mode():
            chunks = [self(texts[start : start + 64]).argmax(dim=1).tolist() for start in range(0, len(texts), 64)]
        return [self.labels[index] for chunk in chunks for index in chunk]


def fit_imitation(
    examples: Sequence[Imitated],
    validation: Sequence[Imitated],
    weights: Path,
    folder: Path,
    seconds: float,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Mapping[str, Json]:
    """Train, and keep the checkpoint that is best on validation states.

    Args:
        examples: states of training episodes with the teacher's action.
        validation: the same from other training seeds, used to choose the checkpoint.
        weights: folder of the pretrained encoder.
        folder: where ``model.pt`` and ``labels.json`` go.
        seconds: time for training, validation not counted.
        seed: of the order of the examples and of the linear layer.
        on_progress: told of seconds done and in all.

    Returns:
        ``curve``: seconds of training, states seen and validation accuracy at each checkpoint; ``accuracy`` of the one kept.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    network = ImitationNetwork(weights, sorted({example.label for example in examples}))
    column = {label: index for index, label in enumerate(network.labels)}
    groups = [{"params": network.encoder.parameters(), "lr": 2e-4}, {"params": network.head.parameters(), "lr": 2e-3}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    curve: list[dict[str, Json]] = []
    best, spent, seen, queue = -1.0, 0.0, 0, list[Imitated]()
    while spent < seconds:
        started = time.perf_counter()
        share = spent / seconds
        for group, peak in zip(optimizer.param_groups, (2e-4, 2e-3), strict=True):
            group["lr"] = peak * min(1.0, (share + 0.005) / 0.05, max(0.02, 1.0 - share))
        if len(queue) < BATCH:
            queue = rng.sample(examples, len(examples)) + queue
        batch = [queue.pop() for _ in range(min(BATCH, len(queue)))]
        loss = nn.functional.cross_entropy(network([item.text for item in batch]), torch.tensor([column[item.label] for item in batch]))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        spent, seen = spent + time.perf_counter() - started, seen + len(batch)
        on_progress(min(int(spent), int(seconds)), int(seconds))
        if spent >= seconds * (len(curve) + 1) / CHECKPOINTS:
            accuracy = accuracy_of(network, validation)
            curve.append({"seconds": round(spent, 1), "states": seen, "accuracy": round(accuracy, 4)})
            if accuracy > best:
                best = accuracy
                _save(network, folder)
    return {"curve": curve, "accuracy": round(best, 4), "labels": len(network.labels), "states": len(examples)}


def accuracy_of(network: ImitationNetwork, examples: Sequence[Imitated]) -> float:
    """Share of states in which the imitated action is the teacher's."""
    found = network.best([example.text for example in examples])
    return sum(label == example.label for label, example in zip(found, examples, strict=True)) / max(1, len(examples))


class ImitationPlayer:
    """Plays the imitated actions; an action that is illegal in its state counts as such.

    Args:
        folder: written by `fit_imitation`.
        weights: folder of the pretrained encoder.
        coder: labels to actions.

    Raises:
        CorruptError: a file is missing or damaged.
    """

    def __init__(self, folder: Path, weights: Path, coder: ActionCoder) -> None:
        self._coder = coder
        try:
            labels = json.loads((folder / "labels.json").read_text())
            self._network = ImitationNetwork(weights, labels)
            self._network.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise CorruptError(
                f"{folder}: not a trained imitation: {str(error).splitlines()[0][:200]}; delete it and train again"
            ) from None
        self._network.eval()

    def __call__(self, _: Sequence[Any], states: list[dict[str, Json]]) -> list[tuple[Json, Decision | None]]:
        """See `logicdistill.episodes.Player`."""
        labels = self._network.best([state_text(state) for state in states])
        return [(self._coder.decode(state, label), None) for state, label in zip(states, labels, strict=True)]


def _save(network: ImitationNetwork, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / ".model.pt.tmp"
    torch.save(network.state_dict(), temporary)
    temporary.replace(folder / "model.pt")
    write_atomic(folder / "labels.json", json.dumps(network.labels))
