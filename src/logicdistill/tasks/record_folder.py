"""The folder of a record task: read, with every fault by file and line."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from logicdistill.errors import LogicDistillError, TaskError
from logicdistill.files import write_atomic
from logicdistill.tasks.by_hand import (
    FUNCTIONS,
    MODULE,
    PICTURE_KINDS,
    STAGES,
    ByHand,
    read_by_hand,
)
from logicdistill.tasks.checker import NONSENSE
from logicdistill.tasks.odd import odd_fields
from logicdistill.tasks.rules import read_rules
from logicdistill.tasks.schema import (
    Schema,
    StateSchema,
    composed,
    each_key_once,
    infer_schema,
    is_path,
    is_picture,
    is_text,
    make_optional,
    no_json,
    with_picture_files,
)
from logicdistill.types import Json, same

SETTINGS, RULES, STATES, SCHEMA = "task.toml", "rules.md", "states.jsonl", "schema.json"
FILES = (SETTINGS, RULES, STATES, SCHEMA)
WRITTEN = (STAGES, FUNCTIONS, MODULE)
"""Where a person writes stages and functions."""

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
TASK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
SPLIT_NAMES: dict[str, Split] = {
    **{split: split for split in SPLITS},
    **dict.fromkeys(("training", "fit", "learn"), "train"),
    **dict.fromkeys(("val", "valid", "dev", "development", "eval"), "validation"),
    **dict.fromkeys(("testing", "holdout", "heldout"), "test"),
}
"""What others call the splits, in lower case."""
_KEYS = ("state", "action", "split", "id", "choices")
KEYWORDS = {"$ref", "allOf", "anyOf", "const", "enum", "format", "not", "oneOf", "pattern", "type"}
"""Keywords of JSON Schema that tell a schema of actions from a table of sentences."""

_LINE = '{"state": {...}, "action": ...}'


class RecordSettings(BaseModel):
    """What ``task.toml`` says.

    Attributes:
        actions: the allowed actions, a JSON Schema of an action, or a table that gives for each
            action the sentence that says when it is right.
        fallback: the action where no function can be chosen.
        text: fields of the state that are free text; long ones are found without being named.
        samples: states that a teacher is shown; without any, training states that differ.
        decides_nothing: numbers of the rules that explain and decide nothing, so that no function
            has to cite them; None leaves it to the author.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    id: str
    title: str
    actions: list[Json] | dict[str, Json]
    fallback: Json
    text: list[str] = []
    samples: list[dict[str, Json]] = []
    decides_nothing: list[int] | None = None

    @property
    def handlers(self) -> dict[str, str]:
        """Sentence that says when an action is right, by action; {} where ``actions`` is a list."""
        table = self.actions
        if not isinstance(table, dict) or not table or KEYWORDS.intersection(table):
            return {}
        return table if all(isinstance(text, str) for text in table.values()) else {}

    @property
    def allowed(self) -> dict[str, Json]:
        """JSON Schema of an action."""
        if isinstance(self.actions, list):
            return {"enum": self.actions}
        if handlers := self.handlers:
            listed = any(same(self.fallback, action) for action in handlers)
            return {"enum": [*handlers, *([] if listed else [self.fallback])]}
        return self.actions


@dataclass(frozen=True, slots=True)
class Record:
    """One line of ``states.jsonl``.

    Attributes:
        id: as given, or ``line 17``.
        state: with its defaults.
        split: as given, or by a hash of the state.
        action: the right action, where ``known``.
        choices: by stage, the right function where it is known; None where none is right.
    """

    id: str
    state: dict[str, Json]
    split: Split
    action: Json
    known: bool
    choices: Mapping[str, str | None] = field(default_factory=dict)


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
        settings: None where they cannot be read.
        rules: sentence by sentence.
        states: schema of a state.
        actions: schema of an action.
        records: lines of ``states.jsonl``.
        by_hand: what a person wrote that need not be asked of a teacher.
        pictures: paths of the pictures that the states name.
        notes: what is allowed in the states and yet likely a mistake.
    """

    path: Path
    settings: RecordSettings | None = None
    rules: tuple[str, ...] = ()
    states: StateSchema | None = None
    actions: Schema | None = None
    records: tuple[Record, ...] = ()
    by_hand: ByHand = field(default_factory=ByHand)
    pictures: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, file: str, line: int, what: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(file, line, what))


def read_folder(path: Path, states: bool = True) -> RecordFolder:
    """Everything that the folder says, and every fault.

    ``schema.json`` is written where there is none and the states are sound. Without ``states``,
    ``states.jsonl`` is not read and need not be there; ``schema.json`` has to be.
    """
    found = RecordFolder(path)
    if (settings := _text(found, SETTINGS)) is not None:
        _read_settings(found, settings)
    handlers = found.settings.handlers if found.settings else {}
    if handlers and not (path / RULES).exists():
        found.rules = tuple(_sentence(text) for text in handlers.values())
    elif (rules := _text(found, RULES)) is not None:
        _read_rules(found, rules)
    if not states:
        _read_schema(found)
    elif (recorded := _text(found, STATES)) is not None:
        _read_states(found, recorded)
    if found.states is not None:
        schema, text_of = found.states.source, partial(_text, found)
        found.by_hand = read_by_hand(path, schema, handlers, text_of, found.fault)
    return found


def split_of(state: Mapping[str, Json]) -> Split:
    """Of ten states six are for training, one for validation, three for the test.

    The state's hash decides, so equal states are in one split.
    """
    text = json.dumps(state, sort_keys=True)
    number = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 10
    return "train" if number < 6 else "validation" if number < 7 else "test"


def _text(found: RecordFolder, name: str) -> str | None:
    try:
        return (found.path / name).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        found.fault(name, 0, "is missing; 'logicdistill new' makes a folder that has it")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found.fault(name, line, "not UTF-8 text; convert the file")
    except OSError as error:
        found.fault(name, 0, f"cannot be read: {error.strerror or error}")
    return None


def _read_settings(found: RecordFolder, text: str) -> None:
    def fault(key: str, what: str) -> None:
        at = re.search(rf"^\s*\[?{re.escape(key)}\b", text, flags=re.MULTILINE)
        found.fault(SETTINGS, text[: at.end()].count("\n") + 1 if at else 0, what)

    try:
        settings = RecordSettings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        found.fault(SETTINGS, int(at[1]) if at else 0, f"not TOML: {error}")
        return
    except ValidationError as error:
        for key, message in {str(item["loc"][0]): item["msg"] for item in error.errors()}.items():
            if key not in RecordSettings.model_fields:
                fault(key, f"{key!r} is no setting; {_nearest(key, RecordSettings.model_fields)}")
            elif key == "actions" and message == "Field required":
                form = 'actions = ["pay", "refuse"]'
                objects = "docs/functions.md, 'Actions that are objects', for others than names"
                fault(key, f"{key!r} is missing; add a line such as {form}; see {objects}")
            elif message == "Field required":
                fault(key, f"{key!r} is missing; add a line '{key} = ...'")
            else:
                fault(key, f"{key}: {message}")
        return
    found.settings = settings
    name, _, version = settings.id.rpartition("-v")
    if not TASK_NAME.fullmatch(name) or not version.isdigit():
        form = "letters, digits, '-' and '_', and a version at the end, such as 'parcels-v1'"
        fault("id", f"id {settings.id!r}: {form}")
    try:
        found.actions = Schema(settings.allowed)
    except TaskError as error:
        fault("actions", f"actions: {error}")
        return
    if why := found.actions.faults(settings.fallback):
        fault("fallback", f"fallback is no allowed action: {why[0]}")
    advice = "narrow it (enum, pattern, minimum, minItems, required)"
    for value in NONSENSE:
        if not found.actions.faults(value):
            fault("actions", f"lets {value!r} pass as an action; {advice}")


def _read_rules(found: RecordFolder, text: str) -> None:
    """See `logicdistill.tasks.rules.read_rules`."""
    read = read_rules(text)
    found.rules = read.texts
    for fault in read.faults:
        found.fault(RULES, fault.line, fault.what)


def _read_states(found: RecordFolder, text: str) -> None:
    before = len(found.faults)
    if text.lstrip()[:1] == "[":
        advice = "without brackets and commas; 'logicdistill new NAME --from FILE' reads arrays"
        found.fault(STATES, 1, f"an array; write one object a line, {advice}")
        return
    rows: dict[int, dict[str, Json]] = {}
    ids: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and (row := _read_line(found, number, line)) is not None:
            rows[number] = row
            if (first := ids.setdefault(row.get("id", number), number)) != number:
                what = f"id {row['id']!r} is that of line {first} already"
                found.fault(STATES, number, f"{what}; give another one, or none")
    sound = len(found.faults) == before
    if sound and not rows:
        found.fault(STATES, 0, f"has no state; write one a line: {_LINE}")
    if not rows:
        return
    found.notes += odd_fields({number: row["state"] for number, row in rows.items()}, STATES)
    if (found.path / SCHEMA).exists():
        _read_schema(found)
    elif sound and found.settings is not None:
        _write_schema(found, list(rows.values()), found.settings)
    if found.states is None:
        return
    for number in (found.settings.decides_nothing or []) if found.settings else []:
        if not 1 <= number <= len(found.rules):
            there = f"there are rules 1 to {len(found.rules)}"
            found.fault(SETTINGS, 0, f"decides_nothing names rule {number}; {there}")
    for sample in found.settings.samples if found.settings else ():
        for what in found.states.faults(found.states.filled(sample)):
            found.fault(SETTINGS, 0, f"samples: {what}")
    records = []
    for number, row in rows.items():
        known = "action" in row
        for what in found.actions.faults(row["action"]) if known and found.actions else ():
            found.fault(STATES, number, f"action: {what}; correct it, or allow it in task.toml")
        state = found.states.filled(_with_pictures(found, number, row["state"]))
        for what in (faults := found.states.faults(state)):
            found.fault(STATES, number, f"state: {what}; correct it, or schema.json")
        if not faults:
            name, split = row.get("id") or f"line {number}", row.get("split") or split_of(state)
            choices = row.get("choices", {})
            records.append(Record(name, state, split, row.get("action"), known, choices))
    found.records = tuple(records)
    for split in ("test", "train") if len(found.faults) == before else ():
        if not any(record.split == split for record in records):
            what = f'no state is of split {split!r}; add states, or give some "split": "{split}"'
            found.fault(STATES, 0, what)


def _read_line(found: RecordFolder, number: int, line: str) -> dict[str, Json] | None:
    try:
        row = json.loads(line, object_pairs_hook=each_key_once)
        what = no_json(row)
    except (ValueError, RecursionError) as error:
        what = str(error)
    if what is not None:
        found.fault(STATES, number, f"not JSON: {what}; write one object a line")
        return None
    if not isinstance(row, dict) or not isinstance(row.get("state"), dict):
        found.fault(STATES, number, f"a line is an object with a 'state' object: {_LINE}")
        return None
    row["state"] = composed(row["state"])
    unknown = [key for key in row if key not in _KEYS]
    faults = [f"key {key!r} is not known; {_nearest(key, _KEYS)}" for key in unknown]
    if row.get("split", "test") not in SPLITS:
        meant = SPLIT_NAMES.get(str(row["split"]).lower())
        says = f"did you mean {meant!r}?" if meant else f"it is one of: {', '.join(SPLITS)}"
        faults.append(f"split {row['split']!r} is not known; {says}")
    if type(row.get("id")) is int:
        row["id"] = str(row["id"])
    if not isinstance(row.get("id", ""), str):
        faults.append(f"id {row['id']!r} is no text; write it in quotes")
    choices = row.get("choices", {})
    if not isinstance(choices, dict) or not all(
        name is None or isinstance(name, str) for name in choices.values()
    ):
        faults.append('choices name the right function by stage: {"intent": "wants_refund"}')
    for what in faults:
        found.fault(STATES, number, what)
    return None if faults else cast(dict[str, Json], row)


def _read_schema(found: RecordFolder) -> None:
    if (content := _text(found, SCHEMA)) is None:
        return
    advice = "correct it, or delete the file: it is then written again"
    try:
        found.states = StateSchema(json.loads(content, object_pairs_hook=each_key_once))
    except TaskError as error:
        found.fault(SCHEMA, 0, f"{error}; {advice}")
    except (ValueError, RecursionError) as error:
        found.fault(SCHEMA, getattr(error, "lineno", 0), f"not JSON: {error}; {advice}")
    else:
        _check_text(found, found.states.source["properties"])


def _check_text(found: RecordFolder, fields: Mapping[str, Json]) -> None:
    """The fields that ``text`` names are free text in the schema as well, which alone is read."""
    for name in found.settings.text if found.settings else ():
        if name not in fields:
            found.fault(
                SETTINGS, 0, f"text: no state has a field {name!r}; {_nearest(name, fields)}"
            )
        elif is_picture(fields[name]):
            found.fault(SETTINGS, 0, f"text: field {name!r} holds pictures; take it out")
        elif not is_text(fields[name]):
            what = f'field {name!r} has no "format": "text" in {SCHEMA}'
            advice = f"correct {SCHEMA}, or delete it: it is then written again"
            found.fault(SETTINGS, 0, f"text: {what}; {advice}")


def _write_schema(
    found: RecordFolder, rows: Sequence[Mapping[str, Json]], settings: RecordSettings
) -> None:
    """Write the schema that the training states propose."""
    states = [row["state"] for row in rows]
    blank: dict[str, Json] = dict.fromkeys(name for state in states for name in state)
    splits = [row.get("split") or split_of(blank | row["state"]) for row in rows]
    training = [state for state, split in zip(states, splits, strict=True) if split == "train"]
    pictures = [name for name in blank if _are_pictures(found.path, name, states)]
    schema = infer_schema(states, settings.text, shown=training or states, pictures=pictures)
    before = len(found.faults)
    _check_text(found, schema["properties"])
    if len(found.faults) > before:
        return
    others = [name for name, of in schema["properties"].items() if not is_text(of)]
    alone = settings.handlers and not any((found.path / name).exists() for name in WRITTEN)
    if alone and len(others) < len(schema["properties"]):
        # Sentences are chosen by the text alone: what else a state holds it may as well lack.
        make_optional(schema, others)
    try:
        found.states = StateSchema(schema)
    except TaskError as error:
        found.fault(STATES, 0, str(error))
        return
    write_atomic(found.path / SCHEMA, json.dumps(schema, indent=2, ensure_ascii=False) + "\n")


def _are_pictures(folder: Path, name: str, states: Sequence[Mapping[str, Json]]) -> bool:
    """Whether every value of a field is a picture, or the path of one beside the states."""
    values = [state[name] for state in states if state.get(name) is not None]
    return bool(values) and all(
        isinstance(one, str)
        and (
            one.startswith("data:image/")
            or (one.lower().endswith(PICTURE_KINDS) and (folder / one).is_file())
        )
        for one in values
    )


def _with_pictures(
    found: RecordFolder, number: int, state: Mapping[str, Json]
) -> Mapping[str, Json]:
    """The state with the pictures whose paths it names; paths are relative to the folder."""
    assert found.states is not None
    named = [str(state[name]) for name in found.states.pictures if is_path(state.get(name))]
    if outside := [one for one in named if not _is_inside(found.path, one)]:
        what = f"the picture {outside[0][:80]!r} lies outside of the folder; put it inside"
        found.fault(STATES, number, f"state: {what}")
        return state
    found.pictures += named
    try:
        return with_picture_files(found.states, state, found.path)
    except LogicDistillError as error:
        found.fault(STATES, number, f"state: {error}")
        return state


def _is_inside(folder: Path, path: str) -> bool:
    return (folder / path).resolve().is_relative_to(folder.resolve())


def _sentence(text: str) -> str:
    """The words with one blank between them, and a full stop."""
    said = " ".join(text.split())
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _nearest(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
