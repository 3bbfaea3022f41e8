"""How one stage is taken: the facts that run, the candidates that are retrieved, the choice that runs, and what happens when it fails."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from logicdistill.deciding.parts import Parts
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.retrieval.fused import EXACT
from logicdistill.types import Choice, Function, Json, Outcome, Query, Scope, Stage, Step
from logicdistill.views import render_view, render_words


@dataclass(slots=True)
class Course:
    """One decision in progress: the pipeline's execution context, filled stage by stage."""

    scope: dict[str, Json]
    trace: list[Step] = field(default_factory=list)
    confidence: float = 1.0
    stopped: str | None = None


def run_all(parts: Parts, stage: Stage, courses: Sequence[Course]) -> None:
    """A stage of facts: every function that stands in the state (see `candidates_for`) runs, and their dicts are merged."""
    merged: list[dict[str, Json]] = [{} for _ in courses]
    failed: list[dict[str, str]] = [{} for _ in courses]
    standing, _ = candidates_for(
        parts.base, parts.sandbox, stage, [course.scope for course in courses], parts.clock()
    )
    for function in parts.base.of_stage(stage.name):
        bound = [index for index, found in enumerate(standing) if function in found]
        outcomes = parts.sandbox.call_many(function, [courses[index].scope for index in bound])
        for index, outcome in zip(bound, outcomes, strict=True):
            if isinstance(outcome.value, dict):
                merged[index] |= outcome.value
            else:
                failed[index][function.name] = outcome.error or "did not return a dict"
    for course, facts, errors in zip(courses, merged, failed, strict=True):
        course.scope[stage.output] = facts
        course.trace.append(Step(stage.name, "", None, None, (), Outcome(facts), errors))


def select_one(parts: Parts, stage: Stage, courses: Sequence[Course]) -> None:
    """A selecting stage: the student chooses among the retrieved candidates; where one fails, the next in rank is tried."""
    queries = queries_for(parts, stage, [course.scope for course in courses])
    choices = [
        choice.without_none() if query.guarded else choice
        for query, choice in zip(queries, parts.student.select(queries), strict=True)
    ]
    waiting: list[tuple[Course, Query, Choice, list[str]]] = []
    for course, query, choice in zip(courses, queries, choices, strict=True):
        sure = choice.selected is not None and (
            query.guarded or choice.ranked[0].probability >= parts.sure.get(stage.name, 0.0)
        )
        names = [candidate.name for candidate in choice.ranked] if sure else []
        waiting.append((course, query, choice, names))
    failures: dict[int, dict[str, str]] = {id(course): {} for course in courses}
    final = stage is parts.base.stages[-1]
    while waiting:
        by_name: dict[str | None, list[tuple[Course, Query, Choice, list[str]]]] = {}
        for item in waiting:
            by_name.setdefault(item[3][0] if item[3] else None, []).append(item)
        waiting = []
        for name, items in by_name.items():
            if name is None:
                for course, query, choice, _ in items:
                    _stop(stage, course, query, choice, failures[id(course)])
                continue
            function = parts.base.by_name[name]
            outcomes = parts.sandbox.call_many(function, [course.scope for course, *_ in items])
            for (course, query, choice, names), outcome in zip(items, outcomes, strict=True):
                error = outcome.error or (
                    parts.task.illegal(course.scope, outcome.value) if final else None
                )
                if error is not None:
                    failures[id(course)][name] = error
                    waiting.append((course, query, choice, names[1:]))
                    continue
                course.scope[stage.output] = outcome.value
                course.confidence *= next(
                    candidate.probability for candidate in choice.ranked if candidate.name == name
                )
                course.trace.append(
                    Step(
                        stage.name,
                        query.view,
                        choice,
                        name,
                        function.manual.rules,
                        outcome,
                        failures[id(course)],
                    )
                )


def _stop(
    stage: Stage, course: Course, query: Query, choice: Choice, failed: dict[str, str]
) -> None:
    if failed:
        reason = (
            f"every candidate of stage {stage.name!r} failed; last: {list(failed.values())[-1]}"
        )
    elif choice.selected is not None:
        best = choice.ranked[0]
        reason = f"not sure enough in stage {stage.name!r}: {best.name} has {best.probability:.2f}"
    else:
        reason = f"no function of stage {stage.name!r} fits this state (none of these: {choice.none:.2f})"
    course.stopped = reason
    course.trace.append(
        Step(stage.name, query.view, choice, None, (), Outcome(error=reason), failed)
    )


def candidates_for(
    base: FunctionBase,
    sandbox: Sandbox,
    stage: Stage,
    scopes: Sequence[Scope],
    now: datetime.datetime,
) -> tuple[list[list[Function]], list[list[Function]]]:
    """The functions that stand in each scope, and those of them whose guard holds there.

    A function stands where its parameters can be bound, until it expires. One with ``Replaces:`` and one that joined in an
    emergency is guarded by its ``When:``: it stands only while that holds, and while it stands, what it replaces does not.
    """
    functions = base.of_stage(stage.name)
    holding, gone = _guards(base, sandbox, stage, scopes, now)
    standing = [
        [f for f in functions if _stands(f, scope, out, now)]
        for scope, out in zip(scopes, gone, strict=True)
    ]
    return standing, [
        [f for f in found if f in stand] for found, stand in zip(holding, standing, strict=True)
    ]


def queries_for(parts: Parts, stage: Stage, scopes: Sequence[Scope]) -> list[Query]:
    """The candidates of each scope, cut to the top K.

    A guard that holds is certain where a student's score is an estimate: its function is always among the K, and "none of
    these" is ruled out. Which of the candidates is right remains the student's choice.
    """
    views = [render_view(stage, scope) for scope in scopes]
    # Usage examples are in words, so functions are looked for by words.
    sought = (
        [render_words(stage, scope) for scope in scopes] if stage.reads_text_and_facts else views
    )
    if (
        len(parts.base.of_stage(stage.name)) > EXACT
    ):  # looking at each would cost more than the search
        candidates, guarding = _searched_first(parts, stage, scopes, sought)
    else:
        candidates, guarding = candidates_for(
            parts.base, parts.sandbox, stage, scopes, parts.clock()
        )
        wide = [index for index, found in enumerate(candidates) if len(found) > parts.top_k]
        for found in {tuple(candidates[index]) for index in wide}:
            same = [index for index in wide if tuple(candidates[index]) == found]
            for index, top in zip(
                same,
                parts.retriever.top([sought[index] for index in same], found, parts.top_k),
                strict=True,
            ):
                candidates[index] = list(dict.fromkeys([*guarding[index], *top]))[: parts.top_k]
    return [
        Query(stage, view, tuple(found), scope, guarded=bool(guards))
        for view, found, scope, guards in zip(views, candidates, scopes, guarding, strict=True)
    ]


def _searched_first(
    parts: Parts, stage: Stage, scopes: Sequence[Scope], views: Sequence[str]
) -> tuple[list[list[Function]], list[list[Function]]]:
    """The top K of a stage so large that its functions are not looked at one by one: those found that stand, and the guards that hold."""
    functions, now = parts.base.of_stage(stage.name), parts.clock()
    holding, gone = _guards(parts.base, parts.sandbox, stage, scopes, now)
    guarding = [
        [f for f in found if _stands(f, scope, out, now)]
        for found, scope, out in zip(holding, scopes, gone, strict=True)
    ]
    candidates: list[list[Function]] = [[] for _ in scopes]
    waiting, count = list(range(len(scopes))), parts.top_k
    while waiting:
        for index, top in zip(
            waiting,
            parts.retriever.top([views[index] for index in waiting], functions, count),
            strict=True,
        ):
            standing = [
                function for function in top if _stands(function, scopes[index], gone[index], now)
            ]
            candidates[index] = list(dict.fromkeys([*guarding[index], *standing]))[: parts.top_k]
        waiting = [
            index
            for index in waiting
            if len(candidates[index]) < parts.top_k and count < len(functions)
        ]
        count *= 4
    return candidates, guarding


def _guards(
    base: FunctionBase,
    sandbox: Sandbox,
    stage: Stage,
    scopes: Sequence[Scope],
    now: datetime.datetime,
) -> tuple[list[list[Function]], list[set[str]]]:
    """For each scope the guarded functions whose guard holds, and the names of those that are out: unheld guards and what is replaced."""
    holding: list[list[Function]] = [[] for _ in scopes]
    gone: list[set[str]] = [set() for _ in scopes]
    for guarded in base.guarded(stage.name):
        if guarded.lapsed(now):
            continue
        for index, holds in enumerate(sandbox.holds(guarded, scopes)):
            gone[index] |= set(guarded.manual.replaces) if holds else {guarded.name}
            if holds:
                holding[index].append(guarded)
    return holding, gone


def _stands(function: Function, scope: Scope, gone: set[str], now: datetime.datetime) -> bool:
    return (
        function.name not in gone
        and set(function.parameters) <= set(scope)
        and not function.lapsed(now)
    )
