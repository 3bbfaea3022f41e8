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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import numpy as np

from logicdistill.errors import LogicDistillError, StorageError
from logicdistill.retrieval.vectors import Vectors
from logicdistill.retrieval.words import words, words_of
from logicdistill.types import Function

PARTITION = 2048
"""Rows in a partition of the vector index."""

PROBES = 12
"""Partitions that a search looks at."""

INDEXED = 2 * PARTITION
"""Rows from which there is a vector index; LanceDB scans fewer."""

LISTED = 1000
"""Up to so many keys are looked up by name; for more, the key column is read whole."""

OLD = timedelta(minutes=10)
"""Versions of a table older than this are removed; every search looks for a newer one first."""


class DamagedError(LogicDistillError):
    """A table cannot be read."""


def missing_lancedb() -> str:
    """One line that says what to install; empty where LanceDB is there."""
    there = importlib.util.find_spec("lancedb") is not None
    return "" if there else 'a large base needs LanceDB: pip install "logicdistill[large]"'


class StageTable:
    """Functions by key, with their words and vectors.

    Args:
        place: a folder, or a bucket (``s3://...``); credentials come from the environment.
        name: of the table; it is made where it is not there.
        width: of a vector; 0 keeps no vectors.

    Attributes:
        waiting: functions (when opened: rows) that came since the last `optimise`.
        calls: of `add` since then; each makes every search a little slower.

    Raises:
        DamagedError: (every method) the table cannot be opened, made or read.
    """

    def __init__(self, place: str, name: str, width: int) -> None:
        os.environ.setdefault("LANCEDB_LOG", "error")  # its warnings are about its own internals
        import lancedb
        import pyarrow as pa

        columns = [("key", pa.string()), ("text", pa.int32()), ("words", pa.string())]
        if width:
            columns += [("checksum", pa.int64()), ("vector", pa.list_(pa.float32(), width))]
        self._place, self._width, self._schema, self.calls = place, width, pa.schema(columns), 0
        with _failing_as(DamagedError, place):
            database = lancedb.connect(place, read_consistency_interval=timedelta(0))
            self._table = database.create_table(name, schema=self._schema, exist_ok=True)
            if not self._table.list_indices():
                self._table.create_index("words", config=_indices(0)["words"])
            # A process that ended before `optimise` left these.
            self.waiting = self._table.index_stats("words_idx").num_unindexed_rows

    def present(self, keys: Sequence[str]) -> set[str]:
        """Keys of the table; with up to `LISTED` given, those among them."""
        if not keys:
            return set()
        return set(self._rows(["key"], keys if len(keys) <= LISTED else ())["key"].to_pylist())

    def add(self, functions: Mapping[str, Function], vectors: Sequence[Vectors]) -> None:
        """Add functions by key, with their texts' vectors [texts, width], in one transaction.

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
                rows["vector"] += [*mine]
        with _failing_as(StorageError, f"cannot write {self._place}"):
            self._table.add(pa.table(rows, schema=self._schema))
        self.waiting, self.calls = self.waiting + len(functions), self.calls + 1

    def best(
        self, kind: str, view: str, asked: Vectors, count: int, live: Mapping[str, Function]
    ) -> dict[str, float]:
        """Scores of one search by key, best first, of ``live`` functions alone.

        ``lexical``: BM25 of functions that share a word with the view. ``dense``: cosine of the
        text nearest to ``asked``, the view's vector. It looks at ``count`` rows; at more until half
        as many functions are found.
        """
        from lancedb.query import MatchQuery

        said, wanted, found = " ".join(words(view)), count, dict[str, float]()
        lexical, column = kind == "lexical", "_score" if kind == "lexical" else "_distance"
        while said or not lexical:  # many rows may be of one function, or not live
            with _failing_as(DamagedError, self._place):
                query = self._table.search(MatchQuery(said, "words") if lexical else asked)
                if not lexical:
                    query = query.distance_type("cosine").nprobes(PROBES)
                rows = query.select(["key", column]).limit(wanted).to_arrow()
            found = {}
            for key, value in zip(rows["key"].to_pylist(), rows[column].to_pylist(), strict=True):
                if key in live and len(found) < count:
                    found.setdefault(key, value if lexical else 1.0 - value)
            if 2 * len(found) >= count or len(rows) < wanted:
                break
            wanted *= 4
        return found

    def vectors(self, keys: Sequence[str]) -> dict[str, Vectors]:
        """Vectors by key, shape [texts, width]; only keys that are there.

        Raises:
            DamagedError: also where a vector is not what was written.
        """
        found = self._rows(columns := ["key", "text", "checksum", "vector"], keys)
        rows = np.asarray(found["vector"].combine_chunks().flatten(), np.float32)
        names, texts, sums = (found[name].to_pylist() for name in columns[:3])
        by_key: dict[str, dict[int, Vectors]] = {}
        every = zip(names, texts, sums, rows.reshape(-1, self._width), strict=True)
        for key, text, crc, row in every:
            if _checksum(row) != crc:
                raise DamagedError(f"{self._place}: a vector is not what was written")
            by_key.setdefault(key, {})[text] = row
        return {key: np.stack([mine[n] for n in sorted(mine)]) for key, mine in by_key.items()}

    def optimise(self) -> None:
        """Bring new rows into the indices; searches go on meanwhile."""
        self.waiting = self.calls = 0
        with _failing_as(DamagedError, self._place):
            covered = {}
            for index in self._table.list_indices():
                stats = self._table.index_stats(index.name)
                covered[index.columns[0]] = stats.num_indexed_rows > stats.num_unindexed_rows
            for column, config in _indices(self._table.count_rows()).items():
                if column in self._schema.names and not covered.get(column):
                    self._table.create_index(column, config=config, replace=True)
            self._table.optimize(cleanup_older_than=OLD)

    def _rows(self, columns: list[str], keys: Sequence[str]) -> Any:
        """Rows of these keys; of all for none."""
        with _failing_as(DamagedError, self._place):
            query = self._table.search().select(columns)
            if keys:
                query = query.where(f"key in ({', '.join(map(repr, keys))})")
            return query.to_arrow()


def _indices(rows: int) -> dict[str, Any]:
    """By column, for a table of so many rows."""
    from lancedb.index import FTS, BTree, IvfSq

    # `words` has split and lowered the text already.
    off = dict.fromkeys(("stem", "remove_stop_words", "ascii_folding"), False)
    plain: Any = FTS(base_tokenizer="whitespace", max_token_length=None, **off)
    found = {"words": plain, "key": BTree()}
    if rows >= INDEXED:
        size: Any = {"num_partitions": rows // PARTITION, "max_iterations": 20, "sample_rate": 64}
        found["vector"] = IvfSq(distance_type="cosine", **size)
    return found


@contextmanager
def _failing_as(kind: type[LogicDistillError], what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # ValueError, RuntimeError, OSError and a panic of its own alike
        line = (str(error) or type(error).__name__).splitlines()[0]
        line = re.sub(r", \S*/registry/src/.*", "", line)[:200]  # without lines of LanceDB's source
        raise kind(f"{what}: {line}") from None


def _checksum(row: Vectors) -> int:
    return zlib.crc32(np.ascontiguousarray(row, "<f4").tobytes())
