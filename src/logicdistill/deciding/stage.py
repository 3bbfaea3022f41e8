"""How a stage of each mode is taken: which functions stand, which are asked about, which runs.

What cannot be evaluated (time, memory, a lost worker, an exception, a missing result) is neither
true nor false: the decision stops there, or goes on where nothing needs it (`deciding.missing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from logicdistill.deciding.missing import SURE, Missing, lacks
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.standing import Conditions, standing_for, standing_in
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
    places_of,
    same,
    unreplaced,
)
from logicdistill.views import render_view

RUNNER_UP = 0.25
"""The least probability of a candidate that runs after the chosen one failed; see `select_one`."""


@dataclass(slots=True)
class InProgress:
    """One decision in progress.

    Attributes:
        scope: the state's fields and the results of the stages so far, by name.
        trace: one `Step` for each stage so far.
        confidence: product of the probabilities of what the decision rests on so far.
        stopped: why no further stage is taken; None while the decision goes on.
        missing: results of stages that could not give one; None, or incomplete facts, stand in the
            scope for them.
    """

    scope: dict[str, Json]
    trace: list[Step] = field(default_factory=list)
    confidence: float = 1.0
    stopped: str | None = None
    missing: dict[str, Missing] = field(default_factory=dict)

    def stop(self, stage: Stage, view: str, reason: str, failed: Mapping[str, str]) -> None:
        """End the decision in this stage."""
        self.stopped = reason
        step = Step(stage.name, view, None, None, (), Outcome(error=reason), dict(failed))
        self.trace.append(step)

    def rest_on(self, names: Iterable[str]) -> None:
        """The decision rests on it that these results are none of their stages'; counted once."""
        for name in names:
            self.confidence *= self.missing[name].probability
            self.missing[name] = replace(self.missing[name], probability=1.0)


def run_all(parts: Parts, stage: Stage, decisions: Sequence[InProgress]) -> None:
    """A stage of facts: every function that stands runs, and the dicts they return are merged.

    A decision stops where a guard cannot be evaluated, and where two functions give the same fact
    with different values and neither replaces the other. Where a function fails, its facts are
    missing for what reads them.
    """
    given: list[dict[Function, dict[str, Json]]] = [{} for _ in decisions]
    failed: list[dict[str, str]] = [{} for _ in decisions]
    scopes = [decision.scope for decision in decisions]
    missing = [decision.missing for decision in decisions]
    standing = standing_in(parts.base, parts.sandbox, stage, scopes, parts.clock(), missing)
    for function in parts.base.of_stage(stage.name):
        where = []
        for index, found in enumerate(standing):
            if function in found.functions and not found.fault:
                if lack := lacks(function, missing[index]):
                    failed[index][function.name] = lack
                else:
                    where.append(index)
        outcomes = parts.sandbox.call_many(function, [scopes[index] for index in where])
        for index, outcome in zip(where, outcomes, strict=True):
            if isinstance(outcome.value, dict):
                given[index][function] = outcome.value
            else:
                failed[index][function.name] = outcome.error or "did not return a dict"
    for decision, found, gave, errors in zip(decisions, standing, given, failed, strict=True):
        facts = {key: value for one in gave.values() for key, value in one.items()}
        decision.scope[stage.output] = facts
        clash = _merged(facts, gave, stage)
        if reason := found.fault or clash:
            decision.stop(stage, "", reason, {**errors, **found.failed})
            continue
        decision.rest_on(found.relied)
        if errors:
            why = "; ".join(f"{name} failed: {error}" for name, error in errors.items())
            decision.missing[stage.output] = Missing(why, "partial")
        ran = tuple(Ran.of(function) for function in gave)
        rules = tuple(dict.fromkeys(number for one in ran for number in one.rules))
        step = Step(stage.name, "", None, None, rules, Outcome(facts), errors, ran)
        decision.trace.append(step)


def _merged(
    facts: dict[str, Json], given: Mapping[Function, Mapping[str, Json]], stage: Stage
) -> str | None:
    """Settle the facts that several functions give, or say which two contradict each other."""
    for key in facts:
        givers = [function for function, found in given.items() if key in found]
        first, *others = unreplaced(givers)
        facts[key] = given[first][key]
        for other in others:
            if not same(given[other][key], facts[key]):
                return (
                    f"{first.name} and {other.name} give different values of {key!r} in stage "
                    f"{stage.name!r}; name one in the other's 'Replaces:'"
                )
    return None


def select_one(parts: Parts, stage: Stage, decisions: Sequence[InProgress]) -> None:
    """A selecting stage: the student chooses a function, which runs.

    A function does not run where its own ``When:`` does not hold, or cannot be evaluated: it fails.
    Where one fails, the next candidate in rank runs if it is a confident choice itself: it has at
    least `RUNNER_UP` and what the stage's threshold asks for, more than "none of these", and at
    least half of what the failed ones leave. Otherwise the stage has no result. The decision then
    goes on without it (see `logicdistill.deciding.missing`); in the last stage it stops.
    """
    waiting = _answered(parts, stage, decisions)
    while waiting:
        by_name: dict[str, list[_Answered]] = {}
        for asked in waiting:
            if name := asked.next():
                by_name.setdefault(name, []).append(asked)
            else:
                asked.give_up(last=stage == parts.base.stages[-1])
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
    missing = [decision.missing for decision in decisions]
    conditions = Conditions.of(parts.sandbox, stage, scopes, missing)
    holding = _holding(parts, stage, conditions)
    outcomes = _outcomes(parts, stage, scopes, holding)
    for index, (decision, names) in enumerate(zip(decisions, holding, strict=True)):
        view, given = render_view(stage, decision.scope), outcomes[index]
        reason, failed = conditions.faults[index], dict(conditions.failed[index])
        if not reason and not names:
            without = [decision.missing[name].why for name in sorted(conditions.relied[index])]
            reason = "; ".join([none_holds(stage), *without])
        for name, outcome in given.items() if not reason else ():
            if outcome.error:
                reason = f"{name} failed: {outcome.error}"
                failed[name] = outcome.error
            elif not same(outcome.value, given[names[0]].value):
                reason = (
                    f"{names[0]} and {name} both hold in stage {stage.name!r} and give different "
                    "results; name one in the other's 'Replaces:'"
                )
        if reason:
            decision.stop(stage, view, reason, failed)
            continue
        decision.rest_on(conditions.relied[index])
        chosen, outcome = parts.base.by_name[names[0]], given[names[0]]
        choice = Choice((Candidate(chosen.name, 1.0),))
        ran = Ran.of(chosen)
        step = Step(stage.name, view, choice, ran.name, ran.rules, outcome, ran=(ran,))
        decision.scope[stage.output] = outcome.value
        decision.trace.append(step)


def none_holds(stage: Stage) -> str:
    """Why a stage that conditions decide has no result, where that is no fault."""
    return f"no 'When:' of stage {stage.name!r} holds"


def _holding(parts: Parts, stage: Stage, conditions: Conditions) -> list[list[str]]:
    """For each scope the functions that hold; faults are kept in ``conditions``.

    In mode ``first`` the search ends at the first that holds. Else what is replaced is left out.
    """
    now, first, scopes = parts.clock(), stage.mode == "first", conditions.scopes
    found: list[list[Function]] = [[] for _ in scopes]
    for function in parts.base.of_stage(stage.name):
        if function.expired(now):
            continue
        asked = [index for index in range(len(scopes)) if not (first and found[index])]
        for index, holds in conditions.holding(function, asked):
            if not holds:
                continue
            lack = lacks(function, conditions.missing[index], scopes[index])
            if lack is None and function.manual.when is None and conditions.relied[index]:
                name = min(conditions.relied[index])
                lack = f"conditions before it read {name!r}, which is missing: "
                lack += conditions.missing[index][name].why
            if lack is not None:
                conditions.faults[index] = f"{function.name} cannot decide: {lack}"
                conditions.failed[index][function.name] = lack
            else:
                found[index].append(function)
    kept = found if first else map(unreplaced, found)
    return [[function.name for function in functions] for functions in kept]


def _outcomes(
    parts: Parts, stage: Stage, scopes: Sequence[Scope], holding: Sequence[Sequence[str]]
) -> list[dict[str, Outcome]]:
    """For each scope the results of the functions that hold there, illegal actions as errors."""
    final, found = stage == parts.base.stages[-1], [dict[str, Outcome]() for _ in scopes]
    for name, indices in places_of(holding).items():
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
        threshold: the least probability of a choice.
        failed: for each candidate that was tried, why it failed.
    """

    decision: InProgress
    query: Query
    choice: Choice
    names: list[str]
    threshold: float
    failed: dict[str, str] = field(default_factory=dict)

    def next(self) -> str | None:
        """The candidate to try now, if there is one."""
        if not self.names or (self.failed and not self._confident(self.names[0])):
            return None
        return self.names.pop(0)

    def _confident(self, name: str) -> bool:
        """Whether a candidate is a confident choice itself, given that others have failed."""
        shares = {one.name: one.probability for one in self.choice.ranked}
        left = self.choice.none + sum(shares[other] for other in self.names)
        least = max(RUNNER_UP, self.threshold, left / 2)
        return shares[name] >= least and shares[name] > self.choice.none

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

    def give_up(self, last: bool) -> None:
        """The stage has no result: end the decision if it is the last one, or go on without."""
        stage, query, choice, failed = self.query.stage.name, self.query, self.choice, self.failed
        missing: Missing
        if failed:
            names, errors = list(failed), list(failed.values())
            reason = f"every candidate of stage {stage!r} failed; last: {errors[-1]}"
            if self.names:
                share = next(c.probability for c in choice.ranked if c.name == self.names[0])
                reason = (
                    f"{names[-1]} of stage {stage!r} failed: {errors[-1]}; "
                    f"the next one, {self.names[0]}, is not sure enough ({share:.2g})"
                )
            missing = Missing(reason, "unknown")
        elif choice.selected is not None:
            best = choice.ranked[0]
            reason = f"not sure enough in stage {stage!r}: {best.name} has {best.probability:.2f}"
            missing = Missing(reason, "unknown")
        else:
            why = choice.why or f"none of these: {choice.none:.2f}"
            reason = f"no function of stage {stage!r} fits this state ({why})"
            # A promised error rate is one of choices, not of "none of these".
            sure = choice.none >= SURE and not choice.why and not self.threshold
            missing = Missing(reason, "none" if sure else "unknown", choice.none)
        step = Step(stage, query.view, choice, None, (), Outcome(error=reason), failed)
        self.decision.trace.append(step)
        if last:
            self.decision.stopped = reason
        else:
            self.decision.scope[query.stage.output] = None
            self.decision.missing[query.stage.output] = missing


def _answered(parts: Parts, stage: Stage, decisions: Sequence[InProgress]) -> list[_Answered]:
    """The student's answers; a decision for which it cannot be asked stops."""
    scopes = [decision.scope for decision in decisions]
    found = standing_for(parts, stage, scopes, [decision.missing for decision in decisions])
    asking = list[tuple[InProgress, Query]]()
    for decision, standing in zip(decisions, found, strict=True):
        query = standing.query(stage, decision.scope)
        if reason := standing.fault or unseen(query, decision.missing):
            decision.stop(stage, query.view, reason, standing.failed)
        else:
            decision.rest_on(standing.relied)
            asking.append((decision, query))
    threshold, asked = parts.thresholds.get(stage.name, 0.0), list[_Answered]()
    answers = parts.student.select([query for _, query in asking])
    for (decision, query), answer in zip(asking, answers, strict=True):
        choice = answer.without_none() if query.guard_holds else answer
        least = 0.0 if query.guard_holds else threshold
        sure = query.guard_holds or (choice.ranked and choice.ranked[0].probability >= least)
        names = [candidate.name for candidate in choice.ranked]
        tried = names if sure and choice.selected is not None else []
        asked.append(_Answered(decision, query, choice, tried, least))
    return asked


def unseen(query: Query, missing: Mapping[str, Missing]) -> str | None:
    """Why the student cannot be asked: it would not see a result that it or a candidate reads."""
    for name in query.stage.reads:
        if name in missing:
            why = f"stage {query.stage.name!r} reads {name!r}, which is missing"
            return f"{why}: {missing[name].why}"
    for function in query.candidates:
        if lack := lacks(function, missing):
            return f"{function.name} of stage {query.stage.name!r} cannot be a candidate: {lack}"
    return None


def _run(parts: Parts, function: Function, asked: Sequence[_Answered]) -> list[_Answered]:
    """Run a function for the decisions that chose it; those for which it fails come back."""
    final = function.stage == parts.base.stages[-1].name
    again = list[_Answered]()
    if function.conditional and not function.guarded:  # a guard has been asked before
        asked, again = _allowed(parts, function, asked)
    scopes = [one.decision.scope for one in asked]
    for one, outcome in zip(asked, parts.sandbox.call_many(function, scopes), strict=True):
        illegal = parts.task.illegal(one.decision.scope, outcome.value) if final else None
        error = outcome.error or illegal
        if error is None:
            one.end(function, outcome)
        else:
            one.failed[function.name] = error
            again.append(one)
    return again


def _allowed(
    parts: Parts, function: Function, asked: Sequence[_Answered]
) -> tuple[list[_Answered], list[_Answered]]:
    """Those for which the chosen function's ``When:`` holds, and the others, for which it fails."""
    scopes = [one.decision.scope for one in asked]
    missing = [one.decision.missing for one in asked]
    stage = parts.base.stage(function.stage)
    conditions = Conditions.of(parts.sandbox, stage, scopes, missing)
    held = {index for index, holds in conditions.holding(function, range(len(asked))) if holds}
    for index, one in enumerate(asked):
        if index not in held:
            why = conditions.failed[index].get(function.name, "its 'When:' does not hold")
            one.failed[function.name] = why
    return (
        [one for index, one in enumerate(asked) if index in held],
        [one for index, one in enumerate(asked) if index not in held],
    )
