"""Fields of recorded states that a few states have otherwise than the rest: likely mistakes."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence

from logicdistill.tasks.schema import time_format
from logicdistill.types import Json

FEW = 0.1
"""At most this share of the states, or one of them, is few."""

ENOUGH = 5
"""Fewer states do not show what is usual."""

NAMED = 3
ALIKE = 0.8
_KINDS = {bool: "true or false", str: "text", list: "a list", dict: "an object"}


def odd_fields(states: Mapping[int, Mapping[str, Json]], file: str) -> Iterator[str]:
    """A note for each field that few states spell, fill or leave out otherwise.

    Args:
        states: by the line that holds them, as a person wrote them.
        file: name of their file.
    """
    if len(states) < ENOUGH:
        return
    fields: dict[str, dict[int, Json]] = {}
    for line, state in states.items():
        for name, value in state.items():
            fields.setdefault(name, {})[line] = value
    known = set[str]()
    for name, values in fields.items():
        usual = [other for other, there in fields.items() if len(there) > len(values)]
        near = difflib.get_close_matches(name, usual, n=1, cutoff=ALIKE)
        apart = near and values.keys().isdisjoint(fields[near[0]])
        if apart and _few(len(values), len(states)):
            known |= {name, near[0]}
            share = f"{len(values)} of {len(states)} states"
            yield f"{name} is in {share} ({_at(file, values)}); did you mean {near[0]}?"
    for name, values in fields.items():
        missing = [line for line in states if line not in values]
        if missing and name not in known and _few(len(missing), len(states)):
            share = f"{len(missing)} of {len(states)} states"
            yield f"{name} is missing in {share} ({_at(file, missing)})"
        yield from _odd_values(name, values, file)


def _odd_values(name: str, values: Mapping[int, Json], file: str) -> Iterator[str]:
    """What few values of a field are, unlike the others; null is like all."""
    kinds: dict[str, list[int]] = {}
    for line, value in values.items():
        if value is not None:
            kinds.setdefault(_KINDS.get(type(value), "a number"), []).append(line)
    total = sum(map(len, kinds.values()))
    usual = max(kinds, key=lambda kind: len(kinds[kind]), default="")
    for kind, lines in kinds.items():
        if kind == usual:
            continue
        if _few(len(lines), total):
            yield f"{name} is {kind} in {_at(file, lines)} only, and else {usual}"
        else:
            yield f"{name} is {kind} in {len(lines)} states and {usual} in {len(kinds[usual])}"
    texts = {line: value for line, value in values.items() if isinstance(value, str)}
    dates = {line: time_format([text]) for line, text in texts.items()}
    for form in ("date", "date-time"):
        others = [line for line, found in dates.items() if found != form]
        if others and len(texts) >= ENOUGH and _few(len(others), len(texts)):
            shown = json.dumps(texts[others[0]], ensure_ascii=False)[:40]
            yield f"{name} is no {form} in {_at(file, others)} only: {shown}"


def _few(count: int, of: int) -> bool:
    return count < of and count <= max(1, FEW * of)


def _at(file: str, lines: Sequence[int] | Mapping[int, Json]) -> str:
    numbers = list(lines)
    more = f", ... and {len(numbers) - NAMED} more" if len(numbers) > NAMED else ""
    return f"{file}:{', '.join(map(str, numbers[:NAMED]))}{more}"
