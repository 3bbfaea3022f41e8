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
    before, after = ({f"{f.stage}/{f.name}": f for f in base.functions} for base in (old, new))
    changed = {
        name: {
            "manual": _manual(before[name], after[name]),
            "code": _code(name, before[name], after[name]),
        }
        for name in before.keys() & after.keys()
        if before[name].source != after[name].source
    }
    return {
        "stages": _unified("base.toml", _stages(old), _stages(new)),
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": dict(sorted(changed.items())),
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
        one, other = found["examples"]
        found["examples"] = [
            [item for item in one if item not in other],
            [item for item in other if item not in one],
        ]
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
    }


def _code(name: str, old: Function, new: Function) -> list[str]:
    return _unified(f"{name}.py", _without_docstring(old), _without_docstring(new))


def _without_docstring(function: Function) -> str:
    docstring = parse_definition(function.source).body[0]
    lines, last = function.source.splitlines(), docstring.end_lineno or docstring.lineno
    return "\n".join([*lines[: docstring.lineno - 1], *lines[last:]])


def _stages(base: FunctionBase) -> str:
    return str(base.to_manifest()["files"]["base.toml"])


def _unified(name: str, old: str, new: str) -> list[str]:
    return list(
        difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"a/{name}", f"b/{name}", lineterm="", n=2
        )
    )
