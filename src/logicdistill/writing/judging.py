"""Recorded actions as tests of a base: the states in which no way through its stages is right.

Conditions leave one way. In a stage where the student will choose, each candidate that stands is a
way, and so is "none of these". A state is right if some way ends in its recorded action. A fallback
that is taken because a function failed, or because two contradict each other, is never right.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from logicdistill.deciding.missing import Missing
from logicdistill.deciding.parts import TOP_K, Parts
from logicdistill.deciding.stage import TAKE, InProgress, none_holds, unseen
from logicdistill.deciding.standing import standing_in
from logicdistill.errors import UnknownNameError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.lint import literal
from logicdistill.functions.manual import constant_result
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Runner, Task
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.records import NOTED, listed
from logicdistill.types import Function, Json, Outcome, Query, Ran, Stage, Step, places_of, same
from logicdistill.writing.states import MOST_STATES, sample

MOST_WAYS = 20_000
"""About so many ways are gone in one judgement; with more of them fewer states are looked at."""

MOST_LOOKS = 2_000_000
"""At most so often it is asked whether a function stands in a state."""

SHOWN_WAYS = 6
"""Candidates of the last stage that are run to say what they give, where none is right."""

SHOWN_CHARACTERS = 300
"""Of a value in a reason."""

Kind = Literal["amount", "error", "action", "clash", "none"]
"""What is wrong: a number alone, a function that failed, another action, results that contradict
each other, or no function; of several ways the first of these is told."""

_ORDER: Sequence[Kind] = ("amount", "error", "action", "clash", "none")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A state in which the functions do not give the recorded action.

    Attributes:
        stage: where it goes wrong.
        functions: who is at fault there; () where no function is.
        gives: what they give, or why nothing, in one line.
        earlier: results of the stages before, by output.
        ran: all functions that ran on the way, or failed.
    """

    record: Record
    kind: Kind
    stage: str
    functions: tuple[str, ...]
    gives: str
    earlier: Mapping[str, Json]
    ran: tuple[str, ...]

    @property
    def says(self) -> str:
        """All of it in one line."""
        return f"{self.record.id}: {self.gives}, recorded is {short(self.record.action)}"

    def to_json(self) -> dict[str, Json]:
        """A line of a run's file."""
        return {
            "id": self.record.id,
            "state": self.record.state,
            "action": self.record.action,
            "stage": self.stage,
            "functions": list(self.functions),
            "kind": self.kind,
            "earlier": dict(self.earlier),
            "says": self.says,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """How many of the states a base decides rightly, and what is wrong in the others."""

    states: int
    disagreements: tuple[Disagreement, ...]

    @property
    def right(self) -> int:
        """States in which some way gives the recorded action."""
        return self.states - len(self.disagreements)

    def __str__(self) -> str:
        return f"{self.right:,} of {self.states:,}"


def judgeable(base: FunctionBase, records: Sequence[Record]) -> list[Record]:
    """The records on which a base can be judged, in their order.

    They have a right action, and no equal state has another one. It is a sample where there are
    many states or many ways; none where a state alone has more than `MOST_WAYS`, or where a stage
    is asked cell by cell.
    """
    known = [record for record in records if record.known]
    first = dict[str, Record]()
    torn = set[str]()
    for record in known:
        key = literal(record.state)
        if not same(first.setdefault(key, record).action, record.action):
            torn.add(key)
    asking = [stage for stage in base.stages if stage.asks]
    counts = [len(base.of_stage(stage.name)) for stage in asking]
    ways = math.prod(
        count + 1 for count, stage in zip(counts, asking, strict=True) if stage != base.stages[-1]
    )
    if ways > MOST_WAYS or any(stage.grid for stage in asking):
        return []
    most = min(MOST_STATES, MOST_WAYS // ways, max(1, MOST_LOOKS // max(1, sum(counts))))
    return sample([record for record in known if literal(record.state) not in torn], most)


def judge(task: Task, base: FunctionBase, sandbox: Sandbox, records: Sequence[Record]) -> Judgement:
    """Run a base on states with a right action; the sandbox's loaded functions are replaced."""
    sandbox.load(base.functions)
    parts = Parts(task, base, FusedRetriever(None), ConditionsStudent(sandbox), sandbox, TOP_K)
    ways = [_Way(record, InProgress(dict(record.state))) for record in records]
    right, ended = set[int](), list[_Way]()
    for stage in base.stages:
        if stage.asks:
            ways = _forked(parts, stage, ways, right)
        else:
            TAKE[stage.mode](parts, stage, [way.decision for way in ways])
        ended += [way for way in ways if way.decision.stopped is not None]
        ways = [way for way in ways if way.decision.stopped is None]
    wrong: dict[int, list[Disagreement]] = {}
    for way in [*ended, *ways]:
        if (found := way.fault(parts)) is None:
            right.add(id(way.record))
        else:
            wrong.setdefault(id(way.record), []).append(found)
    disagreements = [_nearest(wrong[id(record)]) for record in records if id(record) not in right]
    return Judgement(len(records), tuple(disagreements))


def leading(queries: Sequence[Query], actions: Sequence[Json], runner: Runner) -> list[list[str]]:
    """For each query the candidates whose result is the action, by name."""
    to_call, found = list[list[Function]](), list[list[str]]()
    judged: dict[tuple[str, tuple[Function, ...]], tuple[list[str], list[Function]]] = {}
    for index, query in enumerate(queries):
        # The same action and candidates come again and again, and may be hundreds.
        key = literal(actions[index]), query.candidates
        if key not in judged:
            judged[key] = [], []
            for function in query.candidates:
                # A handler that returns its own name needs no call; there may be hundreds of them.
                if (constant := _constant(function)) is None:
                    judged[key][1].append(function)
                elif same(constant[0], actions[index]):
                    judged[key][0].append(function.name)
        found.append([*judged[key][0]])
        to_call.append(judged[key][1])
    for function, indices in places_of(to_call).items():
        outcomes = runner.call_many(function, [queries[index].scope for index in indices])
        for index, outcome in zip(indices, outcomes, strict=True):
            if outcome.error is None and same(outcome.value, actions[index]):
                found[index].append(function.name)
    return [sorted(names) for names in found]


_constant = functools.lru_cache(maxsize=10_000)(constant_result)


def short(value: Json) -> str:
    """A value as JSON text that is not long."""
    text = literal(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} ..."


@dataclass(slots=True)
class _Way:
    """A way through the stages, and what was chosen on it where the student will choose."""

    record: Record
    decision: InProgress
    chosen: list[str] = field(default_factory=list)

    def with_result(self, stage: Stage, function: Function, outcome: Outcome) -> _Way:
        """The way on which this candidate is chosen."""
        way = self._copy(f"{stage.name}/{function.name}")
        if outcome.error is not None:
            failed = {function.name: outcome.error}
            way.decision.stop(stage, "", f"{function.name} failed: {outcome.error}", failed)
            return way
        way.decision.scope[stage.output] = outcome.value
        step = Step(
            stage.name,
            "",
            None,
            function.name,
            function.manual.rules,
            outcome,
            ran=(Ran.of(function),),
        )
        way.decision.trace.append(step)
        return way

    def with_none(self, stage: Stage, last: bool) -> _Way:
        """The way on which none of the candidates is chosen."""
        way, why = self._copy(f"no function of {stage.name}"), _no_choice(stage)
        if last:
            way.decision.stop(stage, "", why, {})
            return way
        way.decision.scope[stage.output] = None
        way.decision.missing[stage.output] = Missing(why, "none")
        way.decision.trace.append(Step(stage.name, "", None, None, (), Outcome(error=why)))
        return way

    def _copy(self, choice: str) -> _Way:
        old = self.decision
        decision = replace(
            old, scope=dict(old.scope), trace=list(old.trace), missing=dict(old.missing)
        )
        return _Way(self.record, decision, [*self.chosen, choice])

    def fault(self, parts: Parts) -> Disagreement | None:
        """Why the way does not end in the recorded action; None if it does."""
        decision, record, stages = self.decision, self.record, parts.base.stages
        last, stopped = decision.trace[-1], decision.stopped
        failing = next((step for step in decision.trace if step.failed), None)
        if stopped is None:
            action = decision.scope[stages[-1].output]
            if same(action, record.action):
                return None
            kind: Kind = "amount" if _near(action, record.action) else "action"
            gives = f"{last.stage}/{last.function} gives {short(action)}"
            return self._disagreement(parts, kind, last.stage, (last.function or "",), gives)
        fallback = parts.task.fallback(record.state)
        taken = f"so the fallback {short(fallback)} is taken"
        if failing is not None:
            names = tuple(failing.failed)
            why = "; ".join(
                f"{failing.stage}/{name} failed: {text}" for name, text in failing.failed.items()
            )
            gives = f"{why}, {taken}"
            return self._disagreement(parts, "error", failing.stage, names, gives)
        stage = parts.base.stage(last.stage)
        if stopped.startswith((none_holds(stage), _no_choice(stage))):
            if same(fallback, record.action):
                return None
            return self._disagreement(parts, "none", last.stage, (), f"{stopped}, {taken}")
        there = [function.name for function in parts.base.of_stage(last.stage)]
        words = set(stopped.replace(";", " ").split())
        names = tuple(name for name in there if name in words)
        return self._disagreement(parts, "clash", last.stage, names, f"{stopped}, {taken}")

    def _disagreement(
        self, parts: Parts, kind: Kind, stage: str, functions: tuple[str, ...], gives: str
    ) -> Disagreement:
        decision = self.decision
        outputs = {item.name: item.output for item in parts.base.stages}
        earlier = dict[str, Json]()
        for step in decision.trace:
            if step.stage == stage:
                break
            earlier[outputs[step.stage]] = decision.scope.get(outputs[step.stage])
        ran = [
            name
            for step in decision.trace
            for name in (*(one.name for one in step.ran), *step.failed)
        ]
        chosen = [choice for choice in self.chosen if choice.partition("/")[0] != stage]
        through = f"with {', '.join(chosen)}: " if chosen else ""
        told = tuple(dict.fromkeys([*functions, *ran]))
        return Disagreement(self.record, kind, stage, functions, f"{through}{gives}", earlier, told)


def unknown_choices(base: FunctionBase, records: Sequence[Record]) -> list[str]:
    """Notes on ``choices`` of records that name nothing which a student of the base chooses.

    In a stage that has no function yet any may be meant.
    """
    stages = {stage.name: stage for stage in base.stages}
    where: dict[tuple[str, str | None], list[str]] = {}
    for record in records:
        for stage, name in record.choices.items():
            asks = stage in stages and stages[stage].asks
            where.setdefault((stage, name if asks else None), []).append(record.id)
    notes = []
    for (stage, name), ids in where.items():
        there = [function.name for function in base.of_stage(stage)] if stage in stages else []
        if stage not in stages:
            what = str(UnknownNameError("stage", stage, stages))
        elif not stages[stage].asks:
            what = f"no student chooses in stage {stage!r}"
        elif name is not None and there and name not in there:
            what = f"stage {stage!r}: {UnknownNameError('function', name, there)}"
        else:
            continue
        of = f"{len(ids)} state{'s' if len(ids) > 1 else ''}"
        notes.append(f"choices of {of} ({listed(ids)}): {what}; nothing is learnt from it")
    more = len(notes) - NOTED
    return [*notes[:NOTED], *([f"... and {more} more names under 'choices'"] if more > 0 else [])]


def _forked(parts: Parts, stage: Stage, ways: Sequence[_Way], right: set[int]) -> list[_Way]:
    """The ways after a stage in which the student will choose.

    In the last stage, states with a candidate that gives the recorded action join ``right``.
    """
    last, found = stage == parts.base.stages[-1], list[_Way]()
    scopes = [way.decision.scope for way in ways]
    missing = [way.decision.missing for way in ways]
    now, sandbox = parts.clock(), parts.sandbox
    asked = list[tuple[_Way, Query, bool]]()
    standing = standing_in(parts.base, sandbox, stage, scopes, now, missing)
    for way, stands in zip(ways, standing, strict=True):
        query = Query(stage, "", tuple(stands.functions), way.decision.scope)
        if reason := stands.fault or unseen(query, way.decision.missing):
            way.decision.stop(stage, "", reason, stands.failed)
            found.append(way)
            continue
        none = not stands.guards
        choices = way.record.choices
        if stage.name in choices:
            named = [f for f in stands.functions if f.name == choices[stage.name]]
            if named or choices[stage.name] is None:
                query, none = replace(query, candidates=tuple(named)), not named
        asked.append((way, query, none))
    if last:
        queries, actions = [q for _, q, _ in asked], [way.record.action for way, _, _ in asked]
        leads = leading(queries, actions, sandbox)
        for (way, _, _), names in zip(asked, leads, strict=True):
            if names:
                right.add(id(way.record))
        asked = [
            (way, replace(query, candidates=query.candidates[:SHOWN_WAYS]), none)
            for way, query, none in asked
            if id(way.record) not in right
        ]
    results: list[dict[str, _Way]] = [{} for _ in asked]
    for function, indices in places_of(query.candidates for _, query, _ in asked).items():
        outcomes = sandbox.call_many(function, [asked[index][1].scope for index in indices])
        for index, outcome in zip(indices, outcomes, strict=True):
            way, query, _ = asked[index]
            if last and outcome.error is None:
                fault = parts.task.illegal(query.scope, outcome.value)
                outcome = Outcome(outcome.value, fault)
            # Candidates with one result lead the same way.
            key = outcome.error or literal(outcome.value)
            results[index].setdefault(key, way.with_result(stage, function, outcome))
    for (way, _, none), forks in zip(asked, results, strict=True):
        found += forks.values()
        if none or not forks:
            found.append(way.with_none(stage, last))
    return found


def _nearest(faults: Sequence[Disagreement]) -> Disagreement:
    """The fault that is told, of those of all ways; how many others there are is said, too."""
    nearest = min(faults, key=lambda fault: _ORDER.index(fault.kind))
    if more := len(faults) - 1:
        ways = "another way is" if more == 1 else f"{more} other ways are"
        return replace(nearest, gives=f"{nearest.gives} ({ways} not right either)")
    return nearest


def _near(one: Json, other: Json) -> bool:
    """Whether two values differ in numbers alone."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            same(one[key], other[key]) or _near(one[key], other[key]) for key in one
        )
    return all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other)
    )


def _no_choice(stage: Stage) -> str:
    return f"no function of stage {stage.name!r} fits"
