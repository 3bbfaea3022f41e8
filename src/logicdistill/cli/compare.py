"""``logicdistill compare`` and ``report``: players beside each other, and the page about them."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from logicdistill.cli import teacher as cli_teacher
from logicdistill.errors import needs_extra


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
    pairs: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting, see above; repeatable."),
    ] = None,
    teacher: cli_teacher.Model = None,
    base_url: cli_teacher.BaseUrl = None,
    budget: cli_teacher.Budget = None,
) -> None:
    """Compare players on the same unseen seeds.

    They are Logic Distillation, knowledge distillation with the same small model, and floors. Rows
    have intervals, and McNemar's p against ld-encoder. A killed comparison goes on where it was.
    With --teacher the large model plays as well ('llm'): it is asked for the action in every state.

    Settings (--set KEY=VALUE):

    \b
    train_episodes    training episodes of LD: 300; imitators get three times as many
    train_steps       steps of LD's fine-tuning; by default the recipe's
    seconds           training time of each other player: 180 for kd-encoder, 90 for others
    causal            the causal players' model: smollm2, a folder, or a Hugging Face name
    jobs              processes that train and play: -1, one a core
    dask              a Dask scheduler whose workers play, such as tcp://host:8786
    teacher.max_calls, teacher.max_tokens, teacher.max_answer, teacher.parallel,
    teacher.timeout, teacher.prices    limits of --teacher
    """  # noqa: D301  # click reads the \b
    with needs_extra("'compare' trains models and", "train"):
        from logicdistill.compare import all_tasks
        from logicdistill.compare.players import chosen_players
        from logicdistill.compare.settings import CompareSettings
        from logicdistill.compare.workers import workers
        from logicdistill.pipeline.settings import (
            RunSettings,
            read_pairs,
            settings_of,
            training_episodes,
        )
    from rich.console import Console

    from logicdistill.cli import terminal
    from logicdistill.tasks.registry import get_task, newest

    chosen = settings_of(CompareSettings, read_pairs(pairs or [], CompareSettings))
    limits = asdict(chosen.teacher) if teacher else {}
    options = cli_teacher.teacher_options(teacher, base_url, budget, **limits)
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

    from logicdistill.report.report import write_report

    for file in write_report(folder, prices, plots):
        typer.echo(str(file))
