"""The folder of a record task: read, with every fault by file and line."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from logicdistill.errors import TaskError
from logicdistill.files import write_atomic
from logicdistill.tasks.record_schema import faults_of, infer_schema, one_of, state_model, type_of
from logicdistill.types import Json

FILES = ("task.toml", "rules.md", "states.jsonl", "schema.json")
Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
_ITEM = re.compile(r"^(\d+)[.)]\s+(\S.*)$")
_LISTED = re.compile(r"^\s*(?:[-*+•]|(\d+[.)]))(?:\s|$)")
_KEYS = ("state", "action", "split", "id")


class RecordSettings(BaseModel):
    """What ``task.toml`` says.

    Attributes:
        id: id of the task, with its version.
        title: one line for listings.
        actions: the allowed actions, or a JSON Schema of an action.
        fallback: the action where no function can be chosen.
        text: fields of the state that are free text; long ones are found without being named.
        samples: states that a teacher is shown; without any, the first training states.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    id: str
    title: str
    actions: list[Json] | dict[str, Json]
    fallback: Json
    text: list[str] = []
    samples: list[dict[str, Json]] = []


@dataclass(frozen=True, slots=True)
class Record:
    """One line of ``states.jsonl``.

    Attributes:
        id: as given, or ``line 17``.
        state: as the schema reads it.
        split: as given, or by a hash of the state.
        action: the right action, where ``known``.
        known: whether a right action is given.
        line: number of the line.
    """

    id: str
    state: dict[str, Json]
    split: Split
    action: Json
    known: bool
    line: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file, and what to do; ``line`` 0 stands for the whole file."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


@dataclass(slots=True)
class RecordFolder:
    """What the folder holds; complete where there are no ``faults``.

    Attributes:
        path: the folder.
        settings: see `RecordSettings`; None where they cannot be read.
        rules: sentence by sentence.
        schema: JSON Schema of a state.
        model: pydantic model of a state.
        action_type: validates an action.
        records: lines of ``states.jsonl``.
        faults: everything that is wrong.
    """

    path: Path
    settings: RecordSettings | None = None
    rules: tuple[str, ...] = ()
    schema: dict[str, Json] = field(default_factory=dict)
    model: type[BaseModel] | None = None
    action_type: TypeAdapter[Any] | None = None
    records: tuple[Record, ...] = ()
    faults: list[Fault] = field(default_factory=list)


def read_folder(path: Path) -> RecordFolder:
    """Everything that the folder says, and every fault; ``schema.json`` is written where there is none and the states are sound."""
    found = RecordFolder(path)
    texts = {name: _text(found, name) for name in FILES[:3]}
    if texts["task.toml"] is not None:
        _read_settings(found, texts["task.toml"])
    if texts["rules.md"] is not None:
        _read_rules(found, texts["rules.md"])
    if texts["states.jsonl"] is not None:
        _read_states(found, texts["states.jsonl"])
    return found


def _text(found: RecordFolder, name: str) -> str | None:
    try:
        return (found.path / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        found.faults.append(
            Fault(name, 0, "is missing; 'logicdistill new' makes a folder that has it")
        )
    except UnicodeDecodeError as error:
        found.faults.append(
            Fault(
                name,
                error.object[: error.start].count(b"\n") + 1,
                "not UTF-8 text; convert the file",
            )
        )
    except OSError as error:
        found.faults.append(Fault(name, 0, f"cannot be read: {error.strerror or error}"))
    return None


def _read_settings(found: RecordFolder, text: str) -> None:
    def fault(key: str, what: str) -> None:
        lines = [
            number
            for number, line in enumerate(text.splitlines(), start=1)
            if re.match(rf"\s*\[?{re.escape(key)}\b", line)
        ]
        found.faults.append(Fault("task.toml", lines[0] if lines else 0, what))

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        found.faults.append(Fault("task.toml", int(at[1]) if at else 0, f"not TOML: {error}"))
        return
    try:
        settings = RecordSettings.model_validate(values)
    except ValidationError as error:
        fields = list(RecordSettings.model_fields)
        for key, kind, message in dict.fromkeys(
            (str(item["loc"][0]), item["type"], item["msg"]) for item in error.errors()
        ):
            if kind == "missing":
                fault(key, f"{key!r} is missing; add a line '{key} = ...'")
            elif kind == "extra_forbidden":
                near = difflib.get_close_matches(key, fields, n=1)
                fault(
                    key,
                    f"{key!r} is no setting; {f'did you mean {near[0]!r}?' if near else 'there are: ' + ', '.join(fields)}",
                )
            else:
                fault(key, f"{key}: {message.lower()}")
        return
    found.settings = settings
    name, _, version = settings.id.rpartition("-v")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", name) or not version.isdigit():
        fault(
            "id",
            f"id {settings.id!r}: letters, digits, '-' and '_', and a version at the end, such as 'parcels-v1'",
        )
    try:
        actions = settings.actions
        found.action_type = TypeAdapter(
            one_of(actions, "actions") if isinstance(actions, list) else type_of(actions, "actions")
        )
        if why := refusal(found.action_type, settings.fallback):
            fault("fallback", f"fallback is no allowed action: {why}")
        nonsense: tuple[Json, ...] = (None, "\x00", {"no": "action"}, [], -(10**9))
        for value in nonsense:
            if refusal(found.action_type, value) is None:
                fault(
                    "actions",
                    f"lets {value!r} pass as an action; narrow it (enum, pattern, minimum, minItems, required)",
                )
    except TaskError as error:
        fault("actions", str(error))


def refusal(kind: TypeAdapter[Any], value: Json) -> str | None:
    """None for a value of the type, otherwise what is wrong, in one line."""
    try:
        kind.validate_python(value, strict=True)
    except ValidationError as error:
        return faults_of(error)[0]
    return None


def _read_rules(found: RecordFolder, text: str) -> None:
    """Rules are the numbered items of the file, each with the lines that follow it without a blank line; all else is comment.

    A bullet or an indented or empty number is a fault wherever it stands: whether an item below a rule is a rule of its own, only the
    writer knows.
    """
    rules: list[list[str]] = []
    lines: list[int] = []
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        item = _ITEM.match(line)
        if item is not None:
            rules.append([item[2]])
            lines.append(number)
            inside = True
            if int(item[1]) != len(rules):
                what = f"rule {item[1]} stands in place {len(rules)}; number the rules 1, 2, 3 ..., for manuals cite them by number"
                found.faults.append(Fault("rules.md", number, what))
        elif not line.strip() or line.startswith("#"):
            inside = False
        elif listed := _LISTED.match(line):
            what = "an indented or empty number" if listed[1] else "a bullet"
            way_out = "number it, such as '3. ...', at the line's beginning, or write it into the sentence of a rule"
            found.faults.append(Fault("rules.md", number, f"{what} is no rule; {way_out}"))
            inside = False
        elif inside:
            rules[-1].append(line.strip())
    found.rules = tuple(" ".join(" ".join(rule).split()) for rule in rules)
    for number, rule in zip(lines, found.rules, strict=True):
        if not rule.endswith((".", "!", "?")):
            found.faults.append(
                Fault("rules.md", number, "a rule is a whole sentence; end it with a full stop")
            )
    if not rules:
        found.faults.append(
            Fault(
                "rules.md",
                0,
                "has no rule; rules are numbered items such as '1. A parcel over 20 kg goes to freight.'",
            )
        )


def _read_states(found: RecordFolder, text: str) -> None:
    def fault(line: int, what: str) -> None:
        found.faults.append(Fault("states.jsonl", line, what))

    before = len(found.faults)
    rows: list[tuple[int, dict[str, Json]]] = []
    ids: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if (
            line.strip()
            and (row := _read_line(line, lambda what, number=number: fault(number, what)))  # type: ignore[misc]
            is not None
        ):
            rows.append((number, row))
            given = row.get("id")
            if given is not None and ids.setdefault(given, number) != number:
                fault(
                    number,
                    f"id {given!r} is that of line {ids[given]} already; give another one, or none",
                )
    if not rows:
        if len(found.faults) == before:
            fault(0, 'has no state; write one a line: {"state": {...}, "action": ...}')
        return
    _read_schema(found, [row["state"] for _, row in rows], infer=len(found.faults) == before)
    if found.settings is not None and found.model is not None:
        for sample in found.settings.samples:
            try:
                found.model.model_validate(sample, strict=True)
            except ValidationError as error:
                found.faults.append(Fault("task.toml", 0, f"samples: {faults_of(error)[0]}"))
    records = []
    for number, row in rows:
        known = "action" in row
        if (
            known
            and found.action_type is not None
            and (why := refusal(found.action_type, row["action"]))
        ):
            fault(number, f"action: {why}; correct it, or allow it in task.toml")
        if found.model is None:
            continue
        try:
            state = found.model.model_validate(row["state"], strict=True).model_dump(mode="json")
        except ValidationError as error:
            for what in faults_of(error):
                fault(number, f"state: {what}; correct it, or the schema in schema.json")
            continue
        name, split = row.get("id") or f"line {number}", row.get("split") or split_of(state)
        records.append(Record(name, state, split, row.get("action"), known, number))
    found.records = tuple(records)
    if len(found.faults) == before and not any(record.split == "test" for record in records):
        fault(0, 'no state is of split \'test\'; add states, or give some of them "split": "test"')
    if len(found.faults) == before and not any(record.split == "train" for record in records):
        fault(
            0, 'no state is of split \'train\'; add states, or give some of them "split": "train"'
        )


def _read_line(line: str, fault: Callable[[str], None]) -> dict[str, Json] | None:
    try:
        row = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        fault(f"not JSON: {error}; write one object a line")
        return None
    if not isinstance(row, dict) or not isinstance(row.get("state"), dict):
        fault('a line is an object with a \'state\' object: {"state": {...}, "action": ...}')
        return None
    fine = True
    for key in row:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            fault(
                f"key {key!r} is not known; {f'did you mean {near[0]!r}?' if near else 'there are: ' + ', '.join(_KEYS)}"
            )
            fine = False
    if row.get("split", "test") not in SPLITS:
        fault(f"split {row['split']!r} is not known; it is one of: {', '.join(SPLITS)}")
        fine = False
    if not isinstance(row.get("id", ""), str):
        fault(f"id {row['id']!r} is no text; write it in quotes")
        fine = False
    return cast(dict[str, Json], row) if fine else None


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON value")


def _read_schema(found: RecordFolder, states: Sequence[Mapping[str, Json]], infer: bool) -> None:
    file = found.path / "schema.json"
    if not file.exists():
        if not infer or found.settings is None:
            return
        text = found.settings.text
        if unknown := [name for name in text if not any(name in state for state in states)]:
            found.faults.append(Fault("task.toml", 0, f"text: no state has a field {unknown[0]!r}"))
            return
        schema = infer_schema(states, text)
        try:
            found.model, found.schema = state_model(schema), schema
        except TaskError as error:
            found.faults.append(Fault("states.jsonl", 0, str(error)))
            return
        write_atomic(file, json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        return
    content = _text(found, "schema.json")
    if content is None:
        return
    try:
        found.schema = json.loads(content)
        found.model = state_model(found.schema)
    except (json.JSONDecodeError, RecursionError) as error:
        at = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        found.faults.append(
            Fault(
                "schema.json",
                at,
                f"not JSON: {error}; correct it, or delete the file: it is made anew",
            )
        )
    except TaskError as error:
        found.faults.append(
            Fault("schema.json", 0, f"{error}; or delete the file: it is made anew")
        )


def split_of(state: Mapping[str, Json]) -> Split:
    """Six of ten states are for training, one for validation, three for the test; by a hash, so that equal states stay together."""
    number = (
        int(hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:8], 16) % 10
    )
    return "train" if number < 6 else "validation" if number < 7 else "test"
