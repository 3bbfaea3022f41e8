"""From recorded objects, such as a fine with its amount, to the JSON Schema of such actions."""

from __future__ import annotations

from collections.abc import Sequence

from logicdistill.tasks.kinds import is_code, time_kind
from logicdistill.tasks.schema import EXAMPLES, LONG, type_of
from logicdistill.types import Json

KINDS = ("kind", "type", "action", "do", "tool", "name", "decision")
"""Keys that say what an object is; any other text that all objects have may as well."""

MOST_KINDS = 50

LEAST = -999_999_999
"""No proposed bound is lower: a schema of actions has to refuse some numbers."""


def kind_key(values: Sequence[Json]) -> str | None:
    """The key whose text says which kind of object each value is; None where there is none."""
    objects = [value for value in values if isinstance(value, dict)]
    if not objects or len(objects) < len(values):
        return None
    shared = [key for key in objects[0] if all(isinstance(one.get(key), str) for one in objects)]
    different = {key: len({str(one[key]) for one in objects}) for key in shared}
    few = [key for key in shared if different[key] <= min(MOST_KINDS, 1 + len(objects) / 2)]
    named = [key for key in KINDS if key in shared and different[key] <= MOST_KINDS]
    found = named or sorted(few, key=different.__getitem__)
    return found[0] if found else None


def has_number(value: Json) -> bool:
    """Whether a number is somewhere in it; a truth value is none."""
    if isinstance(value, (list, dict)):
        return any(map(has_number, value.values() if isinstance(value, dict) else value))
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def schema_of(values: Sequence[Json]) -> dict[str, Json]:
    """A closed JSON Schema of such values: objects by kind, numbers with bounds, listed texts."""
    groups: dict[str, list[Json]] = {}
    for value in values:
        groups.setdefault(type_of(value), []).append(value)
    branches = [branch for name, group in groups.items() for branch in _branches(name, group)]
    if len(branches) == 1:
        return branches[0]
    # Objects that differ in a fixed text exclude each other; so do types.
    return {"oneOf" if kind_key(values) else "anyOf": branches}


def least_amount(seen: Sequence[int | float]) -> int | float:
    """A bound below amounts: 0, or far below the negative ones, since the next may be lower."""
    least = min(0, *seen)
    if not LEAST < least < 0:
        return least
    digits = len(str(int(-least)))
    return max(LEAST, -int(10 ** (digits + 3)))


def _branches(name: str, values: list[Json]) -> list[dict[str, Json]]:
    if name == "object":
        key = kind_key(values)
        by_kind: dict[Json, list[dict[str, Json]]] = {}
        for value in values:
            assert isinstance(value, dict)
            by_kind.setdefault(value[key] if key else None, []).append(value)
        return [_object(group, key) for group in by_kind.values()]
    if name == "array":
        items = [item for value in values if isinstance(value, list) for item in value]
        return [{"type": "array", **({"items": schema_of(items)} if items else {"maxItems": 0})}]
    if name == "number":
        numbers = [value for value in values if isinstance(value, (int, float))]
        return [{"type": "number", "minimum": least_amount(numbers)}]
    if name == "string":
        texts = sorted({str(value) for value in values})
        free = any(time_kind(text) or is_code(text) or len(text) > LONG for text in texts)
        return [{"type": "string"} if free or len(texts) > EXAMPLES else {"enum": texts}]
    return [{"type": name}]


def _object(values: list[dict[str, Json]], key: str | None) -> dict[str, Json]:
    names = dict.fromkeys(name for value in values for name in value)
    properties = {name: schema_of([v[name] for v in values if name in v]) for name in names}
    if key:
        properties[key] = {"const": values[0][key]}
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in names if all(name in value for value in values)],
        "additionalProperties": False,
    }
