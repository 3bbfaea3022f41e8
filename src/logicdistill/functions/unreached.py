"""What no usage example and no training state reaches, as JSON and in words, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from logicdistill.functions.coverage import Covered
from logicdistill.types import Json

BY = ("examples", "states")
"""What reaches a branch: the function's own usage examples, and training states."""


def coverage_json(found: Iterable[Covered], states: int) -> dict[str, Json]:
    """What was reached, with counts; functions of which most is not reached come first.

    Args:
        found: of each function.
        states: how many training states were decided.
    """
    functions = [_function(one) for one in found if one.why is None]
    functions.sort(key=lambda one: (-len(_left(one)), one["file"]))
    branches = [branch for one in functions for branch in one["branches"]]
    counts = {kind: sum(kind in branch["reached_by"] for branch in branches) for kind in BY}
    neither = sum(not branch["reached_by"] for branch in branches)
    return {
        "states": states,
        "branches": {"all": len(branches), **counts, "neither": neither},
        "functions": functions,
        "not_measured": {_file(one): one.why for one in found if one.why is not None},
    }


def unreached_lines(found: Mapping[str, Any], folder: str = "base") -> Iterator[str]:
    """Each branch that neither reaches, and what was not measured; from `coverage_json`.

    A branch inside such a branch is only counted. ``folder`` begins the names of files.
    """
    for one in found["functions"]:
        for branch, inside in _outermost(one["branches"]):
            more = f"; {inside} more inside" if inside else ""
            yield f"{folder}/{one['file']}:{branch['line']}: {_said(one, branch)}{more}"
    for file, why in found["not_measured"].items():
        yield f"{folder}/{file}: not measured: {why}"


def coverage_line(found: Mapping[str, Any]) -> str:
    """The counts of `coverage_json` in one line."""
    counts = found["branches"]
    line = f"branches: {counts['examples']} of {counts['all']} reached by usage examples"
    line += f", {counts['states']} by training states ({found['states']:,})"
    line += f"; {counts['neither']} by neither"
    if lacking := len(found["not_measured"]):
        line += f"; {lacking} function{'s' * (lacking > 1)} not measured"
    return line


def _function(one: Covered) -> dict[str, Json]:
    reached = dict(zip(BY, (one.by_examples, one.by_states), strict=True))
    branches = [
        {
            "line": branch.line,
            "code": branch.code,
            "does": branch.does,
            "inside": branch.inside,
            "reached_by": [kind for kind, numbers in reached.items() if number in numbers],
        }
        for number, branch in enumerate(one.marked.branches)
    ]
    counts = {"examples": one.examples, "states": one.states}
    return {"file": _file(one), **counts, "branches": branches}


def _file(one: Covered) -> str:
    return f"{one.marked.function.stage}/{one.marked.function.name}.py"


def _left(one: Mapping[str, Any]) -> list[Json]:
    return [branch for branch in one["branches"] if not branch["reached_by"]]


def _outermost(branches: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int]]:
    """Branches that neither reaches, by line, each with how many such branches are inside."""
    inside: dict[int, int] = {}
    outermost: dict[int, int] = {}
    for number, branch in enumerate(branches):
        if branch["reached_by"]:
            continue
        around = branch["inside"]
        outermost[number] = outermost.get(around, number) if around is not None else number
        if outermost[number] != number:
            inside[outermost[number]] = inside.get(outermost[number], 0) + 1
    found = [number for number, outer in outermost.items() if outer == number]
    found.sort(key=lambda number: branches[number]["line"])
    return [(branches[number], inside.get(number, 0)) for number in found]


def _said(one: Mapping[str, Any], branch: Mapping[str, Any]) -> str:
    said = f"`{branch['code']}` {branch['does']} in no usage example (0 of {one['examples']})"
    if one["states"]:
        return f"{said} and in no training state (0 of {one['states']:,})"
    return f"{said}, and in no training state the function runs"
