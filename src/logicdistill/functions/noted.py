"""What the names inside a function hold as it runs: its source is marked, and the copy is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from logicdistill.functions.manual import parse_definition
from logicdistill.functions.sandbox import Sandbox, node_names
from logicdistill.types import Function, Scope

MOST_NAMES, MOST_CHARACTERS = 30, 120
"""Names of one call that are kept, and characters of a value."""


def noted(function: Function, scope: Scope, sandbox: Sandbox) -> Mapping[str, str]:
    """The last value of each name that the function assigns, as Python text, by name.

    Names inside of functions that it defines are left out. Where it fails, it is what came before.
    Empty where it assigns none, or where the copy cannot be run.

    Args:
        function: of a base.
        scope: holds every parameter.
        sandbox: its loaded functions are replaced.
    """
    tree = ast.parse(function.source)
    names = {name for node in ast.walk(tree) for name in node_names(node)}
    notes = next(name for at in range(10**6) if (name := f"noted_{at}") not in names)
    place = next(at for at, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef))
    inner = parse_definition(function.source)
    inner.body = list(_noting(inner.body, notes))
    outer = ast.parse(
        f"def {notes}_of(**given):\n    {notes} = {{}}\n    try:\n        {inner.name}(**given)\n"
        f"    except Exception:\n        pass\n    return {notes}\n"
    ).body[0]
    assert isinstance(outer, ast.FunctionDef)
    outer.body.insert(1, inner)
    tree.body[place] = outer
    source = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    manual = replace(function.manual, when=None)
    copy = replace(function, name=outer.name, source=source, manual=manual)
    sandbox.load([copy])
    found = sandbox.call(copy, {name: scope[name] for name in function.parameters}).value or {}
    kept = {name: text for name, text in found.items() if not text.startswith("<")}
    return {name: text[:MOST_CHARACTERS] for name, text in list(kept.items())[:MOST_NAMES]}


def _noting(body: list[ast.stmt], notes: str) -> Iterator[ast.stmt]:
    """The statements, with a note behind each that assigns a name."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef):
            continue
        for part in ("body", "orelse", "finalbody"):
            if inner := getattr(statement, part, None):
                setattr(statement, part, list(_noting(inner, notes)))
        for inner in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            inner.body = list(_noting(inner.body, notes))
        match statement:
            case ast.Assign(targets=targets):
                pass
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target, value=ast.expr()):
                targets = [target]
            case _:
                continue
        for node in (node for target in targets for node in ast.walk(target)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield ast.parse(f'{notes}["{node.id}"] = repr({node.id})').body[0]
