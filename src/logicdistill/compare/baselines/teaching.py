"""The teacher's decisions as lessons for players that imitate them: state, facts, action."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.stage import Course, run_all
from logicdistill.runs import read_lines, write_atomic
from logicdistill.training.collect import (
    EPISODES_AT_ONCE,
    EXPLORED_SHARE,
    ExploredChoice,
    Labeller,
    LabelStudent,
)
from logicdistill.types import Json


@dataclass(frozen=True, slots=True)
class Taught:
    """A state of a training episode, the results of the base's facts stages in it by output name, and the teacher's action."""

    state: Mapping[str, Json]
    facts: Mapping[str, Json]
    action: Json


def collect_actions(
    parts: Parts, labeller: Labeller, seeds: Sequence[int], explore: float = EXPLORED_SHARE
) -> list[Taught]:
    """The teacher's action in every state of training episodes; now and then another one is played, so that errors are seen as well.

    Args:
        parts: task, base and sandbox; its student is not asked.
        labeller: names the right function.
        seeds: training seeds.
        explore: share of selections made at random in what is played.
    """
    exact, exploring = (
        replace(parts, student=LabelStudent(labeller, share, seed=0)) for share in (0.0, explore)
    )
    facts = [stage.output for stage in parts.base.stages if not stage.selects]
    names = {stage.name: stage.output for stage in parts.base.stages}
    found: list[Taught] = []

    def player(positions: Sequence[Position]) -> list[Move]:
        states = [position.state for position in positions]
        played = decide(exploring, states)
        strayed = [
            index
            for index, decision in enumerate(played)
            if any(isinstance(step.choice, ExploredChoice) for step in decision.trace)
        ]
        taught = list(played)
        for index, decision in zip(
            strayed, decide(exact, [states[index] for index in strayed]), strict=True
        ):
            taught[index] = decision
        for state, decision in zip(states, taught, strict=True):
            if decision.fallback is None:
                results = {names[step.stage]: step.outcome.value for step in decision.trace}
                found.append(
                    Taught(state, {name: results[name] for name in facts}, decision.action)
                )
        return [(decision.action, decision) for decision in played]

    for start in range(0, len(seeds), EPISODES_AT_ONCE):
        play(parts.task, player, seeds[start : start + EPISODES_AT_ONCE])
    return found


def facts_of(parts: Parts, states: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """Results of the base's facts stages in each state, by output name; facts that need a selected result are not there."""
    courses = [Course(dict(state)) for state in states]
    stages = [stage for stage in parts.base.stages if not stage.selects]
    for stage in stages:
        run_all(parts, stage, courses)
    return [{stage.output: course.scope[stage.output] for stage in stages} for course in courses]


def write_taught(file: Path, lessons: Sequence[Taught]) -> None:
    """One JSON line a lesson."""
    write_atomic(file, "".join(f"{json.dumps(asdict(lesson))}\n" for lesson in lessons))


def read_taught(file: Path) -> list[Taught]:
    """What `write_taught` wrote.

    Raises:
        CorruptError: the file was damaged.
    """
    return [Taught(**line) for line in read_lines(file)]
