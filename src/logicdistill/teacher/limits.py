"""Limits on what one command asks of a live teacher, and the budget that keeps to them."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field

from logicdistill.errors import LimitReachedError, TeacherError
from logicdistill.teacher.joint import TOGETHER
from logicdistill.teacher.prices import TokenPrices

CHARACTERS_PER_TOKEN = 4.0
"""Of English text; used where a server counts no tokens."""

FEWEST_CHARACTERS_PER_TOKEN = 2.0
"""A safe bound, for what is reserved before a request goes out."""

ANSWER_TOKENS = {"label": 4_000, "labels": 8_000, "act": 4_000}
"""Most tokens of one answer, by kind of request. A model may think before it answers."""

DEFAULT_ANSWER_TOKENS = 16_000
"""The same for any other kind."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one command may spend; None is no limit.

    Attributes:
        budget: dollars.
        calls: requests sent, retries included. Requests that reach no server do not count, nor
            those that a server rejects because it does not know the form of the answer.
        tokens: in and out.
        answer: tokens of one answer; None takes `ANSWER_TOKENS`.
        parallel: requests under way at once.
        timeout: seconds to wait for an answer.
        tries: how often a request is sent while no answer comes.
        pause: seconds before the second try, doubled for each further one; a server's own
            ``Retry-After`` goes first.
        together: texts of one request for labels at most.

    Raises:
        TeacherError: a limit is not above 0.
    """

    budget: float | None = None
    calls: int | None = None
    tokens: int | None = None
    answer: int | None = None
    parallel: int = 8
    timeout: float = 300.0
    tries: int = 5
    pause: float = 1.0
    together: int = TOGETHER

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is not None and not value > 0:
                raise TeacherError(f"the limit {name!r} is {value}; give a number above 0")

    def answer_tokens(self, kind: str) -> int:
        """Most tokens of an answer to this kind of request."""
        return self.answer or ANSWER_TOKENS.get(kind, DEFAULT_ANSWER_TOKENS)


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls, tokens, and seconds from question to answer."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*map(operator.add, astuple(self), astuple(other)))


@dataclass(slots=True)
class Budget:
    """Counts what is spent and reserves what open requests may still cost: no limit is passed.

    This holds if a prompt has at most one token for each `FEWEST_CHARACTERS_PER_TOKEN` characters,
    and if the server keeps to the length of an answer that it is given. pydantic-ai's
    ``UsageLimits`` cannot promise this: it counts responses, after they came.

    Without ``prices``, ``limits.budget`` has to be None.
    """

    limits: Limits
    prices: TokenPrices | None
    spent: Usage = Usage()
    _reserved: list[Usage] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def reserve(self, characters: int, answer: int) -> Usage:
        """Reserve the most that a request may take; wait until the limits allow it.

        Args:
            characters: of its messages and schema.
            answer: most tokens of its answer.

        Raises:
            LimitReachedError: they do not allow it, and no open request can free any more.
        """
        most = Usage(1, int(characters / FEWEST_CHARACTERS_PER_TOKEN) + 1, answer)
        async with self._changed:
            while reason := self._passed(most):
                if not self._reserved:
                    remedy = "raise the limit and the same command goes on"
                    raise LimitReachedError(f"{reason}; what was answered is kept: {remedy}")
                await self._changed.wait()
            self._reserved.append(most)
        return most

    async def spend(self, reserved: Usage, used: Usage) -> None:
        """Count what a request took, and free what was reserved for it."""
        async with self._changed:
            self._reserved.remove(reserved)
            self.spent += used
            self._changed.notify_all()

    def dollars(self, usage: Usage) -> float | None:
        """What a usage costs; None where prices are not known."""
        prices = self.prices
        return None if prices is None else prices.dollars(usage.tokens_in, usage.tokens_out)

    def record(self, usage: Usage) -> dict[str, int | float]:
        """A usage as it is stored with an answer; without prices there are no dollars."""
        dollars = self.dollars(usage)
        found = asdict(usage) | {"seconds": round(usage.seconds, 3)}
        return found if dollars is None else found | {"dollars": round(dollars, 8)}

    def _passed(self, most: Usage) -> str | None:
        limits, used = self.limits, sum(self._reserved, self.spent)
        total = used + most
        if limits.calls is not None and total.calls > limits.calls:
            return f"the limit of {limits.calls:,} calls is reached"
        tokens, more = used.tokens_in + used.tokens_out, most.tokens_in + most.tokens_out
        if limits.tokens is not None and tokens + more > limits.tokens:
            return (
                f"the limit of {limits.tokens:,} tokens is reached: {tokens:,} are used "
                f"and the next request may take {more:,}"
            )
        if limits.budget is not None and (self.dollars(total) or 0.0) > limits.budget:
            return (
                f"the budget of ${limits.budget:.2f} is reached: ${self.dollars(used):.4f} "
                f"is spent and the next request may cost ${self.dollars(most):.4f}"
            )
        return None


def characters(messages: Sequence[tuple[str, str]], schema: Mapping[str, object]) -> int:
    """Characters of a request, its schema included."""
    return sum(len(content) for _, content in messages) + len(str(dict(schema)))
