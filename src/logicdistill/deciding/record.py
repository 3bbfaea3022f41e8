"""A decision as a record of the log: what came, what was decided, and all that decided it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from logicdistill.deciding.parts import Parts
from logicdistill.files import digest
from logicdistill.pictures import is_url, summary
from logicdistill.protocols import Task
from logicdistill.types import Decision, Json, Step


@dataclass(frozen=True, slots=True)
class Decider:
    """What decides beside the function base.

    Attributes:
        task: its id.
        policy: hash of what is written of the task (rules, schema, actions, fallback) and of the
            settings below.
        model: hash of the student's files; None where it has none.
        student: its name.
        top_k: candidates that it sees at most.
        thresholds: by stage, the least probability at which a function is chosen.
        forms: the task's actions and its fallback, as it writes them.
    """

    task: str
    policy: str
    model: str | None
    student: str
    top_k: int
    thresholds: Mapping[str, float]
    forms: str = ""

    @classmethod
    def of(cls, parts: Parts, model: str | None) -> Self:
        """Of a policy's parts; ``model``: see `logicdistill.deciding.students.model_of`."""
        thresholds = {name: float(least) for name, least in sorted(parts.thresholds.items())}
        settings = parts.student.name, parts.top_k, thresholds
        policy = digest(*_written(parts.task), *settings)
        forms = f"{parts.task.action_form}\n{parts.task.fallback_form}"
        return cls(parts.task.id, policy, model, *settings, forms)

    @property
    def settings(self) -> dict[str, Json]:
        """What a record keeps of them, as JSON."""
        return {"student": self.student, "top_k": self.top_k, "thresholds": dict(self.thresholds)}


def _written(task: Task) -> tuple[Json, ...]:
    forms = task.action_form, task.fallback_form
    return task.id, list(task.rules), dict(task.state_schema), *forms


def whole_milliseconds(time: datetime.datetime) -> datetime.datetime:
    """The time as a record keeps it: what expires by the one has expired by the other."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def record_of(
    state: Mapping[str, Json],
    decision: Decision,
    request: str | None,
    decider: Decider,
    time: str,
    ms: float,
    pictures: bool = False,
) -> dict[str, Json]:
    """The record; docs/audit.md has it field by field.

    Args:
        state: as it was decided.
        decision: with its trace.
        request: the caller's id; without one, the record gets a new one.
        decider: what decided beside the base.
        time: by which functions expired (ISO 8601, UTC).
        ms: milliseconds that the decision took.
        pictures: keep them whole; otherwise a digest and a thumbnail of each.
    """
    trace, kept = decision.trace, dict(state)
    seen = [] if pictures else [name for name, value in state.items() if is_url(value)]
    kept |= {name: summary(state[name]) for name in seen}
    return {
        "id": os.urandom(16).hex() if request is None else request,
        "time": time,
        "task": decider.task,
        "state": kept,
        "action": decision.action,
        "confidence": decision.confidence,
        "fallback": decision.fallback,
        "marks": list(decision.marks),
        "functions": {step.stage: step.function for step in trace if step.function},
        "rules": list(decision.rules),
        "cited": {str(number): rule for number, rule in decision.cited.items()},
        "told": list(dict.fromkeys(rule for step in trace for rule in step.told)),
        "written": list(decision.written),
        "stages": [_stage(step) for step in trace],
        "snapshot": decision.snapshot,
        "policy": decider.policy,
        "model": decider.model,
        "settings": decider.settings,
        "ms": round(ms, 3),
        **({"pictures": seen} if seen else {}),
    }


def _stage(step: Step) -> dict[str, Json]:
    """A stage of the trace; what has nothing to say is left out."""
    found: dict[str, Json] = {"stage": step.stage, "function": step.function}
    if step.choice is not None:
        found["candidates"] = {one.name: one.probability for one in step.choice.ranked}
        found["none"] = step.choice.none
        if step.choice.why:
            found["why"] = step.choice.why
    elif step.ran:
        found["ran"] = [ran.name for ran in step.ran]
    if step.sure < 1:
        found["sure"] = step.sure
    if step.failed:
        found["failed"] = dict(step.failed)
    if step.outcome.error is None:
        found["result"] = step.outcome.value
    else:
        found["error"] = step.outcome.error
    found["rules"] = list(step.rules)
    return found
