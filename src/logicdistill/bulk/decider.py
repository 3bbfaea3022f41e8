"""`Decider`: a table of states in, a table of decisions out; for a process, Dask, Ray or Spark."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from logicdistill.bulk.reading import cell
from logicdistill.characters import escaped_line
from logicdistill.deciding.record import Decider as Beside
from logicdistill.deciding.students import model_of
from logicdistill.errors import InvalidStateError, LogicDistillError, TaskError
from logicdistill.files import digest
from logicdistill.policy import Policy
from logicdistill.tasks.importing.reading import arrow_rows, plain
from logicdistill.tasks.naming import field_name
from logicdistill.tasks.schema import (
    StateSchema,
    each_key_once,
    no_json,
    state_schema,
    with_picture_files,
)
from logicdistill.types import Decision, Json

if TYPE_CHECKING:
    import pyarrow as pa

DECIDED = ("action", "confidence", "fallback", "functions", "rules", "marks", "snapshot", "error")
"""Columns of a decision. ``action`` is text, or JSON where it is no text; ``functions``, ``rules``
and ``marks`` are lists; ``error`` says why a row was not decided."""

PICTURES = 256
"""Rows that are decided together where they name files of pictures."""

GIVEN = "_given"
"""Ends the name of a column of the file that is called as one of a decision."""


class Decider:
    """Decides tables of states by a policy, which is loaded at the first one.

    An object travels to other processes as its arguments. So it fits ``map_batches`` of Ray Data:
    ``data.map_batches(Decider, fn_constructor_args=["runs/claims"], batch_format="pyarrow")``.

    Args:
        policy: a run's folder or a packed file; each worker sees it under this path.
        student: see `Policy.load`.
        max_error: see `Policy.load`.
        pictures: the folder that paths of pictures are relative to. Without it a picture is a data
            URL: a table may come from anywhere, and shall name no file of this machine.
    """

    def __init__(
        self,
        policy: str | Path,
        student: str | None = None,
        max_error: float | None = None,
        pictures: Path | None = None,
    ) -> None:
        self.arguments = Path(policy), student, max_error, pictures
        self._policy: Policy | None = None

    def __reduce__(self) -> tuple[type[Decider], tuple[Any, ...]]:
        return Decider, self.arguments

    @property
    def policy(self) -> Policy:
        """The policy of this process."""
        if self._policy is None:
            path, student, max_error, _ = self.arguments
            self._policy = Policy.load(path, student, max_error=max_error)
        return self._policy

    @property
    def identity(self) -> str:
        """Hash of all that decides: base, task, settings and the student's files."""
        parts = self.policy.parts
        model = model_of(parts.student)
        return digest(parts.base.snapshot, Beside.of(parts, model).policy, model)

    def close(self) -> None:
        """End the policy's processes; the next table starts new ones."""
        if self._policy is not None:
            self._policy.close()
            self._policy = None

    def __call__(self, table: pa.Table, cells: bool = False, first: int = 1) -> pa.Table:
        """The table's other columns, then `DECIDED`; a row each.

        A column that the schema of a state names is a field. Where a field may be left out, null
        leaves it out. Or one column ``state`` holds the states, as objects or as JSON text.

        Args:
            table: its rows are states.
            cells: every value is text, as in a CSV.
            first: number of the first row, for messages.

        Raises:
            TaskError: no column is a field of a state, two columns have one name, or see `named`.
        """
        rest, decided = self.decided(table, cells, first)
        return beside(rest, decided)

    def decided(
        self, table: pa.Table, cells: bool = False, first: int = 1
    ) -> tuple[pa.Table, list[dict[str, Json]]]:
        """The same as two: the other columns, and an object a row with what `DECIDED` names."""
        schema = self.policy.task.state_schema
        fields, names = schema["properties"], named(table.schema.names, schema)
        table = table.rename_columns(names)
        taken = [name for name in names if name in fields]
        whole = not taken and "state" in names
        if not taken and not whole:
            few = ", ".join(list(fields)[:8])
            raise TaskError(
                f"no column is a field of a state; columns: {', '.join(names[:8])}; fields: {few}"
            )
        taken = ["state"] if whole else taken
        kept = [name for name in names if name not in taken]
        shown = [f"{name}{GIVEN}" if name in DECIDED else name for name in kept]
        if twice := sorted({name for name in (*taken, *shown) if [*taken, *shown].count(name) > 1}):
            raise TaskError(f"two columns would have the name {twice[0]!r}; rename or remove one")
        states = list[Json | InvalidStateError]()
        for number, row in enumerate(_rows(table.select(taken)), start=first):
            if isinstance(row, TaskError):
                states.append(InvalidStateError(f"row {number}: {row}"))
            else:
                states.append(_whole(row["state"]) if whole else self._state(row, cells))
        rest = table.select(kept).rename_columns(shown)
        return rest, self._decided(states, [f"row {first + row}" for row in range(len(states))])

    def lines(self, lines: Sequence[bytes], first: int = 1) -> list[dict[str, Json]]:
        """Decisions of JSON lines: an object each, with ``line``, and ``id`` where there is one."""
        fields = self.policy.task.state_schema["properties"]
        states, about = list[Json | InvalidStateError](), list[dict[str, Json]]()
        for number, line in enumerate(lines, start=first):
            if not line.strip():
                continue
            state = _whole(line)
            about.append({"line": number})
            if isinstance(state, dict) and "state" not in fields and "state" in state:
                if (name := state.get("id")) is not None:
                    # Half a character is shown as JSON writes it: no file could hold it.
                    whole = isinstance(name, str) and no_json(name) is None
                    about[-1]["id"] = name if whole else json.dumps(name)
                state = state["state"]
            states.append(state)
        found = self._decided(states, [f"line {one['line']}" for one in about])
        return [{**one, **decision} for one, decision in zip(about, found, strict=True)]

    def _state(self, row: Mapping[str, Any], cells: bool) -> dict[str, Json]:
        schema = self.policy.task.state_schema
        fields, needed = schema["properties"], schema.get("required", ())
        values = {
            name: cell(value, fields[name]) if cells else plain(value)
            for name, value in row.items()
        }
        return {
            name: value for name, value in values.items() if value is not None or name in needed
        }

    def _decided(
        self, states: Sequence[Json | InvalidStateError], names: Sequence[str]
    ) -> list[dict[str, Json]]:
        folder, schema = self.arguments[3], state_schema(self.policy.task)
        if folder is None or not schema.pictures:
            return self._answers(states, names)
        found = list[dict[str, Json]]()
        # In parts: the pictures of a whole chunk may be more than the memory holds.
        for at in range(0, len(states), PICTURES):
            called = names[at : at + PICTURES]
            pairs = zip(states[at : at + PICTURES], called, strict=True)
            given = [_seen(schema, state, folder, name) for state, name in pairs]
            found += self._answers(given, called)
        return found

    def _answers(
        self, states: Sequence[Json | InvalidStateError], names: Sequence[str]
    ) -> list[dict[str, Json]]:
        readable = [i for i, state in enumerate(states) if not isinstance(state, InvalidStateError)]
        given: Any = [states[index] for index in readable]
        called = [names[index] for index in readable]
        found: list[Any] = list(states)
        for index, decision in zip(
            readable, self.policy.decide_many(given, called, on_error="return"), strict=True
        ):
            found[index] = decision
        return [_json(one) for one in found]


def named(columns: Sequence[str], schema: Mapping[str, Json]) -> list[str]:
    """The columns' names, those of fields in the letters of the schema; see `composed`.

    Raises:
        TaskError: a column is no field, and nearly has the name of one that no column has.
    """
    fields = schema["properties"]
    whole = [unicodedata.normalize("NFC", name) for name in columns]
    names = [name if name in fields else given for name, given in zip(whole, columns, strict=True)]
    near = {name.casefold(): name for name in fields if name not in names}
    for given in names if any(name in fields for name in names) or "state" not in names else ():
        if given not in fields and (field := near.get(field_name(given).casefold())):
            what = f"column {given!r} is no field of a state; did you mean {field!r}?"
            raise TaskError(f"{what} give it that name, or one that is unlike it")
    return names


def lacking(columns: Sequence[str], schema: Mapping[str, Json]) -> tuple[str, ...]:
    """The fields that no column holds and that take their defaults; none if a column is the state.

    Raises:
        TaskError: see `named`.
    """
    names, needed = named(columns, schema), schema.get("required", ())
    fields = schema["properties"]
    if not any(name in fields for name in names):
        return ()
    return tuple(name for name in fields if name not in names and name not in needed)


def _rows(table: pa.Table) -> list[dict[str, Any] | TaskError]:
    """The rows; where one holds a value that Python has not, why."""
    try:
        return [*arrow_rows(table)]
    except TaskError as error:
        if len(table) == 1:
            return [error]
    return [row for at in range(len(table)) for row in _rows(table.slice(at, 1))]


def _seen(
    schema: StateSchema, state: Json | InvalidStateError, folder: Path, name: str
) -> Json | InvalidStateError:
    """The state with the pictures that it names, or why one of them cannot be read."""
    if not isinstance(state, dict):
        return state
    try:
        return dict(with_picture_files(schema, state, folder))
    except LogicDistillError as error:
        return InvalidStateError(f"{name}: {error}")


def _whole(state: Any) -> Json | InvalidStateError:
    if not isinstance(state, (str, bytes)):
        return cast(Json, plain(state))
    try:
        return cast(Json, json.loads(state, object_pairs_hook=each_key_once))
    except (ValueError, RecursionError) as error:
        return InvalidStateError(f"not JSON: {error}")


def _json(found: Decision | LogicDistillError) -> dict[str, Json]:
    if isinstance(found, LogicDistillError):
        return {"error": escaped_line(str(found))}
    return {
        "action": found.action,
        "confidence": found.confidence,
        "fallback": found.fallback,
        "functions": [step.function for step in found.trace if step.function],
        "rules": list(found.rules),
        "marks": list(found.marks),
        "snapshot": found.snapshot,
    }


def beside(rest: pa.Table, decided: Sequence[Mapping[str, Json]]) -> pa.Table:
    """A table's columns, then `DECIDED`."""
    import pyarrow as pa

    texts = pa.list_(pa.string())
    kinds: dict[str, Any] = {
        "confidence": pa.float64(),
        "functions": texts,
        "rules": pa.list_(pa.int64()),
        "marks": texts,
    }
    for name in DECIDED:
        values = [row.get(name) for row in decided]
        if name == "action":
            values = [text_of(row[name]) if name in row else None for row in decided]
        rest = rest.append_column(name, pa.array(values, kinds.get(name, pa.string())))
    return rest


def text_of(value: Json) -> str:
    """A text as it is, any other value as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
