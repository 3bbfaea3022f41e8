"""Line 3 of Algorithm 1: stage by stage, retrieve the top K, select a function, run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from logicdistill.deciding.parts import Parts
from logicdistill.deciding.stage import Course, run_all, select_one
from logicdistill.types import Decision, Json


def decide(parts: Parts, states: Sequence[Mapping[str, Json]]) -> list[Decision]:
    """Line 3, for many states at once: stage by stage, retrieve the top K, select f_j, run it to o_j; the last o_j is the action O.

    Args:
        parts: see `Parts`.
        states: states that fit the task's schema.
    """
    courses = [Course(dict(state)) for state in states]
    for stage in parts.base.stages:
        running = [course for course in courses if course.stopped is None]
        if running:
            (run_all if not stage.selects else select_one)(parts, stage, running)
    last = parts.base.stages[-1].output
    return [
        Decision(
            course.scope[last], course.confidence, None, tuple(course.trace), parts.base.snapshot
        )
        if course.stopped is None
        else Decision(
            parts.task.fallback(state),
            0.0,
            course.stopped,
            tuple(course.trace),
            parts.base.snapshot,
        )
        for course, state in zip(courses, states, strict=True)
    ]
