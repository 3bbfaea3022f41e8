"""The encoder in torch, and what its trainings share."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from logicdistill.students.calibration import HeldOut
from logicdistill.students.evidence import Evidence
from logicdistill.students.scoring import Scoring, Vectors
from logicdistill.training.collect import TrainingExample
from logicdistill.types import Function

T = TypeVar("T")


class SentenceEncoder(nn.Module):
    """A pretrained encoder with mean pooling and L2 norm.

    Token ids, shape (batch, tokens), become unit vectors, shape (batch, width).

    Args:
        folder: in the layout of transformers.
        max_tokens: longer texts are cut.
    """

    def __init__(self, folder: Path, max_tokens: int = 128) -> None:
        super().__init__()
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self.max_tokens = max_tokens
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped
        # Eager attention traces to plain ONNX operators, and was not slower than the fused kernel.
        self.encoder = AutoModel.from_pretrained(
            folder, attn_implementation="eager", dtype=torch.float32
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Embed token ids, shape (batch, tokens); the mask is 1 for tokens and 0 for padding."""
        found = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        kept = attention_mask.unsqueeze(-1).to(torch.float32)
        summed = (found.last_hidden_state.float() * kept).sum(dim=1)
        return nn.functional.normalize(summed / kept.sum(dim=1).clamp(min=1.0), dim=1)

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors with gradients, shape (texts, width)."""
        vectors: Tensor = self(*self.tokens(texts))
        return vectors

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors without gradients, shape (texts, width)."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        batches = (order[start : start + 64] for start in range(0, len(order), 64))
        with torch.no_grad():
            rows = [self.encode([texts[index] for index in batch]) for batch in batches]
        return np.asarray(torch.cat(rows).numpy()[np.argsort(order)])

    def encode_by_length(self, texts: Sequence[str], parts: int) -> Tensor:
        """`encode` in parts of similar length, each padded to its own longest text."""
        ids, mask = self.tokens(texts)
        lengths = mask.sum(dim=1)
        order = lengths.argsort(stable=True)
        vectors = []
        for part in order.tensor_split(min(parts, len(order))):
            longest = int(lengths[part[-1]])
            vectors.append(self(ids[part, :longest], mask[part, :longest]))
        return torch.cat(vectors)[order.argsort()]

    def tokens(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Token ids and mask, shape (texts, tokens) each."""
        limits = {"padding": True, "truncation": True, "max_length": self.max_tokens}
        batch = self._tokenizer(list(texts), **limits, return_tensors="pt")
        return batch["input_ids"], batch["attention_mask"]

    def token_id(self, word: str) -> int:
        """Id of a word that is one token."""
        return int(self._tokenizer.get_vocab()[word])


def endless(items: Sequence[T], rng: random.Random) -> Iterator[T]:
    """Items in random order; each comes once before any comes again."""
    while True:
        yield from reversed(rng.sample(items, len(items)))


def has_bf16() -> bool:
    """Whether the processor computes in bfloat16; it is slow elsewhere."""
    # Older versions of torch cannot say; float32 is right everywhere.
    known: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


@dataclass(slots=True)
class FittedEncoder:
    """A trained encoder with everything that `logicdistill.training.export.export` needs.

    Attributes:
        scoring: of stages whose views show facts.
        steps: steps of training.
        held_out: messages that calibrate the scoring; none where states are facts.
        evidence: of stages that read messages and facts.
        by_stage: scoring of the stages that read messages.
    """

    network: SentenceEncoder
    weights_dir: Path
    scoring: Scoring
    functions: Sequence[Function]
    examples: Sequence[TrainingExample]
    steps: int
    held_out: Sequence[HeldOut]
    evidence: Mapping[str, Evidence]
    by_stage: dict[str, Scoring] = field(default_factory=dict)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (texts, width)."""
        return self.network.vectors(texts)

    def questions(self) -> list[TrainingExample]:
        """The examples about facts, whose scoring is `scoring`."""
        messages = {message.stage for message in self.held_out}
        return [example for example in self.examples if example.stage not in messages]
