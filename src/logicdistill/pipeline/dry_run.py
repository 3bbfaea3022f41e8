"""``logicdistill run --dry-run``: the requests that would go out now, with an estimate; nothing is sent, and nothing is written."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from logicdistill.errors import MissingReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pipeline.settings import Reporter, RunSettings
from logicdistill.pipeline.steps import RunPipeline
from logicdistill.protocols import Request
from logicdistill.teacher.dry import USUAL_TOKENS, DryTeacher, estimate
from logicdistill.teacher.prices import TokenPrices
from logicdistill.teacher.recorded import ReplyStore
from logicdistill.training.logged import labeller_for
from logicdistill.writing.base import build_base

SHOWN = 2
"""Requests of one kind that are printed whole."""

USUAL_STAGES = 3


def dry_run(
    folder: Path, settings: RunSettings, reporter: Reporter, prices: TokenPrices | None
) -> Iterator[str]:
    """What a run would ask a live teacher as it stands, in lines.

    A reply decides what is asked next, so only what follows from the replies that are there can be listed; the rest is told in words.

    Args:
        folder: of the run; it need not be there.
        settings: of the run.
        reporter: told of progress.
        prices: None where they are not known.

    Raises:
        TaskError: the run would be refused, since its folder belongs to another one.
    """
    teacher = DryTeacher(ReplyStore(folder / "replies"))
    pipeline = RunPipeline(folder, settings, reporter, teacher)
    pipeline.check_folder()
    base = _base(pipeline, teacher)
    requests = list(teacher.missing.values())
    for kind, count in Counter(request.kind for request in requests).items():
        of_kind = [request for request in requests if request.kind == kind]
        for number, request in enumerate(of_kind[:SHOWN], start=1):
            yield from _shown(request, number, count)
        if count > SHOWN:
            yield f"... and {count - SHOWN:,} more {kind!r} requests"
    if not requests:
        yield "nothing would be asked: every reply is there already"
        return
    estimates = [estimate(request) for request in requests]
    into, out = (
        sum(item.tokens_in for item in estimates),
        sum(item.tokens_out for item in estimates),
    )
    many = f"{len(requests):,} request{'s' * (len(requests) > 1)}"
    yield f"{many}, about {into:,} tokens in and {out:,} out{_dollars(into, out, prices)}; nothing was sent"
    if requests[0].kind == "stages":
        into, out = USUAL_STAGES * estimates[0].tokens_in, USUAL_STAGES * USUAL_TOKENS["functions"]
        cost = f"about {into:,} tokens in and {out:,} out{_dollars(into, out, prices)}"
        yield f"then the functions of each stage; for {USUAL_STAGES} stages {cost}"
    if base is None:
        yield "then a repair for each function that the gate refuses, three at most, and one label for each view that no 'When:' decides"
    else:
        yield "labels decide what is seen next, so there may be a few more; one for each view that no 'When:' decides"


def _base(pipeline: RunPipeline, teacher: DryTeacher) -> FunctionBase | None:
    """The function base, if the replies that are there make one; the teacher notes what is missing for it, or else for the labels."""
    base = pipeline.store.load() if pipeline.store.exists() else None
    with contextlib.suppress(MissingReplyError):
        if base is None:
            samples = pipeline.samples()
            stages = pipeline.author.stages(samples)
            for stage in stages:
                with contextlib.suppress(MissingReplyError):
                    pipeline.author.functions(stages, stage, samples)
            if teacher.missing:
                return None
            base, _ = build_base(pipeline.author, samples, lambda _: None)
        with Sandbox(base.functions) as sandbox:
            pipeline.examples(
                base,
                sandbox,
                labeller_for(
                    pipeline.author, sandbox, pipeline.task, base.stages[-1].name, strict=False
                ),
            )
    return base


def _shown(request: Request, number: int, count: int) -> Iterator[str]:
    yield f"== {request.kind} request {number} of {count:,}"
    for role, content in request.messages:
        yield f"-- {role}"
        yield content.rstrip()
    yield f"-- schema of the answer: {json.dumps(dict(request.schema), ensure_ascii=False)}"


def _dollars(into: int, out: int, prices: TokenPrices | None) -> str:
    if prices is None:
        return ", price unknown (--prices names one)"
    return f", ${prices.dollars(into, out):.4f} by {prices.name}"
