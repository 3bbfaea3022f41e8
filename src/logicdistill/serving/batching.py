"""Decisions for an event loop: what waits is decided together, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import TypeAlias, cast

from logicdistill.deciding.tracing import Parent, below, current
from logicdistill.errors import LogicDistillError
from logicdistill.policy import CHUNK, Policy
from logicdistill.types import Decision, Json

GATHER = 0.001
"""Seconds for which a batch waits for more states, where the one before it had several."""

_NAME = "state"

_Waiting: TypeAlias = tuple[Mapping[str, Json], str | None, Parent, asyncio.Future[Decision]]


class Batcher:
    """Decides single states of many callers in batches; the event loop never waits.

    A state that comes alone is decided alone, at once. While a batch is under way, states gather
    for the next. A thread for each state instead costs several times the processor time: the calls
    of a batch into the sandbox go together.

    Args:
        policy: decides.
        executor: runs the batches.
    """

    def __init__(self, policy: Policy, executor: Executor) -> None:
        self._policy, self._executor = policy, executor
        self._working = False
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None  # kept, or it could be collected

    async def decide(self, state: Mapping[str, Json], request: str | None = None) -> Decision:
        """Decide one state.

        Args:
            state: fits the task's schema.
            request: an id of yours, for the log.

        Raises:
            InvalidStateError: it does not fit.
            StorageError: it cannot be logged, where the policy makes that an error.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((state, request, current(), future))
        if not self._working:
            self._working = True
            self._task = asyncio.ensure_future(self._work())
        return cast(Decision, await future)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            several = False
            while self._waiting:
                if several:
                    # Callers that were answered together ask again one after the other.
                    await asyncio.sleep(GATHER)
                batch = self._waiting[:CHUNK]
                del self._waiting[:CHUNK]
                several = len(batch) > 1
                states, requests, parents, futures = zip(*batch, strict=True)
                try:
                    found = await loop.run_in_executor(
                        self._executor, self._decided, states, requests, parents
                    )
                except Exception as error:
                    found = [error] * len(batch)
                for future, item in zip(futures, found, strict=True):
                    if future.done():  # the client went away
                        continue
                    if isinstance(item, Exception):
                        future.set_exception(item)
                    else:
                        future.set_result(item)
        finally:
            self._working = False

    def _decided(
        self,
        states: Sequence[Mapping[str, Json]],
        requests: Sequence[str | None],
        parents: Sequence[Parent],
    ) -> list[Decision | Exception]:
        names = [_NAME] * len(states)
        with below(parents):
            found = self._policy.decide_many(states, names, on_error="return", requests=requests)
        return [_unnamed(item) if isinstance(item, Exception) else item for item in found]


def _unnamed(error: Exception) -> Exception:
    """The error without the name that stands for the state of a batch."""
    said = str(error)
    if isinstance(error, LogicDistillError) and said.startswith(f"{_NAME}: "):
        return type(error)(said.removeprefix(f"{_NAME}: "))
    return error
