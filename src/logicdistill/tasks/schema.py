"""JSON Schema (2020-12) of states and actions: checked by a library, proposed from states."""

from __future__ import annotations

import contextlib
import copy
import difflib
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError

from logicdistill.errors import InvalidStateError, LogicDistillError, TaskError
from logicdistill.pictures import IMAGE, check, picture_value
from logicdistill.protocols import Task
from logicdistill.tasks.kinds import is_code, is_personal, names_one, time_kind
from logicdistill.tasks.naming import is_parameter
from logicdistill.types import Json

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT = "text"
"""``format`` of free text."""

DEEPEST = 50
"""Levels of lists and objects in a value at most."""

SMALLEST, LARGEST = -(2**63), 2**64 - 1
"""Whole numbers that JSON readers of other languages take."""

FAULTS_SHOWN = 3
VALUES_SHOWN = 20
EXAMPLES = 12
"""So many different strings at most are shown, if each was seen `SEEN` times on average."""

SEEN = 3
LONG = 40
"""A string longer than this, with a space in it, is free text."""

_HALF = re.compile("[\ud800-\udfff]")
_MASK = "\0"
_KINDS = {type(None): "null", bool: "boolean", str: "string", list: "array", dict: "object"}
_META = jsonschema_rs.Draft202012Validator(
    {
        "$id": "urn:logicdistill:schema",
        "$dynamicAnchor": "meta",
        "$ref": DRAFT,
        "patternProperties": {"^x-": True},
        "unevaluatedProperties": False,
    },
    mask=_MASK,
    offline=True,
)
"""Of schemas. The draft ignores unknown keywords; here they are refused, as most are misspelt."""

_FORMATS = {
    name: jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True, offline=True)
    for name in ("date", "date-time")
}


class Schema:
    """A compiled JSON Schema (``source``).

    Raises:
        TaskError: it is no JSON Schema, or has an unknown keyword; all faults in one line.
    """

    def __init__(self, source: Json) -> None:
        self.source = source
        if faults := _schema_faults(source):
            raise TaskError("; ".join(faults))
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                source, mask=_MASK, validate_formats=True, offline=True
            )
        except ValidationError as error:  # such as a $ref that leads nowhere
            raise TaskError(error.message.replace(_MASK, _shown(error.instance))) from None

    def faults(self, value: Json) -> list[str]:
        """What is wrong with a value, a line each: where, what came, what is allowed."""
        if (fault := no_json(value)) is not None:
            return [fault]
        return (
            [] if self._validator.is_valid(value) else _lines(*self._validator.iter_errors(value))
        )


class StateSchema(Schema):
    """The schema of a state: an object that refuses unknown fields.

    Attributes:
        names: the fields.
        defaults: values of the fields that a state may leave out.
        pictures: the fields that hold pictures (``"format": "image"``), or null where they may.

    Raises:
        TaskError: no schema of such an object, a field that no function can take as a parameter, or
            a picture inside a field.
    """

    def __init__(self, source: Json) -> None:
        super().__init__(source)
        fields = source.get("properties") if isinstance(source, dict) else None
        if not fields or source.get("type") != "object":
            raise TaskError("the schema of a state has 'type': 'object' and 'properties'")
        if source.get("additionalProperties") is not False:
            raise TaskError("a state has no unknown fields: write 'additionalProperties': false")
        if bad := [name for name in fields if not is_parameter(name)]:
            raise TaskError(
                f"field {bad[0]!r}: functions take it as a parameter, so it has to be a Python name"
                " such as 'weight_kg'"
            )
        self.names = tuple(fields)
        self.pictures = tuple(name for name, field in fields.items() if is_picture(field))
        if str(source).count(f"'format': '{IMAGE}'") > len(self.pictures):
            raise TaskError(f"a picture ('format': '{IMAGE}') is a field of the state itself")
        optional = {name: fields[name] for name in fields if name not in source.get("required", ())}
        self.defaults = {
            name: field.get("default") if isinstance(field, dict) else None
            for name, field in optional.items()
        }
        for error in self._validator.iter_errors(self.defaults):
            if error.instance_path:
                raise TaskError(
                    f"field {str(error.instance_path[0])!r} is not required: give it a 'default',"
                    f" or let it be null ({_said(error)[0]})"
                )

    def faults(self, value: Json) -> list[str]:
        """See `Schema.faults`; pictures are looked at as well, by their headers."""
        if found := self._no_pictures(value) or super().faults(value):
            return found
        seen = [(name, value[name]) for name in self.pictures if value.get(name) is not None]
        return [f"field {name!r}: {why}" for name, one in seen if (why := check(one)) is not None]

    def _no_pictures(self, value: Json) -> list[str]:
        """Why bytes, an array or an image of Pillow is no picture that is allowed, a line each."""
        found = []
        for name in self.pictures if isinstance(value, dict) else ():
            if not isinstance(value.get(name), (str, int, float, list, dict, type(None))):
                try:
                    picture_value(value[name])
                except LogicDistillError as error:
                    found.append(f"field {name!r}: {error}")
        return found

    def filled(self, state: Mapping[str, Json]) -> dict[str, Json]:
        """The state with the defaults of the fields that it lacks; names as `composed`.

        A picture may be what `logicdistill.pictures.picture_value` takes.
        """
        state = composed(state)
        lacking = {name: value for name, value in self.defaults.items() if name not in state}
        found = {**state, **copy.deepcopy(lacking)}
        for name in self.pictures:
            if found.get(name) is not None and not isinstance(found[name], str):
                with contextlib.suppress(LogicDistillError):  # `faults` says why
                    found[name] = picture_value(found[name])
        return found


def is_path(value: Json) -> bool:
    """Whether the value of a field that holds pictures is the path of one."""
    return isinstance(value, str) and not value.startswith("data:")


def with_picture_files(
    schema: StateSchema, state: Mapping[str, Json], folder: Path
) -> Mapping[str, Json]:
    """The state with the pictures whose paths it names, relative to a folder.

    Raises:
        LogicDistillError: a file cannot be read, or is no picture.
    """
    paths = [name for name in schema.pictures if is_path(state.get(name))]
    found = dict[str, str]()
    for name in paths:
        try:
            found[name] = picture_value(folder / state[name])
        except InvalidStateError as error:
            raise InvalidStateError(f"{state[name]}: {error}") from None
    return {**state, **found}


def composed(state: Mapping[str, Json]) -> Mapping[str, Json]:
    """The state with each letter of its fields' names as one character, as Python reads names.

    Some programs write ``ö`` as two, which look the same. Where that makes two fields one, nothing
    changes.
    """
    if all(map(str.isascii, state)):
        return state
    found = {unicodedata.normalize("NFC", name): value for name, value in state.items()}
    return found if len(found) == len(state) else state


_compiled: dict[int, StateSchema] = {}


def state_schema(task: Task) -> StateSchema:
    """The compiled schema of a task's states.

    Raises:
        TaskError: see `StateSchema`.
    """
    source = task.state_schema
    found = _compiled.get(id(source))
    if found is None or found.source is not source:  # an id is used again after its object is gone
        if len(_compiled) >= 64:
            _compiled.clear()
        found = _compiled[id(source)] = StateSchema(source)
    return found


def check_state(task: Task, state: Mapping[str, Json], where: str = "") -> dict[str, Json]:
    """The state with its defaults filled in; ``where`` begins a refusal, such as ``line 3: ``.

    Raises:
        InvalidStateError: what is wrong, in one line.
    """
    if not isinstance(state, Mapping):
        raise InvalidStateError(f"{where}a state is a JSON object; got {type(state).__name__}")
    schema = state_schema(task)
    found = schema.filled(state)
    if faults := schema.faults(found):
        shown = faults[:FAULTS_SHOWN]
        if more := len(faults) - len(shown):
            shown.append(f"and {more} more")
        known = f"a state of {task.id} has: {', '.join(schema.names)}"
        raise InvalidStateError(f"{where}{'; '.join([*shown, known])}")
    if (reason := task.impossible(found)) is not None:
        raise InvalidStateError(f"{where}{reason}")
    return found


def infer_schema(
    states: Sequence[Mapping[str, Json]],
    text: Sequence[str] = (),
    shown: Sequence[Mapping[str, Json]] | None = None,
    pictures: Sequence[str] = (),
) -> dict[str, Json]:
    """A proposal for the schema of such states, for a person to correct.

    A field that some states lack is optional and null by default. Where few different strings were
    seen, ``examples`` lists them; others are allowed. Dates, times, ids and people are never
    listed.
    A field whose every text is a date or a time of RFC 3339 has to stay one (``format``). Long
    strings and the fields that ``text`` names are free text (``"format": "text"``); those that
    ``pictures`` names are pictures (``"format": "image"``). Types are those
    of all states; values are listed from the states ``shown`` alone, by default from all.
    """
    properties: dict[str, Json] = {}
    for name in dict.fromkeys(name for state in states for name in state):
        field = _infer([state.get(name) for state in states])
        if name in text:
            field = {"type": field["type"], "format": TEXT}
        if name in pictures:
            field = {"type": field["type"], "format": IMAGE}
        if is_personal(name):
            field.pop("examples", None)
        if any(name not in state for state in states):
            field["default"] = None
        properties[name] = field
    if shown is not None:
        _show_examples_of({"properties": properties}, infer_schema(shown, text))
    required = [name for name, field in properties.items() if "default" not in field]
    form = {"$schema": DRAFT, "type": "object", "properties": properties, "required": required}
    return {**form, "additionalProperties": False}


def is_text(schema: Json) -> bool:
    """Whether a field's schema says that it is free text."""
    return isinstance(schema, dict) and schema.get("format") == TEXT


def is_picture(schema: Json) -> bool:
    """Whether a field's schema says that it is a picture."""
    return isinstance(schema, dict) and schema.get("format") == IMAGE


def type_of(value: Json) -> str:
    """The type of a value in the words of JSON Schema; whole numbers are numbers."""
    return _KINDS.get(type(value), "number")


def make_optional(schema: dict[str, Json], names: Sequence[str]) -> None:
    """Let states lack these fields, which are then null."""
    for name in names:
        field = schema["properties"][name]
        kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
        field["type"] = sorted({*kinds, "null"}) if kinds != ["null"] else "null"
        field["default"] = None
    schema["required"] = [name for name in schema["required"] if name not in names]


def time_format(values: Sequence[str]) -> str | None:
    """``date`` or ``date-time``, where every text is one as JSON Schema has it."""
    for name, validator in _FORMATS.items():
        if values and all(map(validator.is_valid, values)):
            return name
    return None


def _infer(values: Sequence[Json]) -> dict[str, Json]:
    kinds = sorted(set(map(type_of, values)))
    schema: dict[str, Json] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    strings = [value for value in values if isinstance(value, str)]
    if any(len(value) > LONG and " " in value for value in strings):
        schema["format"] = TEXT
    elif (form := time_format(strings)) is not None:
        schema["format"] = form
    elif strings and _are_few(known := sorted(set(strings)), len(strings)):
        schema["examples"] = known
    if items := [item for value in values if isinstance(value, list) for item in value]:
        schema["items"] = _infer(items)
    objects = [value for value in values if isinstance(value, dict)]
    # An object with other keys each time is a table of its own, not a record with fields.
    if objects and objects[0] and all(value.keys() == objects[0].keys() for value in objects):
        schema["properties"] = {key: _infer([one[key] for one in objects]) for key in objects[0]}
        schema["required"] = list(objects[0])
    return schema


def _are_few(known: Sequence[str], strings: int) -> bool:
    """Whether different strings may be all there are; dates, times, ids and people never are."""
    few = len(known) <= min(EXAMPLES, strings / SEEN)
    if not few or any(time_kind(value) or is_code(value) for value in known):
        return False
    return sum(map(names_one, known)) <= len(known) / 2


def _show_examples_of(schema: dict[str, Json], other: Mapping[str, Json]) -> None:
    """Replace the listed examples, at every level, by those of another proposal."""
    schema.pop("examples", None)
    if "examples" in other:
        schema["examples"] = other["examples"]
    if "items" in schema:
        _show_examples_of(schema["items"], other.get("items", {}))
    for key, inner in schema.get("properties", {}).items():
        _show_examples_of(inner, other.get("properties", {}).get(key, {}))


def _schema_faults(source: Json) -> list[str]:
    if (fault := no_json(source)) is not None:
        return [fault]
    errors = list(_META.iter_errors(source))
    unknown = [error for error in errors if error.kind.name == "unevaluatedProperties"]
    if len(unknown) < len(errors):
        return _lines(*(error for error in errors if error not in unknown))
    at = [error.instance_path for error in unknown]
    return [
        f"{_at(path)}{name!r} is no keyword of JSON Schema 2020-12"
        for path, error in zip(at, unknown, strict=True)
        for name in error.kind.value
        # A known keyword with an unknown one below it is listed too.
        if not any(other[: len(path) + 1] == [*path, name] for other in at)
    ]


def each_key_once(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    """An object of JSON, as ``object_pairs_hook``; readers differ in which of two values they take.

    Raises:
        InvalidStateError: a key stands twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise InvalidStateError(f"two keys {counts.most_common(1)[0][0][:80]!r}")
    return found


def no_json(value: Any) -> str | None:
    """What in the value is no JSON that every reader takes, in one line."""
    found = _not_plain(value, DEEPEST)
    return None if found is None else f"{_at(found[:0:-1])}{found[0]}"


def _not_plain(value: Any, room: int) -> list[Any] | None:
    """None for plain JSON; otherwise the fault and the path to it, from its end."""
    kind = type(value)
    if kind is str:
        return ["holds half of a Unicode character"] if _HALF.search(value) else None
    if kind is int:
        return None if SMALLEST <= value <= LARGEST else ["a whole number beyond 64 bits"]
    if kind is float:
        return None if math.isfinite(value) else [f"{json.dumps(value)} is no JSON value"]
    if kind is bool or value is None:
        return None
    if kind is not dict and kind is not list:
        return [f"{kind.__name__} is no JSON value"]
    if not room:
        return [f"more than {DEEPEST} levels deep"]
    if kind is dict and any(type(key) is not str or _HALF.search(key) for key in value):
        return ["a key is no text"]
    for key, inner in value.items() if kind is dict else enumerate(value):
        if type(inner) is str and inner.isascii():
            continue  # most values are; this spares them the call
        if (found := _not_plain(inner, room - 1)) is not None:
            return [*found, key]
    return None


def _lines(*errors: ValidationError) -> list[str]:
    """Errors of the library, each different line once: where, what came, what is allowed."""
    return list(dict.fromkeys(line for error in errors for line in _said(error)))


def _said(error: ValidationError) -> list[str]:
    where, came = _at(error.instance_path), _shown(error.instance)
    match error.kind.name:
        case "required":
            return [f"{_field([*error.instance_path, error.kind.value])} is missing"]
        case "additionalProperties" | "unevaluatedProperties":
            paths = [[*error.instance_path, name] for name in error.kind.value]
            return [f"{_field(path)} is not in the schema" for path in paths]
        case "const" | "enum":
            return [_not_listed(error, _values(error))]
        case "anyOf" | "oneOf" if all(error.kind.value):
            return _closest(error, error.kind.value)
    said = error.message if _MASK in error.message else f"{error.message}; got {_MASK}"
    return [where + said.replace(_MASK, came)]


def _closest(error: ValidationError, branches: Sequence[Sequence[ValidationError]]) -> list[str]:
    """The faults in the alternative that was most likely meant; where several are, in one line."""

    def distance(branch: Sequence[ValidationError]) -> tuple[bool, bool]:
        """Another fixed value below, such as a tool's name, is farther than another type here."""
        wrong = [e for e in branch if e.kind.name in ("const", "enum", "type")]
        here = [e for e in wrong if e.instance_path == error.instance_path]
        return any(e.kind.name != "type" for e in wrong if e not in here), bool(here)

    nearest = min(map(distance, branches))
    likely = [branch for branch in branches if distance(branch) == nearest]
    fixed = [[e for e in branch if e.kind.name in ("const", "enum")] for branch in likely]
    if all(fixed) and len({tuple(found[0].instance_path) for found in fixed}) == 1:
        return [_not_listed(fixed[0][0], [value for found in fixed for value in _values(found[0])])]
    lines = _lines(*(error for branch in likely for error in branch))
    return lines if len(likely) == 1 else ["; or ".join(lines[:FAULTS_SHOWN])]


def _values(error: ValidationError) -> list[Json]:
    value = error.kind.value
    return list(value) if error.kind.name == "enum" else [value]


def _not_listed(error: ValidationError, allowed: Sequence[Json]) -> str:
    """What came, and what is allowed; of many values those that are most like it."""
    listed = ", ".join(map(_shown, allowed)) or "(none)"
    if len(allowed) > VALUES_SHOWN:
        texts = {str(value): value for value in allowed}
        near = difflib.get_close_matches(str(error.instance), texts, n=3, cutoff=0)
        listed = f"{len(allowed)} values such as {', '.join(_shown(texts[text]) for text in near)}"
    return f"{_at(error.instance_path)}{_shown(error.instance)} is not one of {listed}"


def _field(path: Sequence[str | int]) -> str:
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return f"field {steps.removeprefix('.')!r:.100}"


def _at(path: Sequence[str | int]) -> str:
    return f"{_field(path)}: " if path else ""


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
