"""How a stage of each mode is taken: which functions stand, which are asked about, which runs."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from logicdistill.deciding.parts import Parts
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.retrieval.fused import EXACT
from logicdistill.tasks.schema import same
from logicdistill.types import (
    Candidate,
    Choice,
    Function,
    Json,
    Outcome,
    Query,
    Ran,
    Scope,
    Stage,
    Step,
    unreplaced,
)
from logicdistill.views import render_view, render_words


@dataclass(slots=True)
class InProgress:
    """One decision in progress.

    Attributes:
        scope: the state's fields and the results of the stages so far, by name.
        trace: one `Step` for each stage so far.
        confidence: product of the probabilities of the functions chosen so far.
        stopped: why no further stage is taken; None while the decision goes on.
    """

    scope: dict[str, Json]
    trace: list[Step] = field(default_factory=list)
    confidence: float = 1.0
    stopped: str | None = None


def run_all(parts: Parts, stage: Stage, decisions: Sequence[InProgress]) -> None:
    """A stage of facts: every function that stands runs, and the dicts they return are merged."""
    scopes = [decision.scope for decision in decisions]
    facts: list[dict[str, Json]] = [{} for _ in decisions]
    failed: list[dict[str, str]] = [{} for _ in decisions]
    ran: list[list[Ran]] = [[] for _ in decisions]
    standing = standing_in(parts.base, parts.sandbox, stage, scopes, parts.clock())
    for function in parts.base.of_stage(stage.name):
        where = [index for index, found in enumerate(standing) if function in found.functions]
        outcomes = parts.sandbox.call_many(function, [scopes[index] for index in where])
        for index, outcome in zip(where, outcomes, strict=True):
            if isinstance(outcome.value, dict):
                facts[index] |= outcome.value
                ran[index].append(Ran.of(function))
            else:
                failed[index][function.name] = outcome.error or "did not return a dict"
    for decision, found, errors, gave in zip(decisions, facts, failed, ran, strict=True):
        decision.scope[stage.output] = found
        rules = tuple(dict.fromkeys(number for one in gave for number in one.rules))
        step = Step(stage.name, "", None, None, rules, Outcome(found), errors, tuple(gave))
        decision.trace.append(step)


def select_one(parts: Parts, stage: Stage, decisions: Sequence[InProgress]) -> None:
    """A selecting stage: the student chooses a function, which runs.

    Where it fails, the next candidate in rank runs. Where none is left, the decision stops.
    """
    waiting = _answered(parts, stage, decisions)
    while waiting:
        by_name: dict[str, list[_Answered]] = {}
        for asked in waiting:
            if asked.names:
                by_name.setdefault(asked.names.pop(0), []).append(asked)
            else:
                asked.stop()
        waiting = [
            asked
            for name, same in by_name.items()
            for asked in _run(parts, parts.base.by_name[name], same)
        ]


def by_conditions(parts: Parts, stage: Stage, decisions: Sequence[InProgress]) -> None:
    """A stage of mode ``first`` or ``guarded``: conditions choose, and no student is asked.

    A decision stops where no condition holds, where one cannot be evaluated, where the function
    fails, and in mode ``guarded`` where two hold that give different results.
    """
    scopes = [decision.scope for decision in decisions]
    first = stage.mode == "first"
    holding, failed = _holding(parts, stage, scopes, first)
    outcomes = _outcomes(parts, stage, scopes, holding)
    for decision, names, fault, given in zip(decisions, holding, failed, outcomes, strict=True):
        view, reason = render_view(stage, decision.scope), fault
        if not fault and not names:
            reason = f"no 'When:' of stage {stage.name!r} holds"
        for name, outcome in given.items() if not reason else ():
            if outcome.error:
                reason = f"{name} failed: {outcome.error}"
            elif not same(outcome.value, given[names[0]].value):
                reason = (
                    f"{names[0]} and {name} both hold in stage {stage.name!r} and give different "
                    "results; name one in the other's 'Replaces:'"
                )
        if reason:
            decision.stopped = reason
            step = Step(stage.name, view, None, None, (), Outcome(error=reason))
        else:
            chosen, outcome = parts.base.by_name[names[0]], given[names[0]]
            choice = Choice((Candidate(chosen.name, 1.0),))
            ran = Ran.of(chosen)
            step = Step(stage.name, view, choice, ran.name, ran.rules, outcome, ran=(ran,))
            decision.scope[stage.output] = outcome.value
        decision.trace.append(step)


def _holding(
    parts: Parts, stage: Stage, scopes: Sequence[Scope], first: bool
) -> tuple[list[list[str]], list[str | None]]:
    """For each scope the functions that hold, and why a condition could not be evaluated.

    With ``first`` the search ends at the first that holds. Else what is replaced is left out.
    """
    now, failed = parts.clock(), list[str | None]([None] * len(scopes))
    found: list[list[Function]] = [[] for _ in scopes]
    for function in parts.base.of_stage(stage.name):
        if function.expired(now):
            continue
        asked = [
            index
            for index, scope in enumerate(scopes)
            if failed[index] is None
            and not (first and found[index])
            and set(function.parameters) <= set(scope)
        ]
        verdicts = [Outcome(value=True)] * len(asked)
        if function.manual.when is not None:
            verdicts = parts.sandbox.conditions(function, [scopes[index] for index in asked])
        for index, verdict in zip(asked, verdicts, strict=True):
            if verdict.error is not None:
                failed[index] = (
                    f"the 'When:' of {function.name} cannot be evaluated: {verdict.error}"
                )
            elif verdict.value is True:
                found[index].append(function)
    kept = found if first else map(unreplaced, found)
    return [[function.name for function in functions] for functions in kept], failed


def _outcomes(
    parts: Parts, stage: Stage, scopes: Sequence[Scope], holding: Sequence[Sequence[str]]
) -> list[dict[str, Outcome]]:
    """For each scope the results of the functions that hold there, illegal actions as errors."""
    final, found = stage == parts.base.stages[-1], [dict[str, Outcome]() for _ in scopes]
    where: dict[str, list[int]] = {}
    for index, names in enumerate(holding):
        for name in names:
            where.setdefault(name, []).append(index)
    for name, indices in where.items():
        called = [scopes[index] for index in indices]
        outcomes = parts.sandbox.call_many(parts.base.by_name[name], called)
        for index, scope, outcome in zip(indices, called, outcomes, strict=True):
            if final and outcome.error is None:
                outcome = Outcome(outcome.value, parts.task.illegal(scope, outcome.value))
            found[index][name] = outcome
    return found


TAKE: Mapping[str, Callable[[Parts, Stage, Sequence[InProgress]], None]] = {
    "all": run_all,
    "one": select_one,
    "guarded": by_conditions,
    "first": by_conditions,
}
"""How a stage of each `Stage.mode` is taken."""


@dataclass(slots=True)
class _Answered:
    """A decision in progress with the student's answer for this stage.

    Attributes:
        names: candidates that have not been tried, best first; none where the answer is "none of
            these" or not sure enough.
        failed: for each candidate that was tried, why it failed.
    """

    decision: InProgress
    query: Query
    choice: Choice
    names: list[str]
    failed: dict[str, str] = field(default_factory=dict)

    def end(self, function: Function, outcome: Outcome) -> None:
        """Keep the result of the function that ran."""
        query, choice = self.query, self.choice
        chosen = next(item for item in choice.ranked if item.name == function.name)
        ran, failed = Ran.of(function), self.failed
        told = query.stage.name, query.view, choice, chosen.name, ran.rules, outcome, failed
        step = Step(*told, ran=(ran,))
        self.decision.scope[query.stage.output] = outcome.value
        self.decision.confidence *= chosen.probability
        self.decision.trace.append(step)

    def stop(self) -> None:
        """End the decision here, with the reason."""
        stage, query, choice, failed = self.query.stage.name, self.query, self.choice, self.failed
        if failed:
            reason = f"every candidate of stage {stage!r} failed; last: {list(failed.values())[-1]}"
        elif choice.selected is not None:
            best = choice.ranked[0]
            reason = f"not sure enough in stage {stage!r}: {best.name} has {best.probability:.2f}"
        else:
            none = f"none of these: {choice.none:.2f}"
            reason = f"no function of stage {stage!r} fits this state ({none})"
        step = Step(stage, query.view, choice, None, (), Outcome(error=reason), failed)
        self.decision.stopped = reason
        self.decision.trace.append(step)


def _answered(parts: Parts, stage: Stage, decisions: Sequence[InProgress]) -> list[_Answered]:
    """The student's answers, one for each decision."""
    queries = queries_for(parts, stage, [decision.scope for decision in decisions])
    threshold = parts.thresholds.get(stage.name, 0.0)
    asked = []
    answers = zip(decisions, queries, parts.student.select(queries), strict=True)
    for decision, query, answer in answers:
        choice = answer.without_none() if query.guard_holds else answer
        sure = query.guard_holds or (choice.ranked and choice.ranked[0].probability >= threshold)
        names = [candidate.name for candidate in choice.ranked]
        tried = names if sure and choice.selected is not None else []
        asked.append(_Answered(decision, query, choice, tried))
    return asked


def _run(parts: Parts, function: Function, asked: Sequence[_Answered]) -> list[_Answered]:
    """Run a function for the decisions that chose it; those for which it fails come back."""
    final = function.stage == parts.base.stages[-1].name
    scopes = [one.decision.scope for one in asked]
    again = []
    for one, outcome in zip(asked, parts.sandbox.call_many(function, scopes), strict=True):
        illegal = parts.task.illegal(one.decision.scope, outcome.value) if final else None
        error = outcome.error or illegal
        if error is None:
            one.end(function, outcome)
        else:
            one.failed[function.name] = error
            again.append(one)
    return again


def queries_for(parts: Parts, stage: Stage, scopes: Sequence[Scope]) -> list[Query]:
    """What the student is asked: the candidates in each scope, at most the top K.

    A guard that holds is certain, a student's score is an estimate. So functions whose guard holds
    are always among the K, and "none of these" is ruled out beside them.
    """
    views = [render_view(stage, scope) for scope in scopes]
    sought = views
    if stage.reads_text_and_facts:  # usage examples hold words alone, so the search does too
        sought = [render_words(stage, scope) for scope in scopes]
    if len(parts.base.of_stage(stage.name)) > EXACT:
        standing = _search_first(parts, stage, scopes, sought)
    else:
        now = parts.clock()
        standing = standing_in(parts.base, parts.sandbox, stage, scopes, now)
        standing = _top(parts, standing, sought)
    return [
        Query(stage, view, tuple(found.functions), scope, guard_holds=bool(found.guards))
        for view, found, scope in zip(views, standing, scopes, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """Functions of a stage that stand in one scope.

    A function stands where its parameters can be bound, until it expires. A guarded one stands
    only while its ``When:`` holds. What a standing function replaces does not stand.

    Attributes:
        functions: all of them, in the base's order.
        guards: those of them that are guarded.
    """

    functions: list[Function]
    guards: list[Function]

    def best(self, found: Sequence[Function], count: int) -> Standing:
        """The guards, then what a search found, up to ``count`` functions in all."""
        kept = max(count, len(self.guards))
        return Standing(list(dict.fromkeys([*self.guards, *found]))[:kept], self.guards)


def standing_in(
    base: FunctionBase,
    sandbox: Sandbox,
    stage: Stage,
    scopes: Sequence[Scope],
    now: datetime.datetime,
) -> list[Standing]:
    """The functions that stand in each scope; every function of the stage is looked at."""
    functions = base.of_stage(stage.name)
    found = []
    for scope, guards in zip(scopes, _guards(base, sandbox, stage, scopes, now), strict=True):
        standing = [function for function in functions if guards.let_stand(function, scope, now)]
        holding = [function for function in guards.holding if function in standing]
        found.append(Standing(standing, holding))
    return found


def _top(parts: Parts, standing: Sequence[Standing], sought: Sequence[str]) -> list[Standing]:
    """Where more than K functions stand, the K that the retriever finds."""
    top = list(standing)
    wide: dict[tuple[Function, ...], list[int]] = {}
    for index, found in enumerate(standing):
        if len(found.functions) > parts.top_k:
            wide.setdefault(tuple(found.functions), []).append(index)
    for functions, indices in wide.items():
        views = [sought[index] for index in indices]
        found_by_view = parts.retriever.top(views, functions, parts.top_k)
        for index, best in zip(indices, found_by_view, strict=True):
            top[index] = standing[index].best(best, parts.top_k)
    return top


def _search_first(
    parts: Parts, stage: Stage, scopes: Sequence[Scope], sought: Sequence[str]
) -> list[Standing]:
    """The top K of a stage too large to look at each function: search, then see what stands.

    The search widens for the scopes in which too few of the functions found stand.
    """
    functions, now, most = parts.base.of_stage(stage.name), parts.clock(), parts.top_k
    guards = _guards(parts.base, parts.sandbox, stage, scopes, now)
    found = []
    for scope, own in zip(scopes, guards, strict=True):
        holding = [function for function in own.holding if own.let_stand(function, scope, now)]
        found.append(Standing([], holding))
    waiting, count = list(range(len(scopes))), most
    while waiting:
        results = parts.retriever.top([sought[index] for index in waiting], functions, count)
        for index, top in zip(waiting, results, strict=True):
            own, scope = guards[index], scopes[index]
            standing = [function for function in top if own.let_stand(function, scope, now)]
            found[index] = found[index].best(standing, most)
        if count >= len(functions):
            break
        waiting = [index for index in waiting if len(found[index].functions) < most]
        count *= 4
    return found


@dataclass(slots=True)
class _Guards:
    """What the guards of a stage say in one scope.

    Attributes:
        holding: guarded functions whose ``When:`` holds.
        out: names of guarded functions whose ``When:`` does not hold, and of what is replaced.
    """

    holding: list[Function] = field(default_factory=list)
    out: set[str] = field(default_factory=set)

    def let_stand(self, function: Function, scope: Scope, now: datetime.datetime) -> bool:
        """Whether a function stands in the scope."""
        bound = set(function.parameters) <= set(scope)
        return bound and function.name not in self.out and not function.expired(now)


def _guards(
    base: FunctionBase,
    sandbox: Sandbox,
    stage: Stage,
    scopes: Sequence[Scope],
    now: datetime.datetime,
) -> list[_Guards]:
    """What the stage's guards say in each scope; an expired one says nothing."""
    found = [_Guards() for _ in scopes]
    for function in base.guarded(stage.name):
        if function.expired(now):
            continue
        for guards, holds in zip(found, sandbox.holds(function, scopes), strict=True):
            if holds:
                guards.holding.append(function)
                guards.out.update(function.manual.replaces)
            else:
                guards.out.add(function.name)
    return found
