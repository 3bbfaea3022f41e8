"""Values that the schema of a state allows and that no training state holds, a line a field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from logicdistill.tasks.schema import is_text
from logicdistill.types import Json

EMPTY = "an empty list"
DEEPEST = 8
NAMED = 8
"""So many values of a field are named."""

_NUMBERS = ("number", "integer")


class Values:
    """Notes which values the states hold.

    Looked at are null, true, false, 0, an empty list, each value of an enum, and the default of a
    field that a state may leave out; in objects, also where they are in a list, field by field. A
    field in which all states hold one value is named, too.

    Args:
        schema: JSON Schema of a state.
    """

    def __init__(self, schema: Mapping[str, Json]) -> None:
        self.states = 0
        self._root = schema
        self._allowed: dict[str, dict[str, None]] = {}
        self._held: dict[str, dict[str, int]] = {}

    def see(self, state: Mapping[str, Json]) -> None:
        """Note the values of a state."""
        self.states += 1
        self._see("", self._root, state, DEEPEST)

    def unseen(self) -> list[dict[str, Json]]:
        """A field each: its name, the values that no state holds, and the only one that is held."""
        found: list[dict[str, Json]] = []
        for name, held in self._held.items():
            lacks = [value for value in self._allowed[name] if value not in held]
            only = next(iter(held)) if len(held) == 1 and sum(held.values()) > 1 else None
            if lacks or only is not None:
                found.append({"field": name, "lacks": lacks, "only": only})
        return found

    def _see(self, name: str, schema: Any, value: Json, depth: int) -> None:
        forms = list(_forms(schema, self._root, DEEPEST))
        if name:
            if name not in self._allowed:
                self._allowed[name] = {label: None for form in forms for label in _labels(form)}
                self._held[name] = {}
            if (label := _label(value)) is not None and not _is_open(forms, self._allowed[name]):
                held = self._held[name]
                # Two different ones are enough to see that it is not always the same.
                if label in held or label in self._allowed[name] or len(held) < 2:
                    held[label] = held.get(label, 0) + 1
        if depth == 0:
            return
        for form in forms:
            if isinstance(value, dict) and isinstance(form.get("properties"), dict):
                for key, inner in form["properties"].items():
                    if key in value:
                        path = f"{name}.{key}" if name else key
                        self._see(path, _with_default(inner, form, key), value[key], depth - 1)
            items = form.get("items")
            if isinstance(value, list) and isinstance(items, dict):
                known = any(
                    "properties" in one or "enum" in one for one in _forms(items, self._root, 3)
                )
                for item in value if known else ():
                    self._see(f"{name}[]", items, item, depth - 1)


def unseen_line(found: Mapping[str, Json], states: int) -> str:
    """A field of `Values.unseen` in words."""
    name, lacks, only = found["field"], found["lacks"], found["only"]
    of = f"no training state (of {states:,}) has"
    shown = " or ".join(lacks[:NAMED]) + (f" or ... ({len(lacks)})" if len(lacks) > NAMED else "")
    if only is not None:
        return f"{name}: each training state (of {states:,}) has {only}"
    return f"{name}: {of} {shown}"


def _forms(schema: Any, root: Mapping[str, Json], depth: int) -> Iterator[Mapping[str, Any]]:
    """The schema, or those that it is one of."""
    if not isinstance(schema, Mapping) or depth == 0:
        return
    found = schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        target: Any = root
        for part in reference[2:].split("/"):
            target = target.get(part) if isinstance(target, Mapping) else None
        yield from _forms(target, root, depth - 1)
    yield found
    for word in ("anyOf", "oneOf"):
        for one in schema.get(word, ()):
            yield from _forms(one, root, depth - 1)


def _with_default(schema: Any, parent: Mapping[str, Any], name: str) -> Any:
    """The schema of a field; a default counts only where the field may be left out."""
    if not isinstance(schema, Mapping) or name not in parent.get("required", ()):
        return schema
    return {key: value for key, value in schema.items() if key != "default"}


def _labels(form: Mapping[str, Any]) -> Iterator[str]:
    """The values of a form that are looked at."""
    kinds = form.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if "enum" in form or "const" in form:
        yield from map(_text, form["enum"] if "enum" in form else [form["const"]])
        return
    if "boolean" in kinds:
        yield from ("true", "false")
    if any(kind in kinds for kind in _NUMBERS) and _takes_zero(form):
        yield "0"
    if "array" in kinds and not form.get("minItems"):
        yield EMPTY
    if "null" in kinds:
        yield "null"
    if "default" in form and _label(form["default"]) is not None:
        yield _label(form["default"]) or ""


def _takes_zero(form: Mapping[str, Any]) -> bool:
    low, high = form.get("minimum", 0), form.get("maximum", 0)
    above, below = form.get("exclusiveMinimum", -1), form.get("exclusiveMaximum", 1)
    return bool(low <= 0 <= high and above < 0 < below)


def _label(value: Json) -> str | None:
    """A value as it is named; None for an object, which is looked at field by field."""
    if isinstance(value, dict):
        return None
    if isinstance(value, list):
        return _text(value) if value else EMPTY
    return "0" if value == 0 and not isinstance(value, bool) else _text(value)


def _is_open(forms: list[Mapping[str, Any]], allowed: Mapping[str, None]) -> bool:
    """Whether nothing is said of the field: free text, with nothing to look for."""
    return not allowed and any(map(is_text, forms))


def _text(value: Json) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 60 else f"{shown[:56]} ..."
