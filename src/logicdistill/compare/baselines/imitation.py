"""KD, the paper's baseline: the small encoder imitates the teacher's actions.

The encoder is that of `logicdistill.students.encoder`, with a linear layer for each word of an
action's label. It learns from the teacher's steps, reads the facts that LD has, and writes nothing:
the most probable label is the action.
"""

from __future__ import annotations

import heapq
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from logicdistill.compare.baselines.actions import ActionCoder
from logicdistill.compare.baselines.teaching import TeacherStep, Training, facts_of
from logicdistill.deciding.episodes import Move, Position
from logicdistill.deciding.parts import Parts
from logicdistill.errors import CorruptError, TaskError, one_line
from logicdistill.files import write_atomic
from logicdistill.runs import PeakMemory
from logicdistill.training.fit import DEFAULT_RECIPE
from logicdistill.training.network import SentenceEncoder, busy_seconds, has_bf16
from logicdistill.types import Json

BATCH = 32
PEAK_RATE = 5e-4
"""Peak learning rate of the encoder; the linear layers' is ten times that."""

SCALE = 2.0
"""Factor of the vectors that the linear layers read."""

MAX_TOKENS = 192
CHECKPOINTS = 8
MAX_LABELS = 1_000
"""Labels tried, most probable first, in search of a legal action."""

Asked = TypeVar("Asked")
Given = TypeVar("Given")


class ImitationNetwork(nn.Module):
    """Encoder and a linear layer for each word of a label.

    It maps texts to logits: a tensor of shape (texts, words) a layer.

    Args:
        weights: folder of the pretrained encoder.
        words: for each place of a label the words that can stand there.
        digits: labels are whole numbers of at most so many digits, a digit a place; 0: labels are
            words with spaces between.
        marks: words of the text at which the layer of each place reads it, beside the mean over all
            tokens; none: at its beginning.
    """

    def __init__(
        self, weights: Path, words: Sequence[Sequence[str]], digits: int, marks: Sequence[str]
    ) -> None:
        super().__init__()
        self.encoder = SentenceEncoder(weights, MAX_TOKENS)
        self.words = tuple(tuple(place) for place in words)
        self.digits, self.marks = digits, tuple(marks)
        self._marks = [self.encoder.token_id(word) for word in marks]
        width = int(self.encoder.encoder.config.hidden_size)
        self.heads = nn.ModuleList(nn.Linear(2 * width, len(place)) for place in self.words)

    @classmethod
    def for_labels(
        cls, weights: Path, labels: Sequence[str], marks: Sequence[str]
    ) -> ImitationNetwork:
        """A network that can give all of these labels.

        Raises:
            TaskError: labels have different numbers of parts.
        """
        digits = max(map(len, labels)) if all(label.isdigit() for label in labels) else 0
        spelled = [_spell(label, digits) for label in labels]
        if len({len(places) for places in spelled}) > 1:
            raise TaskError(
                f"actions of one task have equally many parts; got {labels[0]!r} and {labels[-1]!r}"
            )
        words = [sorted(set(place)) for place in zip(*spelled, strict=True)]
        return cls(weights, words, digits, marks)

    def forward(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """See the class."""
        ids, mask = self.encoder.tokens(texts)
        hidden = self.encoder.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        kept = mask.unsqueeze(-1).float()
        mean = (hidden * kept).sum(dim=1) / kept.sum(dim=1)
        rows = torch.arange(len(texts))
        beginning = torch.zeros(len(texts), dtype=torch.long)
        starts = [(ids == mark).int().argmax(dim=1) for mark in self._marks]
        return [
            head(torch.cat([mean, hidden[rows, at]], dim=1) * SCALE)
            for head, at in zip(self.heads, starts or [beginning] * len(self.heads), strict=True)
        ]

    def layers(self) -> list[nn.Linear]:
        """The linear layers, place by place."""
        return [head for head in self.heads if isinstance(head, nn.Linear)]

    def targets(self, labels: Sequence[str]) -> list[list[int]]:
        """For each label the column of its word at each place; -100 for an unknown word."""
        columns = [{word: index for index, word in enumerate(place)} for place in self.words]
        return [
            [
                known.get(word, -100)
                for known, word in zip(columns, _spell(label, self.digits), strict=True)
            ]
            for label in labels
        ]

    def ranked(self, texts: Sequence[str]) -> list[Iterator[str]]:
        """For each text the labels, most probable first."""
        with torch.inference_mode():
            chunks = [
                [logits.log_softmax(dim=1).tolist() for logits in self(texts[at : at + 64])]
                for at in range(0, len(texts), 64)
            ]
        return [self._labels(row) for chunk in chunks for row in zip(*chunk, strict=True)]

    def accuracy(self, pairs: Sequence[tuple[str, str]]) -> float:
        """Share of texts whose most probable label is the right one."""
        best = [next(labels) for labels in self.ranked([text for text, _ in pairs])]
        right = sum(label == wanted for label, (_, wanted) in zip(best, pairs, strict=True))
        return right / max(1, len(pairs))

    def _labels(self, row: Sequence[Sequence[float]]) -> Iterator[str]:
        """Combinations of words, most probable first."""
        places = [
            sorted(zip(logs, words, strict=True), key=lambda pair: (-pair[0], pair[1]))
            for logs, words in zip(row, self.words, strict=True)
        ]

        def loss(ranks: tuple[int, ...]) -> float:
            return -sum(place[rank][0] for place, rank in zip(places, ranks, strict=True))

        first = (0,) * len(places)
        waiting, seen = [(loss(first), first)], {first}
        while waiting:
            _, ranks = heapq.heappop(waiting)
            words = [place[rank][1] for place, rank in zip(places, ranks, strict=True)]
            yield str(int("".join(words))) if self.digits else " ".join(words)
            for at in range(len(ranks)):
                other = (*ranks[:at], ranks[at] + 1, *ranks[at + 1 :])
                if other[at] < len(places[at]) and other not in seen:
                    seen.add(other)
                    heapq.heappush(waiting, (loss(other), other))


def _spell(label: str, digits: int) -> list[str]:
    return list(label.zfill(digits)) if digits else label.split(" ")


def fit_imitation(
    steps: Sequence[TeacherStep],
    validation: Sequence[TeacherStep],
    coder: ActionCoder,
    weights: Path,
    training: Training,
) -> Mapping[str, Json]:
    """Train, and keep the checkpoint that is best on validation states.

    Args:
        steps: the teacher's, in training episodes.
        validation: the same from other training seeds; chooses the checkpoint.
        coder: actions to labels, states to text.
        weights: folder of the pretrained encoder.
        training: ``seconds`` are processor seconds a thread; ``model.pt`` and ``labels.json`` go
            into ``folder``.

    Returns:
        ``curve``: seconds of training, examples seen and validation accuracy at each checkpoint;
            ``accuracy`` of the one kept;
        ``examples`` seen; ``states``: how many there were to learn from; ``peak_rss_mb``.
    """
    torch.manual_seed(training.seed)
    rng = random.Random(training.seed)
    pairs, judged = pairs_of(steps, coder), pairs_of(validation, coder)
    network = _network(weights, sorted({label for _, label in pairs}), coder, training.start)
    optimizer = torch.optim.AdamW(_trained(network), weight_decay=0.01)
    curve: list[dict[str, Json]] = []
    best, spent, seen, queue = -1.0, 0.0, 0, list[tuple[str, str]]()
    kept: dict[str, torch.Tensor] = {}
    half, seconds = has_bf16(), training.seconds
    with PeakMemory() as memory:
        while spent < seconds:
            started = busy_seconds()
            share = spent / seconds
            for group in optimizer.param_groups:
                warm = min(1.0, (share + 0.005) / 0.05, max(0.02, 1.0 - share))
                group["lr"] = group["peak"] * warm
            if len(queue) < BATCH:
                queue = rng.sample(pairs, len(pairs)) + queue
            batch = [queue.pop() for _ in range(min(BATCH, len(queue)))]
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                logits = network([text for text, _ in batch])
            targets = torch.tensor(network.targets([label for _, label in batch]))
            losses = [
                nn.functional.cross_entropy(place.float(), targets[:, at])
                for at, place in enumerate(logits)
            ]
            optimizer.zero_grad(set_to_none=True)
            torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            spent, seen = spent + busy_seconds() - started, seen + len(batch)
            training.on_progress(min(int(spent), int(seconds)), int(seconds))
            if spent >= seconds * (len(curve) + 1) / CHECKPOINTS:
                accuracy = network.accuracy(judged)
                figures = {"examples": seen, "accuracy": round(accuracy, 4)}
                curve.append({"seconds": round(spent, 1), **figures})
                if accuracy > best:
                    best = accuracy
                    kept = {name: value.clone() for name, value in network.state_dict().items()}
    _save(network, kept, training.folder)
    return {
        "curve": curve,
        "accuracy": round(best, 4),
        "examples": seen,
        "states": len(pairs),
        "peak_rss_mb": memory.peak_mb,
    }


def pairs_of(steps: Sequence[TeacherStep], coder: ActionCoder) -> list[tuple[str, str]]:
    """Text and label of each step."""
    return [
        (coder.text(step.state, step.facts), coder.encode(step.state, step.action))
        for step in steps
    ]


def _network(
    weights: Path, labels: Sequence[str], coder: ActionCoder, start: Path | None
) -> ImitationNetwork:
    """A network for these labels, fresh or from an earlier training."""
    network = (
        ImitationNetwork.for_labels(weights, labels, coder.marks)
        if start is None
        else _widened(_load(start, weights), weights, labels)
    )
    return network.eval()  # no dropout, as in LD's training


def _trained(network: ImitationNetwork) -> list[dict[str, Any]]:
    """Parameters with their peak rates; the same layers are frozen as in LD's training."""
    encoder = network.encoder.encoder
    for part in (encoder.embeddings, *encoder.encoder.layer[: DEFAULT_RECIPE.frozen_layers]):
        part.requires_grad_(False)
    open_ones = [value for value in network.encoder.parameters() if value.requires_grad]
    return [
        {"params": open_ones, "peak": PEAK_RATE},
        {"params": list(network.heads.parameters()), "peak": 10 * PEAK_RATE},
    ]


def _widened(old: ImitationNetwork, weights: Path, labels: Sequence[str]) -> ImitationNetwork:
    """The network, with columns for words that its labels did not have."""
    fresh = ImitationNetwork.for_labels(weights, labels, old.marks)
    # A larger number has more digits; the others then begin with 0.
    places = max(len(old.words), len(fresh.words))
    before, after = (
        [*[("0",)] * (places - len(words)), *words] for words in (old.words, fresh.words)
    )
    words = [sorted({*one, *other}) for one, other in zip(before, after, strict=True)]
    new = ImitationNetwork(weights, words, max(old.digits, fresh.digits), old.marks)
    new.encoder.load_state_dict(old.encoder.state_dict())
    known = zip(reversed(old.words), reversed(old.layers()), strict=True)
    wider = zip(reversed(new.words), reversed(new.layers()), strict=True)
    with torch.no_grad():
        for (names, columns), (place, head) in zip(known, wider, strict=False):
            at = [place.index(name) for name in names]
            head.weight[at], head.bias[at] = columns.weight, columns.bias
    return new


def _load(folder: Path, weights: Path) -> ImitationNetwork:
    try:
        form = json.loads((folder / "labels.json").read_text())
        network = ImitationNetwork(weights, form["words"], form["digits"], form["marks"])
        network.load_state_dict(torch.load(folder / "model.pt", weights_only=True))
    except (OSError, ValueError, TypeError, RuntimeError, KeyError) as error:
        raise CorruptError(
            f"{folder}: not a trained imitation: {one_line(error)}; delete it and train again"
        ) from None
    return network.eval()


def _save(network: ImitationNetwork, state: Mapping[str, torch.Tensor], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / ".model.pt.tmp"
    torch.save(state, temporary)
    temporary.replace(folder / "model.pt")
    form = {"words": network.words, "digits": network.digits, "marks": network.marks}
    write_atomic(folder / "labels.json", json.dumps(form))


class ImitationPlayer:
    """Plays the imitated actions.

    Args:
        folder: written by `fit_imitation`.
        weights: folder of the pretrained encoder.
        coder: labels to actions.
        parts: of a policy of the run, for the task and the facts; its student is not asked.
        legal_only: play the most probable legal action; otherwise an illegal one is played, and
            counts as such.

    Raises:
        CorruptError: a file is missing or damaged.
    """

    def __init__(
        self,
        folder: Path,
        weights: Path,
        coder: ActionCoder,
        parts: Parts,
        legal_only: bool = False,
    ) -> None:
        self._network = _load(folder, weights)
        self._coder, self._parts, self._legal_only = coder, parts, legal_only

    def __call__(self, positions: Sequence[Position]) -> list[Move]:
        """See `logicdistill.deciding.episodes.Player`."""
        states = [position.state for position in positions]
        texts = [
            self._coder.text(state, facts)
            for state, facts in zip(states, facts_of(self._parts, states), strict=True)
        ]
        return [
            (self._action(state, labels), None)
            for state, labels in zip(states, self._network.ranked(texts), strict=True)
        ]

    def _action(self, state: Mapping[str, Json], labels: Iterator[str]) -> Json:
        if not self._legal_only:
            return self._coder.decode(state, next(labels))
        actions = (self._coder.decode(state, label) for label in islice(labels, MAX_LABELS))
        legal = (action for action in actions if self._parts.task.illegal(state, action) is None)
        return next(legal, self._parts.task.fallback(state))


def one_thread(work: Callable[[Asked], Given]) -> Callable[[Asked], Given]:
    """The same work with torch on one thread.

    Several processes play side by side, and the last bits of a sum depend on the number of threads.
    """

    def done(asked: Asked) -> Given:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return work(asked)
        finally:
            torch.set_num_threads(before)

    return done
