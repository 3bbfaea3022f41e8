"""What an earlier stage could not give, and what may still be decided without it.

A result is missing in one of three ways:

- ``none``: the student is sure that no function of the stage fits. The result is None.
- ``unknown``: it is not sure enough, or the functions that it chose failed. The result is None.
- ``partial``: a function of a stage of facts failed, so some facts are not there.

What reads a missing result cannot be evaluated, with these exceptions. A condition that compares
the result with values (``intent == "x"``, ``intent in ("x", "y")``) and is true without it is true
whatever the result is; where it is not true, it does not hold if the result is ``none``. Facts
that are read by name (``facts["days"]``) can be read where they are there; elsewhere that raises.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from logicdistill.functions.sandbox import condition_parameters
from logicdistill.types import Function, Outcome, Scope

SURE = 0.5
"""From this probability on, "none of these" is an answer."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a stage's result is missing, and how.

    Attributes:
        why: in one line.
        kind: see this module.
        probability: that no function of the stage fits, for the kind ``none``.
    """

    why: str
    kind: Literal["none", "unknown", "partial"]
    probability: float = 1.0


def lacks(
    function: Function, missing: Mapping[str, Missing], scope: Scope | None = None
) -> str | None:
    """Why a function cannot run without what is missing; None where it can.

    Where a scope is given, it has to have the function's parameters.
    """
    for name in function.parameters:
        if scope is not None and name not in scope:
            return f"it takes {name!r}, which is not there"
        found = missing.get(name)
        if found and not (found.kind == "partial" and _reads_by_key(function.source, name)):
            return f"it takes {name!r}, which is missing: {found.why}"
    return None


def judged(
    function: Function, verdict: Outcome, missing: Mapping[str, Missing]
) -> tuple[Outcome, tuple[str, ...]]:
    """What a ``When:`` says where results are missing.

    Args:
        function: whose condition it is.
        verdict: what the sandbox says of it, with None for a missing result.
        missing: by name.

    Returns:
        Whether it holds, or why that cannot be said; and the names of the results of kind ``none``
        because of which it does not hold.
    """
    if not missing:
        return verdict, ()
    when, relied = function.manual.when or "", list[str]()
    for name in sorted(condition_parameters(when) & set(missing)):
        found = missing[name]
        if found.kind == "partial":
            unclear = not _reads_by_key(when, name)
        elif not _compares(when, name):
            unclear = True
        else:
            unclear = verdict.value is not True and found.kind == "unknown"
            if verdict.value is not True:
                relied.append(name)
        if unclear:
            return Outcome(error=f"it reads {name!r}, which is missing: {found.why}"), ()
    return verdict, tuple(relied)


@functools.lru_cache(maxsize=4096)
def _reads_by_key(source: str, name: str) -> bool:
    """Whether the code reads this dict only as ``name["key"]``, and catches no error."""
    tree = ast.parse(source.strip())
    by_key = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    }
    catches = any(isinstance(node, ast.Try) for node in ast.walk(tree))
    used = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name)
    return not catches and all(id(node) in by_key for node in used)


@functools.lru_cache(maxsize=4096)
def _compares(when: str, name: str) -> bool:
    """Whether a condition reads the name only in comparisons that None fails.

    Such a condition can only become true, never false, where the name gets a value.
    """
    tree = ast.parse(when.strip(), mode="eval").body
    inside = {id(node) for test in _tests(tree, name) for node in ast.walk(test)}
    return all(
        id(node) in inside
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == name
    )


def _tests(node: ast.expr, name: str) -> Iterator[ast.expr]:
    """The comparisons of the name with values that stand under ``and`` and ``or`` alone."""
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _tests(value, name)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = node.left, node.comparators[0]
        if isinstance(node.ops[0], ast.Eq):
            sides = (left, right) if isinstance(left, ast.Name) else (right, left)
            if _is(sides[0], name) and _values(sides[1]):
                yield node
        elif isinstance(node.ops[0], ast.In) and _is(left, name) and _values(right):
            yield node


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _values(node: ast.expr) -> bool:
    """Whether it is a value that is not None, or a list of such values."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(_values(item) for item in node.elts)
    return isinstance(node, ast.Constant) and node.value is not None
