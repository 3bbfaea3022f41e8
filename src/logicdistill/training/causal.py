"""Fine-tuning of a causal language model with LoRA: to select functions, or to write text. Signatures first; the work follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from logicdistill.training.examples import TrainingExample
from logicdistill.types import Function, Json, Stage


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt and what is to be written after it."""

    prompt: str
    completion: str


def fit_causal_student(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    model: str,
    folder: Path,
    seconds: float,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Mapping[str, Json]:
    """Train ld-causal and write its folder (``adapter/`` and, last, ``causal.toml``) for `logicdistill.students.causal.CausalStudent`.

    Args:
        stages: the base's stages.
        functions: functions of the selecting stages.
        examples: distinct questions with their labels.
        model: ``smollm2``, a local folder or a Hugging Face name.
        folder: to write.
        seconds: time for training; checkpoints are not counted.
        seed: of the training.
        on_progress: told of seconds done and in all.

    Returns:
        ``seconds``, ``examples`` (seen), ``curve`` (list of {seconds, examples, accuracy}), ``accuracy``, ``peak_rss_mb``.
    """
    raise NotImplementedError


def fit_text(
    pairs: Sequence[Pair],
    validation: Sequence[Pair],
    model: str,
    folder: Path,
    seconds: float,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    start: Path | None = None,
) -> Mapping[str, Json]:
    """Train to write the completions; the checkpoint with the most exact matches on ``validation`` is kept. See `fit_causal_student`.

    Args:
        start: folder of an adapter to go on from (training again after the rules have changed).
    """
    raise NotImplementedError
