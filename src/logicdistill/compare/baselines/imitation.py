"""KD, the paper's baseline: the small encoder imitates the teacher's actions.

The encoder is that of `logicdistill.students.encoder`, with a linear layer for each word of an
action's label. It learns from the teacher's steps, reads the facts that LD has, and writes nothing:
the most probable label is the action.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import nn

from logicdistill.compare.baselines.actions import ActionCoder
from logicdistill.compare.baselines.teaching import TeacherStep, Training, facts_of
from logicdistill.deciding.episodes import Move, Position
from logicdistill.deciding.parts import Parts
from logicdistill.errors import CorruptError, TaskError, one_line
from logicdistill.files import write_atomic
from logicdistill.runs import peak_rss_mb
from logicdistill.training.fit import DEFAULT_RECIPE
from logicdistill.training.network import SentenceEncoder, has_bf16
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


class ImitationNetwork(nn.Module):
    """Encoder and a linear layer for each word of a label.

    It maps texts to logits: a tensor of shape (texts, words) a layer.

    Args:
        weights: folder of the pretrained encoder.
        words: for each place of a label the words that can stand there.
        digits: labels are whole numbers of at most so many digits, a digit a place; 0: words.
        marks: words of the text where each layer reads it, beside the mean over all tokens; without
            any it reads the beginning.
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
        self.layers = [nn.Linear(2 * width, len(place)) for place in self.words]
        self.heads = nn.ModuleList(self.layers)

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
            ends = f"{labels[0]!r} and {labels[-1]!r}"
            raise TaskError(f"actions of one task have equally many parts; got {ends}")
        words = [sorted(set(place)) for place in zip(*spelled, strict=True)]
        return cls(weights, words, digits, marks)

    def forward(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """See the class."""
        ids, mask = self.encoder.tokens(texts)
        hidden = self.encoder.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        kept = mask.unsqueeze(-1).float()
        mean = (hidden * kept).sum(dim=1) / kept.sum(dim=1)
        rows = torch.arange(len(texts))
        starts = [(ids == mark).int().argmax(dim=1) for mark in self._marks]
        starts = starts or [torch.zeros_like(rows)] * len(self.heads)
        read = [torch.cat([mean, hidden[rows, at]], dim=1) * SCALE for at in starts]
        return [head(seen) for head, seen in zip(self.heads, read, strict=True)]

    def targets(self, labels: Sequence[str]) -> list[list[int]]:
        """For each label the column of its word at each place; -100 for an unknown word."""
        spelled = [zip(self.words, _spell(label, self.digits), strict=True) for label in labels]
        return [[known.index(w) if w in known else -100 for known, w in row] for row in spelled]

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
        best = self.ranked([text for text, _ in pairs])
        right = [next(found) == label for found, (_, label) in zip(best, pairs, strict=True)]
        return sum(right) / max(1, len(pairs))

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

    ``weights`` are the pretrained encoder's.

    Returns:
        ``seconds`` of training (checkpoints do not count), ``examples`` shown, ``curve`` (both, and
        the validation accuracy, at each checkpoint), ``accuracy`` of the one kept, ``states`` to
        learn from, ``peak_rss_mb``.
    """
    torch.manual_seed(training.seed)
    rng = random.Random(training.seed)
    pairs, judged = pairs_of(steps, coder), pairs_of(validation, coder)
    labels = sorted({label for _, label in pairs})
    if training.start:
        network = _widened(_load(training.start, weights), weights, labels)
    else:
        network = ImitationNetwork.for_labels(weights, labels, coder.marks)
    network.eval()  # no dropout, as in LD's training
    optimizer = torch.optim.AdamW(_trained(network), weight_decay=0.01)
    curve: list[dict[str, Json]] = []
    best, spent, seen, queue = -1.0, 0.0, 0, list[tuple[str, str]]()
    kept: dict[str, torch.Tensor] = {}
    half = has_bf16()
    while seen < training.shown:
        started, share = time.perf_counter(), seen / training.shown
        for group in optimizer.param_groups:
            warm = min(1.0, (share + 0.005) / 0.05, max(0.02, 1.0 - share))
            group["lr"] = group["peak"] * warm
        if len(queue) < BATCH:
            queue = rng.sample(pairs, len(pairs)) + queue
        batch = [queue.pop() for _ in range(min(BATCH, len(queue)))]
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            logits = network([text for text, _ in batch])
        targets = torch.tensor(network.targets([label for _, label in batch])).T
        places = zip(logits, targets, strict=True)
        losses = [nn.functional.cross_entropy(row.float(), right) for row, right in places]
        optimizer.zero_grad(set_to_none=True)
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]  # untyped
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        spent, seen = spent + time.perf_counter() - started, seen + len(batch)
        training.on_progress(min(seen, training.shown), training.shown)
        if seen >= training.shown * (len(curve) + 1) / CHECKPOINTS:
            accuracy = network.accuracy(judged)
            figures = {"examples": seen, "accuracy": round(accuracy, 4)}
            curve.append({"seconds": round(spent, 1), **figures})
            if accuracy > best:
                best = accuracy
                kept = {name: value.clone() for name, value in network.state_dict().items()}
    _save(network, kept, training.folder)
    counts = {"examples": seen, "states": len(pairs), "peak_rss_mb": peak_rss_mb()}
    return {"seconds": round(spent, 1), "curve": curve, "accuracy": round(best, 4), **counts}


def pairs_of(steps: Sequence[TeacherStep], coder: ActionCoder) -> list[tuple[str, str]]:
    """Text and label of each step."""
    return [(coder.text(s.state, s.facts), coder.encode(s.state, s.action)) for s in steps]


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
    known = zip(reversed(old.words), reversed(old.layers), strict=True)
    wider = zip(reversed(new.words), reversed(new.layers), strict=True)
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
    """Plays the imitated actions; with ``legal_only`` the most probable legal one.

    ``folder`` is what `fit_imitation` wrote, ``weights`` the pretrained encoder's.

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
        texts = list(map(self._coder.text, states, facts_of(self._parts, states)))
        actions = map(self._action, states, self._network.ranked(texts))
        return [(action, None) for action in actions]

    def _action(self, state: Mapping[str, Json], labels: Iterator[str]) -> Json:
        if not self._legal_only:
            return self._coder.decode(state, next(labels))
        actions = (self._coder.decode(state, label) for label in islice(labels, MAX_LABELS))
        legal = (action for action in actions if self._parts.task.illegal(state, action) is None)
        return next(legal, self._parts.task.fallback(state))


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread in this block, or in the calls of a function that is decorated with it.

    Several processes play side by side, and the last bits of a sum depend on the number of threads.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
