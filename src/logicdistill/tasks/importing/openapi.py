"""The operations of an API, from its OpenAPI description (3.0 and 3.1, JSON), as tools."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from logicdistill.errors import TaskError, one_line
from logicdistill.files import read_text
from logicdistill.tasks.importing.actions import count_of
from logicdistill.tasks.importing.plain import Resolver, some_shown
from logicdistill.tasks.importing.tools import Tool, Tools, check_count
from logicdistill.types import Json

LARGEST = 20_000_000
"""Bytes of a description at most."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
VERSIONS = ("3.0", "3.1")
BODY = "body"
"""The argument for a body that is no object with fields."""

_MEDIA = (
    re.compile(r"application/json\b"),
    re.compile(r"[\w.*-]+/(?:[\w.-]+\+json|\*)"),
    re.compile(r"application/x-www-form-urlencoded\b|multipart/form-data\b"),
    re.compile(""),
)
"""Of several forms of a body the first that one of these finds is taken."""

_OBJECT = {"type", "properties", "required", "additionalProperties", "description"}
_CONVERT = (
    "python -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, "
    "default=str)' < api.yaml > api.json"
)


def read_openapi(file: Path) -> Tools:
    """The operations of a description.

    Path and query parameters and the fields of a JSON body are arguments. Header and cookie
    parameters are left to the caller.

    Raises:
        StorageError: the file cannot be read.
        TaskError: it is no OpenAPI 3.0 or 3.1 in JSON, or a reference in it leads nowhere.
    """
    document = _document(file)
    info = document.get("info")
    title = info.get("title") if isinstance(info, dict) else None
    source = one_line(title)[:80] if isinstance(title, str) and title.strip() else file.name
    resolver = Resolver(document, str(document["openapi"])[:3])
    reader = _Reader(resolver)
    try:
        tools = list(reader.tools(document))
    except TaskError as error:
        raise TaskError(f"{file}: {error}") from None
    found = Tools(source, tools)
    read = count_of(len(tools), "operation")
    found.say("read", f"{file.name}: OpenAPI {one_line(str(document['openapi']))[:20]}; {read}")
    if reader.outside:
        names = some_shown(dict.fromkeys(reader.outside))
        found.say("left out", f"headers and cookies, which the caller sets: {names}")
    for note in resolver.notes:
        found.say("note", note)
    return found


def _document(file: Path) -> dict[str, Any]:
    try:
        size = file.stat().st_size
    except OSError:
        size = 0  # reading says why
    if size > LARGEST:
        raise TaskError(f"{file} has {size:,} bytes; a description has at most {LARGEST:,}")
    text = read_text(file)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip()[:1] not in ("{", "["):
            raise TaskError(f"{file} is no JSON; convert YAML first: {_CONVERT}") from None
        raise TaskError(f"{file} is no JSON: {one_line(error)}; correct it") from None
    if isinstance(found, dict) and "swagger" in found and "openapi" not in found:
        old = one_line(str(found["swagger"]))[:20]
        raise TaskError(f"{file} is Swagger {old}; convert it to OpenAPI 3.0 or 3.1 first")
    if not isinstance(found, dict) or not isinstance(version := found.get("openapi"), str):
        raise TaskError(f"{file} has no 'openapi' with a version; give an OpenAPI 3.0 or 3.1 file")
    if not re.match(r"3\.[01](?:\.|$)", version):
        known = " and ".join(VERSIONS)
        raise TaskError(f"{file} is OpenAPI {one_line(version)[:20]}; {known} can be read")
    return found


class _Reader:
    """Reads operations; ``outside`` names the parameters that are no arguments."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._names: set[str] = set()
        self.outside: list[str] = []

    def tools(self, document: Mapping[str, Json]) -> Iterator[Tool]:
        """Every operation, in the order of the file."""
        items = [(p, self._resolver.found(one)) for p, one in _items(document.get("paths"))]
        listed = [
            (method, path, item, operation)
            for path, item in items
            for method, operation in _items(item)
            if method in METHODS and isinstance(operation, dict)
        ]
        check_count(len(listed))  # before schemas are resolved that nobody will use
        for one in listed:
            yield self._tool(*one)

    def _tool(
        self, method: str, path: str, item: dict[str, Json], operation: dict[str, Json]
    ) -> Tool:
        name = self._name(operation.get("operationId"), method, path)
        texts = (operation.get(key) for key in ("summary", "description"))
        says = next((t for text in texts if isinstance(text, str) and (t := one_line(text))), "")
        try:
            arguments = self._arguments(item, operation)
        except TaskError as error:
            raise TaskError(f"{name}: {error}") from None
        return Tool(name, says, arguments, f"{method.upper()} {one_line(path)}")

    def _name(self, given: Json, method: str, path: str) -> str:
        """Its operationId, or what method and path make; each once."""
        name = given.strip() if isinstance(given, str) else ""
        if not name or not name.isprintable() or len(name) > 100:
            name = re.sub("[^A-Za-z0-9]+", "_", f"{method} {path}").strip("_")[:100]
        number, first = 1, name
        while name in self._names:
            number += 1
            name = f"{first}_{number}"
        self._names.add(name)
        return name

    def _arguments(self, item: dict[str, Json], operation: dict[str, Json]) -> dict[str, Json]:
        properties: dict[str, Json] = {}
        required: list[Json] = []
        more: Json = False
        for name, place, schema, needed in self._parameters(item, operation):
            key = _free(name, place, properties)
            renamed = {"x-name": name} if key != name else {}
            properties[key] = {**schema, "x-in": place, **renamed}
            required += [key] if needed else []
        if (body := self._body(operation)) is not None:
            media, schema, needed = body
            marks = {"x-in": BODY}
            if not media.startswith("application/json"):
                marks["x-media-type"] = media
            fields = _as_object(schema)
            if fields is None or properties.keys() & fields["properties"].keys():
                key = _free(BODY, BODY, properties)
                properties[key] = {**_table(schema), **marks}
                required += [key] if needed else []
            else:
                more = fields.get("additionalProperties", False)
                asked = [name for name in fields.get("required", []) if isinstance(name, str)]
                for name, one in {**dict.fromkeys(asked), **fields["properties"]}.items():
                    if one is not False:
                        properties[name] = {**_table(one), **marks}
                required += [name for name in asked if needed and name not in required]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": more,
        }

    def _parameters(
        self, item: dict[str, Json], operation: dict[str, Json]
    ) -> Iterator[tuple[str, str, dict[str, Json], bool]]:
        """Name, place, schema and whether it is needed; the operation's own overrule the path's."""
        found: dict[tuple[str, str], dict[str, Json]] = {}
        for given in (item.get("parameters"), operation.get("parameters")):
            for one in given if isinstance(given, list) else ():
                parameter = self._resolver.found(one)
                if not isinstance(parameter, dict):
                    raise TaskError("a parameter is no object; correct it")
                name, place = parameter.get("name"), parameter.get("in")
                if not isinstance(name, str) or not name or not isinstance(place, str):
                    raise TaskError("a parameter has no 'name' and 'in'; correct it")
                found[place, name] = parameter
        for (place, name), parameter in found.items():
            if place not in ("path", "query"):
                self.outside.append(name)
                continue
            schema = parameter.get("schema")
            if schema is None:  # a parameter that is JSON itself
                schema = next((m.get("schema") for _, m in _media(parameter)), None)
            plain = self._resolver.plain({} if schema is None else schema)
            plain = plain if isinstance(plain, dict) else {}
            said = parameter.get("description")
            if isinstance(said, str) and (said := one_line(said)):
                plain = {**plain, "description": said}
            yield name, place, plain, place == "path" or parameter.get("required") is True

    def _body(self, operation: dict[str, Json]) -> tuple[str, Json, bool] | None:
        """Media type, plain schema and whether it is needed."""
        body = self._resolver.found(operation.get("requestBody"))
        if not isinstance(body, dict) or not (forms := _media(body)):
            return None
        media, form = next(
            (media, form) for known in _MEDIA for media, form in forms if known.match(media)
        )
        schema = self._resolver.plain(form.get("schema", {}))
        return one_line(media), schema, body.get("required") is True


def _free(name: str, place: str, taken: Mapping[str, Json]) -> str:
    """The name, or one with the place before it where an argument has that name."""
    while name in taken:
        name = f"{place}_{name}"
    return name


def _table(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _media(value: Mapping[str, Json]) -> list[tuple[str, dict[str, Json]]]:
    return [(name, one) for name, one in _items(value.get("content")) if isinstance(one, dict)]


def _items(value: Json) -> list[tuple[str, Json]]:
    return list(value.items()) if isinstance(value, dict) else []


def _as_object(schema: Json) -> dict[str, Json] | None:
    """An object's fields, those of ``allOf`` together; None where the schema says more than that.

    The result has ``properties``, and ``required`` and ``additionalProperties`` where given.
    """
    if not isinstance(schema, dict) or schema.get("type", "object") != "object":
        return None
    if schema.keys() <= _OBJECT:
        named = isinstance(schema.get("properties"), dict) and schema["properties"]
        return schema if named and isinstance(schema.get("required", []), list) else None
    if not schema.keys() <= {"allOf", "description", "type"} or not schema["allOf"]:
        return None
    properties: dict[str, Json] = {}
    required: list[Json] = []
    for one in schema["allOf"]:
        part = _as_object(one)
        if part is None or "additionalProperties" in part:
            return None
        if properties.keys() & part["properties"].keys():
            return None
        properties |= part["properties"]
        required += [name for name in part.get("required", []) if name not in required]
    return {"properties": properties, "required": required}
