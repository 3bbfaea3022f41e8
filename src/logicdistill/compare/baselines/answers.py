"""The answer of a player that writes, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from logicdistill.types import Decision, Json


@dataclass(frozen=True, slots=True)
class Answer:
    """What a player answered in one state.

    Attributes:
        action: None where what was written is no action at all.
        entropy_bits: of the tokens written, summed; None where the model does not say.
        decision: behind it, for a player that calls functions.
        milliseconds: until the answer came; 0 where it is not measured here.
    """

    action: Json
    tokens_in: int = 0
    tokens_out: int = 0
    entropy_bits: float | None = None
    decision: Decision | None = None
    milliseconds: float = 0.0


def cost_of(answers: Sequence[Answer]) -> dict[str, Json]:
    """The sums over an episode, for its record."""
    bits = [answer.entropy_bits for answer in answers if answer.entropy_bits is not None]
    tokens = {name: sum(getattr(a, name) for a in answers) for name in ("tokens_in", "tokens_out")}
    return tokens | ({"entropy_bits": round(sum(bits), 3)} if bits else {})
