"""What the decisions of the last day are like, beside those of the week before."""

from __future__ import annotations

import contextlib
import datetime
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from logicdistill.types import Decision, Json

HOUR = 3600.0
DAY, WEEK = 24, 7 * 24
"""Hours of the two windows; the week ends where the day begins."""

COUNTED = ("decisions", "none", "fallbacks", "unsure")
"""What is counted of each hour.

``none``: a stage had no function for the state. ``unsure``: a choice was less sure than nine in ten
choices in states that were held out of training, so a tenth is usual.
"""


class Drift:
    """Counts by the hour, for eight days. Threads may share it.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._hours: dict[int, list[int]] = {}

    def decided(self, decision: Decision, usual: Mapping[str, float]) -> None:
        """Count a decision.

        Args:
            decision: as it was taken.
            usual: by stage, how sure nine in ten held-out choices are.
        """
        counts = (1, unfitting(decision), decision.fallback is not None, unsure(decision, usual))
        self._add(self._clock(), counts)

    def logged(self, record: Json, usual: Mapping[str, float], before: float) -> None:
        """Count a record of the log (docs/audit.md) that is older than ``before``, in seconds."""
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):  # no record
            at = datetime.datetime.fromisoformat(record["time"]).timestamp()
            if before - HOUR * (DAY + WEEK) < at < before:
                stages, fallback = record["stages"], record["fallback"]
                none = any("error" in one and "failed" not in one for one in stages)
                doubted = any(
                    max(one["candidates"].values(), default=1.0) < usual.get(one["stage"], 0.0)
                    for one in stages
                    if "candidates" in one
                )
                self._add(at, (1, none, fallback is not None, doubted))

    def _add(self, seconds: float, counts: Sequence[int]) -> None:
        hour = int(seconds // HOUR)
        with self._lock:
            if hour not in self._hours:
                self._hours[hour] = [0] * len(COUNTED)
                for old in [one for one in self._hours if one <= max(self._hours) - DAY - WEEK]:
                    del self._hours[old]
            if hour in self._hours:
                for at, count in enumerate(counts):
                    self._hours[hour][at] += count

    def windows(self) -> dict[str, dict[str, int]]:
        """Counts of the last ``day``, this hour included, and of the ``week`` before it."""
        now = int(self._clock() // HOUR)
        with self._lock:
            hours = [(now - hour, list(counts)) for hour, counts in self._hours.items()]
        found = {"day": [0] * len(COUNTED), "week": [0] * len(COUNTED)}
        for age, counts in hours:
            if age < DAY + WEEK:
                mine = found["day" if age < DAY else "week"]
                mine[:] = [one + more for one, more in zip(mine, counts, strict=True)]
        return {name: dict(zip(COUNTED, counts, strict=True)) for name, counts in found.items()}


def unfitting(decision: Decision) -> bool:
    """Whether some stage had no function for the state, and none that failed."""
    return any(step.outcome.error is not None and not step.failed for step in decision.trace)


def unsure(decision: Decision, usual: Mapping[str, float]) -> bool:
    """Whether a student's choice was less sure than usual."""
    return any(
        step.choice is not None
        and bool(step.choice.ranked)
        and step.choice.ranked[0].probability < usual.get(step.stage, 0.0)
        for step in decision.trace
    )
