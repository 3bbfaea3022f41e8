"""Algorithm 1 of the paper (section 3), lines 1, 2 and 4: the teacher writes functions for a base.

`build_base` is lines 1-2. `write_for_rule` and `write_for_state` are line 4, for a new rule and for
a state that no function fits; nothing is trained.
"""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from logicdistill.deciding.parts import utc_now
from logicdistill.errors import (
    BaseError,
    GateRefusal,
    ManualError,
    MissingReplyError,
    UnusableReplyError,
)
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.helpers import called_first, callers
from logicdistill.functions.manual import with_expiry
from logicdistill.functions.sandbox import PATIENT, Sandbox
from logicdistill.teacher.write import Author
from logicdistill.types import EMERGENCY, HELPERS, Decision, Function, Json, Scope, Stage
from logicdistill.writing.by_hand import (
    decides_nothing,
    helpers_by_hand,
    join_by_hand,
    stages_by_hand,
)
from logicdistill.writing.contradictions import Rejected, check_fits, check_joining, first_refused
from logicdistill.writing.earlier import Earlier, earlier, helpers_of, shown_json, unread_outputs
from logicdistill.writing.events import Admitted, Event, GivenUp, NoRepair, Refused, Unread
from logicdistill.writing.states import ScopesOf, scopes_by_conditions

_DEFINITION = re.compile(r"^def (\w+)", re.MULTILINE)

LOST_FUNCTIONS = "lost"
"""Key of a run's step ``write``: the functions that were given up, as ``stage/name: refusal``."""

REPAIRS = 3
"""How often the teacher may repair a refused function."""

Written = tuple[FunctionBase, list[dict[str, Json]]]
"""A base, and the journal entries of the functions that joined it."""

OnEvent = Callable[[Event], None]


def build_base(author: Author, samples: Sequence[Json], on_event: OnEvent) -> Written:
    """Lines 1-2: the rules x become functions f with manuals u; those that pass the gate form D_f.

    The teacher is asked for what no person has written, and sees ``samples`` of states.
    ``on_event`` is called with each event.

    Raises:
        BaseError: a stage is left without a function.
        RefusedByHand: the gate refuses functions that a person wrote.
    """
    stages, idle = stages_by_hand(author.task), tuple[int, ...]()
    if not stages:
        stages, idle = author.stages(samples)
    gate, now = Gate.of(author.task, stages), utc_now()
    idle = decides_nothing(author.task, idle)
    base, entries = FunctionBase(author.task.id, stages, decides_nothing=idle), []
    with Sandbox(limits=PATIENT) as sandbox:
        base, helpers = helpers_by_hand(base, gate, author.task, sandbox)
        for helper, evidence in helpers:
            entries.append(journal_entry("admit", helper, evidence.to_json()))
            on_event(Admitted(helper.stage, helper.name, evidence.examples))
        for stage in stages:
            base, joined = join_by_hand(base, gate, author.task, stage, sandbox)
            for function, evidence in joined:
                entries.append(journal_entry("admit", function, evidence.to_json()))
                on_event(Admitted(stage.name, function.name, evidence.examples))
            if joined:
                continue
            refusal, drafts = "the teacher wrote none", list[Draft]()
            before = earlier(author.task, base, stage, samples, sandbox)
            reply = author.functions(stages, stage, samples, helpers_of(base) + before.text)
            files = [*((HELPERS, text) for text in helpers_in_order(reply.helpers))]
            for home, source in [*files, *((stage, text) for text in reply.files)]:
                draft = Draft(author, gate, sandbox, on_event, home, source, before=before)
                try:
                    base = draft.join(base)
                    if home == HELPERS:
                        entries.append(draft.entry)
                    else:
                        drafts.append(draft)
                except GateRefusal as error:
                    refusal = str(error)
                    on_event(GivenUp(home.name, refusal))
            while found := first_refused(
                base, functions_of(drafts), sandbox, now, scopes_by_conditions(author.task, sandbox)
            ):
                try:
                    base = rejoined(base, drafts, *found)
                except GateRefusal as error:
                    refusal, lost = str(error), found[0]
                    on_event(GivenUp(stage.name, refusal))
                    drafts = [draft for draft in drafts if draft.function is not lost]
                    base = base.having(f for f in base.functions if f is not lost)
            entries += [draft.entry for draft in drafts]
            if not base.of_stage(stage.name):
                raise BaseError(
                    f"no usable function for stage {stage.name!r} after {REPAIRS} repairs; "
                    f"last refusal: {refusal}; 'run --ask-again' asks a live teacher once more"
                )
    for stage in unread_outputs(base):
        on_event(Unread(stage.name, stage.output))
    return base, entries


def helpers_in_order(sources: Sequence[str]) -> list[str]:
    """Files of helpers, each behind those that it calls; as they came where that cannot be told."""
    named = {match[1]: text for text in sources if (match := _DEFINITION.search(text))}
    if len(named) < len(sources):
        return list(sources)
    try:
        return [named[name] for name in called_first(named)]
    except ManualError:  # a circle: the gate refuses the first of them
        return list(sources)


def write_for_rule(
    author: Author,
    base: FunctionBase,
    rule: str,
    samples: Sequence[Json],
    on_event: OnEvent,
    *,
    expires: str | None = None,
    now: datetime.datetime | None = None,
    scopes_of: ScopesOf | None = None,
) -> Written:
    """Line 4: functions f_E for a new rule, said in one sentence, join D_f.

    New helpers that they call join with them.

    In ``samples`` of states the rule is in force. The functions expire at the time ``expires``
    (ISO 8601, UTC); None leaves it to the manuals. ``now`` is the system's time by default.
    ``scopes_of`` gives the recorded states on which conditions are compared.

    Raises:
        BaseError: the rule is empty, or the teacher wrote nothing that the base does not hold.
        GateRefusal: a function is refused after all repairs; then none of them joins.
    """
    if not rule.strip():
        raise BaseError("the new rule is empty; say it in one sentence")
    with Sandbox(limits=PATIENT) as sandbox:
        before = earlier(author.task, base, base.stages[-1], samples, sandbox).text
    shown = helpers_of(base) + before
    written = author.write_for_rule(rule, base.stages, base.functions, samples, shown)
    check = partial(first_refused, now=now or utc_now(), scopes_of=scopes_of)
    base, entries = _join(author, base, written, on_event, check, expires, rule, before)
    return base, [entry | {"rule": rule} for entry in entries]


def write_for_state(
    author: Author, base: FunctionBase, state: Scope, decision: Decision, now: datetime.datetime
) -> Written:
    """Line 4: a function f_E for a state that no function fits joins D_f.

    f_E names the candidates that do not fit in ``Replaces:``. It must not contradict a usage
    example of the base, not even of a function that it replaces: functions decide those states.
    The ``fallback`` of the decision says why no function fits.

    Raises:
        BaseError: the teacher wrote a function that the base holds already, or not one file.
        GateRefusal: f_E is refused after all repairs.
    """
    # A later stage may have stopped because an earlier one has no result.
    place = next(
        (i for i, step in enumerate(decision.trace) if step.outcome.error), len(decision.trace) - 1
    )
    earlier, last, reason = decision.trace[:place], decision.trace[place], decision.fallback or ""
    outputs = {item.name: item.output for item in base.stages}
    scope = {**state, **{outputs[step.stage]: step.outcome.value for step in earlier}}
    ranked = last.choice.ranked if last.choice else ()
    shown = [base.by_name[candidate.name] for candidate in ranked if candidate.name in base.by_name]
    stage = base.stage(last.stage)
    why = "; ".join([reason, *(f"{name}: {failure}" for name, failure in last.failed.items())])
    written = author.write_for_state(base.stages, stage, scope, shown, why, helpers_of(base))

    def check(
        changed: FunctionBase, joined: Sequence[Function], sandbox: Sandbox
    ) -> Rejected | None:
        for function in joined:
            try:
                check_fits(
                    author.task, changed, function, sandbox, scope, [other.name for other in shown]
                )
                check_joining(changed, function, sandbox, overrules=False, now=now)
            except GateRefusal as error:
                return function, error
        scopes_of = scopes_by_conditions(author.task, sandbox)
        return first_refused(changed, joined, sandbox, now, scopes_of)

    given = f"It is for this state, with the results of the earlier stages: {shown_json(scope)}\n\n"
    base, entries = _join(author, base, written, lambda _: None, check, before=given)
    return base, [entry | {"reason": reason} for entry in entries]


def _join(
    author: Author,
    base: FunctionBase,
    written: Sequence[tuple[Stage, str]],
    on_event: OnEvent,
    check: Callable[[FunctionBase, Sequence[Function], Sandbox], Rejected | None],
    expires: str | None = None,
    told: str | None = None,
    before: str = "",
) -> Written:
    """Emergency functions pass the gate, and then ``check`` in the base that holds all of them.

    Their helpers pass it first. One that nothing calls in the end is given up.
    """
    gate, drafts, shared = Gate.of(author.task, base.stages), list[Draft](), list[Draft]()
    known = {function.source for function in base.by_name.values()}
    helpers = helpers_in_order([source for home, source in written if home == HELPERS])
    files = [item for item in written if item[0] != HELPERS]
    with Sandbox(limits=PATIENT) as sandbox:
        for stage, source in [*((HELPERS, text) for text in helpers), *files]:
            draft = Draft(author, gate, sandbox, on_event, stage, source, EMERGENCY, told, expires)
            draft.before = Earlier(before)
            if draft.source not in known:
                base = draft.join(base)
                (shared if stage == HELPERS else drafts).append(draft)
        if not drafts:
            raise BaseError("the teacher wrote no function that the base does not hold already")
        while found := check(base, functions_of(drafts), sandbox):
            base = rejoined(base, drafts, *found)
    for draft in shared[::-1]:
        if not callers(draft.function.name, base.by_name.values()):
            shared.remove(draft)
            base = base.without(draft.function)
            on_event(GivenUp(HELPERS.name, f"{draft.function.name}: no function calls it"))
    return base, [draft.entry for draft in [*shared, *drafts]]


def functions_of(drafts: Sequence[Draft]) -> list[Function]:
    """The functions that joined."""
    return [draft.function for draft in drafts]


def rejoined(
    base: FunctionBase, drafts: Sequence[Draft], function: Function, refusal: GateRefusal
) -> FunctionBase:
    """The base with the function as its teacher repairs it; raises as `Draft.repair`."""
    draft = next(draft for draft in drafts if draft.function is function)
    draft.repair(refusal)
    return draft.join(base.having(f for f in base.functions if f is not function))


@dataclass(slots=True)
class Draft:
    """A function file that the teacher repairs until it joins, `REPAIRS` times in all.

    Each version gets the expiry that was asked for. ``replaces`` names a helper whose place it may
    take. Once the function joined, ``entry`` is its journal entry.
    """

    author: Author
    gate: Gate
    sandbox: Sandbox
    on_event: OnEvent
    stage: Stage
    source: str
    origin: str = "teacher"
    told: str | None = None
    expires: str | None = None
    before: Earlier = field(default_factory=Earlier)
    replaces: str = ""
    repairs_left: int = REPAIRS
    beside: tuple[Function, ...] = ()
    helpers: str = ""
    function: Function = field(init=False)
    entry: dict[str, Json] = field(init=False)

    def __post_init__(self) -> None:
        with contextlib.suppress(ManualError):  # `join` refuses what cannot be dated
            self.source = self._dated()

    def _dated(self) -> str:
        dated = self.expires if self.stage != HELPERS else None
        return with_expiry(self.source, dated) if dated else self.source

    def join(self, base: FunctionBase) -> FunctionBase:
        """The base with the function, as soon as the gate admits it; raises as `repair`."""
        while True:
            try:
                self.source = self._dated()
                helper = self.stage == HELPERS
                self.beside = base.helpers if helper else base.of_stage(self.stage.name)
                self.helpers = helpers_of(base)
                others = {name: f for name, f in base.by_name.items() if name != self.replaces}
                function, evidence = self.gate.admit(
                    self.source, self.stage, others, self.sandbox, self.origin, self.told
                )
                if not helper:
                    scopes, keys = self.before.known_scopes, self.before.keys
                    self.gate.check_tried(function, self.stage, scopes, keys, self.sandbox)
                self.function = function
                break
            except GateRefusal as error:
                self.repair(error)
            except ManualError as error:
                self.repair(GateRefusal(str(error)))
        self.entry = journal_entry("admit", self.function, evidence.to_json())
        self.on_event(Admitted(self.stage.name, self.function.name, evidence.examples))
        return base.joined(self.function)

    def repair(self, refusal: GateRefusal) -> None:
        """Have the teacher write the file again.

        Raises:
            GateRefusal: the same refusal; no repair is left, or a live teacher gives none.
            MissingReplyError: no recorded reply answers.
        """
        self.on_event(Refused(str(refusal)))
        if not self.repairs_left:
            raise refusal
        self.repairs_left -= 1
        try:
            seen = self.helpers + self.before.text
            self.source = self.author.repair(
                self.stage, self.source, str(refusal), self.beside, seen, self.told
            )
        except MissingReplyError as error:
            raise MissingReplyError(f"{refusal}; the teacher cannot repair it: {error}") from None
        except UnusableReplyError as error:  # costs the stage this function, not the others
            self.on_event(NoRepair(str(error)))
            raise refusal from None


def journal_entry(op: str, function: Function, evidence: Json = None) -> dict[str, Json]:
    """What the journal keeps of a change to one function."""
    entry = {"op": op, "function": function.name, "stage": function.stage}
    entry |= {"hash": function.content_hash[:16], "origin": function.origin}
    return entry | ({"evidence": evidence} if evidence else {})
