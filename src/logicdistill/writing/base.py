"""Algorithm 1 of the paper (section 3), as it is read there: write functions, admit them, select and run stage by stage."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from logicdistill.deciding.parts import utc_now
from logicdistill.errors import BaseError, GateRefusal, MissingReplyError, UnusableReplyError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.manual import with_expiry
from logicdistill.functions.sandbox import Sandbox
from logicdistill.teacher.write import Author
from logicdistill.types import EMERGENCY, Decision, Function, Json, Stage
from logicdistill.writing.contradictions import check_fits, check_joining
from logicdistill.writing.events import Admitted, Event, GivenUp, NoRepair, Refused

LOST_FUNCTIONS = "lost"
"""Under this key the record of a run's step ``write`` holds them, each as ``stage/name: last refusal``."""

REPAIRS = 3
"""How often the teacher may write a refused function again, whatever refuses it."""


def build_base(
    author: Author, samples: Sequence[Json], on_event: Callable[[Event], None]
) -> tuple[FunctionBase, list[dict[str, Json]]]:
    """Lines 1-2: the teacher turns the rules x into functions f with manuals u; those that pass the gate form D_f.

    Args:
        author: the teacher, asked about one task.
        samples: states that show the teacher what it has to work with.
        on_event: called with each event.

    Returns:
        The base, and one journal entry a function.

    Raises:
        BaseError: a stage ends up without a usable function.
    """
    task = author.task
    stages = author.stages(samples)
    gate = Gate.of(task, stages)
    base, entries = FunctionBase(task.id, stages), []
    with Sandbox() as sandbox:
        for stage in stages:
            refusal = "the teacher wrote none"
            for draft in author.functions(stages, stage, samples):
                try:
                    function, entry = _admit(
                        _Repairs(author, on_event), gate, sandbox, base, stage, draft
                    )
                except GateRefusal as error:
                    refusal = str(error)
                    on_event(GivenUp(stage.name, refusal))
                    continue
                base = base.having([*base.functions, function])
                entries.append(entry)
            if not base.of_stage(stage.name):
                raise BaseError(
                    f"no usable function for stage {stage.name!r} after {REPAIRS} repairs; last refusal: {refusal}; "
                    "'run --ask-again' asks a live teacher once more"
                )
    return base, entries


def react(
    author: Author,
    base: FunctionBase,
    rule: str,
    samples: Sequence[Json],
    on_event: Callable[[Event], None],
    *,
    expires: str | None = None,
    now: datetime.datetime | None = None,
) -> tuple[FunctionBase, list[dict[str, Json]]]:
    """Line 4: in an emergency the teacher writes f_E for a new rule; it passes the gate and joins D_f. Nothing is trained.

    Args:
        author: the teacher, asked about the task.
        base: D_f as it is.
        rule: the new rule in one sentence.
        samples: states in which it is in force.
        on_event: called with each event.
        expires: time (ISO 8601, UTC) up to which the functions are candidates; None leaves that to their manuals.
        now: the time; by default the system's.

    Returns:
        The base with the functions for the new rule, and one journal entry a function with the rule's text.

    Raises:
        BaseError: the rule is empty, or the teacher wrote none that the base does not hold already.
        GateRefusal: one of them is refused after all repairs; half an answer to a rule is none.
    """
    if not rule.strip():
        raise BaseError("the new rule is empty; say it in one sentence")
    drafts = author.react(rule, base.stages, base.functions, samples)
    check = partial(check_joining, now=now or utc_now())
    base, entries = _join(author, base, drafts, on_event, check, expires)
    if not entries:
        raise BaseError(
            f"the teacher wrote no function that the base does not hold already for the rule {rule[:200]!r}"
        )
    return base, [entry | {"rule": rule} for entry in entries]


def meet(
    author: Author,
    base: FunctionBase,
    state: Mapping[str, Json],
    decision: Decision,
    on_event: Callable[[Event], None],
    *,
    now: datetime.datetime,
) -> tuple[FunctionBase, list[dict[str, Json]]]:
    """Line 4 for a state that no function fits (out-of-scope input): the teacher writes f_E for it, which passes the gate and joins D_f.

    f_E goes before the candidates that do not fit: it names them in ``Replaces:``. Since each usage example of the base is a state
    that some function decides, f_E must contradict none of them, not even those of functions that it replaces.

    Args:
        author: the teacher, asked about the task.
        base: D_f as it is.
        state: the state.
        decision: what was decided there; its ``fallback`` says why no function fits.
        on_event: called with each event.
        now: the time.

    Returns:
        The base with f_E, and its journal entry with the reason.

    Raises:
        BaseError: the teacher wrote a function that the base holds already, or none.
        GateRefusal: f_E is refused after all repairs.
    """
    last, reason = decision.trace[-1], decision.fallback or ""
    outputs = {item.name: item.output for item in base.stages}
    scope = {**state, **{outputs[step.stage]: step.outcome.value for step in decision.trace[:-1]}}
    ranked = last.choice.ranked if last.choice else ()
    shown = [base.by_name[candidate.name] for candidate in ranked if candidate.name in base.by_name]
    stage = base.stage(last.stage)
    draft = author.meet(
        base.stages,
        stage,
        scope,
        shown,
        "; ".join([reason, *(f"{name}: {why}" for name, why in last.failed.items())]),
    )

    def check(changed: FunctionBase, function: Function, sandbox: Sandbox) -> None:
        check_fits(author.task, changed, function, sandbox, scope, [other.name for other in shown])
        check_joining(changed, function, sandbox, overrules=False, now=now)

    base, entries = _join(author, base, [(stage, draft)], on_event, check)
    if not entries:
        raise BaseError("the teacher wrote a function that the base holds already")
    return base, [entry | {"reason": reason} for entry in entries]


def _join(
    author: Author,
    base: FunctionBase,
    drafts: Iterable[tuple[Stage, str]],
    on_event: Callable[[Event], None],
    check: Callable[[FunctionBase, Function, Sandbox], None],
    expires: str | None = None,
) -> tuple[FunctionBase, list[dict[str, Json]]]:
    """Emergency functions to a base that holds them: each passes the gate, then ``check`` in the base with all of them."""
    gate = Gate.of(author.task, base.stages)
    known, joined, entries = {function.source for function in base.functions}, [], []

    with Sandbox() as sandbox:
        for stage, draft in drafts:
            repairs = _Repairs(author, on_event, expires)
            if repairs.dated(draft) in known:
                continue
            function, entry = _admit(
                repairs, gate, sandbox, base, stage, repairs.dated(draft), EMERGENCY
            )
            base = base.having([*base.functions, function])
            joined.append((function, entry, repairs))
        for function, entry, repairs in joined:
            while True:
                try:
                    check(base, function, sandbox)
                    break
                except GateRefusal as error:
                    refusal = error
                stage = base.stage(function.stage)
                draft = repairs.again(stage, function.source, refusal)
                base = base.having(other for other in base.functions if other.name != function.name)
                function, entry = _admit(repairs, gate, sandbox, base, stage, draft, EMERGENCY)
                base = base.having([*base.functions, function])
            entries.append(entry)
    return base, entries


@dataclass(slots=True)
class _Repairs:
    """How often the teacher may still write one function again; the gate and the check in the base draw on the same number.

    A repair keeps the expiry that was asked for, whatever the teacher makes of it.
    """

    author: Author
    on_event: Callable[[Event], None]
    expires: str | None = None
    left: int = REPAIRS

    def again(self, stage: Stage, source: str, refusal: GateRefusal) -> str:
        """The file again.

        Raises:
            GateRefusal: the same refusal, where no repair is left or a live teacher gives none.
        """
        self.on_event(Refused(str(refusal)))
        if not self.left:
            raise refusal
        self.left -= 1
        try:
            return self.dated(self.author.repair(stage, source, str(refusal)))
        except MissingReplyError as error:
            raise MissingReplyError(f"{refusal}; the teacher cannot repair it: {error}") from None
        except UnusableReplyError as error:  # it costs the stage this function and not the others
            self.on_event(NoRepair(str(error)))
            raise refusal from None

    def dated(self, draft: str) -> str:
        """The file with the expiry, if one was asked for."""
        return with_expiry(draft, self.expires) if self.expires else draft


def _admit(
    repairs: _Repairs,
    gate: Gate,
    sandbox: Sandbox,
    base: FunctionBase,
    stage: Stage,
    draft: str,
    origin: str = "teacher",
) -> tuple[Function, dict[str, Json]]:
    """A draft to a function that the gate admits, with its journal entry; what is refused goes back to the teacher with the reason.

    Raises:
        GateRefusal: the last refusal, where no repair is left.
    """
    while True:
        try:
            function, evidence = gate.admit(draft, stage, base.by_name, sandbox, origin)
            break
        except GateRefusal as error:
            refusal = error
        draft = repairs.again(stage, draft, refusal)
    repairs.on_event(Admitted(stage.name, function.name, evidence.examples))
    return function, journal_entry("admit", function, evidence.to_json())


def journal_entry(
    op: str, function: Function, evidence: Mapping[str, Json] | None = None
) -> dict[str, Json]:
    """What the journal keeps of a change to one function."""
    entry = {
        "op": op,
        "function": function.name,
        "stage": function.stage,
        "hash": function.content_hash[:16],
        "origin": function.origin,
    }
    return entry | ({"evidence": dict(evidence)} if evidence else {})
