"""The command line: parse, call, print."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from logicdistill import __version__
from logicdistill.cli import teacher as cli_teacher
from logicdistill.cli import terminal
from logicdistill.cli.base import base_app
from logicdistill.cli.compare import compare, report
from logicdistill.cli.states import batches, states_of
from logicdistill.cli.task import check, new
from logicdistill.cli.tell import consolidate
from logicdistill.deciding.episodes import Turn, play
from logicdistill.deciding.parts import STUDENTS
from logicdistill.errors import (
    EmergencyError,
    InvalidStateError,
    LogicDistillError,
    TaskError,
    TeacherError,
    needs_extra,
)
from logicdistill.policy import ON_EMERGENCY, Policy
from logicdistill.protocols import Task
from logicdistill.runs import Run
from logicdistill.tasks.checker import check_task
from logicdistill.tasks.messages import MESSAGE_TASKS, described, unpublished
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task, newest, task_ids, task_of_run
from logicdistill.training.collect import USAGE_EXAMPLES
from logicdistill.types import Decision

app = typer.Typer(
    help="Logic Distillation: written rules become small functions, and a small model selects among them, stage by stage.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
tasks_app = typer.Typer(help="The built-in tasks.", invoke_without_command=True)
app.add_typer(tasks_app, name="tasks")
app.add_typer(base_app, name="base")
app.command()(new)
app.command()(check)
app.command()(consolidate)
app.command()(compare)
app.command()(report)

RunFolder = Annotated[
    Path, typer.Option("--run", help="A run's folder, made by 'logicdistill run'.")
]
StudentName = Annotated[str, typer.Option("--student", help=f"Who selects: {', '.join(STUDENTS)}.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended."""
KEPT = {"run", "compare"}
"""Commands that go on where Ctrl-C ended them."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"logicdistill {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    pass


@tasks_app.callback()
def tasks(context: typer.Context, as_json: AsJson = False) -> None:
    """List the built-in tasks."""
    if context.invoked_subcommand is not None:
        return
    found = {task.id: (task.title, task.rules) for task in map(get_task, task_ids())}
    found |= {task_id: described(task) for task_id, task in MESSAGE_TASKS.items()}
    if as_json:
        rows = [
            {"id": task_id, "title": title, "rules": list(rules)}
            for task_id, (title, rules) in sorted(found.items())
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    for task_id, (title, rules) in sorted(found.items()):
        typer.echo(f"{task_id:<16} {title} ({len(rules)} rules)")


@tasks_app.command("check")
def tasks_check(
    name: Annotated[str, typer.Argument(help="A task's id, with or without its version.")],
) -> None:
    """Hold a task to the contract: rules, state schema, legality, repeatable episodes."""
    task = get_task(name)
    check_task(task)
    typer.echo(f"{task.id}: keeps the contract")


@app.command()
def run(
    task: Annotated[
        str,
        typer.Argument(
            help="A task's id, with or without its version, such as 'pursuit', or its folder."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the run; by default runs/TASK.")
    ] = None,
    episodes: Annotated[
        int | None, typer.Option(min=1, help="Evaluation episodes a player; by default the task's.")
    ] = None,
    train_episodes: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Episodes played to collect training examples; by default 300, of a folder all its states.",
        ),
    ] = None,
    train_steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of fine-tuning; by default the recipe's.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the training.")] = 0,
    sizes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="A size of the task as NAME=NUMBER, such as size=6; repeatable."
        ),
    ] = None,
    recording: Annotated[
        str | None,
        typer.Option(
            help="Whose functions: 'shipped', or another decomposition of the same rules, such as 'coarse'."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder with the data of clinc150 or banking77; by default they are fetched."
        ),
    ] = None,
    shots: Annotated[
        str,
        typer.Option(
            help="Training states of each right action, a fixed draw: a number, or 'full'."
        ),
    ] = "full",
    usage_examples: Annotated[
        int,
        typer.Option(
            min=0, help="Training states that each manual shows, where a state is free text."
        ),
    ] = USAGE_EXAMPLES,
    jobs: Annotated[int, typer.Option(help="Processes for evaluation; -1 takes one a core.")] = -1,
    teacher: cli_teacher.Model = None,
    base_url: cli_teacher.BaseUrl = None,
    budget: cli_teacher.Budget = None,
    max_calls: cli_teacher.MaxCalls = None,
    max_tokens: cli_teacher.MaxTokens = None,
    max_answer: cli_teacher.MaxAnswer = None,
    parallel: cli_teacher.Parallel = 8,
    timeout: cli_teacher.Timeout = 300.0,
    prices: cli_teacher.PriceFile = None,
    dry: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Print what --teacher would be asked, with an estimate; send nothing."
        ),
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--ask-again",
            help="Put answers aside that ended in a refusal, and ask --teacher for them again.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write, gate, collect, train, export, evaluate. A second call skips what is done; an interrupted one goes on.

    Functions and labels are recorded for the built-in tasks; for rules of your own a live model is asked (--teacher).
    """
    options = cli_teacher.teacher_options(
        teacher, base_url, budget, max_calls, max_tokens, max_answer, parallel, timeout, prices
    )
    with needs_extra("'run' trains a model and", "train"):
        from logicdistill.pipeline.dry_run import dry_run
        from logicdistill.pipeline.settings import RunSettings, training_episodes
        from logicdistill.pipeline.steps import RunPipeline
    if again and (options is None or dry):
        raise TeacherError(
            "--dry-run writes nothing, so it puts no answer aside; leave --ask-again or --dry-run out"
            if options
            else "--ask-again asks a live teacher once more; name one with --teacher, such as openai:gpt-5-mini"
        )
    few = _shots(shots)
    found = get_task(task, data=data, **_sizes(sizes or []))
    folder = out or Path("runs") / found.id.rpartition("-v")[0]
    settings = RunSettings(
        _name(task, found),
        _sizes(sizes or []),
        episodes,
        train_episodes or training_episodes(found),
        seed,
        train_steps=train_steps,
        recording=cli_teacher.recording_of(options, recording),
        data=str(data) if data else None,
        shots=few,
        usage_examples=usage_examples,
    )
    reporter = terminal.TerminalReporter(Console(stderr=True))
    if data is not None and (names := unpublished(MESSAGE_TASKS[found.id], data)):
        reporter.line(
            f"data      not the published {', '.join(names)}: the figures are those of {data} alone"
        )
    if dry:
        for line in dry_run(folder, settings, reporter, cli_teacher.prices_of(options)):
            typer.echo(line)
        return
    with cli_teacher.asked(options, folder / "replies", reporter.line) as live:
        summary = RunPipeline(folder, settings, reporter, live, jobs, again).run()
    if as_json:
        typer.echo(json.dumps(summary, indent=1))
        return
    console = _console()
    console.print(terminal.results_table(summary))
    if "messages" in summary:
        console.print(terminal.messages_table(summary))
    console.print(terminal.results_notes(summary), highlight=False)
    console.print(
        f"summary: {folder / 'summary.json'}   next: logicdistill play {task} --run {folder}",
        highlight=False,
        soft_wrap=True,
    )


@app.command("play")
def play_command(
    task: Annotated[
        str, typer.Argument(help="A task's id, with or without its version, or its folder.")
    ],
    run: RunFolder,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the episode.")] = 2_000_000,
    student: StudentName = "ld-encoder",
) -> None:
    """Play one episode in the terminal: state, stages, candidates with probabilities, choice, rules cited."""
    with Policy.load(run, student) as policy:
        if (named := newest(task) or get_task(task).id) != policy.task.id:
            raise TaskError(
                f"the run {run} plays {policy.task.id}, not {named}; name its task or another run"
            )
        console, turns = _console(), iter(range(1, 10**9))

        def show(_: int, turn: Turn) -> None:
            console.print(terminal.turn_panel(policy.task, next(turns), turn))

        episode = play(policy.task, policy.player, [seed], show)[0]
        console.print(
            f"{'success' if episode.success else 'no success'} after {len(episode.turns)} turns, return {episode.total:g}"
        )


@app.command()
def decide(
    run: RunFolder,
    file: Annotated[
        Path | None, typer.Argument(help="States as JSON or JSONL; by default stdin.")
    ] = None,
    student: StudentName = "ld-encoder",
    trace: Annotated[bool, typer.Option(help="Print the trace of each decision as well.")] = True,
    on_emergency: Annotated[
        str, typer.Option(help=f"In a state that no function fits: {', '.join(ON_EMERGENCY)}.")
    ] = "fallback",
    teacher: cli_teacher.Model = None,
    base_url: cli_teacher.BaseUrl = None,
    budget: cli_teacher.Budget = None,
    max_calls: cli_teacher.MaxCalls = None,
    max_error: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help="Share of wrong choices to stay below, such as 1% or 0.01, where messages are read.",
        ),
    ] = None,
    log: Annotated[
        bool, typer.Option("--log", help="Keep states and decisions in the run, for 'consolidate'.")
    ] = False,
) -> None:
    """Decide states: a JSON object, an array, or JSONL in (lines of states.jsonl too); one JSON decision a line out, in order.

    A message about a state names its line (from 1), or in an array its number (from 0).
    """
    share = None if max_error is None else _share(max_error)
    options, whose = (
        cli_teacher.brief_options(teacher, base_url, budget, max_calls),
        task_of_run(run, Run.open(run).settings),
    )
    asking = (
        cli_teacher.teacher_for(options, run, whose) if on_emergency == "ask" else nullcontext()
    )
    with (
        asking as asked,
        Policy.load(
            run, student, on_emergency=on_emergency, teacher=asked, log=log, max_error=share
        ) as policy,
    ):
        for batch, error in batches(states_of(file, policy.task.state_model.model_fields)):
            try:
                decisions = policy.decide_many(
                    [state for _, state in batch], [name for name, _ in batch]
                )
            except (InvalidStateError, EmergencyError):
                for name, state in batch:  # up to the one that is wrong
                    _print_decision(policy.decide_many([state], [name])[0], trace)
                raise
            for decision in decisions:
                _print_decision(decision, trace)
            if error is not None:
                raise error


def _print_decision(decision: Decision, trace: bool) -> None:
    shown = asdict(decision)
    if not trace:
        del shown["trace"]
    typer.echo(json.dumps(shown, ensure_ascii=False))


def _name(task: str, found: Task) -> str:
    """A built-in task by its id, whatever it was called; a record task by its folder."""
    return newest(task) or task if isinstance(found, RecordTask) else found.id


def _shots(text: str) -> int | None:
    if text == "full":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise TaskError(f"--shots takes a number from 1 up, or 'full'; got {text!r}")
    return int(text)


def _share(text: str) -> float:
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise TaskError(f"--max-error takes a share such as 1% or 0.01; got {text!r}") from None


def _sizes(pairs: list[str]) -> dict[str, Any]:
    sizes: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            sizes[name] = json.loads(value)
        except ValueError:
            raise TaskError(f"--set takes NAME=NUMBER, such as size=6; got {pair!r}") from None
    return sizes


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=140)


def main() -> None:
    """Entry point: a user's mistake is one line and exit code 2."""
    try:
        app()
    except LogicDistillError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
    except SystemExit as end:
        if end.code == INTERRUPTED:
            kept = (
                "; what was finished is kept, the same command goes on"
                if KEPT.intersection(sys.argv[1:2])
                else ""
            )
            typer.echo(f"stopped{kept}", err=True)
        raise
