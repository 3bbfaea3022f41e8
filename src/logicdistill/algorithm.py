"""Algorithm 1 of the paper (section 3), as it is read there: write functions, admit them, select and run stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from logicdistill.errors import BaseError, GateRefusal, UnusableReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.sandbox import Sandbox
from logicdistill.selection import Course, Parts, run_all, select_one
from logicdistill.teacher.write import Author
from logicdistill.types import Decision, Function, Json, Stage

REPAIRS = 3
"""How often the teacher may write a refused function again."""


def build_base(author: Author, samples: Sequence[Json], on_event: Callable[[str], None]) -> tuple[FunctionBase, list[dict[str, Json]]]:
    """Lines 1-2: the teacher turns the rules x into functions f with manuals u; those that pass the gate form D_f.

    Args:
        author: the teacher, asked about one task.
        samples: states that show the teacher what it has to work with.
        on_event: told of each admission and refusal in one line.

    Returns:
        The base, and one journal entry a function.

    Raises:
        BaseError: a stage ends up without a usable function.
    """
    task = author.task
    stages = author.stages(samples)
    gate = Gate(frozenset(task.state_model.model_fields), len(task.rules), stages)
    base, entries = FunctionBase(task.id, stages), []
    with Sandbox() as sandbox:
        for stage in stages:
            refusal = "the teacher wrote none"
            for draft in author.functions(stages, stage, samples):
                try:
                    function, entry = admit(author, gate, sandbox, base, stage, draft, on_event)
                except GateRefusal as error:
                    refusal = str(error)
                    continue
                base = base.having([*base.functions, function])
                entries.append(entry)
            if not base.of_stage(stage.name):
                raise BaseError(f"no usable function for stage {stage.name!r} after {REPAIRS} repairs; last refusal: {refusal}")
    return base, entries


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
            (run_all if stage.mode == "all" else select_one)(parts, stage, running)
    last = parts.base.stages[-1].output
    return [
        Decision(course.scope[last], course.confidence, None, tuple(course.trace), parts.base.snapshot)
        if course.stopped is None
        else Decision(parts.task.fallback(state), 0.0, course.stopped, tuple(course.trace), parts.base.snapshot)
        for course, state in zip(courses, states, strict=True)
    ]


def react(
    author: Author, base: FunctionBase, rule: str, samples: Sequence[Json], on_event: Callable[[str], None]
) -> tuple[FunctionBase, list[dict[str, Json]]]:
    """Line 4: in an emergency the teacher writes f_E for a new rule; it passes the gate and joins D_f. Nothing is trained.

    Args:
        author: the teacher, asked about the task.
        base: D_f as it is.
        rule: the new rule in one sentence.
        samples: states in which it is in force.
        on_event: told of each admission and refusal in one line.

    Returns:
        The base with the functions for the new rule, and one journal entry a function with the rule's text.

    Raises:
        BaseError: the teacher wrote none that the base does not hold already.
        GateRefusal: one of them is refused after all repairs; half an answer to a rule is none.
    """
    gate, entries = Gate(frozenset(author.task.state_model.model_fields), len(author.task.rules), base.stages), []
    with Sandbox() as sandbox:
        known = {function.source for function in base.functions}
        for stage, draft in author.react(rule, base.stages, base.functions, samples):
            if draft in known:
                continue
            function, entry = admit(author, gate, sandbox, base, stage, draft, on_event, "emergency")
            base = base.having([*base.functions, function])
            entries.append(entry | {"rule": rule})
    if not entries:
        raise BaseError(f"the teacher wrote no function that the base does not hold already for the rule {rule[:200]!r}")
    return base, entries


def admit(
    author: Author,
    gate: Gate,
    sandbox: Sandbox,
    base: FunctionBase,
    stage: Stage,
    draft: str,
    on_event: Callable[[str], None],
    origin: str = "teacher",
) -> tuple[Function, dict[str, Json]]:
    """A draft to a function that the gate admits, with its journal entry; what is refused goes back to the teacher with the reason.

    Raises:
        GateRefusal: the last refusal, after `REPAIRS` repairs.
    """
    for attempt in range(REPAIRS + 1):
        try:
            function, evidence = gate.admit(draft, stage, base.by_name, sandbox, origin)
            break
        except GateRefusal as error:
            on_event(f"refused {error}")
            if attempt == REPAIRS:
                raise
            refusal = error
        try:
            draft = author.repair(stage, draft, str(refusal))
        except UnusableReplyError as error:  # of a live teacher: it costs the stage this function and not the others
            on_event(f"given up: {error}")
            raise refusal from None
    on_event(f"admitted {stage.name}/{function.name} ({evidence.examples} examples)")
    return function, journal_entry("admit", function, evidence.to_json())


def journal_entry(op: str, function: Function, evidence: Mapping[str, Json] | None = None) -> dict[str, Json]:
    """What the journal keeps of a change to one function."""
    entry = {"op": op, "function": function.name, "stage": function.stage, "hash": function.content_hash[:16], "origin": function.origin}
    return entry | ({"evidence": dict(evidence)} if evidence else {})
