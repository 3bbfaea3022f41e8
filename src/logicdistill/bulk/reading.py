"""A file of states in chunks: Parquet and CSV through Arrow, JSON lines as they stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logicdistill.errors import StorageError, TaskError, needs_extra, one_line
from logicdistill.tasks.importing.reading import one_name_each, separator_of
from logicdistill.tasks.schema import each_key_once
from logicdistill.types import Json

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 10_000
"""Rows that one worker decides before it takes the next ones."""

KINDS = (".parquet", ".csv", ".tsv", ".jsonl")

SAMPLE = 200_000
"""Bytes of a CSV that tell its separator."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a file.

    Attributes:
        first: number of its first row, from 1.
        rows: a table, or the lines of a JSON file.
        done: how much of the file has been read behind it, of `Source.total`.
    """

    first: int
    rows: pa.Table | list[bytes]
    done: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file of states.

    Attributes:
        file: where it is.
        columns: names of its columns; None for JSON lines.
        cells: whether every value is text that may stand for a number (CSV).
        total: rows of a Parquet file, about the rows of a CSV; else the file's bytes.
        chunks: reads it from the beginning. Raises `TaskError` where it is damaged.
    """

    file: Path
    columns: tuple[str, ...] | None
    cells: bool
    total: int
    chunks: Callable[[], Iterator[Chunk]]


def open_source(file: Path, rows: int = CHUNK) -> Source:
    """A file of states, by the ending of its name.

    Args:
        file: ``.parquet``, ``.csv``, ``.tsv`` (UTF-8, with a header) or ``.jsonl``.
        rows: of a chunk.

    Raises:
        StorageError: it cannot be read.
        TaskError: it is of another format.
        MissingExtraError: pyarrow is not installed.
    """
    kind = file.suffix.lower()
    if kind not in KINDS:
        raise TaskError(
            f"{file}: states are read from {', '.join(KINDS)}; got {kind or 'no ending'}"
        )
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            head = stream.read(SAMPLE)
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}") from None
    if kind == ".jsonl":
        return Source(file, None, False, size, lambda: _lines(file, rows))
    with needs_extra(f"reading {kind}", "parquet"):
        import pyarrow  # noqa: F401
    if kind == ".parquet":
        return _parquet(file, rows)
    lines = max(1, head.count(b"\n") - 1)
    return _csv(file, head, max(1, round(size * lines / max(1, len(head)))), rows)


def _lines(file: Path, rows: int) -> Iterator[Chunk]:
    first, lines, number, done = 1, list[bytes](), 0, 0
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            lines.append(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            done += len(line)
            if len(lines) == rows:
                yield Chunk(first, lines, done)
                first, lines = number + 1, []
    if lines:
        yield Chunk(first, lines, done)


def _parquet(file: Path, rows: int) -> Source:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise TaskError(f"{file}: not readable as Parquet: {one_line(error)}") from None
    names = _names(file, table.schema_arrow.names)

    def chunks() -> Iterator[Chunk]:
        done = 0
        try:
            for batch in parquet.ParquetFile(file).iter_batches(batch_size=rows):
                first, done = done + 1, done + len(batch)
                yield Chunk(first, pa.Table.from_batches([batch]), done)
        except (pa.ArrowException, OSError) as error:
            raise TaskError(f"{file}: row {done + 1}: {one_line(error)}") from None

    return Source(file, names, False, table.metadata.num_rows, chunks)


def _csv(file: Path, head: bytes, total: int, rows: int) -> Source:
    import pyarrow as pa
    from pyarrow import csv

    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise TaskError(f"{file}: UTF-16 text; save it as UTF-8")
    whole = head.rpartition(b"\n")[0] if len(head) == SAMPLE else head
    separator, _ = separator_of(file, whole.decode("utf-8-sig", errors="replace"))
    parsing = csv.ParseOptions(delimiter=separator, newlines_in_values=True)
    reading = csv.ReadOptions(block_size=max(2**20, len(head)))

    def opened() -> Any:
        try:
            names = csv.open_csv(file, reading, parsing).schema.names
            # Every cell is text: the schema of a state says what it stands for.
            texts = dict.fromkeys(names, pa.string())
            converting = csv.ConvertOptions(column_types=texts, strings_can_be_null=False)
            return csv.open_csv(file, reading, parsing, converting)
        except (pa.ArrowException, OSError) as error:
            raise TaskError(f"{file}: not readable as CSV: {one_line(error)}") from None

    names = _names(file, opened().schema.names)

    def chunks() -> Iterator[Chunk]:
        first, kept, reader = 1, list[Any](), opened()
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                break
            except (pa.ArrowException, OSError) as error:
                where = f"after row {first + sum(map(len, kept)) - 1}"
                raise TaskError(f"{file}: {where}: {one_line(error)}") from None
            kept.append(batch)
            table = pa.Table.from_batches(kept)
            while len(table) >= rows:
                done = min(total, first + rows - 1)
                yield Chunk(first, table.slice(0, rows), done)
                first, table = first + rows, table.slice(rows)
            kept = table.to_batches()
        if kept:
            yield Chunk(first, pa.Table.from_batches(kept), total)

    return Source(file, names, True, total, chunks)


def _names(file: Path, names: Sequence[str]) -> tuple[str, ...]:
    try:
        one_name_each(names)
    except TaskError as error:
        raise TaskError(f"{file}: {error}") from None
    return tuple(names)


def cell(text: str, schema: Mapping[str, Json]) -> Json:
    """What a cell of a CSV stands for, by the schema of its field; the text where that says none.

    An empty cell is None, unless the field may only be text.
    """
    kinds = kinds_of(schema)
    if kinds == {"string"}:
        return text
    plain = text.strip()
    if not plain:
        return None
    if "boolean" in kinds and plain.lower() in ("true", "false"):
        return plain.lower() == "true"
    if kinds & {"integer", "number", "object", "array"} or not kinds:
        try:
            value = json.loads(plain, object_pairs_hook=each_key_once)
        except (ValueError, RecursionError):
            return text
        if not isinstance(value, str):
            return value
    return text


def kinds_of(schema: Mapping[str, Json]) -> set[str]:
    """The JSON types that a schema names, itself or in its alternatives; none if it is open."""
    said = schema.get("type", [])
    found = {said} if isinstance(said, str) else {str(one) for one in said or ()}
    if isinstance(values := schema.get("enum"), list):
        names = {bool: "boolean", int: "integer", float: "number", str: "string"}
        found |= {names[type(value)] for value in values if type(value) in names}
    for key in ("anyOf", "oneOf"):
        for one in schema.get(key) or ():
            found |= kinds_of(one)
    return found
