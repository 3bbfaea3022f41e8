"""``logicdistill compare`` and ``report``: players beside each other, and what was found as a page."""

from __future__ import annotations

import json
import sys
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
            help="Names with commas between, or 'all'; ld-encoder always plays. A wrong name lists the right ones."
        ),
    ] = "kd-encoder,kd-encoder-legal,conditions,first,random,optimum",
    episodes: Annotated[
        int | None,
        typer.Option(min=1, help="Evaluation episodes; slow players play the first of them."),
    ] = None,
    train_episodes: Annotated[
        int | None,
        typer.Option(min=1, help="Training episodes of LD; imitators get three times as many."),
    ] = None,
    train_steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of LD's fine-tuning; by default the recipe's.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            help="Training time of each other player; by default kd-encoder's is 180, the causal ones' 90."
        ),
    ] = None,
    causal: Annotated[
        str,
        typer.Option(help="The causal players' model: smollm2, a folder, or a Hugging Face name."),
    ] = "smollm2",
    emergency: Annotated[
        bool,
        typer.Option(
            "--emergency",
            help="Change the rules in mid-episode too: LD is told the rule, imitators are trained again.",
        ),
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            help="Processes that train and play; -1 takes one a core. Players that are trained play the same with any number."
        ),
    ] = -1,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Play on the workers of a Dask scheduler instead, such as tcp://host:8786.",
        ),
    ] = None,
    teacher: cli_teacher.Model = None,
    base_url: cli_teacher.BaseUrl = None,
    budget: cli_teacher.Budget = None,
    max_calls: cli_teacher.MaxCalls = None,
    max_tokens: cli_teacher.MaxTokens = None,
    max_answer: cli_teacher.MaxAnswer = None,
    parallel: cli_teacher.Parallel = 8,
    timeout: cli_teacher.Timeout = 300.0,
    prices: cli_teacher.PriceFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Compare players on the same unseen seeds: Logic Distillation, knowledge distillation with the same small model, and floors.

    A killed comparison goes on where it was; what is done is skipped. Rows have intervals, and McNemar's p against ld-encoder.
    With --teacher the large model itself plays as well ('llm'): it is asked for the action in every state of its episodes.
    """
    options = cli_teacher.teacher_options(
        teacher, base_url, budget, max_calls, max_tokens, max_answer, parallel, timeout, prices
    )
    with needs_extra("'compare' trains models and", "train"):
        from logicdistill.compare import workers as cluster
        from logicdistill.compare.all_tasks import compare as compare_players
        from logicdistill.compare.players import chosen_players
        from logicdistill.pipeline.settings import RunSettings, training_episodes
    from rich.console import Console

    from logicdistill.cli import terminal
    from logicdistill.tasks.registry import get_task, newest

    runs = [
        RunSettings(
            newest(task) or task,
            {},
            episodes,
            train_episodes or training_episodes(found),
            train_steps=train_steps,
        )
        for task in dict.fromkeys(tasks)
        for found in [get_task(task)]
    ]
    reporter, chosen = (
        terminal.TerminalReporter(Console(stderr=True)),
        chosen_players(players, options is not None),
    )
    more: dict[str, Any] = {
        "seconds": seconds,
        "causal": causal,
        "emergencies": emergency,
        "jobs": jobs,
    }
    with (
        cluster.workers(dask),
        cli_teacher.asked(options, cli_teacher.replies_of(options, out), reporter.line) as live,
    ):
        summaries = compare_players(out, runs, reporter, players=chosen, teacher=live, **more)
    if as_json:
        typer.echo(json.dumps({"tasks": summaries}, indent=1))
        return
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
            help="A folder made by 'logicdistill compare' or 'run'; report.md and report.html go there."
        ),
    ],
    prices: Annotated[
        Path | None,
        typer.Option(help="Price list for the break-even (TOML); by default assumed prices."),
    ] = None,
    plots: Annotated[bool, typer.Option(help="Draw charts; they need the extra 'report'.")] = True,
) -> None:
    """Write what a comparison found as Markdown and as one HTML page, with the command behind each figure. Nothing is measured again.

    Benchmarks' files in FOLDER/measures/ (such as growth.json or lofo-pursuit.json) become sections as well.
    """
    from logicdistill.report.report import write_report

    for file in write_report(folder, prices, plots):
        typer.echo(str(file))
