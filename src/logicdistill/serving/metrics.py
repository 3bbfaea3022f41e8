"""What the service counts, for Prometheus. No state, key or request goes into a label."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from logicdistill.serving.drift import Drift, unfitting, unsure
from logicdistill.types import Decision

SHARES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
"""Bounds of the histogram of confidences; a fallback has confidence 0."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

SHOWN_SECONDS = 10.0
"""So often at most the windows of a policy are added up while it decides."""

WORKERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable: a folder in which several workers add up their counts."""

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Counts of one application; with `WORKERS_FOLDER` the sums over all workers."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._waited: dict[str, Histogram] = {}
        self._drifts: dict[str, Drift] = {}
        self._shown: dict[str, float] = {}
        self._kept: dict[str, tuple[Counter, Histogram]] = {}
        counter = partial(Counter, labelnames=("policy",), registry=registry)
        self._decisions = counter("logicdistill_decisions", "Decisions taken.")
        self._fallbacks = counter(
            "logicdistill_fallbacks",
            "Decisions in which no function fitted and the fallback was taken.",
        )
        self._none = counter(
            "logicdistill_none", "Decisions in which a stage had no function for the state."
        )
        self._unsure = counter(
            "logicdistill_unsure",
            "Decisions with a choice less sure than nine in ten held-out ones; a tenth is usual.",
        )
        self._changes = counter("logicdistill_changes", "Changes put into force.")
        self._unlogged = counter(
            "logicdistill_unlogged_decisions", "Decisions that could not be written into the log."
        )
        self._opened = counter(
            "logicdistill_open_answers",
            "Answers to questions that the policy was not made for (--open-questions).",
        )
        self._windows = Gauge(
            "logicdistill_window",
            "Decisions, and those of a kind, in the last day and in the week before it.",
            ["policy", "window", "of"],
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._confidence = Histogram(
            "logicdistill_confidence",
            "Confidence of decisions; 0 for a fallback.",
            ["policy"],
            buckets=SHARES,
            registry=registry,
        )
        self._seconds = Histogram(
            "logicdistill_request_seconds",
            "Seconds from the end of a request's body to the beginning of its answer.",
            ["dialect"],
            buckets=SECONDS,
            registry=registry,
        )
        self._errors = Counter(
            "logicdistill_errors",
            "Answers with a status of 400 or more.",
            ["dialect", "status"],
            registry=registry,
        )
        self._under_way = Gauge(
            "logicdistill_requests_under_way",
            "Requests that are being answered.",
            multiprocess_mode="livesum",
            registry=registry,
        )

    def decided(
        self, policy: str, decision: Decision, usual: Mapping[str, float] | None = None
    ) -> None:
        """Count a decision.

        Args:
            policy: its name.
            decision: as it was taken.
            usual: by stage, how sure nine in ten held-out choices are; None where nobody knows.
        """
        # Looking a label up costs more than counting.
        if (counts := self._kept.get(policy)) is None:
            counts = self._decisions.labels(policy), self._confidence.labels(policy)
            self._kept[policy] = counts
        counts[0].inc()
        counts[1].observe(decision.confidence)
        if decision.fallback is not None:
            self._fallbacks.labels(policy).inc()
        if unfitting(decision):
            self._none.labels(policy).inc()
        if usual and unsure(decision, usual):
            self._unsure.labels(policy).inc()
        self.drift(policy).decided(decision, usual or {})
        if time.monotonic() - self._shown.get(policy, -SHOWN_SECONDS) >= SHOWN_SECONDS:
            self.show(policy)

    def drift(self, policy: str) -> Drift:
        """The counts of a policy's windows."""
        return self._drifts.setdefault(policy, Drift())

    @staticmethod
    def is_first(policy: str) -> bool:
        """Whether no other worker has asked this of the policy: their windows are added up."""
        if not (folder := os.environ.get(WORKERS_FOLDER)):
            return True
        try:
            Path(folder, f"{policy}.first").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def show(self, policy: str) -> None:
        """Add up a policy's windows."""
        self._shown[policy] = time.monotonic()
        for window, counts in self.drift(policy).windows().items():
            for what, count in counts.items():
                self._windows.labels(policy, window, what).set(count)

    def changed(self, policy: str) -> None:
        """Count a change that is in force."""
        self._changes.labels(policy).inc()

    def opened(self, policy: str, answers: int) -> None:
        """Count answers to open questions."""
        self._opened.labels(policy).inc(answers)

    def unlogged(self, policy: str, decisions: int) -> None:
        """Count decisions that could not be logged."""
        self._unlogged.labels(policy).inc(decisions)

    def began(self) -> None:
        """Count a request that begins."""
        self._under_way.inc()

    def ended(self, dialect: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._under_way.dec()
        if (waited := self._waited.get(dialect)) is None:
            waited = self._waited[dialect] = self._seconds.labels(dialect)
        waited.observe(seconds)
        if status >= 400:
            self._errors.labels(dialect, str(status)).inc()

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        for policy in list(self._drifts):
            self.show(policy)
        registry = self._registry
        if os.environ.get(WORKERS_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
