"""What an index keeps for good: each function's words and vectors, by content hash, in one SQLite file.

Rows are only ever added, with ids 0, 1, 2... in order. SQLite's write-ahead log makes a cut-off write vanish as a whole; its last rows may
be lost with the power, and are then embedded again. Everything else in an index is derived from these rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import sqlite3
import threading
import weakref
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from logicdistill.errors import StorageError
from logicdistill.retrieval.exact import Vectors, words_of
from logicdistill.types import Function

FORMAT = 1
FILE = "functions.sqlite"
SCHEMA = (
    "create table if not exists meta (name text primary key, value text not null) without rowid",
    """create table if not exists functions (
      id integer primary key, key blob not null unique, words text not null,
      texts integer not null, checksum integer not null, vectors blob not null
    )""",
)


class DamagedError(Exception):
    """A file of an index is not what was written; the index is rebuilt."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row: ``vectors`` has shape [texts, width]."""

    id: int
    words: str
    vectors: Vectors


def key_of(function: Function) -> bytes:
    """Names exactly what an index keeps of a function: its file, and the texts that were made of it."""
    text = "\0".join((function.content_hash, function.name, *function.texts))
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:16]


class Records:
    """Rows of one stage's functions.

    Args:
        folder: holds the file; None keeps everything in memory.
        encoder: names what makes the vectors; rows of another encoder are of no use.

    Attributes:
        id: of this file; one that is begun anew has another.

    Raises:
        DamagedError: the file is damaged, of another format, or of another encoder.
        StorageError, OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path | None, encoder: str) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = threading.RLock()
        place = ":memory:" if folder is None else folder / FILE
        try:
            self._connection = sqlite3.connect(
                place, timeout=10, isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            raise StorageError(f"{folder}: {error}") from None
        weakref.finalize(self, self._connection.close)
        try:
            self._open(f"format {FORMAT}, encoder {encoder}")
        except BaseException:
            self.close()
            raise

    def _open(self, made_by: str) -> None:
        self._all("pragma page_size = 8192")  # a function with a few texts on one page
        self._all("pragma journal_mode = wal")
        self._all("pragma synchronous = normal")
        self._all(f"pragma mmap_size = {1 << 34}")
        for statement in SCHEMA:
            self._all(statement)
        self._all(
            "insert or ignore into meta values ('made by', ?), ('id', ?)",
            (made_by, secrets.token_hex(8)),
        )
        meta = dict(self._all("select name, value from meta"))
        if meta["made by"] != made_by:
            raise DamagedError(f"made by {meta['made by']}, wanted {made_by}")
        self.id = meta["id"]
        if self._all("select count(*) from functions")[0][0] != len(self):
            raise DamagedError("rows are missing")

    def __len__(self) -> int:
        with self._lock:
            last = self._all("select max(id) from functions")[0][0]
            return 0 if last is None else int(last) + 1

    def find(self, functions: Sequence[Function]) -> list[int | None]:
        """Id of each function, None where it has no row."""
        keys = [key_of(function) for function in functions]
        found: dict[bytes, int] = {}
        with self._lock:
            for start in range(0, len(keys), 500):
                part = keys[start : start + 500]
                marks = ",".join("?" * len(part))
                found.update(
                    self._all(f"select key, id from functions where key in ({marks})", part)
                )
        return [found.get(key) for key in keys]

    def add(self, functions: Sequence[Function], vectors: Sequence[Vectors]) -> None:
        """Add rows in one transaction; a function that another process added meanwhile keeps its row."""
        with self._lock:
            self._all("begin immediate")
            try:
                number = len(self)
                for function, rows in zip(functions, vectors, strict=True):
                    data = np.ascontiguousarray(rows, dtype="<f4").tobytes()
                    row = (
                        number,
                        key_of(function),
                        words_of(function),
                        len(rows),
                        zlib.crc32(data),
                        data,
                    )
                    number += len(
                        self._all(
                            "insert or ignore into functions values (?, ?, ?, ?, ?, ?) returning id",
                            row,
                        )
                    )
                self._all("commit")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("rollback")
                raise

    def vectors(self, ids: Sequence[int]) -> tuple[Vectors, list[int]]:
        """Vectors of the rows with these distinct ids, one below the other in their order, and how many texts each has.

        Raises:
            DamagedError: a row is missing or not what was written.
        """
        listed = ",".join(map(str, ids))
        with self._lock:
            found = {
                row[0]: row[1:]
                for row in self._all(
                    f"select id, texts, checksum, vectors from functions where id in ({listed})"
                )
            }
        if len(found) != len(ids):
            raise DamagedError("rows are missing")
        ordered = [found[number] for number in ids]
        counts = [texts for texts, _, _ in ordered]
        return _shaped(
            b"".join(_checked(data, checksum) for _, checksum, data in ordered), sum(counts)
        ), counts

    def read(self, first: int, end: int) -> Iterator[Record]:
        """Rows ``first`` to ``end`` (exclusive), a thousand at a time.

        Raises:
            DamagedError: as `vectors`.
        """
        for start in range(first, end, 1000):
            with self._lock:
                rows = self._all(
                    "select id, words, texts, checksum, vectors from functions where id >= ? and id < ? order by id",
                    (start, min(start + 1000, end)),
                )
            for number, said, texts, checksum, data in rows:
                yield Record(number, said, _shaped(_checked(data, checksum), texts))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:  # disk full, read-only, locked for too long
            raise StorageError(f"{self.folder}: {error}") from None
        except sqlite3.DatabaseError as error:
            raise DamagedError(str(error)) from None


def _checked(data: bytes, checksum: int) -> bytes:
    if zlib.crc32(data) != checksum:
        raise DamagedError("a vector is not what was written")
    return data


def _shaped(data: bytes, texts: int) -> Vectors:
    return np.frombuffer(data, "<f4").reshape(texts, len(data) // 4 // max(1, texts))
