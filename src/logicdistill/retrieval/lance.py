"""One stage's functions in LanceDB: a table in a folder or a bucket, searched by words and vectors.

One row a text; the first row of a function holds its words. Rows are added and never changed, so a
removed function is passed over and a rollback finds it again. LanceDB scans the rows that came
since `StageTable.optimise`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np

from logicdistill.errors import LogicDistillError, StorageError
from logicdistill.retrieval.vectors import Vectors
from logicdistill.retrieval.words import words, words_of
from logicdistill.types import Function

PARTITION = 2048
"""Rows in a partition of the vector index."""

PROBES = 24
"""Partitions that a search looks at."""

INDEXED = 2 * PARTITION
"""Rows from which there is a vector index; LanceDB scans fewer."""

LISTED = 1000
"""Up to so many keys are looked up by name; for more, the key column is read whole."""

OLD = timedelta(minutes=10)
"""Versions of a table older than this are removed; every search looks for a newer one first."""

Result = TypeVar("Result")


class DamagedError(LogicDistillError):
    """A table cannot be read."""


def missing_lancedb() -> str:
    """One line that says what to install; empty where LanceDB is there."""
    there = importlib.util.find_spec("lancedb") is not None
    return "" if there else 'a large base needs LanceDB: pip install "logicdistill[large]"'


class StageTable:
    """Functions by key, with their words and vectors.

    Args:
        place: a folder, or a bucket (``s3://...``, ``gs://...``, ``az://...``); credentials come
            from the environment.
        name: of the table; it is made where it is not there.
        width: of a vector; 0 keeps no vectors.

    Attributes:
        waiting: functions (when opened: rows) that came since the last `optimise`.
        calls: of `add` since then; each makes every search a little slower.

    Raises:
        DamagedError: the table cannot be opened or made.
    """

    def __init__(self, place: str, name: str, width: int) -> None:
        os.environ.setdefault("LANCEDB_LOG", "error")  # its warnings are about its own internals
        import lancedb
        import pyarrow as pa

        columns = [("key", pa.string()), ("text", pa.int32()), ("words", pa.string())]
        if width:
            columns += [("checksum", pa.int64()), ("vector", pa.list_(pa.float32(), width))]
        self._place, self._width, self._schema = place, width, pa.schema(columns)
        self.waiting = self.calls = 0
        self._table = self._read(lambda: self._opened(lancedb, name))

    def _opened(self, lancedb: Any, name: str) -> Any:
        database = lancedb.connect(self._place, read_consistency_interval=timedelta(0))
        table = database.create_table(name, schema=self._schema, exist_ok=True)
        if not table.list_indices():
            table.create_index("words", config=self._configs(0)["words"])
        # A process that ended before `optimise` left these.
        self.waiting = table.index_stats("words_idx").num_unindexed_rows
        return table

    @staticmethod
    def _configs(rows: int) -> dict[str, Any]:
        from lancedb.index import FTS, BTree, IvfSq

        # `words` has split and lowered the text already.
        plain = FTS(
            base_tokenizer="whitespace",
            max_token_length=None,
            stem=False,
            remove_stop_words=False,
            ascii_folding=False,
        )
        found: dict[str, Any] = {"words": plain, "key": BTree()}
        if rows >= INDEXED:
            found["vector"] = IvfSq(
                distance_type="cosine",
                num_partitions=rows // PARTITION,
                max_iterations=20,
                sample_rate=64,
            )
        return found

    def present(self, keys: Sequence[str]) -> set[str]:
        """Keys of the table; with up to `LISTED` given, those among them.

        Raises:
            DamagedError: the table cannot be read.
        """
        if not keys:
            return set()
        among = _among(keys) if len(keys) <= LISTED else None
        return set(self._read(lambda: self._rows(["key"], among))["key"].to_pylist())

    def add(self, functions: Mapping[str, Function], vectors: Sequence[Vectors]) -> None:
        """Add functions in one transaction.

        Args:
            functions: by key.
            vectors: of their texts, each of shape [texts, width].

        Raises:
            StorageError: the place cannot be written.
        """
        import pyarrow as pa

        rows: dict[str, list[Any]] = {name: [] for name in self._schema.names}
        for (key, function), mine in zip(functions.items(), vectors, strict=True):
            texts = len(mine) if self._width else 1
            rows["key"] += [key] * texts
            rows["text"] += range(texts)
            rows["words"] += [" ".join(words(words_of(function))), *[None] * (texts - 1)]
            if self._width:
                rows["checksum"] += [_checksum(row) for row in mine]
        columns = {name: pa.array(found) for name, found in rows.items() if name != "vector"}
        if self._width:
            flat = pa.array(np.concatenate(vectors).astype(np.float32).ravel())
            columns["vector"] = pa.FixedSizeListArray.from_arrays(flat, self._width)
        made = pa.table(columns).cast(self._schema)
        try:
            self._table.add(made)
        except Exception as error:  # see `_read`
            raise StorageError(f"cannot write {self._place}: {_line(error)}") from None
        self.waiting, self.calls = self.waiting + len(functions), self.calls + 1

    def by_words(self, view: str, count: int, live: Mapping[str, Function]) -> dict[str, float]:
        """BM25 scores by key, best first; none of functions that share no word.

        Args:
            view: the query.
            count: rows that are looked at; more until half as many functions are found.
            live: all others are passed over.

        Raises:
            DamagedError: the table cannot be read.
        """
        from lancedb.query import MatchQuery

        said = " ".join(words(view))
        if not said:
            return {}
        return self._best(
            lambda: self._table.search(MatchQuery(said, "words")), "_score", count, live
        )

    def nearest(self, asked: Vectors, count: int, live: Mapping[str, Function]) -> dict[str, float]:
        """Cosines of the nearest text by key, nearest first; arguments as of `by_words`."""
        found = self._best(
            lambda: self._table.search(asked).distance_type("cosine").nprobes(PROBES),
            "_distance",
            count,
            live,
        )
        return {key: 1.0 - distance for key, distance in found.items()}

    def _best(
        self, search: Callable[[], Any], column: str, count: int, live: Mapping[str, Function]
    ) -> dict[str, float]:
        """The first ``count`` live keys of a search with their values."""
        wanted = count
        while True:  # many rows may be of one function, or not live
            rows = self._read(
                lambda: search().select(["key", column]).limit(wanted).to_arrow()  # noqa: B023
            )
            found: dict[str, float] = {}
            for key, value in zip(rows["key"].to_pylist(), rows[column].to_pylist(), strict=True):
                if key in live and len(found) < count:
                    found.setdefault(key, value)
            if 2 * len(found) >= count or len(rows) < wanted:
                return found
            wanted *= 4

    def vectors(self, keys: Sequence[str]) -> dict[str, Vectors]:
        """Vectors by key, shape [texts, width]; only keys that are there.

        Raises:
            DamagedError: the table cannot be read, or a vector is not what was written.
        """
        columns = ["key", "text", "checksum", "vector"]
        found = self._read(lambda: self._rows(columns, _among(keys)))
        rows = np.asarray(found["vector"].combine_chunks().flatten(), np.float32)
        by_key: dict[str, dict[int, Vectors]] = {}
        for key, text, written, row in zip(
            *(found[name].to_pylist() for name in columns[:3]),
            rows.reshape(-1, self._width),
            strict=True,
        ):
            if _checksum(row) != written:
                raise DamagedError(f"{self._place}: a vector is not what was written")
            by_key.setdefault(key, {})[text] = row
        return {
            key: np.stack([texts[text] for text in sorted(texts)]) for key, texts in by_key.items()
        }

    def optimise(self) -> None:
        """Bring new rows into the indices; searches go on meanwhile.

        Raises:
            DamagedError: the table cannot be read or written.
        """
        self.waiting = self.calls = 0
        self._read(self._optimised)

    def _optimised(self) -> None:
        covered = {}
        for index in self._table.list_indices():
            stats = self._table.index_stats(index.name)
            covered[index.columns[0]] = stats.num_indexed_rows > stats.num_unindexed_rows
        for column, config in self._configs(self._table.count_rows()).items():
            if column in self._schema.names and not covered.get(column):
                self._table.create_index(column, config=config, replace=True)
        self._table.optimize(cleanup_older_than=OLD)

    def _rows(self, columns: Sequence[str], where: str | None) -> Any:
        query = self._table.search().select(list(columns))
        return (query.where(where) if where else query).to_arrow()

    def _read(self, work: Callable[[], Result]) -> Result:
        try:
            return work()
        except Exception as error:  # ValueError, RuntimeError, OSError and a panic of its own alike
            raise DamagedError(f"{self._place}: {_line(error)}") from None


def _among(keys: Sequence[str]) -> str:
    return f"key in ({', '.join(repr(key) for key in keys)})"


def _checksum(row: Vectors) -> int:
    return zlib.crc32(np.ascontiguousarray(row, "<f4").tobytes())


def _line(error: Exception) -> str:
    line = (str(error) or type(error).__name__).splitlines()[0]
    return re.sub(r", \S*/registry/src/.*", "", line)[:200]  # without lines of LanceDB's source
