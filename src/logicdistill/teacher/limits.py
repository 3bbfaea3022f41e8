"""What asking a live teacher may cost, and what it did cost: calls, tokens, dollars."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from logicdistill.errors import LimitReachedError, TeacherError

CHARACTERS_PER_TOKEN = 4.0
"""Of English text; what is not known before an answer comes is estimated by it."""

LEAST_CHARACTERS = 2.0
"""The same on the safe side, for what is kept free of a budget before a request goes out."""

ANSWER_TOKENS = {"label": 4_000, "act": 4_000}
"""Tokens of one answer at most, by kind of request; a model that thinks before it answers needs many more than the answer has."""

MOST_TOKENS = 16_000
"""The same for all other kinds."""

USUAL_TOKENS = {
    "label": 60,
    "act": 20,
    "stages": 400,
    "functions": 2_500,
    "repair": 700,
    "emergency": 1_200,
}
"""Tokens that an answer usually has, for estimates."""


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """Dollars a token of a model, and where the figures come from."""

    name: str
    token_in: float
    token_out: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What one command may spend; None is no limit.

    Attributes:
        budget: dollars.
        calls: requests that are sent, repetitions included; not those whose form a server does not know, nor where no server is.
        tokens: tokens in and out.
        answer: tokens of one answer; None takes `ANSWER_TOKENS`.
        parallel: requests under way at once.
        timeout: seconds until a request without an answer is given up.
        tries: how often a request is sent while nothing comes back.
        pause: seconds before the second try; doubled for each further one. A server's own ``Retry-After`` goes before.
    """

    budget: float | None = None
    calls: int | None = None
    tokens: int | None = None
    answer: int | None = None
    parallel: int = 8
    timeout: float = 300.0
    tries: int = 5
    pause: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (
            ("budget", self.budget),
            ("number of calls", self.calls),
            ("number of tokens", self.tokens),
        ):
            if value is not None and not value > 0:
                raise TeacherError(f"the {name} is {value}; give a number above 0")
        for name, value in (
            ("length of an answer", self.answer),
            ("number of parallel requests", self.parallel),
        ):
            if value is not None and value < 1:
                raise TeacherError(f"the {name} is {value}; give a number of at least 1")
        if not self.timeout > 0:
            raise TeacherError(f"the time-out is {self.timeout}; give seconds above 0")

    def answer_tokens(self, kind: str) -> int:
        """Tokens of an answer of a kind at most."""
        return self.answer or ANSWER_TOKENS.get(kind, MOST_TOKENS)


@dataclass(slots=True)
class Usage:
    """Calls, tokens, dollars, and seconds from question to answer; ``dollars`` is None where the price is not known."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float | None = 0.0
    seconds: float = 0.0

    def add(self, other: Usage) -> None:
        """Add what another one counts."""
        self.calls += other.calls
        self.tokens_in += other.tokens_in
        self.tokens_out += other.tokens_out
        self.seconds += other.seconds
        self.dollars = (
            None if self.dollars is None or other.dollars is None else self.dollars + other.dollars
        )

    def to_json(self) -> dict[str, int | float]:
        """For a stored reply; without a price there are no dollars."""
        found: dict[str, int | float] = {
            "calls": self.calls,
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
        }
        found["seconds"] = round(self.seconds, 3)
        return found if self.dollars is None else found | {"dollars": round(self.dollars, 8)}


@dataclass(slots=True)
class Purse:
    """Budget accounting: counts what is spent, and reserves what the requests under way may still cost, so that no limit is passed.

    That holds as long as a prompt has at most a token for each `LEAST_CHARACTERS` characters, and the server keeps to the length of an
    answer that it is given.

    Attributes:
        limits: see `Limits`.
        prices: None where they are not known; then ``limits.budget`` has to be None.
        spent: up to now.
    """

    limits: Limits
    prices: TokenPrices | None
    spent: Usage = field(default_factory=Usage)
    _held: dict[int, Usage] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def usage(self, tokens_in: int, tokens_out: int, seconds: float = 0.0) -> Usage:
        """One call with so many tokens."""
        prices = self.prices
        dollars = (
            None if prices is None else tokens_in * prices.token_in + tokens_out * prices.token_out
        )
        return Usage(1, tokens_in, tokens_out, dollars, seconds)

    async def take(self, characters: int, answer: int) -> int:
        """Keep free what a request may cost, as soon as the limits allow it.

        Args:
            characters: of its messages.
            answer: tokens of its answer at most.

        Returns:
            A number to `pay` with.

        Raises:
            LimitReachedError: nothing is under way that could leave enough.
        """
        worst = self.usage(int(characters / LEAST_CHARACTERS) + 1, answer)
        async with self._changed:
            while reason := self._too_much(worst):
                if not self._held:
                    raise LimitReachedError(
                        f"{reason}; what was answered is kept: raise the limit and the same command goes on"
                    )
                await self._changed.wait()
            number = id(worst)
            self._held[number] = worst
            return number

    async def pay(self, number: int, usage: Usage) -> None:
        """Count what a request did cost, and give back what was kept free for it."""
        async with self._changed:
            del self._held[number]
            self.spent.add(usage)
            self._changed.notify_all()

    def _too_much(self, worst: Usage) -> str | None:
        limits, total = (
            self.limits,
            Usage(
                self.spent.calls, self.spent.tokens_in, self.spent.tokens_out, self.spent.dollars
            ),
        )
        for held in self._held.values():
            total.add(held)
        if limits.calls is not None and total.calls + 1 > limits.calls:
            return f"the limit of {limits.calls:,} calls is reached"
        tokens, more = total.tokens_in + total.tokens_out, worst.tokens_in + worst.tokens_out
        if limits.tokens is not None and tokens + more > limits.tokens:
            return f"the limit of {limits.tokens:,} tokens is reached: {tokens:,} are used and the next request may take {more:,}"
        if (
            limits.budget is not None
            and (total.dollars or 0.0) + (worst.dollars or 0.0) > limits.budget
        ):
            return (
                f"the budget of ${limits.budget:.2f} is reached: ${total.dollars or 0.0:.4f} is spent "
                f"and the next request may cost ${worst.dollars or 0.0:.4f}"
            )
        return None


def characters(messages: Sequence[tuple[str, str]], schema: Mapping[str, object]) -> int:
    """Characters of a request, its schema among them."""
    return sum(len(content) for _, content in messages) + len(str(dict(schema)))
