"""What changed between two bases: manuals field by field, code as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import parse_definition
from logicdistill.types import Function, Json


def diff_bases(old: FunctionBase, new: FunctionBase) -> dict[str, Json]:
    """The differences, as JSON.

    Returns:
        ``stages``: lines of a unified diff of ``base.toml``. ``added``, ``removed``: names as
        ``stage/function``. ``changed``: by name ``manual`` ({field: [old, new]}) and ``code``
        (lines of a unified diff of the file without its docstring).
    """
    before, after = (
        {f"{f.stage}/{f.name}": f for f in base.by_name.values()} for base in (old, new)
    )
    changed = {
        name: {
            "manual": _manual(before[name], after[name]),
            "code": _unified(f"{name}.py", _code(before[name]), _code(after[name])),
        }
        for name in sorted(before.keys() & after.keys())
        if before[name].source != after[name].source
    }
    settings = (base.to_manifest()["files"]["base.toml"].splitlines() for base in (old, new))
    return {
        "stages": _unified("base.toml", *settings),
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": changed,
    }


def diff_lines(found: Mapping[str, Json], old: FunctionBase, new: FunctionBase) -> list[str]:
    """The same for a person, with the whole source of added and removed functions."""
    lines = list(found["stages"])
    for sign, names, base in (("-", found["removed"], old), ("+", found["added"], new)):
        for name in names:
            source = base.function(name.partition("/")[2]).source.rstrip()
            lines += [f"{sign} {name}", *(f"{sign}   {line}" for line in source.splitlines())]
    for name, change in found["changed"].items():
        lines.append(f"~ {name}")
        for field, (before, after) in change["manual"].items():
            lines += [f"  {field}:", f"-   {before}", f"+   {after}"]
        lines += [f"  {line}" for line in change["code"]]
    return lines


def _manual(old: Function, new: Function) -> dict[str, list[Json]]:
    before, after = _fields(old), _fields(new)
    found = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if "examples" in found:
        sides = found["examples"]
        pairs = (sides, reversed(sides))
        found["examples"] = [[item for item in one if item not in other] for one, other in pairs]
    return found


def _fields(function: Function) -> dict[str, Json]:
    manual = function.manual
    return {
        "summary": manual.summary,
        "Use when": manual.use_when,
        "When": manual.when,
        "Rules": list(manual.rules),
        "Replaces": list(manual.replaces),
        "Expires": manual.expires,
        "examples": [
            example.text or {"inputs": dict(example.inputs or {}), "gives": example.expected}
            for example in manual.examples
        ],
        "Not": list(manual.near_misses),
    }


def _code(function: Function) -> list[str]:
    """Lines of the file without its docstring."""
    docstring = parse_definition(function.source).body[0]
    lines, last = function.source.splitlines(), docstring.end_lineno or docstring.lineno
    return [*lines[: docstring.lineno - 1], *lines[last:]]


def _unified(name: str, old: list[str], new: list[str]) -> list[str]:
    return list(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm="", n=2))
