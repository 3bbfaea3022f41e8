"""``logicdistill decide`` and ``play``: a policy on states of your own, and on an episode."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer import Argument, Option

from logicdistill.characters import json_line
from logicdistill.cli.options import LogChain, LogHash, LogPictures, LogRedact, LogRotate
from logicdistill.cli.output import echo
from logicdistill.cli.teacher import BaseUrl, Budget, Model, teacher_of
from logicdistill.errors import InvalidStateError, LogicDistillError, TaskError

if TYPE_CHECKING:
    from logicdistill.cli.states import Given
    from logicdistill.deciding.episodes import Turn
    from logicdistill.policy import OnEmergency, Policy
    from logicdistill.types import Decision, Json

STUDENT_HELP = (
    "Who selects: ld-encoder, ld-causal, bm25, conditions, first, random, or another package's; "
    "by default the run's own."
)
RUN_HELP = "A run's folder, or a file that 'logicdistill pack' wrote."
WATCH_HELP = "Take up what other commands change in the run's base while states come in."
STRICT_HELP = (
    "Stop at the first state that is not decided, and at a decision that cannot be logged."
)
ERROR_HELP = "Highest share of wrong choices, such as 1% or 0.01, where messages are read."
ALL_CORES = -1
StudentName = Annotated[str | None, Option(help=STUDENT_HELP)]
PolicyPath = Annotated[Path, Option(help=RUN_HELP)]


def play(
    task: Annotated[str, Argument(help="A task's id, such as 'pursuit', or its folder.")],
    run: PolicyPath,
    seed: Annotated[int, Option(min=0, help="Seed of the episode.")] = 2_000_000,
    student: StudentName = None,
) -> None:
    """Play one episode, turn by turn.

    Shown are the state, the candidates with their probabilities, the choice, and the rules cited.
    """
    from logicdistill.cli import terminal
    from logicdistill.deciding import episodes
    from logicdistill.policy import Policy
    from logicdistill.tasks.registry import get_task, newest

    with Policy.load(run, student) as policy:
        if (named := newest(task) or get_task(task).id) != policy.task.id:
            raise TaskError(
                f"the run {run} plays {policy.task.id}, not {named}; name its task or another run"
            )
        console, turns = terminal.wide_console(), itertools.count(1)

        def show(_: int, turn: Turn) -> None:
            console.print(terminal.turn_panel(policy.task, next(turns), turn))

        episode = episodes.play(policy.task, policy.player, [seed], show)[0]
        result = "success" if episode.success else "no success"
        console.print(f"{result} after {len(episode.turns)} turns, return {episode.total:g}")


def decide(
    run: PolicyPath,
    file: Annotated[
        Path | None,
        Argument(
            help="States as JSON or JSONL; by default standard input. With --out also a table."
        ),
    ] = None,
    out: Annotated[
        Path | None, Option(help="Decide a whole file into .parquet, .csv or .jsonl; see below.")
    ] = None,
    jobs: Annotated[int, Option(help="With --out: processes; -1 is one a core.")] = ALL_CORES,
    dask: Annotated[
        str | None,
        Option(metavar="ADDRESS", help="With --out: a Dask scheduler, such as tcp://host:8786."),
    ] = None,
    student: StudentName = None,
    trace: Annotated[bool, Option(help="Print the trace of each decision as well.")] = True,
    on_emergency: Annotated[
        str, Option(help="In a state that no function fits: fallback, raise, or ask.")
    ] = "fallback",
    teacher: Model = None,
    base_url: BaseUrl = None,
    budget: Budget = None,
    max_error: Annotated[str | None, Option(metavar="SHARE", help=ERROR_HELP)] = None,
    log: Annotated[
        bool, Option("--log", help="Keep states and decisions in the run, for 'consolidate'.")
    ] = False,
    watch: Annotated[bool, Option(help=WATCH_HELP)] = True,
    strict: Annotated[bool, Option("--strict", help=STRICT_HELP)] = False,
    redact: LogRedact = None,
    hashed: LogHash = None,
    rotate: LogRotate = None,
    chain: LogChain = False,
    pictures: LogPictures = False,
) -> None:
    """Decide states: JSON in, one decision a line out.

    In goes a JSON object, an array, or JSONL, such as states.jsonl of a task. A state that cannot
    be decided gives a line with its error and its place: its line (from 1), or in an array its
    index (from 0). The others are decided, and the exit code is then 1. A picture is a data URL, or
    the path of its file, relative to that of the states.

    With --out the file is a table: Parquet, CSV with a header, or JSON lines. Its columns are the
    fields of a state; other columns stay beside the decision. Processes share the work. After
    Ctrl-C the same command goes on with what is missing.
    """
    from logicdistill.cli.states import batches, states_of
    from logicdistill.deciding.log import LogOptions
    from logicdistill.policy import Policy
    from logicdistill.tasks.schema import state_schema

    share = None if max_error is None else share_of(max_error)
    options = LogOptions(redact or (), hashed or (), rotate, chain, pictures)
    about_teacher = {"--teacher": teacher, "--base-url": base_url, "--budget": budget}
    asking = [name for name, value in about_teacher.items() if value is not None]
    if out is not None:
        others = {
            "--log": log,
            "--log-...": options != LogOptions(),
            "--strict": strict,
            "--on-emergency": on_emergency != "fallback",
            "--no-trace": not trace,
            "--no-watch": not watch,
        }
        if wrong := [*(name for name, is_given in others.items() if is_given), *asking]:
            raise TaskError(
                f"--out does not go with {', '.join(wrong)}; leave one or the other out"
            )
        _decide_file(run, file, out, student, share, jobs, dask)
        return
    if file is not None and file.suffix.lower() in (".csv", ".tsv", ".parquet"):
        raise TaskError(f"{file} is a table; name the decisions' file with --out, such as out.csv")
    if dask is not None or jobs != ALL_CORES:
        option = "--dask" if dask is not None else "--jobs"
        raise TaskError(f"{option} is for a whole file: name the decisions' file with --out")
    asks, decided, failed = on_emergency == "ask", 0, 0
    if asking and not asks:
        raise TaskError(f"{asking[0]} is for --on-emergency ask; add that, or leave it out")
    with (
        teacher_of(run, teacher, base_url, budget) if asks else nullcontext() as asked,
        Policy.load(
            run,
            student,
            watch=watch and run.is_dir(),
            on_emergency=cast("OnEmergency", on_emergency),
            teacher=asked,
            log=log or options != LogOptions(),
            log_errors="raise" if strict else "warn",
            log_options=options,
            max_error=share,
        ) as policy,
    ):
        schema, folder = state_schema(policy.task), file.parent if file else Path()
        given_states = states_of(file, policy.task.state_schema["properties"])
        for batch, error in batches(one.with_pictures(schema, folder) for one in given_states):
            for given, found in zip(batch, _decided(policy, batch), strict=True):
                if isinstance(found, LogicDistillError):
                    if strict:
                        raise found
                    failed += 1
                    said = str(found).removeprefix(f"{given.name}: ")
                    echo(json_line({**given.place, "error": said}))
                    continue
                decided += 1
                whole = asdict(found)
                echo(json_line({key: whole[key] for key in whole if trace or key != "trace"}))
            if error is not None:
                raise error
    if failed:
        echo(f"{failed} of {decided + failed} states were not decided", err=True)
        raise typer.Exit(1)


def _decide_file(
    run: Path,
    file: Path | None,
    out: Path,
    student: str | None,
    max_error: float | None,
    jobs: int,
    dask: str | None,
) -> None:
    from logicdistill.bulk.deciding import decide_file
    from logicdistill.cli import terminal
    from logicdistill.tasks.importing.actions import some

    if file is None:
        raise TaskError("--out decides a whole file; name it")
    reporter = terminal.TerminalReporter(delay=2.0)
    how: dict[str, Any] = {"student": student, "max_error": max_error, "jobs": jobs, "dask": dask}
    done = decide_file(
        run, file, out, progress=lambda at, total: reporter.progress("decide", at, total), **how
    )
    before = f" ({done.kept:,} of them before)" if done.kept else ""
    echo(
        f"{out}: {done.rows:,} rows{before}, {done.fallbacks:,} fallbacks, {done.failed:,} not "
        f"decided, in {done.seconds:.1f} s; snapshot {done.snapshot}"
    )
    if done.lacking:
        echo(f"no column, so every row has the default: {some(done.lacking)}", err=True)
    if done.failed:
        echo(f"first: {done.first_error}; the column 'error' has each", err=True)
        raise typer.Exit(1)


def _decided(policy: Policy, batch: Sequence[Given]) -> list[Decision | LogicDistillError]:
    """For each state its decision, or why there is none; the readable ones in one batch."""
    readable = [given for given in batch if not isinstance(given.state, InvalidStateError)]
    states: list[Json] = [given.state for given in readable]
    decisions = policy.decide_many(
        states,
        [given.name for given in readable],
        on_error="return",
        requests=[given.request for given in readable],
    )
    rest = iter(decisions)
    return [
        given.state if isinstance(given.state, InvalidStateError) else next(rest) for given in batch
    ]


def share_of(text: str) -> float:
    """A share such as ``1%`` or ``0.01``; raises `TaskError` where it is none."""
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise TaskError(f"--max-error takes a share such as 1% or 0.01; got {text!r}") from None
