"""Players that write text with a causal language model: KD, CoT-KD, function calls, zero-shot. Signatures first; the work follows.

- ``kd-causal`` writes the action; ``kd-causal-legal`` (the same folder) takes the most probable legal action by scoring all of them;
- ``cot-kd`` writes the teacher's reasons, then the action;
- ``call-causal`` writes the right function's name, stage by stage (a `Student` in the ordinary stage loop);
- ``zero-shot`` writes the action, untrained (nothing to fit).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logicdistill.selection import Parts
from logicdistill.training.collect import Labeller
from logicdistill.types import Decision, Json

TEXT_PLAYERS = ("kd-causal", "kd-causal-legal", "cot-kd", "call-causal", "zero-shot")
FITTED = ("kd-causal", "cot-kd", "call-causal")
"""The kinds that `fit_text_player` trains."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A state of a training episode as the text players read it, the teacher's action in it, and how the labelled functions got there."""

    text: str
    label: str
    reasons: tuple[str, ...]
    calls: tuple[tuple[str, str], ...]


def collect_worked(parts: Parts, labeller: Labeller, seeds: Sequence[int], explore: float = 0.15) -> list[Worked]:
    """The teacher's decisions in every state of training episodes (as `imitation.collect_actions`, with the reasons)."""
    raise NotImplementedError


def fit_text_player(
    kind: str,
    examples: Sequence[Worked],
    validation: Sequence[Worked],
    model: str,
    folder: Path,
    seconds: float,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    start: Path | None = None,
) -> Mapping[str, Json]:
    """Train one of `FITTED` into ``folder``; ``start``: folder of an earlier training to go on from (``retrained``).

    Returns:
        ``seconds``, ``examples`` (seen), ``curve`` (list of {seconds, examples, accuracy}), ``accuracy``, ``peak_rss_mb``.
    """
    raise NotImplementedError


def load_text_player(kind: str, folder: Path, parts: Parts) -> TextPlayer:
    """A player of `TEXT_PLAYERS`; ``parts`` of a policy of the run (its student is not asked). ``zero-shot``: ``folder`` is not read."""
    raise NotImplementedError


class TextPlayer:
    """A `logicdistill.episodes.Player`. An answer that is no action at all is returned as the action None (see `is_unusable`)."""

    def __call__(self, envs: Sequence[Any], states: list[dict[str, Json]]) -> list[tuple[Json, Decision | None]]:
        """See `logicdistill.episodes.Player`."""
        raise NotImplementedError


def is_unusable(action: Json, decision: Decision | None) -> bool:
    """Whether an answer of a text player was no action (or, of ``call-causal``, no candidate's name) at all."""
    raise NotImplementedError
