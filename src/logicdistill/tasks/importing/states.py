"""A file's rows become the states of a task: columns are fields, one column is the right action."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from logicdistill.errors import TaskError, UnknownNameError
from logicdistill.tasks.importing import chats
from logicdistill.tasks.importing.actions import (
    SHOWN,
    UNKNOWN,
    allowed_actions,
    count_of,
    sentence,
    shown,
    some,
    value_key,
    with_fallback,
)
from logicdistill.tasks.importing.columns import Column, read_cells
from logicdistill.tasks.importing.reading import EVERY, Progress, Rows, read_rows
from logicdistill.tasks.naming import field_name
from logicdistill.tasks.record_folder import KEYWORDS, SPLIT_NAMES, SPLITS, split_of
from logicdistill.tasks.schema import LARGEST, SMALLEST, TEXT, infer_schema
from logicdistill.types import Json

ACTION_NAMES = (
    *("action", "actions", "label", "labels", "category", "intent", "decision", "class"),
    *("target", "outcome", "verdict", "answer", "output", "completion", chats.LABEL),
)
"""A column of such a name is the action, upper or lower case, unless another one is named."""

NO_COLUMN = "none"
"""What a person writes for a column to say that there is none."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person may say about a file; None finds out.

    Attributes:
        action: column of the right action; `NO_COLUMN` if there is none.
        split: column of the split; `NO_COLUMN` if there is none.
        id: column of the id; `NO_COLUMN` if there is none.
        fallback: the action where no function fits, as text or JSON; None adds `UNKNOWN`.
        encoding: of a text file.
        decimal_comma: whether ``12,50`` is a number.
        drop: columns that are left out.
    """

    action: str | None = None
    split: str | None = None
    id: str | None = None
    fallback: str | None = None
    encoding: str | None = None
    decimal_comma: bool = False
    drop: tuple[str, ...] = ()


@dataclass(slots=True)
class Imported:
    """What a file gives for a task's folder.

    Attributes:
        title: of the task, in one line.
        rows: lines of ``states.jsonl``.
        actions: a list, a JSON Schema, or, where ``sentences``, a sentence for each action; None
            where no action is known.
        sentences: whether ``actions`` is the table of names and sentences.
        fallback: one of the actions.
        text: fields that are free text although their values are short.
        system: what the model was told in every conversation.
        report: lines for a person, each with its subject.
    """

    title: str
    rows: list[dict[str, Json]] = field(default_factory=list)
    actions: Json = None
    sentences: bool = False
    fallback: Json = UNKNOWN
    text: list[str] = field(default_factory=list)
    system: str = ""
    report: list[tuple[str, str]] = field(default_factory=list)

    def say(self, subject: str, what: str) -> None:
        """Add a line to the report."""
        self.report.append((subject, what))


def read_import(file: Path, choices: Choices, progress: Progress) -> Imported:
    """Read a file as states, and say what was made of it.

    Raises:
        TaskError: the file or its action cannot be read, or a choice does not fit it.
        StorageError: the file cannot be read.
        MissingExtraError: Parquet, and pyarrow is not installed.
    """
    source = read_rows(file, choices.encoding, progress)
    found = Imported(f"The action for a record of {file.name}")
    schema: dict[str, Json] | None = None
    read = len(source.rows) + len(source.dropped)
    if not source.cells and chats.is_chat(source.rows[0][1]):
        if choices.action not in (None, NO_COLUMN):
            raise TaskError("conversations hold the action in their answer; leave --action out")
        conversations = chats.read_chats(source)
        source, schema = conversations.rows, conversations.schema
        found.system = conversations.system
    elif _is_states(source):
        _unpack(source)
    found.say("read", f"{file.name}: {source.form}; {count_of(read, 'row')}")
    _Import(source, choices, found, schema, progress).run()
    return found


def _is_states(source: Rows) -> bool:
    """Whether the rows are lines of a ``states.jsonl``."""
    others = {"action", "split", "id"}
    return not source.cells and all(
        row.keys() <= {"state", *others}
        and isinstance(row.get("state"), dict)
        and others.isdisjoint(row["state"])
        for _, row in source.rows
    )


def _unpack(source: Rows) -> None:
    for index, (number, row) in enumerate(source.rows):
        others = {key: value for key, value in row.items() if key != "state"}
        source.rows[index] = number, {**row["state"], **others}


class _Import:
    """One file's way into a folder."""

    def __init__(
        self,
        source: Rows,
        choices: Choices,
        found: Imported,
        schema: dict[str, Json] | None,
        progress: Progress,
    ) -> None:
        self.source, self.choices, self.found = source, choices, found
        self.schema, self.progress = schema, progress
        self.names = list(dict.fromkeys(name for _, row in source.rows for name in row))
        self.notes: list[str] = []
        self.texts: list[str] = []
        self.facts = False

    def run(self) -> None:
        self._drop()
        self.action = self._action_column()
        columns = self._columns()
        ids = self._id_column(columns)
        splits = self._split_column(columns)
        special = {self.action, ids, splits}
        fields = self._fields([column for column in columns.values() if column.name not in special])
        actions = self._labels(columns[self.action]) if self.action else None
        numbers = self._states(fields, actions, columns.get(splits), columns.get(ids))
        self._report_dropped()
        self._report_fields(fields)
        self._report_actions(numbers)
        self._report_splits(splits)
        for note in self.notes:
            self.found.say("note", note)

    def _column(self, name: str, option: str) -> str:
        for equal in (str, str.lower):
            if near := [one for one in self.names if equal(one) == equal(name)]:
                return near[0]
        message = str(UnknownNameError("column", name, self.names))
        raise TaskError(f"--{option}: {message}")

    def _drop(self) -> None:
        """Take out the columns that a person does not want."""
        choices = self.choices
        taken = {"action": choices.action, "split": choices.split, "id": choices.id}
        dropped = dict.fromkeys(self._column(name, "drop") for name in choices.drop)
        for option, name in taken.items():
            if name is not None and name in self.names and name in dropped:
                raise TaskError(f"--drop {name}: --{option} names it too; leave one of them out")
        self.names = [name for name in self.names if name not in dropped]
        if dropped:
            self.found.say("left out", f"{', '.join(map(repr, dropped))} (--drop)")

    def _action_column(self) -> str | None:
        named = self.choices.action
        if named == NO_COLUMN and NO_COLUMN not in self.names:
            return None
        if named is not None:
            return self._column(named, "action")
        likely = [name for name in self.names if name.strip().lower() in ACTION_NAMES]
        if len(likely) == 1:
            return likely[0]
        what = "no column has a name such as 'action' or 'label'"
        if likely:
            what = f"{len(likely)} columns may be the action: {', '.join(likely)}"
        columns = ", ".join(map(repr, self.names[:20])) + (", ..." if len(self.names) > 20 else "")
        advice = "name it with --action COLUMN, or say --action none"
        raise TaskError(f"{what}; {advice}; columns: {columns}")

    def _columns(self) -> dict[str | None, Column]:
        """All columns with their values; where the file is text, as what its cells stand for."""
        columns: dict[str | None, Column] = {}
        rows = self.source.rows
        for place, name in enumerate(self.names, start=1):
            values = [row.get(name) for _, row in rows]
            column = Column(name, field_name(name), values)
            if self.source.cells:
                read_cells(column, [number for number, _ in rows], self.choices.decimal_comma)
            elif any(type(value) is int and not SMALLEST <= value <= LARGEST for value in values):
                column.values = [str(v) if type(v) is int else v for v in values]
            columns[name] = column
            self.progress("columns", place, len(self.names))
        return columns

    def _id_column(self, columns: dict[str | None, Column]) -> str | None:
        """The column of ids: the one named, or one with that name whose values all differ."""
        named = self.choices.id
        if named == NO_COLUMN and NO_COLUMN not in self.names:
            return None
        name = self._column(named, "id") if named else None
        likely = [one for one in self.names if one.lower() == "id" and one != self.action]
        for one in [name] if name else likely:
            values = [None if v is None else str(v) for v in columns[one].values]
            known = [value for value in values if value is not None]
            if len(set(known)) == len(known) and known:
                columns[one].values = list(values)
                why = "" if name else "; '--id none' makes it a field again"
                self.found.say("id", f"column {one!r}{why}")
                return one
            if name:
                twice, count = Counter(known).most_common(1)[0] if known else ("", 0)
                raise TaskError(
                    f"--id {one}: {twice!r} is there {count} times, ids have to differ; name"
                    " another column, or leave --id out"
                )
        return None

    def _split_column(self, columns: dict[str | None, Column]) -> str | None:
        named = self.choices.split
        if named == NO_COLUMN and NO_COLUMN not in self.names:
            return None
        name = self._column(named, "split") if named else None
        likely = [one for one in self.names if one.lower() == "split" and one != self.action]
        for one in [name] if name else likely:
            values = columns[one].values
            wrong = [v for v in values if v is not None and str(v).lower() not in SPLIT_NAMES]
            if not wrong:
                columns[one].values = [
                    None if value is None else SPLIT_NAMES[str(value).lower()] for value in values
                ]
                return one
            if name:
                known = ", ".join(SPLITS)
                raise TaskError(f"--split {one}: {wrong[0]!r} is no split; there are: {known}")
        return None

    def _fields(self, columns: Sequence[Column]) -> list[Column]:
        """Columns that become fields, each with a name of its own."""
        fields, taken = [], set[str]()
        for column in columns:
            if all(value is None for value in column.values):
                self.notes.append(f"column {column.name!r} is empty in every row and left out")
                continue
            if _counts_rows(column):
                self.notes.append(f"column {column.name!r} counts the rows and is left out")
                continue
            base, count = column.field, 2
            while column.field in taken:
                column.field, count = f"{base}_{count}", count + 1
            taken.add(column.field)
            fields.append(column)
        if not fields:
            names = ", ".join(map(repr, self.names))
            raise TaskError(f"no column is left for the state; columns: {names}")
        if renamed := [one for one in fields if one.field != one.name]:
            self.found.say("renamed", some([f"{one.name!r} to {one.field}" for one in renamed]))
        return fields

    def _states(
        self,
        fields: Sequence[Column],
        actions: Sequence[Json] | None,
        splits: Column | None,
        ids: Column | None,
    ) -> list[int]:
        """Fill the rows of the folder; returns the number in the file of each."""
        kept, numbers, rows = [], [], self.source.rows
        for index, (number, row) in enumerate(rows):
            if index % EVERY == 0:
                self.progress("states", index, len(rows))
            state = {one.field: one.values[index] for one in fields if one.name in row}
            if all(value is None or value == "" for value in state.values()):
                self.source.dropped.append((number, "no field has a value"))
                continue
            line: dict[str, Json] = {"state": state}
            if ids and ids.values[index] is not None:
                line = {"id": ids.values[index], **line}
            if actions is not None and actions[index] is not None:
                line["action"] = actions[index]
            if splits and splits.values[index] is not None:
                line["split"] = splits.values[index]
            kept.append(line)
            numbers.append(number)
        self.progress("states", len(rows), len(rows))
        if not kept:
            raise TaskError("no row has a value in a field of the state")
        self.source.dropped.sort()
        self.found.rows = kept
        return numbers

    def _labels(self, column: Column) -> list[Json]:
        """The actions of the rows; labels are trimmed, and spelt alike where they look alike."""
        labels = [
            (unicodedata.normalize("NFC", value.strip()) or None)
            if isinstance(value, str)
            else value
            for value in column.values
        ]
        kinds = {value_key(label): label for label in labels if label is not None}
        if not kinds:
            raise TaskError(
                f"column {column.name!r} is empty, so no action is known; name another with"
                " --action, or say --action none"
            )
        folded: dict[str, list[str]] = {}
        for label in kinds.values():
            if isinstance(label, str):
                folded.setdefault(label.casefold(), []).append(label)
        for alike in folded.values():
            if len(alike) > 1:
                names = ", ".join(map(repr, alike))
                self.notes.append(f"actions that differ only in case: {names}; are they one?")
        return labels

    def _report_dropped(self) -> None:
        reasons: dict[str, list[int]] = {}
        for number, why in self.source.dropped:
            reasons.setdefault(re.sub(r" \(char \d+\)$", "", why), []).append(number)
        unit = self.source.unit
        for why, numbers in reasons.items():
            self.found.say(
                "dropped", f"{count_of(len(numbers), 'row')}: {why}; {_at(unit, numbers)}"
            )

    def _report_fields(self, fields: Sequence[Column]) -> None:
        """Say what each field holds; a short text that hardly repeats is free text as well."""
        from logicdistill.tasks.fields import describe

        proposed = infer_schema([row["state"] for row in self.found.rows])["properties"]
        for column in fields:
            schema = proposed[column.field]
            if schema.get("format") != TEXT and column.is_prose():
                self.found.text.append(column.field)
                schema = {**schema, "format": TEXT}
            values = [row["state"].get(column.field) for row in self.found.rows]
            self.found.say("field", describe(column.field, schema, values).line())
            if column.note:
                self.notes.append(column.note)
            self.facts |= any(isinstance(value, (bool, int, float)) for value in values)
        self.texts = [
            name
            for name, schema in proposed.items()
            if schema.get("format") == TEXT or name in self.found.text
        ]

    def _report_actions(self, numbers: Sequence[int]) -> None:
        found = self.found
        labelled = [row["action"] for row in found.rows if "action" in row]
        if self.action is None:
            found.say("action", "none is known; list the allowed ones in task.toml")
            return
        counts = Counter(map(value_key, labelled))
        values = [json.loads(key) for key in sorted(counts)]
        if self.schema is None:
            found.actions, said = allowed_actions(self.action, values, len(labelled))
            found.say("action", f"{self.action!r}: {said}")
        else:
            found.actions = self.schema
            found.say("action", "the answer, by the JSON Schema of the requests")
        if isinstance(found.actions, list) and len(values) == len(labelled) > SHOWN:
            self.notes.append(f"each value of {self.action!r} is there once; is it the action?")
        if lacking := len(found.rows) - len(labelled):
            found.say("action", f"{count_of(lacking, 'row')} without one, kept as states")
        self._choose_fallback(values)
        self._report_twins(numbers)

    def _choose_fallback(self, labels: list[Json]) -> None:
        found, given = self.found, self.choices.fallback
        found.actions, found.fallback, added = with_fallback(
            found.actions, given, labels, drafted=self.schema is None
        )
        self._write_sentences(labels)
        how = "added to the actions" if added else "one of the actions"
        advice = "" if given else "; it is taken where no function fits, --fallback names another"
        found.say("fallback", f"{shown(found.fallback)}, {how}{advice}")

    def _write_sentences(self, labels: Sequence[Json]) -> None:
        """For messages: each action with a draft of the sentence that says when it is right.

        Numbers and truth values want rules with conditions, which a sentence an action is not.
        """
        found = self.found
        listed = isinstance(found.actions, list)
        if not listed or not all(isinstance(action, str) for action in found.actions):
            return
        if self.facts or not self.texts or KEYWORDS.intersection(found.actions):
            return
        found.sentences = True
        found.actions = {action: sentence(action) for action in labels}
        what = f"{len(found.actions)} drafts in task.toml, a sentence an action; improve them"
        found.say("sentences", what)
        names = dict.fromkeys(name for row in found.rows for name in row["state"])
        if unread := [name for name in names if name not in self.texts]:
            what = "no function reads them, so a state may lack them; --drop leaves a column out"
            found.say("unread", f"{some(unread)}: {what}")

    def _report_twins(self, numbers: Sequence[int]) -> None:
        """Rows that say the same, and states that have different actions."""
        seen: dict[str, dict[str, list[int]]] = {}
        for index, (number, row) in enumerate(zip(numbers, self.found.rows, strict=True), 1):
            if index % EVERY == 0 or index == len(numbers):
                self.progress("compare", index, len(numbers))
            if "action" in row:
                by_action = seen.setdefault(value_key(row["state"]), {})
                by_action.setdefault(value_key(row["action"]), []).append(number)
        twice = sum(len(found) - 1 for one in seen.values() for found in one.values())
        if twice:
            self.found.say(
                "twice", f"{count_of(twice, 'row')} with state and action of another one"
            )
        split = [one for one in seen.values() if len(one) > 1]
        if split:
            unit = self.source.unit
            shown = [
                f"{_at(unit, sorted(n for found in one.values() for n in found))}"
                f" ({', '.join(list(one)[:3])})"
                for one in split[:3]
            ]
            what = f"{count_of(len(split), 'state')} with different right actions"
            more = f"; and {len(split) - 3} more" if len(split) > 3 else ""
            self.found.say("conflict", f"{what}: {'; '.join(shown)}{more}")

    def _report_splits(self, column: str | None) -> None:
        found = self.found
        counts = Counter(row.get("split") or split_of(row["state"]) for row in found.rows)
        how = f"by column {column!r}" if column else "by a hash of the state"
        if not column and not (counts["train"] and counts["test"]):
            how = "by a hash of the state, in states.jsonl, as there are few"
            counts = Counter(_share_out(found.rows))
        said = ", ".join(f"{counts[name]:,} {name}" for name in SPLITS)
        found.say("states", f"{said} ({how})")
        for name in ("train", "test"):
            if not counts[name]:
                self.notes.append(f"no state is of split {name!r}; 'check' asks for one")


def _share_out(rows: Sequence[dict[str, Json]]) -> list[str]:
    """Write a split into each row so that none is empty; equal states are in one split."""
    states = {value_key(row["state"]) for row in rows}
    order = sorted(states, key=lambda state: hashlib.sha256(state.encode()).digest())
    test, validation = max(1, round(0.3 * len(order))), round(0.1 * len(order))
    names = ["test"] * test + ["validation"] * validation + ["train"] * len(order)
    by_state = dict(zip(order, names[: len(order)], strict=True))
    for row in rows:
        row["split"] = by_state[value_key(row["state"])]
    return [row["split"] for row in rows]


def _counts_rows(column: Column) -> bool:
    """Whether it is a dataframe's index: without a name of its own, 0, 1, 2 ..."""
    named = not re.fullmatch(r"__index_level_\d+__|Unnamed: \d+|column \d+", column.name)
    return not named and column.values in (
        list(range(len(column.values))),
        list(range(1, len(column.values) + 1)),
    )


def _at(unit: str, numbers: Sequence[int]) -> str:
    name = unit if len(numbers) == 1 else f"{unit}s"
    more = f" and {len(numbers) - SHOWN:,} more" if len(numbers) > SHOWN else ""
    return f"{name} {', '.join(map(str, numbers[:SHOWN]))}{more}"
