"""``logicdistill run --dry-run``: what a live teacher would be asked; nothing is sent."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from logicdistill.errors import MissingReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.settings import Reporter, RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.teacher.dry import USUAL_TOKENS, DryTeacher, estimate
from logicdistill.teacher.joint import bundles, joined
from logicdistill.teacher.prices import TokenPrices
from logicdistill.teacher.recorded import ReplyStore
from logicdistill.types import Json
from logicdistill.writing.base import build_base
from logicdistill.writing.events import Admitted, Event

SHOWN = 2
"""Requests of one kind that are printed whole."""

USUAL_STAGES = 3


def dry_run(
    folder: Path, settings: RunSettings, reporter: Reporter, prices: TokenPrices | None
) -> Iterator[str]:
    """The requests that follow from the stored replies, and an estimate of their cost, in lines.

    The folder need not exist; ``prices`` is None where they are not known.

    Raises:
        TaskError: the folder belongs to another run.
    """
    teacher = DryTeacher(ReplyStore(folder / "replies"))
    pipeline = RunPipeline(folder, settings, reporter, teacher)
    pipeline.check_folder()
    base = _base(pipeline, teacher)
    requests = list(teacher.missing.values())
    if not requests:
        yield "nothing would be asked: every reply is there already"
        return
    sent = bundles(requests, settings.teacher.together)
    for kind, count in Counter(joined(bundle).kind for bundle in sent).items():
        of_kind = [joined(bundle) for bundle in sent if joined(bundle).kind == kind]
        for number, request in enumerate(of_kind[:SHOWN], start=1):
            yield f"== {kind} request {number} of {count:,}"
            for role, content in request.messages:
                yield f"-- {role}\n{content.rstrip()}"
            schema = json.dumps(dict(request.schema), ensure_ascii=False)
            yield f"-- schema of the answer: {schema}"
        if count > SHOWN:
            yield f"... and {count - SHOWN:,} more {kind!r} requests"
    found = [estimate(bundle) for bundle in sent]
    into, out = sum(item.tokens_in for item in found), sum(item.tokens_out for item in found)
    many = f"{len(sent):,} request{'s' * (len(sent) > 1)}"
    if labels := sum(request.kind == "label" for request in requests):
        many += f" with {labels:,} label{'s' * (labels > 1)}"
    yield f"{many}, {_cost(into, out, prices)}; nothing was sent"
    if said := pipeline.label_budget.line():
        yield said
    if requests[0].kind == "stages":
        into, out = USUAL_STAGES * found[0].tokens_in, USUAL_STAGES * USUAL_TOKENS["functions"]
        yield f"then the functions of each stage; for {USUAL_STAGES} {_cost(into, out, prices)}"
    if base is None:
        yield "then a repair for each function that the gate refuses, three at most"
        if pipeline.records and settings.send_actions and settings.repair_rounds:
            rounds = f"{settings.repair_rounds} rounds at most (repair_rounds)"
            yield f"then corrections where training states have another recorded action, {rounds}"
    together = f"{settings.teacher.together} in a request"
    views = "one for each view that no 'When:' and no recorded action decides"
    yield f"labels: {views}, {together}; a label may lead to further views"


def _base(pipeline: RunPipeline, teacher: DryTeacher) -> FunctionBase | None:
    """The function base, if the stored replies make one; the teacher notes what is missing."""
    base = pipeline.store.load() if pipeline.store.exists() else None
    with contextlib.suppress(MissingReplyError):
        if base is None:
            samples, events = pipeline.samples(), list[Event]()
            try:
                written = build_base(pipeline.author, samples, events.append)
            except MissingReplyError:
                _ask_later_stages(pipeline, samples, events)
                return None
            base = pipeline.revised(pipeline.author, written, lambda _: None).base
            if teacher.missing:
                return base
        with Sandbox(base.functions) as sandbox:
            pipeline.examples(base, sandbox, pipeline.labeller(base, sandbox, strict=False))
    return base


def _ask_later_stages(
    pipeline: RunPipeline, samples: Sequence[Json], events: Sequence[Event]
) -> None:
    """Ask for the stages behind the one whose functions are missing, as far as they are known.

    The requests will be longer: they will show what the functions before them give.
    """
    stages, _ = pipeline.author.stages(samples)
    written = {event.stage for event in events if isinstance(event, Admitted)}
    for stage in [stage for stage in stages if stage.name not in written][1:]:
        with contextlib.suppress(MissingReplyError):
            pipeline.author.functions(stages, stage, samples)


def _cost(into: int, out: int, prices: TokenPrices | None) -> str:
    tokens = f"about {into:,} tokens in and {out:,} out"
    if prices is None:
        return f"{tokens}, price unknown (teacher.prices names a price list)"
    return f"{tokens}, ${prices.dollars(into, out):.4f} by {prices.name}"
