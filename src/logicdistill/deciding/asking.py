"""Questions to the teacher while a decision waits: few a minute, one at a time, and never longer than a decision may wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from functools import partial

from logicdistill.types import Decision

MINUTE = 60.0


class Unanswered(Exception):
    """There is no answer in time; the message says why, in one line. It never leaves this module."""


class Asker:
    """Asks in a thread of its own, so that a teacher that is down costs a decision at most the time that it may wait.

    An answer that comes too late for its decision is not lost: the work goes on, and what it changes counts from then on. Once it is
    late, nobody is kept waiting for it any more.

    Args:
        per_minute: questions that may begin within any minute.
        seconds: how long a decision waits.
        clock: seconds from a monotonic clock.
    """

    def __init__(
        self, per_minute: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.per_minute, self.seconds = per_minute, seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: deque[float] = deque()
        self._running: tuple[Future[tuple[str, ...]], float] | None = None

    def settle(
        self,
        decisions: list[Decision],
        again: Callable[[Sequence[int]], list[Decision]],
        work: Callable[[int, Decision], tuple[str, ...]],
    ) -> None:
        """Ask about the decisions for which no function fitted, and take them again with what was learned.

        Args:
            decisions: replaced in place; a fallback that remains says why asking did not help.
            again: takes the decisions with these indices again.
            work: asks about the decision with this index, and returns the names of the functions that joined.
        """
        until = time.monotonic() + self.seconds
        unfitting = [
            index for index, decision in enumerate(decisions) if decision.fallback is not None
        ]
        while unfitting:
            index, *rest = unfitting
            try:
                written = self._ask(partial(work, index, decisions[index]), until)
            except Unanswered as error:
                decisions[index] = replace(
                    decisions[index], fallback=f"{decisions[index].fallback}; {error}"
                )
                unfitting = rest
                continue
            for place, decision in zip(unfitting, again(unfitting), strict=True):
                decisions[place] = (
                    decision
                    if decision.fallback is not None or not written
                    else replace(decision, written=written)
                )
            if written and (why := decisions[index].fallback) is not None:
                decisions[index] = replace(
                    decisions[index],
                    fallback=f"{why}; {', '.join(written)} joined and was not chosen",
                )
                unfitting = rest
            unfitting = [place for place in unfitting if decisions[place].fallback is not None]

    def _ask(self, work: Callable[[], tuple[str, ...]], until: float) -> tuple[str, ...] | None:
        """Do the work and wait for it.

        Args:
            work: asks, and returns the names of the functions that joined.
            until: when to stop waiting, by ``time.monotonic()``.

        Returns:
            What the work returned; None after another one's question was answered meanwhile: that answer may do.

        Raises:
            Unanswered: no answer in time, the work failed, or too many questions were asked in the last minute.
        """
        if time.monotonic() >= until:
            raise Unanswered("no time is left to ask the teacher")
        with self._lock:
            other = (
                self._running if self._running is not None and not self._running[0].done() else None
            )
            if other is None:
                future, started = self._begin(work), time.monotonic()
                self._running = (future, started)
        if other is not None:
            wait([other[0]], max(0.0, min(until, other[1] + self.seconds) - time.monotonic()))
            if other[0].done():
                return None
            raise Unanswered(
                f"the teacher has not answered an earlier question for {time.monotonic() - other[1]:.1f} s"
            )
        wait([future], max(0.0, until - time.monotonic()))
        if not future.done():
            raise Unanswered(
                f"the teacher did not answer within {time.monotonic() - started:.1f} s; a later answer still counts from then on"
            )
        error = future.exception()
        if error is not None:
            raise Unanswered(
                f"the teacher gave no usable answer: {' '.join(str(error).split())[:300] or type(error).__name__}"
            )
        return future.result()

    def _begin(self, work: Callable[[], tuple[str, ...]]) -> Future[tuple[str, ...]]:
        now = self._clock()
        while self._begun and self._begun[0] <= now - MINUTE:
            self._begun.popleft()
        if len(self._begun) >= self.per_minute:
            raise Unanswered(
                f"the teacher was asked {len(self._begun)} times in the last minute, as often as is allowed"
            )
        self._begun.append(now)
        future: Future[tuple[str, ...]] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except (
                BaseException
            ) as error:  # whatever a teacher raises is a reason to go on without it
                future.set_exception(error)

        # A daemon: a teacher that never answers must not keep the process from ending.
        threading.Thread(target=run, name="logicdistill-teacher", daemon=True).start()
        return future
