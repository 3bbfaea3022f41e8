"""States of a record task: their JSON Schema from examples, and the pydantic type that a schema means."""

from __future__ import annotations

import difflib
import keyword
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from logicdistill.errors import TaskError
from logicdistill.types import Json

FEW = 12
"""At most so many different strings, each seen `OFTEN` times on average, are an enum."""

OFTEN = 3
LONG = 40
"""A field in which some string is longer than this and has a space is free text."""

TEXT = "text"
"""``format`` of a free text."""

ANNOTATIONS = frozenset({"$schema", "title", "description", "default", "examples", "format"})
_TYPES: Mapping[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "null": None,
}
_LIMITS = {
    "string": {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"},
    "integer": {
        "minimum": "ge",
        "maximum": "le",
        "exclusiveMinimum": "gt",
        "exclusiveMaximum": "lt",
    },
    "array": {"minItems": "min_length", "maxItems": "max_length"},
}
_LIMITS["number"] = _LIMITS["integer"]
_KEYWORDS: Mapping[str, frozenset[str]] = {
    name: frozenset({"type", *_LIMITS.get(name, {}), *extra})
    for name, extra in {
        "string": (),
        "integer": (),
        "number": (),
        "boolean": (),
        "null": (),
        "array": ("items",),
        "object": ("properties", "required", "additionalProperties"),
    }.items()
}


def infer_schema(states: Sequence[Mapping[str, Json]], text: Sequence[str] = ()) -> dict[str, Json]:
    """The JSON Schema that these states fit.

    A string field with few different values becomes an enum, one with long values free text (``"format": "text"``); a field that
    some states lack, or that is null in some, may be null everywhere.

    Args:
        states: at least one.
        text: fields that are free text however short they are.
    """
    schema = _infer(list(states), whole=True)
    for name in text:
        if name in schema.get("properties", {}):
            nullable = _allows_null(schema["properties"][name])
            schema["properties"][name] = {
                "type": ["string", "null"] if nullable else "string",
                "format": TEXT,
            }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _infer(values: list[Json], whole: bool = False) -> dict[str, Json]:
    kinds = sorted({_kind(value) for value in values})
    if {"integer", "number"} <= set(kinds):
        kinds.remove("integer")
    found: dict[str, Json] = {}
    plain = [value for value in values if value is not None]
    if "string" in kinds and len(kinds) - ("null" in kinds) == 1:
        found = _infer_string(plain)
        if "enum" in found:
            return {"enum": [*found["enum"], None]} if "null" in kinds else found
        del found["type"]
    elif "array" in kinds:
        items = [item for value in plain if isinstance(value, list) for item in value]
        found = {"items": _infer(items)} if items else {}
    elif "object" in kinds:
        objects = [value for value in plain if isinstance(value, dict)]
        names = list(dict.fromkeys(name for value in objects for name in value))
        required = [name for name in names if all(name in value for value in objects)]
        # Objects inside a state are described only where all have the same keys; others stay as they are.
        if names and len(objects) == len(plain) and (whole or required == names):
            properties = {name: _infer([value.get(name) for value in objects]) for name in names}
            found = {"properties": properties, "required": required, "additionalProperties": False}
    return {"type": kinds[0] if len(kinds) == 1 else kinds, **found}


def _infer_string(values: list[str]) -> dict[str, Json]:
    if any(len(value) > LONG and " " in value for value in values):
        return {"type": "string", "format": TEXT}
    known = sorted(set(values))
    return (
        {"enum": known}
        if len(known) <= FEW and len(values) >= OFTEN * len(known)
        else {"type": "string"}
    )


def _kind(value: Json) -> str:
    for kind, types in (
        ("null", type(None)),
        ("boolean", bool),
        ("integer", int),
        ("number", float),
        ("string", str),
        ("array", list),
    ):
        if isinstance(value, types):
            return kind
    return "object"


def _allows_null(schema: Mapping[str, Json]) -> bool:
    return "null" in schema.get("type", ()) or None in schema.get("enum", ())


def state_model(schema: Json) -> type[BaseModel]:
    """The pydantic model of a state.

    Raises:
        TaskError: not a schema of an object, or a keyword that is not understood; the nearest one is offered.
    """
    if (
        not isinstance(schema, dict)
        or schema.get("type") != "object"
        or not schema.get("properties")
    ):
        raise TaskError("the schema of a state has 'type': 'object' and one or more 'properties'")
    for name in schema["properties"]:
        if (
            not name.isidentifier()
            or keyword.iskeyword(name)
            or name.startswith("_")
            or hasattr(BaseModel, name)
        ):
            why = "is no plain identifier, or is taken"
            raise TaskError(
                f"field {name!r}: functions take it as a parameter, and the name {why}; write e.g. 'weight_kg'"
            )
    model: type[BaseModel] = type_of(schema, "State")
    return model


def type_of(schema: Json, name: str = "value") -> Any:
    """The type that a JSON Schema means; validate with it strictly.

    Understood: type, enum, const, anyOf, properties, required, additionalProperties (false), items, minimum, maximum, the exclusive
    two, minLength, maxLength, pattern, minItems, maxItems, and annotations such as description.

    Raises:
        TaskError: another keyword, or a value that makes no sense.
    """
    if schema is True:
        return Any
    if not isinstance(schema, dict):
        raise TaskError(
            f"{name}: a schema is an object such as {{'type': 'string'}}; got {schema!r:.60}"
        )
    if "enum" in schema or "const" in schema:
        _check_keywords(schema, {"enum", "const", "type"}, name)
        return one_of(schema.get("enum", [schema.get("const")]), name)
    if "anyOf" in schema:
        _check_keywords(schema, {"anyOf"}, name)
        return Union[tuple(type_of(item, name) for item in _items(schema["anyOf"], "anyOf", name))]  # noqa: UP007  # made at run time
    kinds: Any = schema.get("type")
    if isinstance(kinds, list):
        _check_keywords(
            schema, set().union(*(_KEYWORDS.get(str(kind), frozenset()) for kind in kinds)), name
        )
        each = [
            {key: schema[key] for key in schema if key in _KEYWORDS.get(str(kind), ())}
            | {"type": kind}
            for kind in kinds
        ]
        return Union[tuple(type_of(item, name) for item in each)]  # noqa: UP007  # made at run time
    if kinds not in _KEYWORDS:
        raise TaskError(f"{name}: 'type' is {kinds!r}; it is one of: {', '.join(_KEYWORDS)}")
    _check_keywords(schema, _KEYWORDS[kinds], name)
    if kinds == "object":
        return _object(schema, name)
    base = (
        list.__class_getitem__(type_of(schema.get("items", True), name))
        if kinds == "array"
        else _TYPES[kinds]
    )
    limits = {
        argument: schema[key] for key, argument in _LIMITS.get(kinds, {}).items() if key in schema
    }
    if kinds == "number":
        limits["allow_inf_nan"] = False
    return Annotated[base, Field(**limits)] if limits else base


def one_of(values: Json, name: str) -> Any:
    """The type of one of some JSON values; strings become a `Literal`, so that a schema for the teacher lists them."""
    allowed = _items(values, "enum", name)
    if all(value is None or isinstance(value, str) for value in allowed):
        return Literal[tuple(allowed)]

    def check(value: Json) -> Json:
        if not any(same(value, item) for item in allowed):
            raise ValueError(f"not one of {', '.join(map(repr, allowed))}"[:200])
        return value

    return Annotated[Any, BeforeValidator(check), Field(json_schema_extra={"enum": allowed})]


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal; unlike in Python, true is not 1."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def _object(schema: Mapping[str, Json], name: str) -> Any:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if not properties:
        return dict[str, Any]
    if (
        not isinstance(properties, dict)
        or not isinstance(required, list)
        or schema.get("additionalProperties", False) is not False
    ):
        raise TaskError(
            f"{name}: 'properties' is an object, 'required' a list, 'additionalProperties' false: unknown fields are refused"
        )
    if missing := [item for item in required if item not in properties]:
        raise TaskError(f"{name}: {missing[0]!r} is required and no property")
    fields: dict[str, Any] = {}
    for key, inner in properties.items():
        kind = type_of(inner, key)
        extra: Any = {"format": TEXT} if inner.get("format") == TEXT else None
        if key in required:
            fields[key] = (
                kind,
                Field(description=inner.get("description"), json_schema_extra=extra),
            )
        elif not _allows_null(inner):
            raise TaskError(
                f'{key!r} is not required, so it has to allow null: "type": [..., "null"]'
            )
        else:
            fields[key] = (
                kind,
                Field(None, description=inner.get("description"), json_schema_extra=extra),
            )
    return create_model(
        name, __config__=ConfigDict(extra="forbid", protected_namespaces=()), **fields
    )


def _check_keywords(
    schema: Mapping[str, Json], allowed: set[str] | frozenset[str], name: str
) -> None:
    for key in schema:
        if key not in allowed and key not in ANNOTATIONS:
            near = difflib.get_close_matches(key, [*allowed, *ANNOTATIONS], n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(allowed))}"
            raise TaskError(f"{name}: {key!r} is not understood here; {hint}")


def _items(values: Json, key: str, name: str) -> list[Json]:
    if not isinstance(values, list) or not values:
        raise TaskError(f"{name}: {key!r} is a list of one or more values; got {values!r:.60}")
    return values


def faults_of(error: ValidationError) -> list[str]:
    """What is wrong with a value, a line each: where, what, and what came."""
    found = []
    for item in error.errors():
        where = ".".join(
            str(part)
            for part in item["loc"]
            if not str(part).startswith(("literal[", "list[", "function-"))
        )
        if item["type"] == "extra_forbidden":
            found.append(f"field {where!r} is not in the schema")
            continue
        message = item["msg"].removeprefix("Value error, ")
        got = "" if item["type"] == "missing" else f"; got {item['input']!r:.60}"
        found.append(
            f"{f'field {where!r}: ' if where else ''}{message[0].lower()}{message[1:]}{got}"
        )
    return list(dict.fromkeys(found))
