"""The encoder in torch, and what a training makes of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from logicdistill.students.calibration import HeldOut
from logicdistill.students.evidence import Evidence
from logicdistill.students.scoring import Scoring
from logicdistill.training.collect import TrainingExample
from logicdistill.types import Function


class SentenceEncoder(nn.Module):
    """A pretrained encoder with mean pooling and L2 norm: token ids (batch, tokens) to unit vectors (batch, width)."""

    def __init__(self, folder: Path, max_tokens: int = 128) -> None:
        super().__init__()
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._max_tokens = max_tokens
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers ships it untyped
        # Eager attention traces to plain ONNX operators, and was not slower than the fused kernel on CPU.
        self.encoder = AutoModel.from_pretrained(
            folder, attn_implementation="eager", dtype=torch.float32
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Embed token ids, shape (batch, tokens), with mask 1 for tokens and 0 for padding."""
        hidden: Tensor = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state
        kept = attention_mask.unsqueeze(-1).to(torch.float32)
        pooled = (hidden.float() * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1.0)
        return nn.functional.normalize(pooled, dim=1)

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors with gradients, shape (texts, width)."""
        vectors: Tensor = self(*self.tokens(texts))
        return vectors

    def tokens(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Token ids and mask, shape (texts, tokens) each."""
        batch = self._tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self._max_tokens,
            return_tensors="pt",
        )
        return batch["input_ids"], batch["attention_mask"]

    def token_id(self, word: str) -> int:
        """Id of a word that is one token."""
        return int(self._tokenizer.get_vocab()[word])


def busy_seconds() -> float:
    """Processor seconds of this process by its threads: what a training with a time budget counts, whatever else the machine does."""
    return time.process_time() / torch.get_num_threads()


@dataclass(slots=True)
class FittedEncoder:
    """A trained encoder with everything that `logicdistill.training.export.export` needs.

    Attributes:
        seconds: the training's time.
        scoring: of stages whose views show facts.
        held_out: messages that were not trained on and calibrate the scoring; none where states are facts.
        by_stage: scoring of the stages that read messages.
        evidence: of those of them whose views show facts as well.
    """

    network: SentenceEncoder
    weights_dir: Path
    scoring: Scoring
    max_tokens: int
    functions: tuple[Function, ...]
    examples: tuple[TrainingExample, ...]
    steps: int
    seconds: float
    held_out: tuple[HeldOut, ...] = ()
    by_stage: dict[str, Scoring] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors, shape (texts, width)."""
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        with torch.no_grad():
            batches = [
                self.network.encode([texts[index] for index in order[start : start + 64]])
                for start in range(0, len(order), 64)
            ]
        rows = np.concatenate([batch.numpy() for batch in batches])
        return np.asarray(rows[np.argsort(order)])
