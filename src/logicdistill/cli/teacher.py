"""The teacher of a command: the live model that its options name, or the recorded replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from logicdistill.cli.output import echo
from logicdistill.errors import TeacherError

if TYPE_CHECKING:
    from logicdistill.pipeline.settings import TeacherSettings
    from logicdistill.protocols import Teacher
    from logicdistill.teacher.live import LiveTeacher, TeacherOptions

RECORDED = "recorded"
NAME_ONE = "name one with --teacher, such as openai:gpt-5-mini"

MODEL_HELP = "Ask a live model, such as openai:gpt-5-mini; by default recorded replies."
URL_HELP = "OpenAI-compatible server of that model, such as http://localhost:8000/v1."
BUDGET_HELP = "What this command may spend; 2.00 if no limit is given."

LABELS_HELP = "Ask --teacher for at most so many labels; by default all that decide anything."
LIMIT_HELP = "A limit of --teacher for this command, such as teacher.max_calls=20; repeatable."

LabelsMost = Annotated[int | None, Option("--label-budget", metavar="N", min=0, help=LABELS_HELP)]
LimitPairs = Annotated[
    list[str] | None, Option("--set", metavar="teacher.KEY=VALUE", help=LIMIT_HELP)
]
Model = Annotated[str | None, Option(metavar="MODEL", help=MODEL_HELP)]
BaseUrl = Annotated[str | None, Option(metavar="URL", help=URL_HELP)]
Budget = Annotated[float | None, Option(metavar="DOLLARS", help=BUDGET_HELP)]


def teacher_options(
    model: str | None, base_url: str | None, budget: float | None, settings: TeacherSettings
) -> TeacherOptions | None:
    """What the options say; None without ``--teacher``.

    Raises:
        TeacherError: an option about a live teacher without one, or a limit out of range.
    """
    if model is None or (model == RECORDED and base_url is None):  # a server may call its model so
        for name, value in {"--base-url": base_url, "--budget": budget}.items():
            if value is not None:
                raise TeacherError(f"{name} is about a live teacher; {NAME_ONE}")
        return None
    return settings.options(model, base_url, budget)


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
    run: Path,
    model: str | None,
    base_url: str | None,
    budget: float | None,
    pairs: Sequence[str] = (),
) -> Iterator[Teacher]:
    """The teacher of a run for the length of a command: a live one, or the recorded one.

    A live one keeps to the limits that ``pairs`` (of ``--set``) give, or else ``[teacher]`` in the
    run's ``run.toml``.
    """
    from logicdistill.pipeline.settings import TeacherSettings, limits_of_run
    from logicdistill.runs import Run
    from logicdistill.tasks.registry import task_of_run
    from logicdistill.writing.replies import recorded_teacher

    if pairs and model is None:
        raise TeacherError(f"--set {pairs[0]} is about a live teacher; {NAME_ONE}")
    limits = limits_of_run(run, pairs) if model else TeacherSettings()
    options = teacher_options(model, base_url, budget, limits)
    with asked(options, run / "replies", partial(echo, err=True)) as live:
        yield live or recorded_teacher(run, task_of_run(run, Run.open(run).settings))
