"""What the service counts, for Prometheus. No state, key or request goes into a label."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from logicdistill.types import Decision

SHARES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
"""Bounds of the histogram of confidences; a fallback has confidence 0."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

WORKERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable: a folder in which several workers add up their counts."""

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Counts of one application; with `WORKERS_FOLDER` the sums over all workers."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._kept: dict[str, tuple[Counter, Histogram]] = {}
        self._decisions = Counter(
            "logicdistill_decisions", "Decisions taken.", ["policy"], registry=registry
        )
        self._fallbacks = Counter(
            "logicdistill_fallbacks",
            "Decisions in which no function fitted and the fallback was taken.",
            ["policy"],
            registry=registry,
        )
        self._confidence = Histogram(
            "logicdistill_confidence",
            "Confidence of decisions; 0 for a fallback.",
            ["policy"],
            buckets=SHARES,
            registry=registry,
        )
        self._changes = Counter(
            "logicdistill_changes", "Changes put into force.", ["policy"], registry=registry
        )
        self._unlogged = Counter(
            "logicdistill_unlogged_decisions",
            "Decisions that could not be written into the log.",
            ["policy"],
            registry=registry,
        )
        self._opened = Counter(
            "logicdistill_open_answers",
            "Answers to questions that the policy was not made for (--open-questions).",
            ["policy"],
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

    def decided(self, policy: str, decision: Decision) -> None:
        """Count a decision."""
        if (
            counts := self._kept.get(policy)
        ) is None:  # looking a label up costs more than counting
            counts = self._decisions.labels(policy), self._confidence.labels(policy)
            self._kept[policy] = counts
        counts[0].inc()
        counts[1].observe(decision.confidence)
        if decision.fallback is not None:
            self._fallbacks.labels(policy).inc()

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
        self._seconds.labels(dialect).observe(seconds)
        if status >= 400:
            self._errors.labels(dialect, str(status)).inc()

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        registry = self._registry
        if os.environ.get(WORKERS_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
