"""`decide_file`: a file of states to a file of decisions, by many workers; what is done stays done.

Each chunk's decisions are a file of their own until all are there. A second call goes on with the
chunks that are missing.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib

from logicdistill.bulk.cluster import workers
from logicdistill.bulk.decider import DECIDED, Decider, beside, lacking, text_of
from logicdistill.bulk.reading import CHUNK, Chunk, open_source
from logicdistill.errors import BaseError, TaskError, needs_extra
from logicdistill.files import LOCK, locked, storing, write_atomic
from logicdistill.tasks.importing.reading import arrow_rows, plain
from logicdistill.tasks.schema import no_json
from logicdistill.types import Json
from logicdistill.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

OUT_KINDS = (".parquet", ".csv", ".jsonl")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a file.

    Attributes:
        rows: in the file.
        failed: rows that were not decided; their column ``error`` says why.
        fallbacks: rows that took the fallback action.
        kept: rows whose decisions an earlier call had left.
        snapshot: of the base that decided.
        seconds: that this call took.
        first_error: of the first row that was not decided; empty if all were.
        lacking: fields of a state that no column holds: every row has their defaults.
    """

    rows: int
    failed: int
    fallbacks: int
    kept: int
    snapshot: str
    seconds: float
    first_error: str
    lacking: tuple[str, ...]


def decide_file(
    policy: str | Path,
    file: Path,
    out: Path,
    *,
    student: str | None = None,
    max_error: float | None = None,
    jobs: int = -1,
    dask: str | None = None,
    rows: int = CHUNK,
    progress: Progress = lambda *_: None,
) -> Done:
    """Decide every row of a file, in its order.

    Args:
        policy: a run's folder or a packed file.
        file: states; see `logicdistill.bulk.reading.open_source` and `Decider`. A picture is a data
            URL, or a path relative to the file.
        out: ``.parquet``, ``.csv`` or ``.jsonl``; written when all is decided.
        student: see `Policy.load`.
        max_error: see `Policy.load`.
        jobs: processes, -1 for one a core. With ``joblib.parallel_config(backend=...)`` around the
            call that backend's workers decide.
        dask: address of a scheduler whose workers decide instead.
        rows: of a chunk: what a worker takes at once, and what is lost where it is killed.
        progress: called with how much of the file is decided, and how much there is.

    Raises:
        TaskError: the file is damaged or of another format, or holds no field of a state; or a
            column has a value that JSON lines and CSV cannot show.
        StorageError: a file cannot be read or written, or no scheduler answers.
        RunLockedError: another process is writing the same decisions.
        BaseError: the base was changed meanwhile.
        MissingExtraError: pyarrow, or for ``dask`` Dask, is not installed.
    """
    kind, began = out.suffix.lower(), time.monotonic()
    if kind not in OUT_KINDS:
        allowed = ", ".join(OUT_KINDS)
        raise TaskError(f"{out}: decisions are written to {allowed}; got {kind or 'no ending'}")
    if out.resolve() == file.resolve():
        raise TaskError(f"{out} holds the states; name another file for the decisions")
    if kind != ".jsonl":
        with needs_extra(f"writing {kind}", "parquet"):
            import pyarrow  # noqa: F401
    source = open_source(file, rows)
    decider = Decider(policy, student, max_error, file.resolve().parent)
    snapshot, identity = decider.policy.base.snapshot, decider.identity
    header, absent = ["line", "id", *DECIDED], tuple[str, ...]()
    if source.columns is not None:
        absent = lacking(source.columns, decider.policy.task.state_schema)
        header = decider(_no_rows(source.columns)).schema.names
    decider.close()
    parts = out.with_name(f".{out.name}.parts")
    with locked(parts, "decisions in"), workers(dask):
        kept = _resumed(parts, _about(file, kind, rows, identity))
        tallies = {first: Tally(**kept[first]) for first in kept}
        found_before = sum(tally.rows for tally in tallies.values())
        pending = (chunk for chunk in source.chunks() if chunk.first not in kept)
        work = joblib.delayed(_decide_chunk)
        ask = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)
        asked = (work(decider, chunk, source.cells, kind, identity) for chunk in pending)
        done = 0
        for first, read, tally, content in ask(asked):
            write_atomic(parts / f"{first:012}.part", content)
            write_atomic(parts / f"{first:012}.json", json.dumps(asdict(tally)))
            tallies[first] = tally
            done = max(done, read)
            progress(min(done, source.total - 1), source.total)
        if not tallies:
            raise TaskError(f"{file}: there is no row")
        _assemble(out, kind, [parts / f"{first:012}.part" for first in sorted(tallies)], header)
        shutil.rmtree(parts, ignore_errors=True)
    progress(source.total, source.total)
    errors = [tallies[first].error for first in sorted(tallies) if tallies[first].error]
    return Done(
        sum(tally.rows for tally in tallies.values()),
        sum(tally.failed for tally in tallies.values()),
        sum(tally.fallbacks for tally in tallies.values()),
        found_before,
        snapshot,
        time.monotonic() - began,
        errors[0] if errors else "",
        absent,
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one chunk; ``error`` is its first."""

    rows: int
    failed: int
    fallbacks: int
    error: str

    @classmethod
    def of(cls, rows: Sequence[dict[str, Json]]) -> Tally:
        """Count decisions."""
        errors = [str(row["error"]) for row in rows if "error" in row]
        fallbacks = sum(row.get("fallback") is not None for row in rows)
        return cls(len(rows), len(errors), fallbacks, errors[0] if errors else "")


_here: list[tuple[str, Decider]] = []
"""The decider of this process, and its identity: a worker loads the policy once."""


def _decider_here(decider: Decider, identity: str) -> Decider:
    """This process's decider of that identity; one that was loaded before something changed goes.

    Raises:
        BaseError: what decides has changed since the command began.
    """
    if _here and _here[0][0] == identity:
        return _here[0][1]
    while _here:
        _here.pop()[1].close()
    found = Decider(*decider.arguments)
    if found.identity != identity:
        found.close()
        raise BaseError("the policy was changed meanwhile; nothing was written: repeat")
    _here.append((identity, found))
    return found


def _decide_chunk(
    decider: Decider, chunk: Chunk, cells: bool, kind: str, identity: str
) -> tuple[int, int, Tally, bytes]:
    """In a worker: the first row, how much was read behind it, the counts, and the file's part."""
    here = _decider_here(decider, identity)
    if not isinstance(chunk.rows, list):
        rest, decided = here.decided(chunk.rows, cells, chunk.first)
        lines = kind == ".jsonl"
        whole = _lines(_rows(rest, chunk.first, kind), decided) if lines else beside(rest, decided)
    else:
        decided = here.lines(chunk.rows, chunk.first)
        whole = _lines([{}] * len(decided), decided) if kind == ".jsonl" else _table(decided)
    return chunk.first, chunk.done, Tally.of(decided), _encoded(kind, whole, chunk.first)


def _rows(table: pa.Table, first: int, kind: str) -> list[dict[str, Json]]:
    """The rows as JSON; a CSV holds an infinite number as well.

    Raises:
        TaskError: a value is none.
    """
    rows: list[dict[str, Json]] = plain(arrow_rows(table))
    for number, row in enumerate(rows, start=first):
        for name, value in row.items():
            infinite = kind == ".csv" and isinstance(value, float)
            if not infinite and (why := no_json(value)) is not None:
                what = f"row {number}, column {name!r}: {why}"
                raise TaskError(f"{what}; leave the column out, or write the decisions to .parquet")
    return rows


def _lines(rest: Sequence[dict[str, Any]], decided: Sequence[dict[str, Json]]) -> bytes:
    rows = ({**one, **row} for one, row in zip(rest, decided, strict=True))
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


def _table(decided: Sequence[dict[str, Json]]) -> pa.Table:
    """Decisions of JSON lines as a table, with the columns ``line`` and ``id``."""
    import pyarrow as pa

    numbers = pa.array([row["line"] for row in decided], pa.int64())
    ids = pa.array([row.get("id") for row in decided], pa.string())
    return beside(pa.table([numbers, ids], names=["line", "id"]), decided)


def _encoded(kind: str, whole: pa.Table | bytes, first: int) -> bytes:
    """Rows as the part of a file: lines of JSON or CSV, or an Arrow stream."""
    if isinstance(whole, bytes):
        return whole
    if kind == ".csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([map(_cell, row.values()) for row in _rows(whole, first, kind)])
        return text.getvalue().encode()
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return sink.getvalue()


def _cell(value: Json) -> Json:
    """What a CSV shows: lists and objects as JSON, nothing for null."""
    return "" if value is None else text_of(value) if isinstance(value, (list, dict)) else value


def _no_rows(columns: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    return pa.table({name: pa.array([], pa.string()) for name in columns})


def _about(file: Path, kind: str, rows: int, identity: str) -> dict[str, Json]:
    """What the parts of an earlier call have to agree with, so that they are taken."""
    with storing(file):
        size, changed = file.stat().st_size, file.stat().st_mtime_ns
    return {
        "file": str(file.resolve()),
        "size": size,
        "changed": changed,
        "kind": kind,
        "rows": rows,
        "policy": identity,
        "version": __version__,
    }


def _resumed(parts: Path, about: dict[str, Json]) -> dict[int, dict[str, Any]]:
    """Counts of the chunks that an earlier call of the same kind has decided, by first row."""
    note = parts / "about.json"
    with storing(parts):
        if not (note.is_file() and note.read_text(encoding="utf-8") == json.dumps(about)):
            for one in parts.iterdir():
                if one.name != LOCK:
                    one.unlink()
            write_atomic(note, json.dumps(about))
        tallies = [one for one in parts.glob("*.json") if one != note]
        return {int(one.stem): json.loads(one.read_text(encoding="utf-8")) for one in tallies}


def _assemble(out: Path, kind: str, parts: Sequence[Path], header: Sequence[str]) -> None:
    """One file of all parts, under another name until it is whole."""
    whole = out.with_name(f".{out.name}.whole")
    with storing(out):
        if kind == ".parquet":
            _parquet(whole, parts)
        else:
            with whole.open("wb") as stream:
                if kind == ".csv":
                    text = io.StringIO()
                    csv.writer(text, lineterminator="\n").writerow(header)
                    stream.write(text.getvalue().encode())
                for part in parts:
                    with part.open("rb") as read:
                        shutil.copyfileobj(read, stream)
        whole.replace(out)


def _parquet(whole: Path, parts: Sequence[Path]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    def tables() -> Iterator[pa.Table]:
        for part in parts:
            with pa.ipc.open_stream(part.read_bytes()) as stream:
                yield stream.read_all()

    every = tables()
    first = next(every)
    with parquet.ParquetWriter(whole, first.schema) as writer:
        writer.write_table(first)
        for table in every:
            writer.write_table(table)
