"""Schemas of other programs as plain JSON Schema 2020-12: references resolved, notes taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from logicdistill.errors import TaskError, one_line
from logicdistill.tasks.importing.actions import has_null
from logicdistill.types import Json

DEEPEST = 16
"""Levels of schemas inside schemas at most; what lies deeper is left open."""

MOST_PARTS = 50_000
"""Parts of all schemas together at most, references resolved."""

_PLACE = re.compile("0|[1-9][0-9]{0,8}")
_VALUES = {
    *("type", "enum", "const", "format", "pattern", "minLength", "maxLength", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems"),
    *("minProperties", "maxProperties", "minContains", "maxContains", "required", "default"),
    "dependentRequired",
}
_ONE = {
    *("items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"),
    *("unevaluatedProperties", "unevaluatedItems"),
}
_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
_TABLES = {"properties", "patternProperties", "dependentSchemas"}
_NOTES = {
    *("$schema", "$id", "id", "$comment", "$anchor", "$defs", "definitions", "title", "example"),
    *("examples", "deprecated", "readOnly", "writeOnly", "nullable", "discriminator", "xml"),
    *("externalDocs", "contentMediaType", "contentEncoding", "contentSchema", "description"),
}
"""Keywords that allow and forbid nothing, or that are read beside the others."""


class Resolver:
    """Makes plain schemas from those of one document.

    Attributes:
        notes: what was left open or left out, each once.

    Args:
        document: what references lead into.
        openapi: ``3.0`` or ``3.1``, whose schemas differ; by default they are JSON Schema.
    """

    def __init__(self, document: Json, openapi: str = "") -> None:
        self._document, self._openapi = document, openapi
        self._parts = 0
        self._noted: dict[str, None] = {}

    @property
    def notes(self) -> list[str]:
        """What was left open or left out."""
        return list(self._noted)

    def found(self, value: Json) -> Json:
        """The value, or what it refers to.

        Raises:
            TaskError: the reference leads nowhere, into another file, or in a circle.
        """
        seen: list[Json] = []
        while isinstance(value, dict) and "$ref" in value:
            ref = value["$ref"]
            if ref in seen:
                raise TaskError(f"the reference {_shown(ref)} leads in a circle; correct it")
            seen.append(ref)
            value = self._target(ref)
        return value

    def plain(self, schema: Json) -> Json:
        """A schema without references, annotations and dialect.

        A schema that contains itself is left open (``{}``) where it comes again, and so is what
        lies deeper than `DEEPEST`.

        Raises:
            TaskError: a reference leads nowhere or into another file, or the result is too large.
        """
        return self._plain(schema, (), 0)

    def _target(self, ref: Json) -> Json:
        if not isinstance(ref, str) or not ref.startswith("#"):
            where = "leads out of the file; bundle everything into one file"
            raise TaskError(f"the reference {_shown(ref)} {where}")
        value = self._document
        for step in unquote(ref[1:]).split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and _PLACE.fullmatch(key) and int(key) < len(value):
                value = value[int(key)]
            else:
                raise TaskError(f"the reference {_shown(ref)} leads nowhere; correct it")
        if ref[1:] and not ref.startswith("#/"):
            raise TaskError(f"the reference {_shown(ref)} is no path such as '#/$defs/order'")
        return value

    def _plain(self, schema: Json, within: tuple[str, ...], depth: int) -> Json:
        self._count(1)
        if not isinstance(schema, dict):
            return schema  # true and false are schemas; anything else is refused later
        if depth > DEEPEST:
            self._noted[f"what lies deeper than {DEEPEST} schemas is left open"] = None
            return {}
        if "$ref" in schema:
            return self._referred(schema, within, depth)
        found: dict[str, Json] = {}
        for key, value in schema.items():
            if not isinstance(key, str):
                continue
            if key in _TABLES and isinstance(value, dict):
                kept = {n: one for n, one in value.items() if not self._is_read_only(one)}
                found[key] = {n: self._plain(one, within, depth + 1) for n, one in kept.items()}
            elif key in _LISTS and isinstance(value, list):
                found[key] = [self._plain(one, within, depth + 1) for one in value]
            elif key == "items" and isinstance(value, list):  # of older drafts
                found["prefixItems"] = [self._plain(one, within, depth + 1) for one in value]
            elif key in _ONE:
                found[key] = self._plain(value, within, depth + 1)
            elif key in _VALUES | _LISTS | _TABLES:
                self._count(len(value) if isinstance(value, list) else 1)
                found[key] = value
            elif key not in _NOTES and not key.startswith("x-"):
                self._noted[f"the keyword {_shown(key)} is left out"] = None
        if isinstance(found.get("required"), list) and isinstance(schema.get("properties"), dict):
            gone = schema["properties"].keys() - found["properties"].keys()
            found["required"] = [name for name in found["required"] if name not in list(gone)]
        if has_null(found.get("default", 0)):
            del found["default"]
        if isinstance(said := schema.get("description"), str) and (said := one_line(said)):
            found["description"] = said
        return self._of_dialect(schema, found)

    def _referred(self, schema: dict[str, Json], within: tuple[str, ...], depth: int) -> Json:
        ref = schema["$ref"]
        target = self._target(ref)
        if ref in within:
            self._noted[f"{_shown(ref)} contains itself; the inner one is left open"] = None
            return {}
        found = self._plain(target, (*within, ref), depth + 1)
        others = {key: value for key, value in schema.items() if key != "$ref"}
        if self._openapi == "3.0":  # where everything beside a reference is ignored
            others = {key: others[key] for key in ("description",) if key in others}
        beside = self._plain(others, within, depth + 1) if others else {}
        if not beside or not isinstance(found, dict):
            return found
        if beside.keys() <= {"description", "default"}:
            return {**found, **beside}
        return {**beside, "allOf": [found, *beside.get("allOf", ())]}

    def _is_read_only(self, schema: Json) -> bool:
        """Whether a property is the server's to set, so that no call gives it."""
        if not self._openapi or not isinstance(schema, dict):
            return False
        return schema.get("readOnly") is True or (
            "$ref" in schema
            and isinstance(target := self.found(schema), dict)
            and target.get("readOnly") is True
        )

    def _of_dialect(self, schema: Mapping[str, Json], found: dict[str, Json]) -> Json:
        for bound, beyond in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            # Truth values in OpenAPI 3.0 and old drafts.
            if isinstance(found.get(beyond), bool) and found.pop(beyond) and bound in found:
                found[beyond] = found.pop(bound)
        if self._openapi != "3.0" or schema.get("nullable") is not True:
            return found
        if isinstance(found.get("enum"), list):
            values = found.pop("enum")
            return {"anyOf": [{**found, "enum": values}, {"type": "null"}]}
        if isinstance(found.get("type"), str):
            return {**found, "type": [found["type"], "null"]}
        return {"anyOf": [found, {"type": "null"}]} if found else found

    def _count(self, parts: int) -> None:
        self._parts += parts
        if self._parts > MOST_PARTS:
            raise TaskError(
                f"with its references resolved it has more than {MOST_PARTS:,} parts; "
                "take out what the task does not decide"
            )


def some_shown(names: Iterable[Any]) -> str:
    """Names for a message, the first of them."""
    listed = list(names)
    more = f" and {len(listed) - 5:,} more" if len(listed) > 5 else ""
    return ", ".join(_shown(name) for name in listed[:5]) + more


def _shown(value: Json) -> str:
    return repr(one_line(str(value))[:80])
