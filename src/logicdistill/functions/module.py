"""A Python module to function files: each function with the imports and constants it uses."""

from __future__ import annotations

import ast

from logicdistill.errors import ManualError
from logicdistill.functions.values import UNPARSABLE


def split_module(source: str, where: str = "module") -> dict[str, str]:
    """Function files by name, in the module's order; classes and other statements are left out.

    Raises `ManualError` on what is not Python or has no function; ``where`` begins the message.
    """
    try:
        tree = ast.parse(source)
    except UNPARSABLE as error:
        raise ManualError(f"{where}: not valid Python: {error}") from None
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not definitions:
        raise ManualError(f"{where}: holds no function at top level")
    others = [(node, _bound(node)) for node in tree.body if _bound(node)]
    found = {}
    for definition in definitions:
        needed, kept = _read(definition), set()
        # Backwards, because an alias may need an import or an alias above it.
        for index, (node, names) in reversed(list(enumerate(others))):
            if names & needed:
                kept.add(index)
                needed |= _read(node)
        parts = [_text(source, node) for index, (node, _) in enumerate(others) if index in kept]
        parts = ["\n".join(parts)] if parts else []
        found[definition.name] = "\n\n\n".join([*parts, _text(source, definition)]) + "\n"
    return found


def _bound(node: ast.stmt) -> set[str]:
    match node:
        case ast.ImportFrom(module="__future__"):
            return set()
        case ast.Import(names) | ast.ImportFrom(names=names):
            return {(alias.asname or alias.name).partition(".")[0] for alias in names}
        case ast.Assign(targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(name)):
            return {name}
    return set()


def _read(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _text(source: str, node: ast.stmt) -> str:
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])
