"""Algorithm 1 of the paper (section 3), as it is read there: write functions, admit them, select and run stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from logicdistill.errors import BaseError, GateRefusal
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.gate import Gate
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Retriever, Student, Task
from logicdistill.teacher.write import Author
from logicdistill.types import Choice, Decision, Function, Json, Outcome, Query, Scope, Stage, Step
from logicdistill.views import render_view

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
                source = draft
                for attempt in range(REPAIRS + 1):
                    try:
                        function, evidence = gate.admit(source, stage, base.by_name, sandbox)
                    except GateRefusal as error:
                        refusal = str(error)
                        on_event(f"refused {refusal}")
                        if attempt < REPAIRS:
                            source = author.repair(stage, source, refusal)
                        continue
                    base = base.having([*base.functions, function])
                    entries.append(journal_entry("admit", function, evidence.to_json()))
                    on_event(f"admitted {stage.name}/{function.name} ({evidence.examples} examples)")
                    break
            if not base.of_stage(stage.name):
                raise BaseError(f"no usable function for stage {stage.name!r} after {REPAIRS} repairs; last refusal: {refusal}")
    return base, entries


@dataclass(frozen=True, slots=True)
class Parts:
    """What deciding needs: the function base, the retriever with its K, the student, and the sandbox that holds the base."""

    task: Task
    base: FunctionBase
    retriever: Retriever
    student: Student
    sandbox: Sandbox
    top_k: int


@dataclass(slots=True)
class _Course:
    """One decision in progress."""

    scope: dict[str, Json]
    trace: list[Step] = field(default_factory=list)
    confidence: float = 1.0
    stopped: str | None = None


def decide(parts: Parts, states: Sequence[Mapping[str, Json]]) -> list[Decision]:
    """Line 3, for many states at once: stage by stage, retrieve the top K, select f_j, run it to o_j; the last o_j is the action O.

    Args:
        parts: see `Parts`.
        states: states that fit the task's schema.
    """
    courses = [_Course(dict(state)) for state in states]
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


def run_all(parts: Parts, stage: Stage, courses: Sequence[_Course]) -> None:
    """A stage of facts: every function that can be bound runs, and their dicts are merged."""
    merged: list[dict[str, Json]] = [{} for _ in courses]
    failed: list[dict[str, str]] = [{} for _ in courses]
    for function in parts.base.of_stage(stage.name):
        bound = [index for index, course in enumerate(courses) if set(function.parameters) <= set(course.scope)]
        outcomes = parts.sandbox.call_many(function.name, [courses[index].scope for index in bound])
        for index, outcome in zip(bound, outcomes, strict=True):
            if isinstance(outcome.value, dict):
                merged[index] |= outcome.value
            else:
                failed[index][function.name] = outcome.error or "did not return a dict"
    for course, facts, errors in zip(courses, merged, failed, strict=True):
        course.scope[stage.output] = facts
        course.trace.append(Step(stage.name, "", None, None, (), Outcome(facts), errors))


def select_one(parts: Parts, stage: Stage, courses: Sequence[_Course]) -> None:
    """A selecting stage: the student chooses among the retrieved candidates; where one fails, the next in rank is tried."""
    queries = queries_for(parts, stage, [course.scope for course in courses])
    choices = parts.student.select(queries)
    waiting: list[tuple[_Course, Query, Choice, list[str]]] = []
    for course, query, choice in zip(courses, queries, choices, strict=True):
        names = [candidate.name for candidate in choice.ranked] if choice.selected else []
        waiting.append((course, query, choice, names))
    failures: dict[int, dict[str, str]] = {id(course): {} for course in courses}
    final = stage is parts.base.stages[-1]
    while waiting:
        by_name: dict[str | None, list[tuple[_Course, Query, Choice, list[str]]]] = {}
        for item in waiting:
            by_name.setdefault(item[3][0] if item[3] else None, []).append(item)
        waiting = []
        for name, items in by_name.items():
            if name is None:
                for course, query, choice, _ in items:
                    _stop(stage, course, query, choice, failures[id(course)])
                continue
            rules = parts.base.by_name[name].manual.rules
            outcomes = parts.sandbox.call_many(name, [course.scope for course, *_ in items])
            for (course, query, choice, names), outcome in zip(items, outcomes, strict=True):
                error = outcome.error or (parts.task.illegal(course.scope, outcome.value) if final else None)
                if error is not None:
                    failures[id(course)][name] = error
                    waiting.append((course, query, choice, names[1:]))
                    continue
                course.scope[stage.output] = outcome.value
                course.confidence *= next(candidate.probability for candidate in choice.ranked if candidate.name == name)
                course.trace.append(Step(stage.name, query.view, choice, name, rules, outcome, failures[id(course)]))


def _stop(stage: Stage, course: _Course, query: Query, choice: Choice, failed: dict[str, str]) -> None:
    if failed:
        reason = f"every candidate of stage {stage.name!r} failed; last: {list(failed.values())[-1]}"
    else:
        reason = f"no function of stage {stage.name!r} fits this state (none of these: {choice.none:.2f})"
    course.stopped = reason
    course.trace.append(Step(stage.name, query.view, choice, None, (), Outcome(error=reason), failed))


def queries_for(parts: Parts, stage: Stage, scopes: Sequence[Scope]) -> list[Query]:
    """The candidates of each scope: functions that can be bound, minus those that an emergency replaces, cut to the top K."""
    functions = parts.base.of_stage(stage.name)
    candidates = [[f for f in functions if set(f.parameters) <= set(scope)] for scope in scopes]
    for guarded in (function for function in functions if function.manual.replaces or function.origin == "emergency"):
        if guarded.manual.when is None:
            continue
        for index, holds in enumerate(parts.sandbox.holds(guarded.name, scopes)):
            gone = set(guarded.manual.replaces) if holds else {guarded.name}
            candidates[index] = [function for function in candidates[index] if function.name not in gone]
    views = [render_view(stage, scope) for scope in scopes]
    wide = [index for index, found in enumerate(candidates) if len(found) > parts.top_k]
    for found in {tuple(candidates[index]) for index in wide}:
        same = [index for index in wide if tuple(candidates[index]) == found]
        for index, top in zip(same, parts.retriever.top([views[index] for index in same], found, parts.top_k), strict=True):
            candidates[index] = list(top)
    return [Query(stage, view, tuple(found), scope) for view, found, scope in zip(views, candidates, scopes, strict=True)]


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of an episode: the state, what was decided, and the reward that followed."""

    state: dict[str, Json]
    action: Json
    reward: float
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Episode:
    """One played episode. ``illegal`` counts actions that had to be replaced by the fallback action."""

    seed: int
    success: bool
    turns: tuple[Turn, ...]
    illegal: int

    @property
    def total(self) -> float:
        """Return: the sum of the rewards (undiscounted)."""
        return sum(turn.reward for turn in self.turns)


Player = Callable[[Sequence[Any], list[dict[str, Json]]], list[tuple[Json, Decision | None]]]
"""Environments and their states to an action each, with the decision behind it where there is one."""


def play(task: Task, player: Player, seeds: Sequence[int], on_turn: Callable[[int, Turn], None] | None = None) -> list[Episode]:
    """Play one episode a seed to its end, all of them side by side: decide, act, observe.

    Args:
        task: whose environment is played.
        player: decides for all running episodes at once.
        seeds: of the environments.
        on_turn: told of each turn with its episode's seed.
    """
    envs = [task.make_env() for _ in seeds]
    observations = [env.reset(seed=seed)[0] for env, seed in zip(envs, seeds, strict=True)]
    turns: list[list[Turn]] = [[] for _ in seeds]
    illegal, success = [0] * len(seeds), [False] * len(seeds)
    running = list(range(len(seeds)))
    while running:
        states = [task.state(envs[index], observations[index]) for index in running]
        decided = player([envs[index] for index in running], states)
        going = []
        for index, state, (action, decision) in zip(running, states, decided, strict=True):
            if task.illegal(state, action) is not None:
                illegal[index], action = illegal[index] + 1, task.fallback(state)
            observations[index], reward, terminated, truncated, info = envs[index].step(task.env_action(state, action))
            turns[index].append(Turn(state, action, float(reward), decision))
            if on_turn is not None:
                on_turn(seeds[index], turns[index][-1])
            success[index] = bool(info["success"])
            if not (terminated or truncated):
                going.append(index)
        running = going
    return [Episode(*parts) for parts in zip(seeds, success, map(tuple, turns), illegal, strict=True)]


def journal_entry(op: str, function: Function, evidence: Mapping[str, Json] | None = None) -> dict[str, Json]:
    """What the journal keeps of a change to one function."""
    entry = {"op": op, "function": function.name, "stage": function.stage, "hash": function.content_hash[:16], "origin": function.origin}
    return entry | ({"evidence": dict(evidence)} if evidence else {})
