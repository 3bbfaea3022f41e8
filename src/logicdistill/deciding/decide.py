"""Line 3 of Algorithm 1 (section 3 of the paper): the loop over the stages of a decision."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from logicdistill.deciding.cells import select_cells
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.stage import TAKE, InProgress
from logicdistill.types import Decision, Json, Scope, Stage, Step


def decide(
    parts: Parts, states: Sequence[Mapping[str, Json]], times: list[int] | None = None
) -> list[Decision]:
    """Decide many states at once: every stage takes all of them in one batch.

    Each stage chooses its function f_j and runs it to its result o_j. The last o_j is the action O.
    A stage without a result ends the decision only where a later one needs it.

    Args:
        parts: the base, the student, and what else deciding needs.
        states: states that fit the task's schema.
        times: is filled with the time at which each stage ended, in nanoseconds since the epoch.
    """
    decisions = _taken(parts, parts.base.stages, states, times)
    return [_ended(parts, *pair) for pair in zip(decisions, states, strict=True)]


def scopes_before(
    parts: Parts, stage: Stage, states: Sequence[Mapping[str, Json]]
) -> list[Scope | None]:
    """Each state as a stage sees it, with the results of the earlier ones.

    None where an earlier stage ends the decision, or has no result.
    """
    stages = parts.base.stages
    decisions = _taken(parts, stages[: stages.index(stage)], states)
    return [
        None if decision.stopped is not None or decision.missing else decision.scope
        for decision in decisions
    ]


def _taken(
    parts: Parts,
    stages: Sequence[Stage],
    states: Sequence[Mapping[str, Json]],
    times: list[int] | None = None,
) -> list[InProgress]:
    decisions = [InProgress(dict(state)) for state in states]
    for stage in stages:
        running = [decision for decision in decisions if decision.stopped is None]
        if running:
            take = select_cells if stage.grid else TAKE[stage.mode]
            take(parts, stage, running)
        if times is not None:
            times.append(time.time_ns())
    return decisions


def _ended(parts: Parts, decision: InProgress, state: Mapping[str, Json]) -> Decision:
    """The decision as a value; the task's fallback action where a stage stopped it."""
    trace, snapshot = tuple(decision.trace), parts.base.snapshot
    cited = _cited(parts.task.rules, trace)
    if decision.stopped is not None:
        action, why = parts.task.fallback(state), decision.stopped
        return Decision(action, 0.0, why, trace, snapshot, cited=cited)
    action = decision.scope[parts.base.stages[-1].output]
    return Decision(action, decision.confidence, None, trace, snapshot, cited=cited)


def _cited(rules: Sequence[str], trace: Sequence[Step]) -> dict[int, str]:
    """The rules that the chosen functions cite, in order: number to sentence.

    Those of the facts where no chosen function cites any.
    """
    chosen = [number for step in trace if step.choice is not None for number in step.rules]
    numbers = dict.fromkeys(chosen or (number for step in trace for number in step.rules))
    return {number: rules[number - 1] for number in numbers if number <= len(rules)}
