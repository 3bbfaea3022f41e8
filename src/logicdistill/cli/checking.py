"""What ``logicdistill check`` notes of a person's functions: their order, and decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logicdistill.functions.base import FunctionBase
    from logicdistill.tasks.records import RecordTask

NAMED = 5
DECIDED = 2_000
"""So many states at most are decided, and so many of the test."""


def against_the_numbers(base: FunctionBase) -> Iterator[str]:
    """Where the order of a stage of mode ``first`` goes against the numbers of the rules."""
    for stage in base.stages:
        if stage.mode != "first":
            continue
        functions = {function.name: function for function in base.of_stage(stage.name)}
        ordered = [functions[name] for name in stage.order if name in functions]
        citing = [function for function in ordered if function.manual.rules]
        for one, other in pairwise(citing):
            first, then = min(one.manual.rules), min(other.manual.rules)
            if first > then:
                said = f"{one.name} (rule {first}) stands before {other.name} (rule {then})"
                yield f"stage {stage.name}: {said}; the first that fits decides"


def decided_otherwise(task: RecordTask, base: FunctionBase) -> Iterator[str]:
    """Recorded states whose action the functions do not give, where conditions decide every stage.

    Training and validation states are named, of the test states only the number is said.
    """
    if base.needs_student or not all(base.of_stage(stage.name) for stage in base.stages):
        return
    from logicdistill.deciding.students import make_student
    from logicdistill.policy import Policy
    from logicdistill.types import same

    known = [record for record in task.records if record.known]
    seen = [record for record in known if record.split != "test"][:DECIDED]
    tested = [record for record in known if record.split == "test"][:DECIDED]
    with Policy(task, base, make_student("conditions", task.folder / "student")) as policy:
        decisions = policy.decide_many([record.state for record in [*seen, *tested]])
    both = list(zip([*seen, *tested], decisions, strict=True))
    wrong = [(record, found) for record, found in both if not same(found.action, record.action)]
    named = [(record, found) for record, found in wrong if record.split != "test"]
    for record, found in named[:NAMED]:
        action, right = (
            json.dumps(one, ensure_ascii=False) for one in (found.action, record.action)
        )
        by = next((step.function for step in reversed(found.trace) if step.function), None)
        who = "no function fits" if found.fallback is not None else f"by {by}"
        yield f"{record.id} ({record.split}) gets {action} ({who}); recorded: {right}"
    if len(named) > NAMED:
        yield f"... and {len(named) - NAMED} more of {len(seen)} training and validation states"
    if count := len(wrong) - len(named):
        get = "gets" if count == 1 else "get"
        yield f"{count} of {len(tested)} test states {get} another action than the recorded one"
