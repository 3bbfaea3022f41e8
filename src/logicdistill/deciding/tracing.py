"""Spans of OpenTelemetry: one a decision, and below it one a stage.

Only where the program has set a tracer provider up, as ``opentelemetry-instrument`` does: nothing
here brings OpenTelemetry, and the package does not need it. No state is in a span.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.types import Decision, Json, Step

DECISION, STAGE = "logicdistill.decide", "logicdistill.stage"
"""Names of the spans."""

Parent: TypeAlias = Any
"""A context of OpenTelemetry, or None."""

_PARENTS: ContextVar[Sequence[Parent]] = ContextVar("logicdistill_parents", default=())


def _module(name: str) -> Any:
    """A module of OpenTelemetry's API, if the program has loaded it."""
    return sys.modules.get(f"opentelemetry.{name}")


def _tracer() -> Any | None:
    trace = _module("trace")
    if trace is None:
        return None
    provider = trace.get_tracer_provider()
    if isinstance(provider, (trace.ProxyTracerProvider, trace.NoOpTracerProvider)):
        return None  # the API alone: nobody set one up
    return trace.get_tracer("logicdistill")


def tracing() -> bool:
    """Whether the program has set a tracer provider up."""
    return _tracer() is not None


def current() -> Parent:
    """The context in which the caller is, for decisions that another thread takes."""
    return _module("context").get_current() if tracing() else None


@contextmanager
def below(parents: Sequence[Parent]) -> Iterator[None]:
    """Decisions taken here are children of these contexts, a state each, in order."""
    token = _PARENTS.set(parents)
    try:
        yield
    finally:
        _PARENTS.reset(token)


@contextmanager
def incoming(headers: Mapping[str, str]) -> Iterator[None]:
    """What is decided here belongs to the trace that a request's headers name, if they name one.

    Only where `tracing` holds.
    """
    if "traceparent" not in headers:
        yield
        return
    context, propagate = _module("context"), importlib.import_module("opentelemetry.propagate")
    token = context.attach(propagate.extract(dict(headers)))
    try:
        yield
    finally:
        context.detach(token)


def parents_of(count: int) -> Sequence[Parent]:
    """The parents of so many decisions; none where nothing is traced."""
    if _tracer() is None:
        return ()
    given = _PARENTS.get()
    return given if len(given) == count else [current()] * count


def traced(
    parts: Parts, states: Sequence[Mapping[str, Json]], parents: Sequence[Parent], *, private: bool
) -> list[Decision]:
    """`decide`, with a span for each decision where there are ``parents``.

    States of one call go through the stages together, so their spans have the same times, and
    ``logicdistill.batch`` says how many there were.

    Args:
        parts: see `decide`.
        states: see `decide`.
        parents: from `parents_of`, one a state.
        private: whether texts that may hold parts of a state are left out.
    """
    tracer = _tracer() if parents else None
    if tracer is None:
        return decide(parts, states)
    times, began = list[int](), time.time_ns()
    decisions = decide(parts, states, times)
    ended = time.time_ns()
    for decision, parent in zip(decisions, parents, strict=True):
        span = tracer.start_span(DECISION, parent, start_time=began)
        if span.is_recording():
            span.set_attributes(_of_decision(parts, decision, len(states), private))
            inside = _module("trace").set_span_in_context(span, parent)
            start = began
            for step, end in zip(decision.trace, times, strict=False):
                child = tracer.start_span(STAGE, inside, start_time=start)
                child.set_attributes(_of_step(step, private))
                child.end(end)
                start = end
        span.end(ended)
    return decisions


def _of_decision(parts: Parts, decision: Decision, batch: int, private: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "logicdistill.task": parts.task.id,
        "logicdistill.snapshot": decision.snapshot,
        "logicdistill.confidence": decision.confidence,
        "logicdistill.rules": list(decision.rules),
        "logicdistill.batch": batch,
    }
    if not private:
        found["logicdistill.action"] = json.dumps(decision.action, ensure_ascii=False)
    if decision.fallback is not None:
        found["logicdistill.fallback"] = "[redacted]" if private else decision.fallback
    return found


def _of_step(step: Step, private: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"logicdistill.stage": step.stage}
    if step.function is not None:
        found["logicdistill.function"] = step.function
    if step.choice is not None and step.choice.ranked:
        found["logicdistill.probability"] = step.choice.ranked[0].probability
        found["logicdistill.none"] = step.choice.none
    if step.outcome.error is not None:
        found["logicdistill.error"] = "[redacted]" if private else step.outcome.error
    return found
