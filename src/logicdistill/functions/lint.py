"""Notes on likely mistakes in a base: manuals that read alike, conditions that overlap ..."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_definition
from logicdistill.protocols import Holds
from logicdistill.types import Function, Json, Scope, settled
from logicdistill.views import render_manual

ALIKE_WORDS, ALIKE_COSINE = 0.85, 0.98
"""Two manuals are alike from this share of common words, or this cosine of their embeddings."""

_TO_A_CHOOSER = re.compile(
    r"\b(choose|select|pick|prefer|answer|label) (me|this (function|one|candidate|option))\b"
    r"|\b(ignore|disregard) ((all|any|every|the|other|previous) )+(function|candidate|instruction)"
    r"|\b(best|right|correct) (choice|answer|function) (in|for) (all|any|every)\b"
    r"|<\|?/?(im_start|system|inst)\b",
    re.IGNORECASE,
)

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]


def lint(
    base: FunctionBase,
    scopes: Mapping[str, Sequence[Scope]],
    holds: Holds,
    chosen: Collection[tuple[str, str]] | None = None,
    embed: Embed | None = None,
) -> list[str]:
    """Notes on the functions of the selecting stages, one per line.

    Args:
        base: the function base.
        scopes: by stage, its scopes in some states; without any, conditions are not checked.
        holds: evaluates a function's ``When:`` in the sandbox.
        chosen: pairs (stage, function) that were right in some state; None if not known.
        embed: unit vectors of texts; without it manuals are compared word by word.
    """
    notes = [*copied_logic(base), *_uncalled(base)]
    for stage in base.stages:
        if stage.selects:
            functions, in_stage = base.of_stage(stage.name), scopes.get(stage.name, ())
            if stage.asks:  # elsewhere conditions decide, not manuals
                notes += [*_alike(functions, embed), *_shared_examples(functions)]
            notes += [*_to_a_chooser(functions), *_same_examples(functions)]
            if in_stage:
                notes += _conditions(functions, in_stage, holds, overlaps=stage.mode == "one")
            if in_stage and chosen is not None:
                notes += [
                    f"{_name(function)}: is right in none of the states; "
                    "add states where it is, or remove it"
                    for function in functions
                    if (stage.name, function.name) not in chosen and not function.emergency
                ]
    return notes


def copied_logic(base: FunctionBase) -> list[str]:
    """Functions defined inside several functions in the same words, a note each."""
    found: dict[str, tuple[str, list[str]]] = {}
    for function in base.by_name.values():
        definition = parse_definition(function.source)
        inner = {
            ast.dump(node): node.name
            for node in ast.walk(definition)
            if isinstance(node, ast.FunctionDef) and node is not definition
        }
        for code, name in inner.items():
            found.setdefault(code, (name, []))[1].append(_name(function))
    return [
        f"{_listed(where)} define the same {name!r}; make it a helper"
        for name, where in found.values()
        if len(where) > 1
    ]


def _listed(names: Sequence[str]) -> str:
    if len(names) == 2:
        return f"{names[0]} and {names[1]} both"
    return f"{names[0]}, {names[1]} and {len(names) - 2} more"


def _uncalled(base: FunctionBase) -> list[str]:
    called = {helper.name for function in base.functions for helper in function.called}
    uncalled = (helper for helper in base.helpers if helper.name not in called)
    return [f"{_name(helper)}: no function calls it; remove it" for helper in uncalled]


def missing_actions(base: FunctionBase, actions: Iterable[Json]) -> list[Json]:
    """The actions that no function of the base gives, as far as code and usage examples show.

    A function of the last stage whose every ``return`` is a literal gives these literals. Another
    one may give any literal in it, and any literal of the earlier stages whose results it takes.
    """
    outputs, last = {stage.output: stage.name for stage in base.stages}, base.stages[-1].name
    waiting, visited = list(base.of_stage(last)), set[str]()
    given: set[str | None] = set()
    while waiting:
        function = waiting.pop()
        if function.name in visited:
            continue
        visited.add(function.name)
        body = ast.Module(parse_definition(function.source).body[1:], [])  # without the manual
        returns = (node for node in ast.walk(body) if isinstance(node, ast.Return))
        literals = set(_literals(node.value for node in returns if node.value is not None))
        if None in literals or function.stage != last:
            parts = [body, *(parse_definition(one.source) for one in function.called)]
            literals = set(_literals(node for part in parts for node in ast.walk(part)))
            stages = (outputs[name] for name in function.parameters if name in outputs)
            waiting += [other for stage in stages for other in base.of_stage(stage)]
        examples = (example for example in function.manual.examples if example.inputs is not None)
        given |= literals | {literal(example.expected) for example in examples}
    return [action for action in actions if literal(action) not in given]


def literal(value: Json) -> str:
    """A value as JSON text, the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _literals(nodes: Iterable[ast.AST]) -> Iterator[str | None]:
    """JSON text of each node that is a literal; None for each other node."""
    for node in nodes:
        try:
            yield literal(ast.literal_eval(node))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            yield None


def _to_a_chooser(functions: Sequence[Function]) -> list[str]:
    return [
        f"{_name(function)}: its manual gives its reader an order ({found[0]!r}); "
        "say only in which states the function is right"
        for function in functions
        if (found := _TO_A_CHOOSER.search(render_manual(function.manual)))
    ]


def _alike(functions: Sequence[Function], embed: Embed | None) -> list[str]:
    if len(functions) < 2:
        return []
    manuals = [render_manual(function.manual) for function in functions]
    if embed is None:
        limit = ALIKE_WORDS
        words = [set(re.findall(r"[a-z0-9]+", manual.lower())) for manual in manuals]
        scores = (len(a & b) / max(1, len(a | b)) for a, b in combinations(words, 2))
    else:
        limit = ALIKE_COSINE
        pairs = combinations(embed(manuals), 2)
        scores = (sum(x * y for x, y in zip(a, b, strict=True)) for a, b in pairs)
    return [
        f"{_name(one)} and {other.name}: the manuals read alike ({score:.2f}); "
        "say in each 'Use when:' how it differs"
        for (one, other), score in zip(combinations(functions, 2), scores, strict=True)
        if score >= limit and not settled(one, other)
    ]


def _shared_examples(functions: Sequence[Function]) -> list[str]:
    return [
        f"{_name(one)} and {other.name}: have a usage example that reads the same "
        f"({common[0][:80]!r}); make the view show what differs"
        for one, other in combinations(functions, 2)
        if (common := [text for text in one.texts[1:] if text in other.texts[1:]])
        and not settled(one, other)
    ]


def _same_examples(functions: Sequence[Function]) -> list[str]:
    notes = []
    for function in functions:
        examples = function.manual.examples
        inputs = [example.inputs for example in examples if example.inputs is not None]
        if any(one == other for one, other in combinations(inputs, 2)):
            problem = "has a usage example twice; replace one by another typical state"
            notes.append(f"{_name(function)}: {problem}")
        elif len(inputs) > 1 and len(function.texts) == 2:
            same = f"its {len(inputs)} usage examples read the same ({function.texts[1][:80]!r})"
            notes.append(f"{_name(function)}: {same}; vary what the view shows")
    return notes


def _conditions(
    functions: Sequence[Function], scopes: Sequence[Scope], holds: Holds, overlaps: bool
) -> list[str]:
    notes, held = [], {}
    for function in functions:
        when = function.manual.when
        if not any(set(function.parameters) <= set(scope) for scope in scopes):
            problem = f"none of {len(scopes)} states has all its parameters"
            notes.append(f"{_name(function)}: {problem}; it is never a candidate")
        elif when is not None:
            held[function] = holds(function, scopes)
            if not any(held[function]) and not function.emergency:
                problem = f"'When: {when[:80]}' holds in none of {len(scopes)} states"
                notes.append(f"{_name(function)}: {problem}")
    for one, other in combinations(held, 2) if overlaps else ():
        both = sum(x and y for x, y in zip(held[one], held[other], strict=True))
        if both and not settled(one, other):
            where = f"both 'When:' hold in {both} of {len(scopes)} states"
            remedy = "where they give different results there is no label; see 'Replaces:'"
            notes.append(f"{_name(one)} and {other.name}: {where}; {remedy}")
    return notes


def _name(function: Function) -> str:
    return f"{function.stage}/{function.name}"
