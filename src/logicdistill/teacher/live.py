"""A live teacher: asks a large model, within limits, and keeps each answer the moment it arrives, so that nothing is paid twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from logicdistill.errors import (
    LogicDistillError,
    TeacherError,
    UnusableReplyError,
    needs_extra,
)
from logicdistill.protocols import Request
from logicdistill.teacher.limits import (
    CHARACTERS_PER_TOKEN,
    Limits,
    Purse,
    TokenPrices,
    Usage,
    characters,
)
from logicdistill.teacher.recorded import ReplyStore, request_key
from logicdistill.types import Json

if TYPE_CHECKING:
    from logicdistill.teacher.models import Answer, ChatModel

DEFAULT_BUDGET = 2.0
"""Dollars a command, where no limit is named."""

ANSWERS = 3
"""How often a model is asked for one answer while what it writes cannot be used."""

LONGEST_WAIT = 120.0
"""Seconds that a server may ask to wait; one that asks for more is not waited for."""

REFUSED = "That answer cannot be used: {reason}. Answer again, with one JSON object in the schema and nothing else."

_T = TypeVar("_T")


class LiveTeacher:
    """Asks a model; see `make_teacher`, which makes one.

    Args:
        model: who is asked.
        name: of the model, for the origin of its answers.
        store: where answers are looked up first, and kept.
        limits: of what all requests together may cost.
        prices: None where they are not known; there are then no dollars to count.
        on_event: told of waiting and of what was unusable, in one line.

    Attributes:
        name: of the model, with its server's URL.
        origins: what wrote the answers that were given.
        known: how many of them were in the store already.
    """

    def __init__(
        self,
        model: ChatModel,
        name: str,
        store: ReplyStore,
        limits: Limits,
        prices: TokenPrices | None,
        on_event: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.store, self.limits, self.prices = store, limits, prices
        self.origins: set[str] = set()
        self.known = 0
        self.name, self._model, self._on_event = name, model, on_event
        self._purse = Purse(limits, prices)
        self._room = asyncio.Semaphore(limits.parallel)
        self._asked: dict[str, asyncio.Task[Json]] = {}
        self._quiet_until = 0.0
        self._stopped: LogicDistillError | None = None
        self._batches = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()

    @property
    def spent(self) -> Usage:
        """What was sent and received so far."""
        return self._purse.spent

    def ask(self, request: Request) -> Json:
        """The answer: the stored one, or the model's.

        Raises:
            UnusableReplyError: its answers do not fit the schema or the request's check.
            LimitReachedError: a limit does not allow it.
            TeacherError: the model does not answer.
        """
        found = self.ask_many([request])[0]
        if isinstance(found, LogicDistillError):
            raise found
        return found

    def ask_many(self, requests: Sequence[Request]) -> list[Json | LogicDistillError]:
        """The answers to many requests, several under way at once; see `logicdistill.protocols.BatchTeacher`.

        Raises:
            LimitReachedError, TeacherError: as `ask`; the answers that were under way have been kept.
        """
        found: dict[str, Json | LogicDistillError] = {}
        missing: dict[str, Request] = {}
        for request in requests:
            key = request_key(request)
            record = None if key in missing or key in found else self.store.get(request)
            if record is not None:
                found[key] = record["reply"]
                self.origins.add(record["origin"])
                self.known += 1
            elif key not in found:
                missing[key] = request
        if missing:
            found |= self._run(self._all(missing))
        return [found[request_key(request)] for request in requests]

    def cost_line(self) -> str:
        """What this teacher has cost so far, in one line."""
        spent = self.spent
        text = f"teacher {self.name}: {spent.calls:,} calls, {spent.tokens_in:,} tokens in, {spent.tokens_out:,} out"
        if self.prices is None:
            text += ", price unknown"
        elif spent.dollars is not None:
            budget = "" if self.limits.budget is None else f" of ${self.limits.budget:.2f}"
            text += f", ${spent.dollars:.4f}{budget} by {self.prices.name}"
        return f"{text}; {self.known:,} answers were there already"

    def close(self) -> None:
        """Close the connections."""
        if self._loop is not None:
            with contextlib.suppress(Exception):
                self._call(self._model.__aexit__())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = None

    def __enter__(self) -> LiveTeacher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # One event loop in a thread of its own: connections belong to a loop, and the caller may have one that runs already.

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, daemon=True, name="teacher"
                )
                self._thread.start()
                self._call(self._model.__aenter__())
        return self._call(work)

    def _call(self, work: Coroutine[Any, Any, _T]) -> _T:
        assert self._loop is not None
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            self._stopped = TeacherError(
                "stopped; what was answered is kept, the same command goes on"
            )
            self._on_event(
                "waiting for the answers that are paid for already; Ctrl-C again leaves them"
            )
            with contextlib.suppress(LogicDistillError):
                future.result()
            raise
        finally:
            future.cancel()

    async def _all(self, missing: dict[str, Request]) -> dict[str, Json | LogicDistillError]:
        self._batches += 1
        try:
            tasks = {key: self._task(key, request) for key, request in missing.items()}
            results = await asyncio.gather(*tasks.values(), return_exceptions=True)
            found: dict[str, Json | LogicDistillError] = {}
            for key in tasks:
                self._asked.pop(key, None)
            for key, result in zip(tasks, results, strict=True):
                if isinstance(result, BaseException) and not isinstance(result, UnusableReplyError):
                    raise self._stopped or result
                found[key] = result
            return found
        finally:
            self._batches -= 1
            if not self._batches:
                self._stopped = None

    def _task(self, key: str, request: Request) -> asyncio.Task[Json]:
        """Two callers with one question share its answer."""
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._answer(request))
        return self._asked[key]

    async def _answer(self, request: Request) -> Json:
        async with self._room:
            try:
                return await self._usable(request)
            except UnusableReplyError:
                raise
            except LogicDistillError as error:
                self._stopped = (
                    self._stopped or error
                )  # what is under way is kept, nothing new is sent
                raise

    async def _usable(self, request: Request) -> Json:
        """Ask until an answer fits; the model reads its unusable answers with the reasons."""
        from logicdistill.teacher.models import safe_line  # the extra `teacher` is there

        messages, total, reason = list(request.messages), Usage(0), ""
        for _ in range(ANSWERS):
            answer, usage = await self._sent(request, messages)
            total.add(usage)
            reply, reason = _read(request, answer)
            reason = safe_line(reason)
            if request.once and reason:
                reply = {"unusable": reason}
            if not reason or request.once:
                self.store.put(request, reply, self.name, total.to_json())
                self.origins.add(self.name)
                return reply
            self._on_event(f"unusable answer to {request.kind!r}: {reason}")
            messages = [
                *request.messages,
                ("assistant", answer.text or "(nothing)"),
                ("user", REFUSED.format(reason=reason)),
            ]
        raise UnusableReplyError(
            f"{self.name} gave no usable answer to {request.kind!r} in {ANSWERS} tries; last: {reason}; name a larger model"
        )

    async def _sent(
        self, request: Request, messages: Sequence[tuple[str, str]]
    ) -> tuple[Answer, Usage]:
        """Send until something comes back."""
        from logicdistill.teacher.models import NoAnswerError

        size, most = characters(messages, request.schema), self.limits.answer_tokens(request.kind)
        total, tries = Usage(0), 0
        while True:
            await self._quiet()
            number = await self._purse.take(size, most)
            if self._stopped is not None:
                await self._purse.pay(number, Usage())
                raise self._stopped
            usage = self._purse.usage(int(size / CHARACTERS_PER_TOKEN), 0)
            tries, started = tries + 1, time.perf_counter()
            try:
                answer = await self._model.answer(messages, request.schema, most)
                written = answer.tokens_out or int(len(answer.text) / CHARACTERS_PER_TOKEN)
                usage = self._purse.usage(
                    answer.tokens_in or usage.tokens_in, written, time.perf_counter() - started
                )
                return answer, total
            except NoAnswerError as error:
                usage = usage if error.read else self._purse.usage(0, 0) if error.sent else Usage()
                wait = (
                    self.limits.pause * 2 ** (tries - 1) * random.uniform(1.0, 1.25)
                    if error.wait is None
                    else error.wait
                )
                if tries == self.limits.tries or wait > LONGEST_WAIT:
                    asks = f", it asks to wait {wait:,.0f} s" if wait > LONGEST_WAIT else ""
                    raise TeacherError(
                        f"{error} ({tries} tries{asks}); what was answered is kept: the same command goes on"
                    ) from None
                self._on_event(f"{error}; trying again in {wait:.1f} s")
                self._quiet_until = max(self._quiet_until, time.monotonic() + wait)
            except TeacherError:
                usage = self._purse.usage(0, 0)
                raise
            finally:
                total.add(usage)
                await self._purse.pay(number, usage)

    async def _quiet(self) -> None:
        """All requests keep quiet while the server asks for it, and for good once one of them has failed."""
        while (left := self._quiet_until - time.monotonic()) > 0 and self._stopped is None:
            await asyncio.sleep(min(left, 0.5))
        if self._stopped is not None:
            raise self._stopped


def _read(request: Request, answer: Answer) -> tuple[Json, str]:
    """An answer's JSON, and why it is unusable ("" where it is not)."""
    text = answer.text.strip()
    if text.startswith("```"):
        text = text.partition("\n")[2].rpartition("```")[0]
    start, end = text.find("{"), text.rfind("}")
    try:
        reply = json.loads(text[start : end + 1] if 0 <= start < end else text)
    except (ValueError, RecursionError) as error:
        cut = (
            f"it was cut off after {answer.tokens_out:,} tokens, so it has to be shorter"
            if answer.cut
            else f"it is not JSON: {error}"
        )
        return None, cut
    return reply, request.check(reply) or ""


@dataclass(frozen=True, slots=True)
class TeacherOptions:
    """Which live teacher a command asks, and what that may cost: what ``--teacher`` and the options around it say.

    Attributes:
        model: pydantic-ai's name, such as ``openai:gpt-5-mini``.
        base_url: of an OpenAI-compatible server; None asks the provider itself.
        limits: see `logicdistill.teacher.limits.Limits`; without any, `DEFAULT_BUDGET` holds.
        prices: None takes the price list that comes with pydantic-ai.
    """

    model: str
    base_url: str | None = None
    limits: Limits = field(default_factory=Limits)
    prices: TokenPrices | None = None


def known_prices(model: str) -> TokenPrices | None:
    """Prices of a model by pydantic-ai's name, from the list that comes with it; None where it, or the extra ``teacher``, is not there."""
    try:
        from logicdistill.teacher.models import list_prices
    except ImportError:
        return None
    return list_prices(model)


def make_teacher(
    model: str,
    store: ReplyStore | Path,
    *,
    base_url: str | None = None,
    budget: float | None = None,
    max_calls: int | None = None,
    max_tokens: int | None = None,
    limits: Limits | None = None,
    prices: TokenPrices | None = None,
    on_event: Callable[[str], None] = lambda _: None,
) -> LiveTeacher:
    """A teacher that asks a live model. Close it, or use it in a ``with`` block.

    Args:
        model: pydantic-ai's name, such as ``openai:gpt-5-mini``; with ``base_url`` the model's name there.
        store: its answers are kept there, or in that folder; what is there already is not asked again.
        base_url: of an OpenAI-compatible server, such as ``http://localhost:8000/v1``.
        budget: dollars; by default `DEFAULT_BUDGET` where no other limit is given and the price is known.
        max_calls: requests.
        max_tokens: tokens, in and out.
        limits: all of them, and time-outs, in place of the three before.
        prices: dollars a token; by default from the price list that comes with pydantic-ai.
        on_event: told of waiting and of unusable answers, in one line.

    Raises:
        MissingExtraError: the extra ``teacher`` is not installed.
        TeacherError: no such model, no key in the environment, or a price is not known and no other limit is given.
    """
    limits = limits or Limits(budget=budget, calls=max_calls, tokens=max_tokens)
    with needs_extra("a live teacher", "teacher"):
        from logicdistill.teacher.models import ChatModel, list_prices
    asked = ChatModel(model, base_url, limits.timeout)
    known = prices or (None if base_url else list_prices(model))
    if known is None and limits.calls is None and limits.tokens is None:
        raise TeacherError(
            f"the price of {model!r} is not known, so no budget can hold: give --max-calls or --max-tokens, or its --prices"
        )
    if known is None and limits.budget is not None:
        raise TeacherError(
            f"the price of {model!r} is not known, so a budget cannot hold: give its --prices, or leave --budget out"
        )
    if known is not None and limits.budget is limits.calls is limits.tokens is None:
        limits = replace(limits, budget=DEFAULT_BUDGET)
    folder = store if isinstance(store, ReplyStore) else ReplyStore(store)
    name = model if base_url is None else f"{model} at {base_url}"
    return LiveTeacher(asked, name, folder, limits, known, on_event)


@contextlib.contextmanager
def live_teacher(
    options: TeacherOptions, store: ReplyStore | Path, on_event: Callable[[str], None]
) -> Iterator[LiveTeacher]:
    """A teacher for the length of a command; what it cost is told at the end, whatever the end is."""
    teacher = make_teacher(
        options.model,
        store,
        base_url=options.base_url,
        limits=options.limits,
        prices=options.prices,
        on_event=on_event,
    )
    with teacher:
        try:
            yield teacher
        finally:
            on_event(teacher.cost_line())
