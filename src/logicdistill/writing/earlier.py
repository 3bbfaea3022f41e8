"""What the stages before a stage give in example states: shown to an author, tried by the gate."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from logicdistill.deciding.decide import scopes_before
from logicdistill.deciding.parts import TOP_K, Parts
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_definition
from logicdistill.functions.sandbox import Sandbox, condition_parameters
from logicdistill.pictures import without_pictures
from logicdistill.protocols import Task
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import ConditionsStudent
from logicdistill.types import Choice, Function, Json, Query, Scope, Stage

MOST_RESULTS = 12
"""Different results of one function that an author is shown."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a stage can build on.

    Attributes:
        text: for an author: the functions of the stages before, and their results.
        scopes: the example states as the stage sees them; None where a stage before has no result
            without a student.
        keys: by output of a stage of facts, the keys that its functions give.
    """

    text: str = ""
    scopes: tuple[Scope | None, ...] = ()
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def known_scopes(self) -> list[Scope]:
        """The scopes without those that need a student."""
        return [scope for scope in self.scopes if scope is not None]


def earlier(
    task: Task, base: FunctionBase, stage: Stage, samples: Sequence[Json], sandbox: Sandbox
) -> Earlier:
    """What the functions of the stages before ``stage`` give in ``samples`` of states."""
    before = base.stages[: base.stages.index(stage)]
    if not before:
        return Earlier("", tuple(samples))
    sandbox.load(base.functions)
    student = _CertainStudent(sandbox)
    parts = Parts(task, base, FusedRetriever(None), student, sandbox, TOP_K)
    known: list[dict[str, Json]] = [{} for _ in samples]
    scopes: tuple[Scope | None, ...] = ()
    for upto in (*before[1:], stage):
        outputs = [other.output for other in base.stages[: base.stages.index(upto)]]
        scopes = tuple(scopes_before(parts, upto, samples))
        for found, scope in zip(known, scopes, strict=True):
            found.update({} if scope is None else {name: scope[name] for name in outputs})
    keys = {
        other.output: frozenset(_keys(base.of_stage(other.name), other.output, scopes))
        for other in before
        if other.mode == "all"
    }
    there = [line for other in before for line in _functions(other, base.of_stage(other.name))]
    shown = [
        f"{number}. {shown_json(found)}" for number, found in enumerate(known, start=1) if found
    ]
    text = "The functions of the stages before, and what they give:\n\n" + "\n".join(there)
    if shown:
        what = "What they give in the example states, where no words have to be read"
        text += f"\n\n{what}:\n\n" + "\n".join(shown)
    return Earlier(f"{text}\n\n", scopes, keys)


def helpers_of(base: FunctionBase) -> str:
    """The helpers of a base, for an author; "" without any."""
    lines = "".join(f"- {_call(one)}: {one.manual.summary}\n" for one in base.helpers)
    return lines and f"Helpers that functions can call by name:\n\n{lines}\n"


class _CertainStudent(ConditionsStudent):
    """Chooses where conditions do; where words would have to be read, nobody can say yet."""

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        return [
            choice if choice.ranked and choice.ranked[0].probability == 1 else Choice((), 1.0)
            for choice in super().select(queries)
        ]


def _keys(functions: Sequence[Function], output: str, scopes: Sequence[Scope | None]) -> set[str]:
    """Keys of facts, in the example states and in the usage examples."""
    found = {key for scope in scopes if scope is not None for key in scope[output]}
    for function in functions:
        for example in function.manual.examples:
            found |= set(example.expected) if isinstance(example.expected, dict) else set()
    return found


def _functions(stage: Stage, functions: Sequence[Function]) -> Iterator[str]:
    for function in functions:
        gives = {
            shown_json(example.expected): None
            for example in function.manual.examples
            if example.inputs is not None
        }
        results = ", ".join(list(gives)[:MOST_RESULTS])
        line = f"- {stage.output} <- {_call(function)}: {function.manual.summary}"
        yield f"{line} Gives {results}" if results else line


def _call(function: Function) -> str:
    """How it is called, with types: ``size(weight: int) -> str``."""
    definition = parse_definition(function.source)
    returns = f" -> {ast.unparse(definition.returns)}" if definition.returns else ""
    return f"{function.name}({ast.unparse(definition.args)}){returns}"


def shown_json(value: Json) -> str:
    """JSON text for an author; no picture is sent."""
    return json.dumps(without_pictures(value), sort_keys=True, ensure_ascii=False)


def unread_outputs(base: FunctionBase) -> list[Stage]:
    """Stages, but the last one, whose result no later function, condition or view reads."""
    found = []
    for index, stage in enumerate(base.stages[:-1]):
        later = base.stages[index + 1 :]
        read = {name for other in later for name in other.reads} | {
            name
            for other in later
            for function in base.of_stage(other.name)
            for name in (*function.parameters, *_named(function.manual.when))
        }
        if stage.output not in read:
            found.append(stage)
    return found


def _named(when: str | None) -> frozenset[str]:
    return frozenset(condition_parameters(when)) if when else frozenset()
