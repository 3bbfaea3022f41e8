"""``logicdistill run``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from logicdistill.cli.options import AsJson
from logicdistill.cli.output import echo
from logicdistill.cli.teacher import (
    NAME_ONE,
    BaseUrl,
    Budget,
    LabelsMost,
    Model,
    asked,
    teacher_options,
)
from logicdistill.errors import TaskError, TeacherError

if TYPE_CHECKING:
    from logicdistill.pipeline.settings import RunSettings
    from logicdistill.types import Json

SETTING_HELP = "A setting, see above; repeatable. run.toml keeps it."
DRY_HELP = "Print what --teacher would be asked, and an estimate; send nothing."
SHOW_HELP = "Name the test states that are decided wrongly, too; they are unseen no more."
TUNE_HELP = "Train the encoder itself (needs torch, takes minutes); the run keeps it so."
AGAIN_HELP = "Re-ask --teacher the answers that led to rejected functions."


def run(
    task: Annotated[
        str, Argument(help="A task's id, such as 'pursuit', or the folder of your own task.")
    ],
    out: Annotated[Path | None, Option(help="Folder of the run; by default runs/TASK.")] = None,
    episodes: Annotated[
        int | None, Option(min=1, help="Evaluation episodes a player; by default the task's.")
    ] = None,
    pairs: Annotated[
        list[str] | None, Option("--set", metavar="KEY=VALUE", help=SETTING_HELP)
    ] = None,
    teacher: Model = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
    labels: LabelsMost = None,
    dry: Annotated[bool, Option("--dry-run", help=DRY_HELP)] = False,
    again: Annotated[bool, Option("--ask-again", help=AGAIN_HELP)] = False,
    show_test: Annotated[bool, Option("--show-test", help=SHOW_HELP)] = False,
    tune: Annotated[bool, Option("--fine-tune", help=TUNE_HELP)] = False,
    as_json: AsJson = False,
) -> None:
    """Make a policy from a task's rules.

    The teacher writes functions, the gate checks them, examples are collected, a student is trained
    and evaluated. A second call skips what is done and continues what was interrupted; settings
    that it does not name stay as the run's run.toml has them. For the built-in tasks the teacher's
    replies are recorded; for rules of your own name a live model with --teacher.

    Settings (--set KEY=VALUE):

    \b
    train_episodes    episodes to collect examples from: 300, or all states of a folder
    shots             training states of each right action; by default all
    shots_seed        of the draw of shots: 0
    usage_examples    training states that each manual shows, where a state is free text: 10
    seed              of the training: 0
    encoder           sentence encoder: minilm (English), a folder, or owner/model of a hub
    pooling, prefix, max_tokens    of the encoder; by default what its files say
    picture_encoder   pixels, efficientnet-lite0, the path of an ONNX file, or several with commas
    fine_tune         train the encoder itself, see --fine-tune: false
    train_steps       most steps of fine-tuning; it ends when held-out accuracy is flat
    recording         whose functions: shipped, or another decomposition, such as coarse
    repair_rounds     corrections by --teacher where recorded actions differ: 5
    send_actions      send it training states with their recorded actions: true
    least_right       share of right training states below which the run stops: 0.5
    data              folder with the data of clinc150 or banking77; by default they are fetched
    sizes.NAME        a size of the task, such as sizes.size=6
    label_budget      labels that --teacher is asked for at most, see --label-budget: all
    jobs              processes for evaluation: -1, one a core
    teacher.max_calls, teacher.max_tokens, teacher.max_answer, teacher.parallel,
    teacher.timeout, teacher.together, teacher.prices    limits of --teacher
    """  # noqa: D301  # click reads the \b
    if teacher is None and (again or dry):
        option = "--ask-again" if again else "--dry-run"
        raise TeacherError(f"{option} is about a live teacher; {NAME_ONE}")
    if again and dry:
        raise TeacherError(
            "--dry-run writes nothing, so it re-asks no answer; leave --ask-again or --dry-run out"
        )
    if dry and (as_json or show_test):
        option = "--json" if as_json else "--show-test"
        raise TeacherError(
            f"{option} is about a run's results, and --dry-run has none; leave one out"
        )
    from logicdistill.cli import terminal
    from logicdistill.pipeline.dry_run import dry_run
    from logicdistill.pipeline.steps import RunPipeline
    from logicdistill.teacher.prices import listed_prices

    folder, settings = _settings(task, out, episodes, pairs or [], teacher, tune, labels)
    options = teacher_options(teacher, base_url, budget, settings.teacher)
    reporter = terminal.TerminalReporter()
    if dry and options:
        listed = None if base_url else listed_prices(options.model)
        for line in dry_run(folder, settings, reporter, options.prices or listed):
            echo(line)
        return
    with asked(options, folder / "replies", reporter.line) as live:
        pipeline = RunPipeline(folder, settings, reporter, live, again, show_test=show_test)
        summary = pipeline.run()
    if as_json:
        echo(json.dumps(summary, indent=1))
        return
    console = terminal.wide_console()
    console.print(terminal.results_table(summary))
    if "messages" in summary:
        console.print(terminal.messages_table(summary))
    console.print(terminal.results_notes(summary))
    following = f"next: logicdistill play {task} --run {folder}"
    if "frequent" in summary:
        states = Path(task) / "states.jsonl"
        following = f"next: logicdistill decide --run {folder}"
        following += f" {states}" if states.is_file() else ""
    console.print(f"summary: {folder / 'summary.json'}   {following}", soft_wrap=True)


def _settings(
    name: str,
    out: Path | None,
    episodes: int | None,
    pairs: list[str],
    teacher: str | None,
    tune: bool,
    labels: int | None,
) -> tuple[Path, RunSettings]:
    """The run's folder, and its settings: what is given, or else what its ``run.toml`` says."""
    from logicdistill.pipeline.settings import RunSettings, read_pairs, settings_of_run
    from logicdistill.tasks.registry import get_task, newest
    from logicdistill.teacher.recorded import LIVE

    given = read_pairs(pairs, RunSettings)
    if teacher and "recording" in given:
        raise TeacherError(
            f"recording={given['recording']} and --teacher {teacher} are two teachers; name one"
        )
    given |= {"recording": f"{LIVE}{teacher}"} if teacher else {}
    given |= {"episodes": episodes} if episodes else {}
    options: dict[str, Json] = {"fine_tune": True} if tune else {}
    options |= {} if labels is None else {"label_budget": labels}
    for key in options.keys() & given.keys():
        raise TaskError(f"--{key.replace('_', '-')} and --set {key} are one setting; give one")
    given |= options
    task_id = newest(name) or get_task(name).id
    folder = out or Path("runs") / task_id.rpartition("-v")[0]
    return folder, settings_of_run(folder, newest(name) or name, task_id, given)
