"""Which few states stand for many: they cover actions, rare values, null, 0 and empty texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from logicdistill.tasks.record_folder import Record
from logicdistill.types import Json

MOST_VALUES = 12
"""A field with more different values is free; only null, 0 and empty values of it are looked at."""

MOST_CHARACTERS = 12_000
"""Characters of the chosen states together at most, beyond the first one."""


def covering(records: Sequence[Record], count: int) -> list[Record]:
    """At most ``count`` records, each the one that shows most that those before it do not show.

    What is shown: the right action, each value of a field with few values, null, 0, an empty value,
    a field that is missing. The earlier record wins where two show as much.
    """
    shown = [set(_traits(record)) for record in records]
    values: dict[str, set[str]] = {}
    for traits in shown:
        for path, text in traits:
            values.setdefault(path, set()).add(text)
    telling = []
    for traits in shown:
        missing = values.keys() - {path for path, _ in traits}
        told = {(path, text) for path, text in traits if _tells(text, len(values[path]))}
        telling.append(told | {(path, "") for path in missing})
    chosen, covered, size = list[int](), set[tuple[str, str]](), 0
    while len(chosen) < min(count, len(records)):
        left = [index for index in range(len(records)) if index not in chosen]
        best = max(left, key=lambda index: (len(telling[index] - covered), -index))
        size += len(json.dumps(dict(records[best].state)))
        if chosen and size > MOST_CHARACTERS:
            break
        chosen.append(best)
        covered |= telling[best]
    return [records[index] for index in sorted(chosen)]


def _traits(record: Record) -> Iterator[tuple[str, str]]:
    """Where a value stands in a record, and the value as text."""
    if record.known:
        yield "", json.dumps(record.action, sort_keys=True)
    yield from _values("state", record.state)


def _values(path: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, part in value.items():
            yield from _values(f"{path}.{name}", part)
    elif isinstance(value, list) and value:
        yield f"{path}.#", str(len(value))
        for part in value:
            yield from _values(f"{path}.*", part)
    else:
        yield path, json.dumps(value, sort_keys=True)


def _tells(text: str, values: int) -> bool:
    """Whether a value is one of few, or one that functions forget: null, 0 or empty."""
    return values <= MOST_VALUES or text in ("null", "0", "0.0", '""', "[]", "{}")
