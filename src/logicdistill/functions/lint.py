"""What is allowed in a base and yet likely a mistake: manuals that read alike, conditions that overlap or never hold, idle functions."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_definition
from logicdistill.protocols import Holds
from logicdistill.types import Function, Json, Scope, Stage
from logicdistill.views import render_manual

ALIKE_WORDS = 0.85
"""Share of common words from which on two manuals are called alike."""

ALIKE_COSINE = 0.98
"""The same for the embeddings of a student's encoder."""

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]


def lint(
    base: FunctionBase,
    scopes: Mapping[str, Sequence[Scope]],
    holds: Holds,
    chosen: Collection[tuple[str, str]] | None = None,
    embed: Embed | None = None,
) -> list[str]:
    """Notes on the functions of the selecting stages, a line each.

    Args:
        base: the function base.
        scopes: what each selecting stage saw in some states; a stage without any is not judged by them.
        holds: evaluates a function's ``When:`` in the sandbox.
        chosen: pairs (stage, function) that were right anywhere; None where that is not known.
        embed: unit vectors of texts, by the student's encoder; without it manuals are compared word by word.
    """
    notes: list[str] = []
    for stage in base.stages:
        if stage.selects:
            seen, functions = scopes.get(stage.name, ()), base.of_stage(stage.name)
            if not stage.guarded:  # where conditions decide, nobody reads the manuals to choose
                notes += [*_alike(functions, embed), *_shared_examples(functions)]
            notes += [*_same_examples(functions), *_conditions(functions, seen, holds)]
            if chosen is not None and seen:
                notes += _idle(stage, functions, chosen)
    return notes


def missing_actions(base: FunctionBase, actions: Iterable[Json]) -> list[Json]:
    """Those of some actions that no function of the base gives, as far as code and usage examples show it.

    A function of the last stage whose every ``return`` is a literal gives just these; any other one may give each literal that it
    holds, and each literal of the earlier stages whose results it takes.
    """
    outputs = {stage.output: stage.name for stage in base.stages}
    given: set[str] = set()
    waiting, seen = list(base.of_stage(base.stages[-1].name)), set[str]()
    while waiting:
        function = waiting.pop()
        if function.name in seen:
            continue
        seen.add(function.name)
        body = ast.Module(parse_definition(function.source).body[1:], [])  # behind the manual
        literals = list(
            _literals(
                node.value
                for node in ast.walk(body)
                if isinstance(node, ast.Return) and node.value is not None
            )
        )
        if None in literals or function.stage != base.stages[-1].name:
            literals = list(_literals(ast.walk(body)))
            waiting += [
                other
                for name in function.parameters
                if name in outputs
                for other in base.of_stage(outputs[name])
            ]
        given |= {text for text in literals if text is not None}
        given |= {
            literal(example.expected)
            for example in function.manual.examples
            if example.inputs is not None
        }
    return [action for action in actions if literal(action) not in given]


def literal(value: Json) -> str:
    """A value as JSON text, the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _literals(nodes: Iterable[ast.AST]) -> Iterator[str | None]:
    """JSON text of each node that is a literal; None for each other one."""
    for node in nodes:
        try:
            yield literal(ast.literal_eval(node))  # what is no expression raises
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            yield None


def _alike(functions: Sequence[Function], embed: Embed | None) -> list[str]:
    if len(functions) < 2:
        return []
    manuals = [render_manual(function.manual) for function in functions]
    if embed is not None:
        vectors, limit = embed(manuals), ALIKE_COSINE
        scores = [
            (a, b, sum(x * y for x, y in zip(vectors[a], vectors[b], strict=True)))
            for a, b in _pairs(functions)
        ]
    else:
        words, limit = (
            [set(re.findall(r"[a-z0-9]+", manual.lower())) for manual in manuals],
            ALIKE_WORDS,
        )
        scores = [
            (a, b, len(words[a] & words[b]) / max(1, len(words[a] | words[b])))
            for a, b in _pairs(functions)
        ]
    return [
        f"{_pair(functions, a, b)}: the manuals read alike ({score:.2f}); say in each 'Use when:' what sets it apart"
        for a, b, score in scores
        if score >= limit and not _replaces(functions[a], functions[b])
    ]


def _shared_examples(functions: Sequence[Function]) -> list[str]:
    return [
        f"{_pair(functions, a, b)}: have a usage example that reads the same ({common[0][:80]!r}); the view has to show what differs"
        for a, b in _pairs(functions)
        if (common := [text for text in functions[a].texts[1:] if text in functions[b].texts[1:]])
        and not _replaces(functions[a], functions[b])
    ]


def _same_examples(functions: Sequence[Function]) -> list[str]:
    notes = []
    for function in functions:
        inputs = [
            example.inputs for example in function.manual.examples if example.inputs is not None
        ]
        if any(one == other for one, other in combinations(inputs, 2)):
            notes.append(
                f"{_name(function)}: has a usage example twice; replace one by another typical state"
            )
        elif len(inputs) > 1 and len(function.texts) == 2:
            notes.append(
                f"{_name(function)}: its {len(inputs)} usage examples read the same ({function.texts[1][:80]!r}); vary what is seen"
            )
    return notes


def _conditions(functions: Sequence[Function], scopes: Sequence[Scope], holds: Holds) -> list[str]:
    if not scopes:
        return []
    notes, held = [], {}
    for function in functions:
        if not any(set(function.parameters) <= set(scope) for scope in scopes):
            notes.append(
                f"{_name(function)}: its parameters are all there in none of {len(scopes)} states; it is never a candidate"
            )
        elif function.manual.when is not None:
            held[function.name] = holds(function, scopes)
            if (
                not any(held[function.name])
                and function.origin != "emergency"
                and not function.manual.replaces
            ):
                notes.append(
                    f"{_name(function)}: 'When: {function.manual.when[:80]}' holds in none of {len(scopes)} states"
                )
    for a, b in _pairs(functions):
        one, other = functions[a], functions[b]
        if one.name in held and other.name in held and not _replaces(one, other):
            both = sum(x and y for x, y in zip(held[one.name], held[other.name], strict=True))
            if both:
                notes.append(
                    f"{_pair(functions, a, b)}: both 'When:' hold in {both} of {len(scopes)} states; {one.name} is taken there"
                )
    return notes


def _idle(
    stage: Stage, functions: Sequence[Function], chosen: Collection[tuple[str, str]]
) -> list[str]:
    return [
        f"{_name(function)}: is right in none of the states seen; give states in which it is, or remove it"
        for function in functions
        if (stage.name, function.name) not in chosen
        and function.origin != "emergency"
        and not function.manual.replaces
    ]


def _pairs(functions: Sequence[Function]) -> list[tuple[int, int]]:
    return list(combinations(range(len(functions)), 2))


def _replaces(one: Function, other: Function) -> bool:
    return other.name in one.manual.replaces or one.name in other.manual.replaces


def _name(function: Function) -> str:
    return f"{function.stage}/{function.name}"


def _pair(functions: Sequence[Function], a: int, b: int) -> str:
    return f"{_name(functions[a])} and {functions[b].name}"
