"""``logicdistill compare`` and ``report``: players beside each other, and the page about them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from logicdistill.cli import teacher as cli_teacher
from logicdistill.cli.output import echo
from logicdistill.errors import needs_extra

PLAYERS_HELP = (
    "Names with commas between, or 'all'; ld-encoder always plays. "
    "A wrong name lists the right ones."
)
CHANGES_HELP = (
    "Change the rules in mid-episode too: LD is told the new rule, imitators are trained again."
)
FOLDER_HELP = (
    "A folder made by 'logicdistill compare' or 'run'; report.md and report.html go there."
)


def compare(
    tasks: Annotated[
        list[str], Argument(help="Task ids, with or without their versions, or folders.")
    ],
    out: Annotated[
        Path, Option(help="Folder of the comparison; each task is a run inside it.")
    ] = Path("runs/compare"),
    players: Annotated[
        str, Option(help=PLAYERS_HELP)
    ] = "kd-encoder,kd-encoder-legal,conditions,first,random,optimum",
    episodes: Annotated[
        int | None, Option(min=1, help="Evaluation episodes; slow players play the first of them.")
    ] = None,
    rule_changes: Annotated[bool, Option("--rule-changes", help=CHANGES_HELP)] = False,
    pairs: Annotated[
        list[str] | None,
        Option("--set", metavar="KEY=VALUE", help="A setting, see above; repeatable."),
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
    encoder           sentence encoder of LD and of kd-encoder: minilm, or a folder
    fine_tune         train LD's encoder itself: false
    train_steps       most steps of LD's fine-tuning; it ends when held-out accuracy is flat
    train_examples    examples that each other player is shown in training, repeats counted:
                      20000 for kd-encoder, 500 for others
    causal            the causal players' model: smollm2, a folder, or a Hugging Face name
    jobs              processes that train and play: -1, one a core
    dask              a Dask scheduler whose workers play, such as tcp://host:8786
    teacher.max_calls, teacher.max_tokens, teacher.max_answer, teacher.parallel,
    teacher.timeout, teacher.together, teacher.prices    limits of --teacher
    """  # noqa: D301  # click reads the \b
    with needs_extra("'compare' trains models and", "train"):
        from logicdistill.bulk.cluster import workers
        from logicdistill.compare import all_tasks
        from logicdistill.compare.players import chosen_players
        from logicdistill.compare.settings import CompareSettings
        from logicdistill.pipeline import settings
    from logicdistill.cli import terminal
    from logicdistill.tasks.registry import get_task, newest

    given = settings.read_pairs(pairs or [], CompareSettings)
    chosen = settings.settings_of(CompareSettings, given)
    options = cli_teacher.teacher_options(teacher, base_url, budget, chosen.teacher)
    names = chosen_players(players, options is not None)
    runs = []
    for task in dict.fromkeys(tasks):
        trained = chosen.train_episodes or settings.training_episodes(get_task(task))
        run = {"task": newest(task) or task, "episodes": episodes, "train_episodes": trained}
        same = {name: getattr(chosen, name) for name in ("encoder", "fine_tune", "train_steps")}
        runs.append(settings.RunSettings.of({**run, **same}))
    reporter = terminal.TerminalReporter()
    how: dict[str, Any] = {
        name: getattr(chosen, name) for name in ("train_examples", "causal", "jobs")
    }
    # The answers of each model have a folder.
    model = re.sub(r"[^A-Za-z0-9.]+", "-", f"{teacher} {base_url or ''}").strip("-")
    replies = out / "replies" / model
    with workers(chosen.dask), cli_teacher.asked(options, replies, reporter.line) as live:
        how |= {"players": names, "rule_changes": rule_changes, "teacher": live}
        summaries = all_tasks.compare(out, runs, reporter, **how)
    console = terminal.wide_console()
    for summary in summaries.values():
        console.print(*terminal.comparison(summary), sep="\n")
    files = f"summary: {out / 'summary.json'}   every episode: {out / 'results.jsonl'}"
    console.print(files, soft_wrap=True)


def report(
    folder: Annotated[Path, Argument(help=FOLDER_HELP)],
    prices: Annotated[
        Path | None, Option(help="Price list for the break-even (TOML); by default assumed prices.")
    ] = None,
    plots: Annotated[bool, Option(help="Draw charts.")] = True,
) -> None:
    """Write what was found as Markdown and as one HTML page.

    Each figure stands with the command behind it. Nothing is measured again.
    """
    from logicdistill.report.report import write_report

    for file in write_report(folder, prices, plots):
        echo(str(file))
