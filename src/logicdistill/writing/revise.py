"""Recorded decisions correct a base: the teacher sees where its functions do not give them.

Each round asks about the training states that most often go wrong. What it writes passes the gate.
Validation states say when a correction fits the rows and not the rules: then it is undone, and the
asking ends. No test state is read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from logicdistill.deciding.parts import utc_now
from logicdistill.errors import (
    BaseError,
    GateRefusal,
    MissingReplyError,
    UnusableReplyError,
    one_line,
)
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.lint import literal
from logicdistill.functions.noted import noted
from logicdistill.functions.sandbox import PATIENT, Sandbox
from logicdistill.tasks.record_folder import Record
from logicdistill.teacher.revise import Case, Revision, ask_revision
from logicdistill.teacher.write import Author
from logicdistill.types import HELPERS, Function, Json, Stage
from logicdistill.writing.base import Draft, OnEvent, Written, functions_of, rejoined
from logicdistill.writing.contradictions import first_refused
from logicdistill.writing.events import Contradicts, NoRevision, NotTaken, Round
from logicdistill.writing.judging import Disagreement, Judgement, judge, judgeable, short
from logicdistill.writing.states import scopes_by_conditions

IDLE = 2
"""Rounds in a row without a further right training state after which nothing more is asked."""

GROUPS, CASES = 5, 3
"""Groups of states in a question, and states of a group."""

SOURCES = 12
"""Functions whose files a question shows, those at fault with their usage examples."""

CONTRADICTED = "contradicted"
"""Key of a run's step ``write``: why a recorded action contradicts the rules, by a state's id."""

_WRONG: Mapping[str, str] = {
    "amount": "another number",
    "error": "a function fails",
    "action": "another action",
    "clash": "functions contradict each other",
    "none": "no function decides",
}


@dataclass(frozen=True, slots=True)
class Revised:
    """The best base that was found, its journal entries, and the states that are contradicted."""

    base: FunctionBase
    entries: list[dict[str, Json]]
    contradicted: Mapping[str, str] = field(default_factory=dict)


def revise(
    author: Author,
    written: Written,
    training: Sequence[Record],
    validation: Sequence[Record],
    rounds: int,
    on_event: OnEvent,
) -> Revised:
    """Have the teacher correct its functions where training states have another recorded action.

    The best base is kept: by validation states, then training states, then fewer functions. It
    ends after so many rounds, `IDLE` rounds without gain, a round that makes validation worse, or
    without a usable answer. Functions that a person wrote stay.

    Args:
        author: asks the teacher.
        written: a base and its journal entries.
        training: states that the teacher may see with their recorded action.
        validation: states that it does not see.
        rounds: at most.
        on_event: called with each event.

    Raises:
        TeacherError: a live teacher does not answer, or a limit is reached.
    """
    base, entries = written
    training, validation = judgeable(base, training), judgeable(base, validation)
    contradicted, seen, tried, idle = dict[str, str](), set[str](), "", 0
    every = base.by_name.values()
    fixed = {function.stage for function in every if function.origin == "person"}
    if not training or fixed >= {stage.name for stage in base.stages}:
        return Revised(base, entries)
    with Sandbox(limits=PATIENT) as sandbox:

        def judged(base: FunctionBase, entries: list[dict[str, Json]]) -> _Attempt:
            found = [judge(author.task, base, sandbox, of) for of in (training, validation)]
            return _Attempt(base, entries, *found)

        best = judged(base, entries)
        for number in range(1, rounds + 1):
            groups = _groups(best.training.disagreements, contradicted)
            shown = {_title(group): _chosen(group, contradicted, seen) for group in groups}
            if not shown:
                break
            cases = [case for group in shown.values() for case in group]
            seen.update(case.record.id for case in cases)
            try:
                revision = _asked(author, best, shown, tried, fixed, sandbox)
            except (MissingReplyError, UnusableReplyError, BaseError) as error:
                on_event(NoRevision(str(best.training), str(error)))
                break
            if not (revision.files or revision.remove or revision.contradicts):
                on_event(NoRevision(str(best.training), "the teacher has nothing to correct"))
                break
            for place, why in revision.contradicts.items():
                record = cases[place - 1].record
                contradicted[record.id] = why
                on_event(Contradicts(record.id, short(record.action), why))
            base, drafts, refused = _applied(author, best.base, revision, training, on_event)
            attempt = judged(base, [])
            told = Round(
                number,
                (attempt.training.right, len(training), best.training.right),
                (attempt.validation.right, len(validation), best.validation.right),
                taken=attempt.score > best.score,
            )
            on_event(told)
            gained = attempt.training.right > best.training.right
            worse = attempt.validation.right < best.validation.right
            if told.taken:
                entries = _entries(best, attempt.base, drafts, str(told))
                best = replace(attempt, entries=entries)
            idle = 0 if gained else idle + 1
            if worse or idle == IDLE:
                break
            tried = _tried(told, refused)
    return Revised(best.base, best.entries, contradicted)


@dataclass(frozen=True, slots=True)
class _Attempt:
    base: FunctionBase
    entries: list[dict[str, Json]]
    training: Judgement
    validation: Judgement

    @property
    def score(self) -> tuple[int, int, int]:
        return self.validation.right, self.training.right, -len(self.base.functions)


_Group = tuple[str, str, tuple[str, ...], tuple[Disagreement, ...]]
"""What goes wrong, the stage, the functions at fault, and the states."""


def _groups(disagreements: Sequence[Disagreement], contradicted: Mapping[str, str]) -> list[_Group]:
    """States that go wrong in the same way, the most frequent first.

    A way in which some recorded action contradicts the rules comes last: the others may, too.
    """
    found: dict[tuple[str, str, tuple[str, ...]], list[Disagreement]] = {}
    for one in disagreements:
        found.setdefault((one.kind, one.stage, one.functions), []).append(one)

    def order(group: _Group) -> tuple[bool, int]:
        return any(one.record.id in contradicted for one in group[3]), -len(group[3])

    groups = sorted(((*key, tuple(of)) for key, of in found.items()), key=order)
    open_ones = [group for group in groups if {o.record.id for o in group[3]} - {*contradicted}]
    return open_ones[:GROUPS]


def _title(group: _Group) -> str:
    kind, stage, functions, states = group
    where = f"stage {stage}" + (f", {', '.join(functions)}" if functions else "")
    return f"{len(states)} state{'s' * (len(states) > 1)}: {_WRONG[kind]} ({where})"


def _chosen(
    group: _Group, contradicted: Mapping[str, str], seen: Collection[str]
) -> list[Disagreement]:
    """Some states of a group: of different recorded actions, and not shown before, if possible."""
    left = [one for one in group[3] if one.record.id not in contradicted]
    left.sort(key=lambda one: one.record.id in seen)
    first = {literal(one.record.action): one for one in reversed(left)}
    various = [one for one in left if first[literal(one.record.action)] is one]
    return [*various, *(one for one in left if one not in various)][:CASES]


def _asked(
    author: Author,
    best: _Attempt,
    shown: Mapping[str, Sequence[Disagreement]],
    tried: str,
    fixed: Collection[str],
    sandbox: Sandbox,
) -> Revision:
    cases = [case for of in shown.values() for case in of]
    by_name = best.base.by_name
    at_fault = [name for case in cases for name in case.functions]
    ran = [*at_fault, *(name for case in cases for name in case.ran)]
    first = list(dict.fromkeys(name for name in ran if name in by_name))[:SOURCES]
    whole, shown_too = (
        {*names, *(helper.name for name in names for helper in by_name[name].called)}
        for names in ([name for name in first if name in at_fault], first)
    )
    return ask_revision(
        author,
        best.base.stages,
        [function for function in by_name.values() if function.name in shown_too],
        [function for function in best.base.functions if function.name not in shown_too],
        {
            title: [
                Case(
                    one.record.state,
                    one.earlier,
                    f"{one.gives}; recorded is {short(one.record.action)}",
                    _inside(one, by_name, sandbox),
                )
                for one in of
            ]
            for title, of in shown.items()
        },
        f"{best.training} states are right",
        tried,
        fixed,
        shown_too - whole,
    )


def _inside(
    one: Disagreement, by_name: Mapping[str, Function], sandbox: Sandbox
) -> dict[str, Mapping[str, str]]:
    """What names in the functions at fault hold; those without any are left out."""
    scope = {**one.record.state, **one.earlier}
    at_fault = (by_name[name] for name in one.functions if name in by_name)
    found = {f.name: noted(f, scope, sandbox) for f in at_fault if {*f.parameters} <= scope.keys()}
    return {name: held for name, held in found.items() if held}


def _applied(
    author: Author,
    old: FunctionBase,
    revision: Revision,
    training: Sequence[Record],
    on_event: OnEvent,
) -> tuple[FunctionBase, list[Draft], list[str]]:
    """The base with what the gate admits of a revision, the functions that joined, the refusals.

    A function whose new file is refused stays as it was.
    """
    gate, now, drafts, refused = Gate.of(author.task, old.stages), utc_now(), list[Draft](), []
    replaced = {name: old.by_name.get(name) for name, _, _ in revision.files}
    going = {*replaced, *revision.remove}
    base = old.having(function for function in old.functions if function.name not in going)
    place: dict[int, str] = {}
    shared = list[Draft]()

    def refuse(base: FunctionBase, name: str, stage: Stage, why: str) -> FunctionBase:
        on_event(NotTaken(stage.name, why))
        refused.append(f"{stage.name}/{why}")
        function = old.by_name.get(name)
        if function is None or name in base.by_name:
            return base
        return base.having([*base.functions, function])

    with Sandbox(limits=PATIENT) as sandbox:
        for name, stage, source in sorted(revision.files, key=lambda file: file[1] != HELPERS):
            taken = name if stage == HELPERS else ""
            draft = Draft(author, gate, sandbox, on_event, stage, source, replaces=taken)
            try:
                base = draft.join(base)
                (shared if stage == HELPERS else drafts).append(draft)
                place[id(draft)] = name
            except (GateRefusal, BaseError, MissingReplyError) as error:
                base = refuse(base, name, stage, _named(name, error))
        scopes_of = scopes_by_conditions(author.task, sandbox, training)
        while found := first_refused(base, functions_of(drafts), sandbox, now, scopes_of):
            function, refusal = found
            draft = next(draft for draft in drafts if draft.function is function)
            try:
                base = rejoined(base, drafts, function, refusal)
            except (GateRefusal, BaseError, MissingReplyError) as error:
                drafts.remove(draft)
                base = base.having(one for one in base.functions if one is not function)
                name = place[id(draft)]
                base = refuse(base, name, draft.stage, _named(name, error))
        try:
            for draft in shared:
                gate.check_callers(draft.function, base.by_name.values(), sandbox)
        except GateRefusal as error:
            on_event(NotTaken(HELPERS.name, str(error)))
            return old, [], [*refused, str(error)]
    needed = {name for function in base.functions for name in function.manual.replaces}
    for name in revision.remove:
        if name in needed and name not in base.by_name:
            function = old.by_name[name]
            why = f"{name}: it is named in 'Replaces:', so it stays"
            base = refuse(base, name, base.stage(function.stage), why)
    for stage in old.stages:
        if not base.of_stage(stage.name):
            on_event(NotTaken(stage.name, "the revision leaves the stage without a function"))
            return old, [], [*refused, f"stage {stage.name} would be without a function"]
    with contextlib.suppress(BaseError):  # an open function may have to go last now
        # Each keeps its place in its stage's order.
        base = old.having_helpers(base.helpers).having(base.functions)
    return base, [*shared, *drafts], refused


def _named(name: str, error: Exception) -> str:
    said = one_line(error)
    return said if said.startswith(f"{name}:") else f"{name}: {said}"


def _entries(
    best: _Attempt, base: FunctionBase, drafts: Sequence[Draft], why: str
) -> list[dict[str, Json]]:
    """Journal entries of a round that is taken, behind those of the functions that stay."""
    new = {draft.function.name: draft.entry for draft in drafts}
    names = {*base.by_name} - {*new}
    entries = [one for one in best.entries if one.get("function", None) in (None, *names)]
    entries += [entry | {"op": "revise", "why": why} for entry in new.values()]
    if gone := [name for name in best.base.by_name if name not in base.by_name]:
        entries.append({"op": "revise", "why": f"{why}; removed: {', '.join(gone)}"})
    return entries


def _tried(told: Round, refused: Sequence[str]) -> str:
    """What the next question says of this round."""
    right, of, before = told.training
    kept = (
        "it is in force" if told.taken else "it was not taken, the functions above are those before"
    )
    lines = [f"Your last revision gave {right} of {of} states right, {before} before: {kept}."]
    lines += [f"Of its files one was refused: {why}" for why in refused]
    return "\n".join(lines)
