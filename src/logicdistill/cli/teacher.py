"""The options that name a live teacher and say what it may cost, for every command that asks one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from logicdistill.errors import TeacherError
from logicdistill.protocols import Task, Teacher
from logicdistill.teacher.limits import Limits
from logicdistill.teacher.live import LiveTeacher, TeacherOptions, live_teacher
from logicdistill.teacher.prices import PriceList, TokenPrices, listed_prices
from logicdistill.teacher.recorded import LIVE
from logicdistill.writing.replies import recorded_teacher

RECORDED = "recorded"

Model = Annotated[
    str | None,
    typer.Option(
        "--teacher",
        metavar="MODEL",
        help="Ask a live model: openai:gpt-5-mini, or a server's by --base-url; by default recorded replies.",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="OpenAI-compatible server, such as http://localhost:8000/v1.",
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
MaxCalls = Annotated[
    int | None, typer.Option("--max-calls", help="Requests that this command may send.")
]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", help="Tokens that this command may use, in and out.")
]
MaxAnswer = Annotated[
    int | None,
    typer.Option("--max-answer", help="Tokens of one answer at most; by default 4,000 to 16,000."),
]
Parallel = Annotated[int, typer.Option("--parallel", help="Requests under way at once.")]
Timeout = Annotated[
    float, typer.Option("--timeout", help="Seconds until a request without an answer is given up.")
]
PriceFile = Annotated[
    Path | None,
    typer.Option(
        "--prices", help="Its prices (TOML, as for 'report'); by default those of genai-prices."
    ),
]


def teacher_options(
    model: str | None,
    base_url: str | None,
    budget: float | None,
    calls: int | None,
    tokens: int | None,
    answer: int | None,
    parallel: int,
    timeout: float,
    prices: Path | None,
) -> TeacherOptions | None:
    """What the options say; None without ``--teacher``.

    Raises:
        TeacherError: an option about a live teacher without one, or a figure out of range.
    """
    if model is None or (model == RECORDED and base_url is None):  # a server may call its model so
        given = {
            "--base-url": base_url,
            "--budget": budget,
            "--max-calls": calls,
            "--max-tokens": tokens,
            "--max-answer": answer,
        }
        for name, value in (given | {"--prices": prices}).items():
            if value is not None:
                raise TeacherError(
                    f"{name} is about a live teacher; name one with --teacher, such as openai:gpt-5-mini"
                )
        return None
    limits = Limits(budget, calls, tokens, answer, parallel, timeout)
    figures = None if prices is None else PriceList(prices).token_prices()
    return TeacherOptions(model, base_url, limits, figures)


def recording_of(options: TeacherOptions | None, recording: str | None) -> str | None:
    """What a run's settings call its teacher.

    Raises:
        TeacherError: a recording and a live teacher were named.
    """
    if options is None:
        return recording
    if recording is not None:
        raise TeacherError(
            f"--recording {recording} and --teacher {options.model} are two teachers; name one"
        )
    return f"{LIVE}{options.model}"


def asked(
    options: TeacherOptions | None, store: Path, on_event: Callable[[str], None]
) -> AbstractContextManager[LiveTeacher | None]:
    """The live teacher that the options name, for the length of a command; None without one."""
    return nullcontext() if options is None else live_teacher(options, store, on_event)


def brief_options(
    model: str | None, base_url: str | None, budget: float | None, calls: int | None
) -> TeacherOptions | None:
    """What a command with these four options says that asks few questions; see `teacher_options`."""
    return teacher_options(model, base_url, budget, calls, None, None, 1, 300.0, None)


@contextmanager
def teacher_for(options: TeacherOptions | None, run: Path, task: Task) -> Iterator[Teacher]:
    """The teacher of a run for the length of a command: the live one that the options name, or else the recorded one.

    Args:
        options: None for the recorded one.
        run: the run's folder, whose replies are looked up first.
        task: of that run.
    """
    if options is None:
        yield recorded_teacher(run, task)
        return
    with live_teacher(options, run / "replies", partial(typer.echo, err=True)) as live:
        yield live


def replies_of(options: TeacherOptions | None, out: Path) -> Path:
    """Where a comparison keeps a live player's answers: another model's are other ones."""
    name = "" if options is None else f"{options.model} {options.base_url or ''}"
    return out / "replies" / (re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-") or "none")


def prices_of(options: TeacherOptions | None) -> TokenPrices | None:
    """Prices for an estimate, without a key.

    Raises:
        TeacherError: no live teacher was named.
    """
    if options is None:
        raise TeacherError(
            "--dry-run shows what a live teacher would be asked; name one with --teacher, such as openai:gpt-5-mini"
        )
    return options.prices or (None if options.base_url else listed_prices(options.model))
