"""What every dialect works on: the served policies by name, and the threads that decide."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import datetime
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request

from logicdistill.errors import LogicDistillError, UnknownNameError
from logicdistill.policy import Policy
from logicdistill.protocols import MeasuredStudent, Teacher
from logicdistill.serving.batching import Batcher
from logicdistill.serving.logged import recent
from logicdistill.serving.metrics import Metrics
from logicdistill.serving.questions import Answering
from logicdistill.tasks.schema import check_state
from logicdistill.types import Decision, Function, Json

if TYPE_CHECKING:
    from logicdistill.students.options import OptionReader

DECIDING, BULK, CHANGING = 8, 2, 2
"""Threads for single states, for batches of ``decide/many``, and for looking at changes."""

RECALLED = 64 * 1024 * 1024
"""Bytes of a log's end that are read for the windows: some 80,000 decisions, in about a second."""

Found = TypeVar("Found")

logger = logging.getLogger("logicdistill")


@dataclass(slots=True)
class Served:
    """A policy with its name in addresses.

    Attributes:
        name: of the policy.
        policy: decides.
        batcher: decides for the event loop.
        teacher: writes functions for a told rule; None where none was given.
        reader: answers questions that the policy was not made for; None where they are refused.
        unlogged: decisions that could not be logged, as counted so far.
        usual: by stage, how sure nine in ten held-out choices are; None where it is not known.
        measured: the student of which that was worked out.
    """

    name: str
    policy: Policy
    batcher: Batcher
    teacher: Teacher | None = None
    reader: OptionReader | None = None
    unlogged: int = 0
    usual: Mapping[str, float] | None = None
    measured: object = None


@dataclass(slots=True)
class Service:
    """The served policies.

    Attributes:
        served: by name.
        metrics: counts.
        ready: whether requests are taken; false once the server ends.
    """

    served: dict[str, Served] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=Metrics)
    ready: bool = True
    deciding: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(DECIDING, "deciding")
    )
    bulk: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(BULK, "bulk"))
    changing: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(CHANGING, "changing")
    )
    _counting: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(
        cls,
        policies: Mapping[str, Policy],
        teachers: Mapping[str, Teacher] | None = None,
        readers: Mapping[str, OptionReader] | None = None,
    ) -> Service:
        """A service of these policies by name, with their teachers and readers, if any."""
        service, teachers, readers = cls(), teachers or {}, readers or {}
        for name, policy in policies.items():
            batcher = Batcher(policy, service.deciding)
            beside = teachers.get(name), readers.get(name)
            service.served[name] = Served(name, policy, batcher, *beside)
        return service

    def named(self, name: str) -> Served:
        """The policy of that name; raises `UnknownNameError` where there is none."""
        if name not in self.served:
            raise UnknownNameError("policy", name, self.served)
        return self.served[name]

    async def current(self, name: str) -> Served:
        """The policy of that name, after it took up what others changed in its folder.

        Where the folder cannot be read, it is shown as it decides: by the base that it has.
        """
        served = self.named(name)
        if served.policy.folder is not None:
            with contextlib.suppress(LogicDistillError):
                await self.in_thread(served.policy.reload)
        return served

    async def decide(
        self, served: Served, state: Mapping[str, Json], request: str | None
    ) -> Decision:
        """Decide one state, counted."""
        decision = await served.batcher.decide(state, request)
        self.count(served, decision)
        return decision

    def count(self, served: Served, decision: Decision) -> None:
        """Count a decision, and those that could not be logged since the last count."""
        self.metrics.decided(served.name, decision, self._usual(served))
        if served.policy.unlogged[0] > served.unlogged:
            with self._counting:  # more may be missing since, or be counted
                missing, _ = served.policy.unlogged
                self.metrics.unlogged(served.name, max(0, missing - served.unlogged))
                served.unlogged = missing

    def _usual(self, served: Served) -> Mapping[str, float] | None:
        """How sure a policy's choices usually are; worked out in a thread for a new base."""
        parts = served.policy.parts
        if served.measured is not parts.student:
            served.measured = parts.student
            served.usual = None
            if isinstance(parts.student, MeasuredStudent):
                with contextlib.suppress(RuntimeError):  # the server ends
                    self.changing.submit(_measure, served, parts.student, parts.base.functions)
        return served.usual

    def recall(self) -> None:
        """Have the windows of the metrics filled from the logs, beside what is decided."""
        for served in self.served.values():
            if served.policy.log is not None and self.metrics.is_first(served.name):
                self.changing.submit(self._recalled, served, served.policy.log, time.time())

    def _recalled(self, served: Served, log: Path, started: float) -> None:
        parts = served.policy.parts
        usual: Mapping[str, float] = {}
        if isinstance(parts.student, MeasuredStudent):
            usual = parts.student.usual_confidences(parts.base.functions)
        drift = self.metrics.drift(served.name)
        try:
            for record in recent(log, RECALLED):
                drift.logged(record, usual, started)
        except LogicDistillError as error:
            logger.warning("%s; the windows of /metrics begin now", error)
        self.metrics.show(served.name)

    def unlogged(self) -> dict[str, Json]:
        """``{"unlogged": {NAME: n}}`` where the last decisions of a policy could not be logged."""
        faults = {name: one.policy.unlogged for name, one in self.served.items()}
        found = {name: missing for name, (missing, fault) in faults.items() if fault is not None}
        return {"unlogged": found} if found else {}

    async def answering(
        self,
        served: Served,
        state: Mapping[str, Json],
        request: str | None,
        use: Callable[[Answering], Found],
    ) -> Found:
        """Decide a state, and answer questions about it in a thread."""
        decision = await self.decide(served, state, request)
        return await self.in_thread(self._answered, served, dict(state), request, decision, use)

    def _answered(
        self,
        served: Served,
        state: dict[str, Json],
        request: str | None,
        decision: Decision,
        use: Callable[[Answering], Found],
    ) -> Found:
        policy = served.policy
        parts = policy.parts
        filled = check_state(parts.task, state)
        opener = None
        if served.reader is not None:
            from logicdistill.serving.open_questions import Opener

            opener = Opener(served.reader, parts.task.state_schema, filled)
        answering = Answering(parts, filled, decision, opener)
        found = use(answering)
        if answering.opened:
            from logicdistill.serving.open_questions import record_of

            self.metrics.opened(served.name, len(answering.opened))
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
            about = parts.task.id, answering.decision.snapshot, answering.opened
            words = not policy.log_options.hides
            policy.note(record_of(request, now, *about, words=words))
        return found

    async def in_thread(self, work: Callable[..., Found], *given: Any, **named: Any) -> Found:
        """Run something quick that would hold up the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.deciding, partial(work, *given, **named))

    async def in_bulk(self, work: Callable[..., Found], *given: Any) -> Found:
        """Decide or read many states; single ones do not wait for them."""
        inside = contextvars.copy_context()  # a trace goes on in the thread
        return await asyncio.get_running_loop().run_in_executor(
            self.bulk, partial(inside.run, work, *given)
        )

    async def in_changing(self, work: Callable[..., Found], *given: Any, **named: Any) -> Found:
        """Run something that may take seconds; decisions go on beside it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.changing, partial(work, *given, **named))

    def close(self) -> None:
        """End the threads; the policies stay open."""
        self.ready = False
        for threads in (self.deciding, self.bulk, self.changing):
            threads.shutdown(cancel_futures=True)


def _measure(served: Served, student: MeasuredStudent, functions: Sequence[Function]) -> None:
    usual = student.usual_confidences(functions)
    if served.measured is student:
        served.usual = usual


def service_of(request: Request) -> Service:
    """The service that a request came to."""
    found: Service = request.app.state.service
    return found
