"""``logicdistill compare`` and ``report``: players beside each other, and the page about them."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rich.console import Console

from logicdistill.cli import teacher as cli_teacher
from logicdistill.cli import terminal
from logicdistill.errors import StorageError, TaskError, needs_extra, one_line
from logicdistill.report.report import write_report
from logicdistill.tasks.registry import get_task, newest


class TeacherLimits(BaseModel):
    """The table ``[teacher]`` of a settings file: limits of a live model."""

    model_config = ConfigDict(extra="forbid")
    max_calls: int | None = None
    max_tokens: int | None = None
    max_answer: int | None = None
    parallel: int = 8
    timeout: float = 300.0
    prices: Path | None = None


class CompareSettings(BaseModel):
    """A settings file: what few comparisons change.

    Attributes:
        train_episodes: training episodes of LD; imitators get three times as many. None: 300.
        train_steps: steps of LD's fine-tuning; None takes the recipe's.
        seconds: training time of each other player; None: 180 for kd-encoder, 90 for causal ones.
        causal: the causal players' model: smollm2, a folder, or a Hugging Face name.
        jobs: processes that train and play; -1 takes one a core.
        dask: address of a Dask scheduler, such as tcp://host:8786, whose workers play.
        teacher: limits of a live model.
    """

    model_config = ConfigDict(extra="forbid")
    train_episodes: Annotated[int | None, Field(ge=1)] = None
    train_steps: Annotated[int | None, Field(ge=1)] = None
    seconds: float | None = None
    causal: str = "smollm2"
    jobs: int = -1
    dask: str | None = None
    teacher: TeacherLimits = TeacherLimits()


def read_settings(file: Path | None) -> CompareSettings:
    """A settings file's contents; the defaults without one.

    Raises:
        StorageError: the file cannot be read.
        TaskError: it is not TOML, or a key or value is wrong; the message names it.
    """
    if file is None:
        return CompareSettings()
    try:
        return CompareSettings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}; give a TOML file") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        known = ", ".join(CompareSettings.model_fields)
        raise TaskError(f"{file}: {key}: {one_line(first['msg'])}; known keys: {known}") from None
    except ValueError as error:
        raise TaskError(f"{file}: not TOML: {one_line(error)}") from None


def compare(
    tasks: Annotated[
        list[str], typer.Argument(help="Task ids, with or without their versions, or folders.")
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the comparison; each task is a run inside it.")
    ] = Path("runs/compare"),
    players: Annotated[
        str,
        typer.Option(
            help="Names with commas between, or 'all'; ld-encoder always plays. "
            "A wrong name lists the right ones."
        ),
    ] = "kd-encoder,kd-encoder-legal,conditions,first,random,optimum",
    episodes: Annotated[
        int | None,
        typer.Option(min=1, help="Evaluation episodes; slow players play the first of them."),
    ] = None,
    rule_changes: Annotated[
        bool,
        typer.Option(
            "--rule-changes",
            help="Change the rules in mid-episode too: LD is told the new rule, "
            "imitators are trained again.",
        ),
    ] = False,
    settings: Annotated[
        Path | None,
        typer.Option(
            help="TOML file with train_episodes, train_steps, seconds, causal, jobs, dask, "
            "and limits of a live model in [teacher]; see docs/method.md."
        ),
    ] = None,
    teacher: cli_teacher.Model = None,
    base_url: cli_teacher.BaseUrl = None,
    budget: cli_teacher.Budget = None,
) -> None:
    """Compare players on the same unseen seeds.

    They are Logic Distillation, knowledge distillation with the same small model, and floors. Rows
    have intervals, and McNemar's p against ld-encoder. A killed comparison goes on where it was.
    With --teacher the large model plays as well ('llm'): it is asked for the action in every state.
    """
    chosen = read_settings(settings)
    limits = chosen.teacher
    options = cli_teacher.teacher_options(
        teacher,
        base_url,
        budget,
        limits.max_calls,
        limits.max_tokens,
        limits.max_answer,
        limits.parallel,
        limits.timeout,
        limits.prices,
    )
    with needs_extra("'compare' trains models and", "train"):
        from logicdistill.compare import all_tasks
        from logicdistill.compare.players import chosen_players
        from logicdistill.compare.workers import workers
        from logicdistill.pipeline.settings import RunSettings, training_episodes
    names = chosen_players(players, options is not None)
    runs = [
        RunSettings(
            newest(task) or task,
            {},
            episodes,
            chosen.train_episodes or training_episodes(get_task(task)),
            train_steps=chosen.train_steps,
        )
        for task in dict.fromkeys(tasks)
    ]
    reporter = terminal.TerminalReporter(Console(stderr=True))
    how: dict[str, Any] = {name: getattr(chosen, name) for name in ("seconds", "causal", "jobs")}
    replies = cli_teacher.replies_of(options, out)
    with workers(chosen.dask), cli_teacher.asked(options, replies, reporter.line) as live:
        summaries = all_tasks.compare(
            out, runs, reporter, players=names, rule_changes=rule_changes, teacher=live, **how
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    for summary in summaries.values():
        for shown in terminal.comparison(summary):
            console.print(shown, highlight=False)
    console.print(
        f"summary: {out / 'summary.json'}   every episode: {out / 'results.jsonl'}",
        highlight=False,
        soft_wrap=True,
    )


def report(
    folder: Annotated[
        Path,
        typer.Argument(
            help="A folder made by 'logicdistill compare' or 'run'; "
            "report.md and report.html go there."
        ),
    ],
    prices: Annotated[
        Path | None,
        typer.Option(help="Price list for the break-even (TOML); by default assumed prices."),
    ] = None,
    plots: Annotated[bool, typer.Option(help="Draw charts.")] = True,
) -> None:
    """Write what was found as Markdown and as one HTML page.

    Each figure stands with the command behind it. Nothing is measured again.
    """
    for file in write_report(folder, prices, plots):
        typer.echo(str(file))
