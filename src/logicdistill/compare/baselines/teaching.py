"""The teacher's decisions as training data for players that imitate them: state, facts, action."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from logicdistill.compare.scenario import Scenario
from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.stage import InProgress, run_all
from logicdistill.files import digest, read_lines, write_lines
from logicdistill.runs import Run
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.seeds import training_seeds, validation_seeds
from logicdistill.training.collect import (
    EPISODES_AT_ONCE,
    EXPLORED_SHARE,
    ExploredChoice,
    LabelStudent,
)
from logicdistill.training.labelling import Labeller
from logicdistill.types import Json

EPISODES_FACTOR = 3
"""Imitators learn from this many times LD's training episodes: a state with its action is cheap."""

VALIDATION_EPISODES = 50
"""Episodes whose states choose an imitator's checkpoint."""


@dataclass(frozen=True, slots=True)
class TeacherStep:
    """A state, results of the base's facts stages by output name, and the teacher's action."""

    state: Mapping[str, Json]
    facts: Mapping[str, Json]
    action: Json


@dataclass(frozen=True, slots=True)
class Training:
    """Where (``folder``) and how long a player is trained.

    Attributes:
        shown: examples that it is shown in all; one that is shown again counts again.
        start: folder of an earlier training to continue from.
        on_progress: called with the examples shown and their total.
    """

    folder: Path
    shown: int
    seed: int = 0
    start: Path | None = None
    on_progress: Callable[[int, int], None] = lambda *_: None


def taught_steps(scenario: Scenario, episodes: int) -> tuple[list[TeacherStep], list[TeacherStep]]:
    """The teacher's steps for training and for validation; collected once and kept.

    Args:
        scenario: the teacher uses its base and plays its task.
        episodes: LD's training episodes; imitators get `EPISODES_FACTOR` times as many.
    """
    seeds = training_seeds(EPISODES_FACTOR * episodes)
    files = [scenario.folder / f"{name}.jsonl" for name in ("actions", "validation")]
    asked = (seeds, EXPLORED_SHARE), (validation_seeds(VALIDATION_EPISODES), 0.0)

    def collect() -> Mapping[str, Json]:
        with scenario.policy(FirstStudent()) as policy:
            labeller = scenario.labeller(policy)
            for file, how in zip(files, asked, strict=True):
                steps = collect_actions(policy.parts, labeller, *how)
                write_lines(file, [asdict(step) for step in steps])
        return {}

    name = f"teach-{scenario.change}" if scenario.change else "teach"
    Run.open(Path(scenario.run)).step(name, digest(scenario.key, len(seeds)), collect, files)
    trained, checked = ([TeacherStep(**line) for line in read_lines(file)] for file in files)
    return trained, checked


def collect_actions(
    parts: Parts, labeller: Labeller, seeds: Sequence[int], explore: float = EXPLORED_SHARE
) -> list[TeacherStep]:
    """The teacher's action in every state of training episodes; the parts' student is not asked.

    A share ``explore`` of the selections in what is played is made at random; the action kept is
    the teacher's all the same.
    """
    exact, exploring = (
        replace(parts, student=LabelStudent(labeller, share, seed=0)) for share in (0.0, explore)
    )
    facts = {stage.name: stage.output for stage in parts.base.stages if not stage.selects}
    found: list[TeacherStep] = []

    def player(positions: Sequence[Position]) -> list[Move]:
        states = [position.state for position in positions]
        played = decide(exploring, states)
        explored = [
            index
            for index, decision in enumerate(played)
            if any(isinstance(step.choice, ExploredChoice) for step in decision.trace)
        ]
        right = decide(exact, [states[index] for index in explored])
        taught = dict(enumerate(played)) | dict(zip(explored, right, strict=True))
        for index, decision in taught.items():
            if decision.fallback is None:
                steps = [step for step in decision.trace if step.stage in facts]
                known = {facts[step.stage]: step.outcome.value for step in steps}
                found.append(TeacherStep(states[index], known, decision.action))
        return [(decision.action, decision) for decision in played]

    for start in range(0, len(seeds), EPISODES_AT_ONCE):
        play(parts.task, player, seeds[start : start + EPISODES_AT_ONCE])
    return found


def facts_of(parts: Parts, states: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """Results of the facts stages before any selection, in each state, by output name."""
    decisions = [InProgress(dict(state)) for state in states]
    stages = [stage for stage in parts.base.stages if not stage.selects]
    for stage in stages:
        run_all(parts, stage, decisions)
    return [{stage.output: item.scope[stage.output] for stage in stages} for item in decisions]
