"""Asking the teacher while a decision waits: one question at a time, a few a minute."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from functools import partial

from logicdistill.errors import one_line
from logicdistill.forks import Lock, in_child
from logicdistill.types import Decision

MINUTE = 60.0


class Unanswered(Exception):
    """There is no answer in time. The message says why, in one line. Only this module raises it."""


class Asker:
    """Asks in its own thread, so that a silent teacher delays a decision by a bounded time.

    An answer that comes too late for its decision is not lost: the work goes on, and later
    decisions use what it changed. No later decision waits for it.

    Args:
        per_minute: how many questions may begin within any minute.
        seconds: how long a decision waits.
        clock: seconds from a monotonic clock.
    """

    def __init__(
        self, per_minute: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_minute, self.seconds = per_minute, seconds
        self._clock = clock
        self._lock = Lock()
        self._begun: deque[float] = deque()
        self._running: tuple[Future[tuple[str, ...]], float] | None = None
        in_child(self._forget)

    def ask_and_retry(
        self,
        decisions: list[Decision],
        retry: Callable[[Sequence[int]], list[Decision]],
        ask: Callable[[int, Decision], tuple[str, ...]],
    ) -> None:
        """Ask about the decisions that no function fitted; then take them again.

        Args:
            decisions: replaced in place. A fallback that remains says why asking did not help.
            retry: takes the decisions with these indices again.
            ask: asks about the decision with this index; returns the names of the functions that
                joined the base.
        """
        until = time.monotonic() + self.seconds
        unfitting = [index for index, item in enumerate(decisions) if item.fallback is not None]
        while unfitting:
            index, *rest = unfitting
            try:
                written = self._answer(partial(ask, index, decisions[index]), until)
            except Unanswered as error:
                decisions[index] = _with_reason(decisions[index], str(error))
                unfitting = rest
                continue
            for place, decision in zip(unfitting, retry(unfitting), strict=True):
                if written and decision.fallback is None:
                    decision = replace(decision, written=written)
                decisions[place] = decision
            if written and decisions[index].fallback is not None:
                names = ", ".join(written)
                decisions[index] = _with_reason(decisions[index], f"{names} joined, not chosen")
                unfitting = rest
            unfitting = [place for place in unfitting if decisions[place].fallback is not None]

    def _answer(self, ask: Callable[[], tuple[str, ...]], until: float) -> tuple[str, ...] | None:
        """Ask, and wait for the answer until ``until`` (``time.monotonic()``).

        Returns:
            What ``ask`` returned. None: another question was answered first, and its function may
            fit this state too.

        Raises:
            Unanswered: no answer in time, an error, or too many questions in the last minute.
        """
        if time.monotonic() >= until:
            raise Unanswered("no time is left to ask the teacher")
        with self._lock:
            running = self._running
            other = running if running is not None and not running[0].done() else None
            if other is None:
                self._running = future, started = self._begin(ask), time.monotonic()
        if other is not None:
            wait([other[0]], max(0.0, min(until, other[1] + self.seconds) - time.monotonic()))
            if other[0].done():
                return None
            seconds = time.monotonic() - other[1]
            raise Unanswered(
                f"the teacher has not answered an earlier question for {seconds:.1f} s"
            )
        wait([future], max(0.0, until - time.monotonic()))
        if not future.done():
            seconds = time.monotonic() - started
            raise Unanswered(
                f"the teacher did not answer within {seconds:.1f} s; later decisions use its answer"
            )
        error = future.exception()
        if error is not None:
            raise Unanswered(f"the teacher gave no usable answer: {one_line(error)}")
        return future.result()

    def _forget(self) -> None:
        """In a forked child: the thread that asks is its parent's."""
        self._running = None

    def _begin(self, ask: Callable[[], tuple[str, ...]]) -> Future[tuple[str, ...]]:
        now = self._clock()
        while self._begun and self._begun[0] <= now - MINUTE:
            self._begun.popleft()
        if len(self._begun) >= self.per_minute:
            raise Unanswered(
                f"the teacher was asked {len(self._begun)} times in the last minute, the limit"
            )
        self._begun.append(now)
        future: Future[tuple[str, ...]] = Future()

        def run() -> None:
            try:
                future.set_result(ask())
            except BaseException as error:  # any error is a reason to decide without the teacher
                future.set_exception(error)

        # A daemon thread: a teacher that never answers must not keep the process from ending.
        threading.Thread(target=run, name="logicdistill-teacher", daemon=True).start()
        return future


def _with_reason(decision: Decision, reason: str) -> Decision:
    return replace(decision, fallback=f"{decision.fallback}; {reason}")
