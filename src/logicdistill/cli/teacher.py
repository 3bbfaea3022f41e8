"""The teacher of a command: the live model that its options name, or the recorded replies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logicdistill.errors import TeacherError

if TYPE_CHECKING:
    from logicdistill.protocols import Teacher
    from logicdistill.teacher.live import LiveTeacher, TeacherOptions
    from logicdistill.teacher.prices import TokenPrices

RECORDED = "recorded"
NAME_ONE = "name one with --teacher, such as openai:gpt-5-mini"

Model = Annotated[
    str | None,
    typer.Option(
        "--teacher",
        metavar="MODEL",
        help="Ask a live model, such as openai:gpt-5-mini; by default recorded replies.",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="OpenAI-compatible server of that model, such as http://localhost:8000/v1.",
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(
        "--budget",
        metavar="DOLLARS",
        help="What this command may spend; 2.00 if no limit is given.",
    ),
]


def teacher_options(
    model: str | None,
    base_url: str | None,
    budget: float | None,
    max_calls: int | None = None,
    max_tokens: int | None = None,
    max_answer: int | None = None,
    parallel: int = 8,
    timeout: float = 300.0,
    prices: str | Path | None = None,
) -> TeacherOptions | None:
    """What the options say; None without ``--teacher``.

    Raises:
        TeacherError: an option about a live teacher without one, or a limit out of range.
    """
    if model is None or (model == RECORDED and base_url is None):  # a server may call its model so
        given = {"--base-url": base_url, "--budget": budget, "--max-calls": max_calls}
        more = {"--max-tokens": max_tokens, "--max-answer": max_answer, "--prices": prices}
        for name, value in (given | more).items():
            if value is not None:
                raise TeacherError(f"{name} is about a live teacher; {NAME_ONE}")
        return None
    from logicdistill.teacher.limits import Limits
    from logicdistill.teacher.live import TeacherOptions
    from logicdistill.teacher.prices import PriceList

    limits = Limits(budget, max_calls, max_tokens, max_answer, parallel, timeout)
    own = None if prices is None else PriceList(Path(prices)).token_prices()
    return TeacherOptions(model, base_url, limits, own)


def asked(
    options: TeacherOptions | None, store: Path, on_event: Callable[[str], None]
) -> AbstractContextManager[LiveTeacher | None]:
    """The live teacher that the options name, for the length of a command; None without one."""
    if options is None:
        return nullcontext()
    from logicdistill.teacher.live import live_teacher

    return live_teacher(options, store, on_event)


@contextmanager
def teacher_of(
    run: Path, model: str | None, base_url: str | None, budget: float | None
) -> Iterator[Teacher]:
    """The teacher of a run for the length of a command: a live one, or the recorded one.

    A live one keeps to the limits that ``[teacher]`` in the run's ``run.toml`` sets.
    """
    from logicdistill.pipeline.settings import RunSettings
    from logicdistill.runs import Run
    from logicdistill.tasks.registry import task_of_run
    from logicdistill.writing.replies import recorded_teacher

    limits = asdict(RunSettings.read(run).teacher) if model else {}
    options = teacher_options(model, base_url, budget, **limits)
    with asked(options, run / "replies", partial(typer.echo, err=True)) as live:
        yield live or recorded_teacher(run, task_of_run(run, Run.open(run).settings))


def replies_of(options: TeacherOptions | None, out: Path) -> Path:
    """Where a comparison keeps a live player's answers: a folder for each model."""
    name = "" if options is None else f"{options.model} {options.base_url or ''}"
    return out / "replies" / (re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-") or "none")


def prices_of(options: TeacherOptions) -> TokenPrices | None:
    """Prices for an estimate, without a key."""
    from logicdistill.teacher.prices import listed_prices

    return options.prices or (None if options.base_url else listed_prices(options.model))
