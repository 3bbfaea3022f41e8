"""A live teacher: asks a large model within limits and stores each answer as it arrives."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from logicdistill.errors import LogicDistillError, TeacherError, UnusableReplyError, needs_extra
from logicdistill.protocols import Request
from logicdistill.teacher.answers import Answer, NoAnswerError, read_json_answer, safe_line
from logicdistill.teacher.joint import bundles, joined
from logicdistill.teacher.limits import CHARACTERS_PER_TOKEN, Budget, Limits, Usage, characters
from logicdistill.teacher.prices import TokenPrices, listed_prices
from logicdistill.teacher.recorded import ReplyStore, request_key
from logicdistill.teacher.secrets import masked, masked_json
from logicdistill.types import Json

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

DEFAULT_BUDGET = 2.0
"""Dollars a command, where no limit is given."""

ANSWER_TRIES = 3
"""How often a model is asked for one answer while its answers are unusable."""

LONGEST_WAIT = 120.0
"""Seconds; a server that asks for a longer wait ends the command."""

CORRECTION = (
    "That answer cannot be used: {reason}. "
    "Answer again, with one JSON object in the schema and nothing else."
)


_Kind = TypeVar("_Kind")


class LiveTeacher(contextlib.AbstractContextManager["LiveTeacher"]):
    """A teacher that asks a live model. Close it, or use it in a ``with`` block.

    Threads may share it.

    Args:
        model: pydantic-ai's name, such as ``openai:gpt-5-mini``; with ``base_url`` the model's
            name there.
        store: answers are stored in this folder; what is there is not asked again.
        base_url: of an OpenAI-compatible server, such as ``http://localhost:8000/v1``.
        limits: without budget, calls and tokens, `DEFAULT_BUDGET` is the limit.
        prices: None takes those of genai-prices, for a provider's model.
        on_event: called with one line for each wait and each unusable answer.

    Attributes:
        name: of the model, with its server's URL; the origin of its answers.
        origins: what wrote the answers that were given.
        known_answers: how many of them were in the store already.

    Raises:
        MissingExtraError: the extra ``teacher`` is not installed.
        TeacherError: no such model, no key in the environment, or no price and no other limit.
    """

    def __init__(
        self,
        model: str,
        store: ReplyStore | Path,
        *,
        base_url: str | None = None,
        limits: Limits | None = None,
        prices: TokenPrices | None = None,
        on_event: Callable[[str], None] = lambda _: None,
    ) -> None:
        with needs_extra("a live teacher", "teacher"):
            from logicdistill.teacher.models import ChatModel
        limits = limits or Limits()
        self._model = ChatModel(model, base_url, limits.timeout)
        prices = prices or (None if base_url else listed_prices(model))
        unlimited = limits.calls is None and limits.tokens is None
        if prices is None and (unlimited or limits.budget is not None):
            raise TeacherError(
                f"the price of {model!r} is not known, so no budget can hold: "
                "give teacher.max_calls or teacher.max_tokens (run --set) and no --budget, "
                "or a price list, teacher.prices"
            )
        if unlimited and limits.budget is None:
            limits = replace(limits, budget=DEFAULT_BUDGET)
        self.name = model if base_url is None else f"{model} at {base_url}"
        self.store = store if isinstance(store, ReplyStore) else ReplyStore(store)
        self.limits, self.prices = limits, prices
        self.origins: set[str] = set()
        self.known_answers = 0
        self._on_event = on_event
        self._budget = Budget(limits, prices)
        self._slots = asyncio.Semaphore(limits.parallel)
        self._open_questions: dict[str, asyncio.Task[Json]] = {}
        self._busy_until = 0.0
        self._stopped: LogicDistillError | None = None
        self._batches = 0
        self._portal: BlockingPortal | None = None
        self._closing = contextlib.ExitStack()
        self._starting = threading.Lock()

    @property
    def spent(self) -> Usage:
        """What was sent and received so far."""
        return self._budget.spent

    @property
    def dollars(self) -> float | None:
        """What it has cost so far; None where prices are not known."""
        return self._budget.dollars(self.spent)

    def known(self, request: Request) -> Json | None:
        """See `logicdistill.protocols.KnowingTeacher`."""
        record = self.store.get(request)
        if record is None:
            return None
        self.origins.add(record["origin"])
        self.known_answers += 1
        return record["reply"]

    def ask(self, request: Request) -> Json:
        """The stored answer, or else the model's.

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
        """Answers to many requests, several under way at once; see `BatchTeacher`.

        Labels of one stage and the same candidates go out together, ``limits.together`` in one
        request. What an answer lacks is asked again with what other answers lack.

        Raises:
            LimitReachedError, TeacherError: as `ask`; answers under way were stored.
        """
        keys = [request_key(request) for request in requests]
        missing, found = dict(zip(keys, requests, strict=True)), dict[str, Json]()
        for key, request in list(missing.items()):
            if (reply := self.known(request)) is not None:
                found[key] = reply
                del missing[key]
        if missing:
            found |= self._run(missing)
        return [found[key] for key in keys]

    def cost_line(self) -> str:
        """What it has cost so far, in one line."""
        spent, dollars, cost = self.spent, self.dollars, "price unknown"
        if self.prices is not None:
            budget = "" if self.limits.budget is None else f" of ${self.limits.budget:.2f}"
            cost = f"${dollars:.4f}{budget} by {self.prices.name}"
        return (
            f"teacher {self.name}: {spent.calls:,} calls, {spent.tokens_in:,} tokens in, "
            f"{spent.tokens_out:,} out, {cost}; {self.known_answers:,} answers were there already"
        )

    def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(Exception):
            self._closing.close()
        self._portal = None

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, missing: Mapping[str, Request]) -> dict[str, Json | LogicDistillError]:
        # Connections belong to an event loop, and the caller may run another one: a thread has it.
        from anyio.from_thread import start_blocking_portal  # comes with the extra `teacher`

        with self._starting:
            if self._portal is None:
                portal = self._closing.enter_context(start_blocking_portal(name="teacher"))
                self._closing.enter_context(portal.wrap_async_context_manager(self._model))
                self._portal = portal
        future = self._portal.start_task_soon(self._answers, missing)
        try:
            return future.result()
        except KeyboardInterrupt:
            kept = "what was answered is kept, the same command goes on"
            self._stopped = TeacherError(f"stopped; {kept}")
            wait = "waiting for the answers that are paid for already"
            self._on_event(f"{wait}; Ctrl-C again leaves them")
            with contextlib.suppress(LogicDistillError):
                future.result()
            raise
        finally:
            future.cancel()

    async def _answers(self, missing: Mapping[str, Request]) -> dict[str, Json | LogicDistillError]:
        self._batches += 1
        try:
            results = await asyncio.gather(*self._tasks(missing), return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException) and not isinstance(result, UnusableReplyError):
                    raise self._stopped or result
            return dict(zip(missing, results, strict=True))
        finally:
            self._batches -= 1
            if not self._batches:
                self._stopped = None

    def _tasks(self, missing: Mapping[str, Request]) -> list[asyncio.Task[Json]]:
        """A task for each request; two callers with one question share its answer."""
        new = {key: request for key, request in missing.items() if key not in self._open_questions}
        sent = bundles(new.values(), self.limits.together)
        together = {request_key(one): one for bundle in sent if len(bundle) > 1 for one in bundle}
        labels = asyncio.create_task(self._together(together)) if together else None
        for key, request in new.items():
            waits = _its(labels, key) if labels and key in together else self._in_turn(request)
            task = self._open_questions[key] = asyncio.create_task(waits)
            task.add_done_callback(partial(self._answered, key))
        return [self._open_questions[key] for key in missing]

    def _answered(self, key: str, _: asyncio.Task[Json]) -> None:
        self._open_questions.pop(key)

    async def _together(
        self, requests: Mapping[str, Request]
    ) -> dict[str, Json | LogicDistillError]:
        """Answers to requests that go out in bundles; those that are unusable go out again."""
        found: dict[str, Json | LogicDistillError] = {}
        faults, most = dict.fromkeys(requests, ""), self.limits.together
        for _ in range(ANSWER_TRIES):
            sent = bundles((requests[key] for key in faults), most)
            tasks = [self._bundle(bundle, faults) for bundle in sent]
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            faults, cut = {}, False
            for answer in answers:
                if isinstance(answer, BaseException):
                    raise answer
                found |= answer.replies
                faults |= answer.faults
                cut = cut or answer.cut
            if not faults:
                return found
            most = max(1, most // 2) if cut else most
        return found | {key: self._gave_none(requests[key], fault) for key, fault in faults.items()}

    async def _bundle(self, bundle: Sequence[Request], faults: Mapping[str, str]) -> _Answers:
        """Ask a bundle once; each usable answer is stored by its own request."""
        keys = [request_key(request) for request in bundle]
        if len(bundle) == 1:
            try:
                return _Answers({keys[0]: await self._in_turn(bundle[0])})
            except UnusableReplyError as error:
                return _Answers({keys[0]: error})
        request, joint = joined(bundle, [faults[key] for key in keys]), bundle[0].joint
        assert joint is not None
        answer, usage = await self._in_slot(self._send(request, request.messages))
        reply, reason = _read(request, answer)
        parts = [None] * len(bundle) if reason else joint.parts(reply, len(bundle))
        found = _Answers(cut=answer.cut)
        for key, one, part in zip(keys, bundle, parts, strict=True):
            fault = reason or ("it is missing" if part is None else one.check(part) or "")
            if fault:
                found.faults[key] = safe_line(fault)
            else:
                found.replies[key] = self._kept(one, part, asked_in=request)
        if found.replies:
            self._kept(request, reply, usage)
        if found.faults:
            count = f"{len(found.faults)} of {len(bundle)}, the first as"
            first = next(iter(found.faults.values()))
            self._on_event(f"unusable answer to {request.kind!r}: {count} {first}")
        return found

    async def _in_slot(self, asks: Coroutine[Any, Any, _Kind]) -> _Kind:
        """Ask when it is its turn; after a failure nothing new is sent."""
        async with self._slots:
            try:
                return await asks
            except LogicDistillError as error:
                if not isinstance(error, UnusableReplyError):
                    self._stopped = self._stopped or error
                raise

    async def _in_turn(self, request: Request) -> Json:
        return await self._in_slot(self._usable(request))

    async def _usable(self, request: Request) -> Json:
        """Ask until an answer fits; the model gets each unusable answer back with the reason."""
        if (reply := await self._paid_before(request)) is not None:
            return reply
        messages, total, reason = request.messages, Usage(), ""
        for _ in range(ANSWER_TRIES):
            answer, usage = await self._send(request, messages)
            total += usage
            reply, reason = _read(request, answer)
            if request.once and reason:
                reply, reason = {"unusable": reason}, ""
            if not reason:
                return self._kept(request, reply, total)
            self._on_event(f"unusable answer to {request.kind!r}: {reason}")
            said, why = masked(answer.text) or "(nothing)", CORRECTION.format(reason=reason)
            messages = (*request.messages, ("assistant", said), ("user", why))
        raise self._gave_none(request, reason)

    def _gave_none(self, request: Request, reason: str) -> UnusableReplyError:
        return UnusableReplyError(
            f"{self.name} gave no usable answer to {request.kind!r} in {ANSWER_TRIES} tries; "
            f"last: {reason}; name a larger model"
        )

    async def _paid_before(self, request: Request) -> Json | None:
        """The answer that an earlier run paid and did not read, if it can be read now."""
        file = self.store.unread(request)
        try:
            kept = file.read_bytes()
        except OSError:
            return None
        try:
            messages, most = request.messages, self.limits.answer_tokens(request.kind)
            answer = await self._model.answer(messages, request.schema, most, file, kept)
        except (NoAnswerError, TeacherError):
            return None
        reply, reason = _read(request, answer)
        if reason:
            return None
        self._on_event(f"the answer to {request.kind!r} was paid before; it is read now")
        return self._kept(request, reply, Usage(0, answer.tokens_in, answer.tokens_out))

    def _kept(
        self,
        request: Request,
        reply: Json,
        usage: Usage | None = None,
        asked_in: Request | None = None,
    ) -> Json:
        """Store an answer without keys, and return it."""
        if (clean := masked_json(reply)) != reply:
            self._on_event(f"the answer to {request.kind!r} repeats a key; it is masked")
        took = None if usage is None else self._budget.record(usage)
        self.store.put(request, clean, self.name, took, asked_in)
        with contextlib.suppress(OSError):
            self.store.unread(request).unlink()
        self.origins.add(self.name)
        return clean

    async def _send(
        self, request: Request, messages: Sequence[tuple[str, str]]
    ) -> tuple[Answer, Usage]:
        """Send until an answer comes; also what all tries took. Each try is a counted call."""
        size, most = characters(messages, request.schema), self.limits.answer_tokens(request.kind)
        question, total, tries = int(size / CHARACTERS_PER_TOKEN), Usage(), 0
        while True:
            # All requests wait as long as the server asks one to.
            while (left := self._busy_until - time.monotonic()) > 0 and not self._stopped:
                await asyncio.sleep(min(left, 0.5))
            reserved, used = await self._budget.reserve(size, most), Usage()
            try:
                if self._stopped:
                    raise self._stopped
                tries, started = tries + 1, time.perf_counter()
                used = Usage(1, question, 0)  # what an interruption costs
                answer = await self._model.answer(
                    messages, request.schema, most, self.store.unread(request)
                )
                written = answer.tokens_out or int(len(answer.text) / CHARACTERS_PER_TOKEN)
                seconds = time.perf_counter() - started
                used = Usage(1, answer.tokens_in or question, written, seconds)
                return answer, total + used
            except NoAnswerError as error:
                used = Usage(int(error.sent), question if error.read else 0)
                until = time.monotonic() + self._wait(error, tries)
                self._busy_until = max(self._busy_until, until)
            except TeacherError:
                used = Usage(used.calls)
                raise
            finally:
                total += used
                await self._budget.spend(reserved, used)

    def _wait(self, error: NoAnswerError, tries: int) -> float:
        """Seconds until the next try; without one, the error is a `TeacherError`."""
        wait = error.wait
        if wait is None or not wait >= 0:
            wait = self.limits.pause * 2 ** (tries - 1) * random.uniform(1.0, 1.25)
        asks = f", it asks to wait {wait:,.0f} s" if wait > LONGEST_WAIT else ""
        if tries == self.limits.tries or asks:
            kept = "what was answered is kept: the same command goes on"
            raise TeacherError(f"{error} ({tries} tries{asks}); {kept}") from None
        self._on_event(f"{error}; trying again in {wait:.1f} s")
        return wait


@dataclass(slots=True)
class _Answers:
    """Of a bundle, by key: usable replies, why others are not, and whether it was cut off."""

    replies: dict[str, Json | LogicDistillError] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    cut: bool = False


async def _its(together: asyncio.Task[dict[str, Json | LogicDistillError]], key: str) -> Json:
    """One of the answers to requests that go out together."""
    found = (await asyncio.shield(together))[key]
    if isinstance(found, LogicDistillError):
        raise found
    return found


def _read(request: Request, answer: Answer) -> tuple[Json, str]:
    """An answer's JSON, and why it is unusable, without keys: "" for a usable one."""
    try:
        reply = read_json_answer(answer.text)
    except ValueError as error:
        cut = f"it was cut off after {answer.tokens_out:,} tokens, so it has to be shorter"
        return None, cut if answer.cut else safe_line(f"it is not JSON: {error}")
    return reply, safe_line(request.check(reply) or "")


@dataclass(frozen=True, slots=True)
class TeacherOptions:
    """Which live teacher a command asks, and its limits; see `LiveTeacher`."""

    model: str
    base_url: str | None = None
    limits: Limits = field(default_factory=Limits)
    prices: TokenPrices | None = None


@contextlib.contextmanager
def live_teacher(
    options: TeacherOptions, store: ReplyStore | Path, on_event: Callable[[str], None]
) -> Iterator[LiveTeacher]:
    """A teacher for one command; its cost is the last event, however the command ends."""
    where, limits, prices = options.base_url, options.limits, options.prices
    with LiveTeacher(
        options.model, store, base_url=where, limits=limits, prices=prices, on_event=on_event
    ) as teacher:
        try:
            yield teacher
        finally:
            on_event(teacher.cost_line())
