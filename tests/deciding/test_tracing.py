"""Spans of OpenTelemetry, as the SDK's exporter gets them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.parcels import run_of_parcels
from tests.serving.conftest import running

from logicdistill import Policy
from logicdistill.deciding import tracing
from logicdistill.deciding.log import LogOptions
from logicdistill.deciding.tracing import DECISION, STAGE
from logicdistill.serving.app import create_app

HEAVY, LIGHT = {"weight_kg": 30.0}, {"weight_kg": 3.0}
_EXPORTER = InMemorySpanExporter()


@pytest.fixture(scope="module")
def provider() -> TracerProvider:
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(_EXPORTER))
    return made


@pytest.fixture
def exporter(
    provider: TracerProvider, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InMemorySpanExporter]:
    """A provider can be set once in a process, and other tests are to see none."""
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    _EXPORTER.clear()
    yield _EXPORTER
    _EXPORTER.clear()


@pytest.fixture
def policy(tmp_path: Path) -> Iterator[Policy]:
    with Policy.load(run_of_parcels(tmp_path / "parcels")) as loaded:
        yield loaded


def of_name(exporter: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in exporter.get_finished_spans() if span.name == name]


def about(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_decision_is_a_span_and_each_stage_one_below_it(
    exporter: InMemorySpanExporter, policy: Policy
) -> None:
    decision = policy.decide(HEAVY)
    [span], [stage] = of_name(exporter, DECISION), of_name(exporter, STAGE)
    assert about(span) == {
        "logicdistill.task": "parcels-v1",
        "logicdistill.snapshot": decision.snapshot,
        "logicdistill.action": '"freight"',
        "logicdistill.confidence": 1.0,
        "logicdistill.rules": (1,),
        "logicdistill.batch": 1,
    }
    assert about(stage)["logicdistill.function"] == "heavy"
    assert stage.parent is not None
    assert stage.parent.span_id == span.context.span_id
    times = [span.start_time, stage.start_time, stage.end_time, span.end_time]
    assert times == sorted(times)  # type: ignore[type-var]
    assert times[1] < times[2]  # type: ignore[operator]
    assert "30" not in json.dumps(about(span) | about(stage))


def test_a_fallback_says_why_and_not_where_the_log_hides_fields(
    exporter: InMemorySpanExporter, tmp_path: Path
) -> None:
    run = run_of_parcels(tmp_path / "parcels")
    with Policy.load(run) as policy:
        policy.remove("light")
        told = policy.decide(LIGHT)
    with Policy.load(run, log_options=LogOptions(redact=["weight_kg"])) as policy:
        policy.decide(LIGHT)
    plain, private = of_name(exporter, DECISION)
    assert about(plain)["logicdistill.fallback"] == told.fallback
    assert about(private)["logicdistill.fallback"] == "[redacted]"
    assert "logicdistill.action" not in about(private)


def test_many_states_are_a_span_each_below_the_one_of_the_caller(
    exporter: InMemorySpanExporter, provider: TracerProvider, policy: Policy
) -> None:
    with provider.get_tracer("caller").start_as_current_span("job") as job:
        found = policy.decide_many([HEAVY, {"weight_kg": "much"}, LIGHT] * 50, on_error="return")
    spans = of_name(exporter, DECISION)
    assert len(spans) == 100 == len(of_name(exporter, STAGE))
    assert {span.parent.span_id for span in spans if span.parent} == {
        job.get_span_context().span_id
    }
    actions = [about(span)["logicdistill.action"] for span in spans]
    decided = [json.dumps(one.action) for one in found if not isinstance(one, Exception)]
    assert sorted(actions) == sorted(decided)


def test_requests_over_http_go_on_with_the_traces_of_their_callers(
    exporter: InMemorySpanExporter, policy: Policy
) -> None:
    async def ask(address: str) -> list[str]:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            one = [
                client.post(
                    "/policies/p/decide",
                    json={"state": {"weight_kg": float(number)}},
                    headers={"traceparent": f"00-{number:032x}-{number:016x}-01"},
                )
                for number in range(15, 27)
            ]
            many = client.post(
                "/policies/p/decide/many",
                json=[HEAVY, LIGHT],
                headers={"traceparent": f"00-{99:032x}-{99:016x}-01"},
            )
            found = await asyncio.gather(*one, many)
            return [got.json()["action"] for got in found[:-1]]

    with running(create_app({"p": policy})) as address:
        actions = asyncio.run(ask(address))
    seen = {
        span.context.trace_id: about(span)["logicdistill.action"]
        for span in of_name(exporter, DECISION)
    }
    assert [seen[number] for number in range(15, 27)] == [json.dumps(one) for one in actions]
    assert len({*actions}) == 2
    assert len([s for s in of_name(exporter, DECISION) if s.context.trace_id == 99]) == 2


def test_without_a_provider_nothing_is_traced_and_nothing_imported(policy: Policy) -> None:
    assert tracing.parents_of(3) == ()
    code = (
        "import sys, logicdistill\n"
        f"with logicdistill.Policy.load({str(policy.folder.path.parent)!r}) as p:\n"  # type: ignore[union-attr]
        "    p.decide({'weight_kg': 3.0})\n"
        "assert 'opentelemetry.trace' not in sys.modules, 'imported'\n"
        "assert None not in sys.modules.values(), 'a module was put in the way'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
