"""``logicdistill decide`` and ``play``: a policy on states of your own, and on an episode."""

from __future__ import annotations

import itertools
import json
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from typer import Argument, Option

from logicdistill.cli.output import echo
from logicdistill.cli.teacher import BaseUrl, Budget, Model, teacher_of
from logicdistill.errors import EmergencyError, InvalidStateError, TaskError

if TYPE_CHECKING:
    from logicdistill.deciding.episodes import Turn
    from logicdistill.policy import OnEmergency
    from logicdistill.types import Json

STUDENT_HELP = (
    "Who selects: ld-encoder, ld-causal, bm25, conditions, first, random, or another package's; "
    "by default the run's own."
)
RUN_HELP = "A run's folder, or a file that 'logicdistill pack' wrote."
WATCH_HELP = "Take up what other commands change in the run's base while states come in."
ERROR_HELP = "Highest share of wrong choices, such as 1% or 0.01, where messages are read."
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
        Path | None, Argument(help="States as JSON or JSONL; by default standard input.")
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
) -> None:
    """Decide states: JSON in, one decision a line out.

    In goes a JSON object, an array, or JSONL, such as states.jsonl of a task. A message about a
    state names its line (from 1), or in an array its number (from 0).
    """
    from logicdistill.cli.states import batches, states_of
    from logicdistill.policy import Policy

    share = None if max_error is None else share_of(max_error)
    asks = on_emergency == "ask"
    with (
        teacher_of(run, teacher, base_url, budget) if asks else nullcontext() as asked,
        Policy.load(
            run,
            student,
            watch=watch and run.is_dir(),
            on_emergency=cast("OnEmergency", on_emergency),
            teacher=asked,
            log=log,
            max_error=share,
        ) as policy,
    ):

        def show(*batch: tuple[str, Json]) -> None:
            names, states = [name for name, _ in batch], [state for _, state in batch]
            for decision in map(asdict, policy.decide_many(states, names)):
                found = {key: decision[key] for key in decision if trace or key != "trace"}
                echo(json.dumps(found, ensure_ascii=False))

        for batch, error in batches(states_of(file, policy.task.state_schema["properties"])):
            try:
                show(*batch)
            except (InvalidStateError, EmergencyError):
                for one in batch:  # up to the one that is wrong
                    show(one)
                raise
            if error is not None:
                raise error


def share_of(text: str) -> float:
    """A share such as ``1%`` or ``0.01``; raises `TaskError` where it is none."""
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise TaskError(f"--max-error takes a share such as 1% or 0.01; got {text!r}") from None
