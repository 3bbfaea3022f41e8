"""What each field of a state holds, in a line a field: the schema's proposal, for a person."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from logicdistill.tasks.kinds import is_code, time_kind
from logicdistill.tasks.schema import TEXT
from logicdistill.types import Json

SHOWN, LISTED = 4, 50
WIDTH = 110


@dataclass(frozen=True, slots=True)
class Field:
    """A field, what the schema allows, and what the states show.

    Attributes:
        name: of the field.
        kind: such as ``number`` or ``date and time``.
        seen: what was seen, such as ``0.2 to 31.5 seen``.
        allowed: ``left open``, or what the schema demands beyond the type.
    """

    name: str
    kind: str
    seen: str
    allowed: str

    def line(self) -> str:
        """In one line of at most about `WIDTH` characters."""
        parts = filter(None, (self.kind, self.seen, self.allowed))
        return textwrap.shorten(f"{self.name}: {', '.join(parts)}", WIDTH, placeholder=" ...")


def describe(name: str, schema: Json, values: Sequence[Json]) -> Field:
    """A field by its schema and its values in the states."""
    schema = schema if isinstance(schema, Mapping) else {}
    known = [value for value in values if value is not None]
    empty = len(values) - len(known)
    kind, seen = _kind(schema, known)
    if empty and known:
        seen = f"{seen}{', ' if seen else ''}empty in {empty:,} of {len(values):,}"
    allowed = _allowed(schema)
    if not allowed and kind in ("text", "number"):
        allowed = "left open"
    return Field(name, kind, seen, allowed)


def _kind(schema: Mapping[str, Json], known: Sequence[Json]) -> tuple[str, str]:
    """What the values are, and what was seen of them."""
    if not known:
        return "empty in every state", ""
    if schema.get("format") == TEXT:
        return "free text", ""
    kinds = Counter(map(_type, known))
    if len(kinds) > 1:
        return " or ".join(sorted(kinds)), ""
    if isinstance(known[0], str):
        return _strings(known)
    if isinstance(known[0], bool):
        seen = {json.dumps(value) for value in known}
        return "true or false", f"only {seen.pop()} seen" if len(seen) == 1 else ""
    if isinstance(known[0], (int, float)):
        low, high = min(known), max(known)
        return "number", f"{_plain(low)} to {_plain(high)} seen" if low < high else f"{low} seen"
    if isinstance(known[0], list):
        least, most = min(map(len, known)), max(map(len, known))
        return "list", f"{least} to {most} items seen" if least < most else f"{most} items seen"
    keys = list(dict.fromkeys(key for value in known for key in value))
    more = ", ..." if len(keys) > SHOWN else ""
    return "object", f"keys {', '.join(keys[:SHOWN])}{more}" if keys else ""


def _strings(known: Sequence[str]) -> tuple[str, str]:
    times = [kind for value in known if (kind := time_kind(value))]
    if len(times) == len(known):
        return times[0] if len(set(times)) == 1 else "date and time", ""
    different = Counter(known)
    if all(map(is_code, different)):
        return "id or code", ""
    count = f"{len(different):,} value{'s' * (len(different) > 1)} seen"
    if len(different) <= SHOWN and sum(map(len, different)) <= LISTED:
        count += f" ({', '.join(json.dumps(one, ensure_ascii=False) for one in different)})"
    return "text", count


def _allowed(schema: Mapping[str, Json]) -> str:
    """What the schema demands beyond a type."""
    if "enum" in schema or "const" in schema:
        values = schema["enum"] if "enum" in schema else [schema["const"]]
        shown = ", ".join(json.dumps(value, ensure_ascii=False) for value in values[:SHOWN])
        more = f", ... ({len(values)})" if len(values) > SHOWN else ""
        return f"only {shown}{more} allowed"
    names = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern", "multipleOf")
    found = [f"{name} {schema[name]}" for name in names if name in schema]
    if schema.get("type") == "integer":
        found.insert(0, "whole numbers only")
    if schema.get("format") not in (None, TEXT, "date", "date-time"):
        found.append(f"format {schema['format']}")
    return ", ".join(found)


def _type(value: Json) -> str:
    kinds = {bool: "true or false", str: "text", list: "list", dict: "object"}
    return kinds.get(type(value), "number")


def _plain(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.6g}"
