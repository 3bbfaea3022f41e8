"""Helpers: functions that no stage selects, and that others call by name."""

from __future__ import annotations

import ast
import functools
import graphlib
import symtable
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from logicdistill.errors import ManualError
from logicdistill.functions.values import UNPARSABLE
from logicdistill.types import HELPERS, Function


def is_helper(function: Function) -> bool:
    """Whether no stage selects it."""
    return function.stage == HELPERS.name


def helpers_in(functions: Mapping[str, Function]) -> dict[str, Function]:
    """Those that are helpers, by name."""
    return {name: function for name, function in functions.items() if is_helper(function)}


@functools.lru_cache(maxsize=4096)
def outside_names(source: str) -> frozenset[str]:
    """Names that a function file reads and does not bind: builtins, helpers, unknown ones.

    Empty for what is not valid Python.
    """
    try:
        module = symtable.symtable(source, "function", "exec")
    except (SyntaxError, *UNPARSABLE):
        return frozenset()
    own = {
        symbol.get_name()
        for symbol in module.get_symbols()
        if symbol.is_assigned() or symbol.is_imported()
    }
    return frozenset(_globals(module)) - own


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from _globals(inner)


@functools.lru_cache(maxsize=4096)
def expression_names(expression: str) -> frozenset[str]:
    """Names that a ``When:`` expression reads, without its own loop variables."""
    nodes = ast.walk(ast.parse(expression or "False", mode="eval"))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return frozenset(node.id for node in names) - stored


def condition_helpers(function: Function) -> list[str]:
    """Names of the helpers that its ``When:`` calls."""
    names = expression_names(function.manual.when or "")
    return [helper.name for helper in function.helpers if helper.name in names]


def linked(function: Function, helpers: Mapping[str, Function]) -> Function:
    """The function with the helpers that it and its ``When:`` call, which are linked themselves."""
    names = outside_names(function.source)
    if function.manual.when is not None:
        names |= expression_names(function.manual.when)
    called = tuple(helpers[name] for name in sorted(names & helpers.keys()))
    same = [one.content_hash for one in called] == [one.content_hash for one in function.helpers]
    return function if same else replace(function, helpers=called)


def linked_helpers(helpers: Iterable[Function]) -> dict[str, Function]:
    """Helpers by name, each linked to those that it calls; raises as `called_first`."""
    given = {helper.name: helper for helper in helpers}
    found: dict[str, Function] = {}
    for name in called_first({name: helper.source for name, helper in given.items()}):
        found[name] = linked(given[name], found)
    return {name: found[name] for name in sorted(found)}


def called_first(sources: Mapping[str, str]) -> list[str]:
    """Names of helpers' files, each behind those that it calls.

    Raises:
        ManualError: they call each other in a circle.
    """
    calls = {
        name: sorted(outside_names(source) & sources.keys() - {name})
        for name, source in sorted(sources.items())
    }
    try:
        return list(graphlib.TopologicalSorter(calls).static_order())
    except graphlib.CycleError as error:
        circle = " calls ".join(reversed(error.args[1]))
        raise ManualError(f"helpers call each other in a circle: {circle}; break it up") from None


def callers(name: str, functions: Iterable[Function]) -> list[Function]:
    """Functions and helpers that call the helper of this name, directly or not."""
    return [one for one in functions if any(helper.name == name for helper in one.called)]


def signature(helper: Function) -> str:
    """Code that tells a type checker how to call a helper: its imports and its ``def``, no body.

    Aliases of its file are written out, so that they meet no others.
    """
    tree = ast.parse(helper.source)
    aliases, lines = dict[str, ast.expr](), list[str]()
    for node in tree.body:
        match node:
            case ast.ImportFrom(module="__future__"):
                pass
            case ast.Import() | ast.ImportFrom():
                lines.append(ast.unparse(node))
            case ast.Assign(targets=[ast.Name(name)], value=value):
                aliases[name] = _WrittenOut(aliases).visit(value)
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
                aliases[name] = _WrittenOut(aliases).visit(value)
            case ast.FunctionDef():
                node.args = _WrittenOut(aliases).visit(node.args)
                if node.returns is not None:
                    node.returns = _WrittenOut(aliases).visit(node.returns)
                node.body = [ast.Raise(ast.Name("NotImplementedError", ast.Load()))]
                lines.append(ast.unparse(ast.fix_missing_locations(node)))
    return "\n".join([*lines, ""])


class _WrittenOut(ast.NodeTransformer):
    """Puts the value of an alias in the place of its name."""

    def __init__(self, aliases: Mapping[str, ast.expr]) -> None:
        self._aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._aliases.get(node.id, node)
