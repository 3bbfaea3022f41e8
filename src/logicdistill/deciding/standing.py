"""Which functions of a stage stand in a scope: what their guards say, and what a search finds.

A condition that cannot be evaluated is neither true nor false: nothing stands there.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from logicdistill.deciding.missing import Missing, judged
from logicdistill.deciding.parts import Parts
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox, condition_parameters
from logicdistill.retrieval.fused import EXACT
from logicdistill.types import Function, Query, Scope, Stage
from logicdistill.views import render_view, render_words

CONDITION_SECONDS = 5.0
"""The conditions of a stage take at most so long for a state; then the decision stops."""

LOOKED_AT = 16
"""So many times K functions of a search are looked at for K whose ``When:`` holds."""


@dataclass(slots=True)
class Conditions:
    """The conditions of a stage, asked in several scopes; a fault in one scope ends its asking.

    Attributes:
        scopes: in which they are asked.
        missing: results of earlier stages that are missing there.
        faults: why no decision can be taken there, or None.
        failed: by name of the function, what cannot be evaluated.
        relied: names of missing results because of which a condition does not hold.
        spent: seconds so far.
        partial: the scopes are usage examples, which have the parameters of one function: a
            condition that reads other names does not hold there.
    """

    sandbox: Sandbox
    stage: Stage
    scopes: Sequence[Scope]
    missing: Sequence[Mapping[str, Missing]]
    faults: list[str | None]
    failed: list[dict[str, str]]
    relied: list[set[str]]
    spent: list[float]
    partial: bool = False

    @classmethod
    def of(
        cls,
        sandbox: Sandbox,
        stage: Stage,
        scopes: Sequence[Scope],
        missing: Sequence[Mapping[str, Missing]],
        partial: bool = False,
    ) -> Conditions:
        """Those of a stage in scopes."""
        faults: list[str | None] = [None for _ in scopes]
        failed: list[dict[str, str]] = [{} for _ in scopes]
        spent = [0.0 for _ in scopes]
        missing = missing or [{} for _ in scopes]
        relied: list[set[str]] = [set() for _ in scopes]
        return cls(sandbox, stage, scopes, missing, faults, failed, relied, spent, partial)

    def holding(self, function: Function, among: Iterable[int]) -> list[tuple[int, bool]]:
        """For each index without a fault whether the function's ``When:`` holds there."""
        asked = [index for index in among if self.faults[index] is None]
        if function.manual.when is None:
            return [(index, True) for index in asked]
        found = list[tuple[int, bool]]()
        if self.partial:
            needed = condition_parameters(function.manual.when)
            found = [(index, False) for index in asked if not needed <= set(self.scopes[index])]
            asked = [index for index in asked if needed <= set(self.scopes[index])]
        started = time.perf_counter()
        verdicts = self.sandbox.conditions(function, [self.scopes[index] for index in asked])
        share = (time.perf_counter() - started) / max(1, len(asked))
        for index, said in zip(asked, verdicts, strict=True):
            verdict, relied = judged(function, said, self.missing[index])
            self.relied[index].update(relied)
            self.spent[index] += share
            if verdict.error is not None:
                self.fault(index, function, verdict.error)
            elif self.spent[index] > CONDITION_SECONDS:
                self.fault(index, function, f"all take more than {CONDITION_SECONDS:g} s")
            else:
                found.append((index, verdict.value is True))
        return found

    def fault(self, index: int, function: Function, error: str) -> None:
        """A condition cannot be evaluated, so nothing can be decided."""
        self.faults[index] = f"the 'When:' of {function.name} cannot be evaluated: {error}"
        self.failed[index][function.name] = f"its 'When:' cannot be evaluated: {error}"


def queries_for(parts: Parts, stage: Stage, scopes: Sequence[Scope]) -> list[Query]:
    """What the student is asked: the candidates in each scope, at most the top K.

    A guard that holds is certain, a student's score is an estimate. So functions whose guard holds
    are always among the K, and "none of these" is ruled out beside them. Where a guard cannot be
    evaluated there is no candidate.
    """
    standing = standing_for(parts, stage, scopes)
    return [found.query(stage, scope) for found, scope in zip(standing, scopes, strict=True)]


def standing_for(
    parts: Parts,
    stage: Stage,
    scopes: Sequence[Scope],
    missing: Sequence[Mapping[str, Missing]] = (),
) -> list[Standing]:
    """The candidates in each scope, at most the top K."""
    sought = [render_view(stage, scope) for scope in scopes]
    if stage.reads_text_and_facts:  # usage examples hold words alone, so the search does too
        sought = [render_words(stage, scope) for scope in scopes]
    if len(parts.base.of_stage(stage.name)) > EXACT:
        return _search_first(parts, stage, scopes, sought, missing)
    now = parts.clock()
    standing = standing_in(parts.base, parts.sandbox, stage, scopes, now, missing)
    return _top(parts, standing, scopes, sought, missing)


@dataclass(frozen=True, slots=True)
class Standing:
    """Functions of a stage that stand in one scope.

    A function stands where its parameters can be bound, until it expires. A guarded one stands
    only while its ``When:`` holds, and in a stage of facts so does every function that has one.
    What a standing function replaces does not stand.

    Attributes:
        functions: all of them, in the base's order; none where there is a fault.
        guards: those of them whose ``When:`` had to hold.
        fault: why a guard cannot be evaluated, so that nobody can say what stands; or None.
        failed: by name, what cannot be evaluated.
        relied: names of missing results because of which a guard does not hold.
    """

    functions: list[Function]
    guards: list[Function]
    fault: str | None = None
    failed: Mapping[str, str] = field(default_factory=dict)
    relied: frozenset[str] = frozenset()

    def best(self, found: Sequence[Function], count: int) -> Standing:
        """The guards, then what a search found, up to ``count`` functions in all."""
        kept = max(count, len(self.guards))
        functions = list(dict.fromkeys([*self.guards, *found]))[:kept]
        return replace(self, functions=functions)

    def query(self, stage: Stage, scope: Scope) -> Query:
        """What the student is asked."""
        view, holds = render_view(stage, scope), bool(self.guards)
        return Query(stage, view, tuple(self.functions), scope, guard_holds=holds)


def standing_in(
    base: FunctionBase,
    sandbox: Sandbox,
    stage: Stage,
    scopes: Sequence[Scope],
    now: datetime.datetime,
    missing: Sequence[Mapping[str, Missing]] = (),
    *,
    partial: bool = False,
) -> list[Standing]:
    """The functions that stand in each scope; every function of the stage is looked at.

    ``missing`` names, for each scope, what earlier stages could not give. ``partial``: see
    `Conditions`.
    """
    functions = base.of_stage(stage.name)
    conditions = Conditions.of(sandbox, stage, scopes, missing, partial)
    guards = _guards(base, conditions, now)
    found = []
    for index, (scope, own) in enumerate(zip(scopes, guards, strict=True)):
        standing = [function for function in functions if own.let_stand(function, scope, now)]
        holding = [function for function in own.holding if function in standing]
        found.append(_standing(standing, holding, conditions, index))
    return found


def _standing(
    functions: list[Function], guards: list[Function], conditions: Conditions, index: int
) -> Standing:
    if fault := conditions.faults[index]:
        return Standing([], [], fault, conditions.failed[index])
    return Standing(functions, guards, relied=frozenset(conditions.relied[index]))


def _top(
    parts: Parts,
    standing: list[Standing],
    scopes: Sequence[Scope],
    sought: Sequence[str],
    missing: Sequence[Mapping[str, Missing]],
) -> list[Standing]:
    """Where more than K functions stand, the K that the retriever finds."""
    wide: dict[tuple[Function, ...], list[int]] = {}
    for index, found in enumerate(standing):
        if len(found.functions) > parts.top_k:
            wide.setdefault(tuple(found.functions), []).append(index)
    for functions, indices in wide.items():
        views = [sought[index] for index in indices]
        results = parts.retriever.top(views, functions, LOOKED_AT * parts.top_k)
        found_by_view = dict(zip(indices, results, strict=True))
        for index, best in _possible(parts, found_by_view, scopes, missing).items():
            standing[index] = standing[index].best(best, parts.top_k)
    return standing


def _search_first(
    parts: Parts,
    stage: Stage,
    scopes: Sequence[Scope],
    sought: Sequence[str],
    missing: Sequence[Mapping[str, Missing]],
) -> list[Standing]:
    """The top K of a stage too large to look at each function: search, then see what stands.

    The search widens for the scopes in which too few of the functions found stand.
    """
    functions, now, most = parts.base.of_stage(stage.name), parts.clock(), parts.top_k
    conditions = Conditions.of(parts.sandbox, stage, scopes, missing)
    guards = _guards(parts.base, conditions, now)
    found = []
    for index, (scope, own) in enumerate(zip(scopes, guards, strict=True)):
        holding = [function for function in own.holding if own.let_stand(function, scope, now)]
        found.append(_standing([], holding, conditions, index))
    waiting = [index for index, standing in enumerate(found) if not standing.fault]
    count, stand = LOOKED_AT * most, dict[int, list[Function]]()
    while waiting:
        results = parts.retriever.top([sought[index] for index in waiting], functions, count)
        for index, top in zip(waiting, results, strict=True):
            own, scope = guards[index], scopes[index]
            stand[index] = [one for one in top if own.let_stand(one, scope, now)]
        if count >= len(functions):
            break
        waiting = [index for index in waiting if len(stand[index]) < most]
        count *= 4
    for index, best in _possible(parts, stand, scopes, missing).items():
        found[index] = found[index].best(best, most)
    return found


def _possible(
    parts: Parts,
    found: Mapping[int, Sequence[Function]],
    scopes: Sequence[Scope],
    missing: Sequence[Mapping[str, Missing]],
) -> dict[int, list[Function]]:
    """By index of the scope, the first K of what a search found, best first, that may run there.

    A function whose ``When:`` does not hold may not. Where it cannot be evaluated, the function
    stays, and fails if it is chosen.
    """
    most, kept = parts.top_k, {index: list[Function]() for index in found}
    for start in range(0, LOOKED_AT * most, most):
        next_ones = {
            index: functions[start : start + most]
            for index, functions in found.items()
            if len(kept[index]) < most
        }
        asked: dict[Function, list[int]] = {}
        for index, functions in next_ones.items():
            for function in functions:
                asked.setdefault(function, []).append(index)
        out = set[tuple[int, str]]()
        for function, indices in asked.items():
            if function.manual.when is None or function.guarded:  # a guard has been asked
                continue
            said = parts.sandbox.conditions(function, [scopes[index] for index in indices])
            for index, verdict in zip(indices, said, strict=True):
                known, relied = judged(function, verdict, missing[index] if missing else {})
                if known.error is None and known.value is not True and not relied:
                    out.add((index, function.name))
        for index, functions in next_ones.items():
            kept[index] += [one for one in functions if (index, one.name) not in out]
    return kept


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


def _guards(base: FunctionBase, conditions: Conditions, now: datetime.datetime) -> list[_Guards]:
    """What the stage's guards say in each scope; an expired one says nothing.

    In a stage of facts every function with a ``When:`` is one.
    """
    stage = conditions.stage
    found = [_Guards() for _ in conditions.scopes]
    guards = base.guarded(stage.name)
    if stage.mode == "all":
        guards = tuple(one for one in base.of_stage(stage.name) if one.conditional)
    for function in guards:
        if function.expired(now):
            continue
        for index, holds in conditions.holding(function, range(len(found))):
            if holds:
                if not function.by_words:  # its guard says where it may be right, words where it is
                    found[index].holding.append(function)
                found[index].out.update(function.manual.replaces)
            else:
                found[index].out.add(function.name)
    return found
