"""Functions in LanceDB: a folder or a bucket that many machines fill and search, for bases that have outgrown one machine's index.

One table a stage and encoder, one row a text. A function's row is named by the hash of its content, so a rollback finds it again; what is
not in the set asked about is passed over, never deleted. Rows that came since the last `optimise` are searched one by one.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from logicdistill.errors import MissingExtraError, StorageError
from logicdistill.files import digest
from logicdistill.protocols import Embedder
from logicdistill.retrieval.bm25 import words
from logicdistill.retrieval.exact import words_of
from logicdistill.retrieval.ranks import depth, filled, fuse
from logicdistill.retrieval.records import key_of
from logicdistill.types import Function

BLOCK = 256
"""Functions that are embedded, and written, at a time."""

GRAPH_FROM = 65_536
"""Rows from which `optimise` builds a graph over the vectors; below, LanceDB scans them."""

NAMED = 1000
"""Up to so many functions are named in the search itself; of larger sets, what is not in them is passed over."""


class StoreRetriever:
    """Lexical and dense search in LanceDB, fused by reciprocal rank.

    Args:
        uri: a folder, or a bucket (``s3://...``, ``gs://...``, ``az://...``) with the credentials that LanceDB reads from the environment.
        embedder: texts to unit vectors.
        encoder: names what the embedder computes; each encoder has tables of its own.

    Raises:
        MissingExtraError: LanceDB is not installed.
        StorageError: the place cannot be reached.
    """

    def __init__(self, uri: str, embedder: Embedder, encoder: str = "") -> None:
        if importlib.util.find_spec("lancedb") is None:
            raise MissingExtraError('a store needs LanceDB: pip install "logicdistill[store]"')
        import lancedb

        self._embedder, self._encoder, self._uri = embedder, digest(encoder)[:8], uri
        self._database = self._reached(lambda: lancedb.connect(uri))
        self._tables: dict[str, Any] = {}
        self._keys: dict[str, set[str]] = {}
        self._filling = threading.Lock()
        self._set: tuple[tuple[Function, ...], dict[str, Function]] = ((), {})

    def top(
        self, views: Sequence[str], functions: tuple[Function, ...], k: int
    ) -> list[tuple[Function, ...]]:
        """See `logicdistill.protocols.Retriever`; the functions are of one stage.

        Raises:
            StorageError: the store cannot be read or written.
        """
        if not functions or not views:
            return [() for _ in views]
        asked = np.asarray(self._embedder.embed(list(views)), dtype=np.float32)
        by_key = self._named(functions)
        with self._filling:  # `Policy.decide_many` searches from two threads
            table = self._filled(functions[0].stage, by_key)
        found = []
        for view, row in zip(views, asked, strict=True):
            ranked = [
                (kind, self._ranked(search, by_key, depth(k)))
                for kind, search in self._searches(table, view, row)
            ]
            found.append(filled([by_key[key] for key in fuse(ranked, k)], functions, k))
        return found

    def optimise(self, stage: str) -> None:
        """Bring a stage's new rows into its indices, as one does after many additions; searches go on meanwhile.

        Raises:
            StorageError: the store cannot be read or written.
        """
        self._reached(lambda: self._optimise(self._table(stage)))

    def _optimise(self, table: Any) -> None:
        from lancedb.index import HnswSq

        built = {index.columns[0] for index in table.list_indices()}
        if "vector" not in built and table.count_rows() >= GRAPH_FROM:
            table.create_index("vector", config=HnswSq(distance_type="cosine"))
        table.optimize()

    def _named(self, functions: tuple[Function, ...]) -> dict[str, Function]:
        known, by_key = self._set
        if known is not functions and known != functions:
            by_key = {key_of(function).hex(): function for function in functions}
            self._set = (functions, by_key)
        return by_key

    def _table(self, stage: str) -> Any:
        if stage not in self._tables:
            import pyarrow as pa
            from lancedb.index import FTS

            width = len(self._embedder.embed(["width"])[0])
            columns = [
                ("key", pa.string()),
                ("words", pa.string()),
                ("vector", pa.list_(pa.float32(), width)),
            ]
            table = self._database.create_table(
                f"{stage}-{self._encoder}", schema=pa.schema(columns), exist_ok=True
            )
            if not table.list_indices():
                plain = FTS(
                    base_tokenizer="whitespace",
                    max_token_length=None,
                    stem=False,
                    remove_stop_words=False,
                    ascii_folding=False,
                )
                table.create_index("words", config=plain)
            self._tables[stage] = table
        return self._tables[stage]

    def _filled(self, stage: str, by_key: dict[str, Function]) -> Any:
        """The stage's table, once it holds these functions."""
        table = self._reached(lambda: self._table(stage))
        there = self._keys.setdefault(stage, set())
        if by_key.keys() <= there:
            return table
        there |= set(
            self._reached(lambda: table.search().select(["key"]).to_arrow())["key"].to_pylist()
        )  # others may have added them
        new = [key for key in by_key if key not in there]
        for start in range(0, len(new), BLOCK):
            block = [by_key[key] for key in new[start : start + BLOCK]]
            texts = list(dict.fromkeys(text for function in block for text in function.embedded))
            vectors = dict(zip(texts, self._embedder.embed(texts), strict=True))
            rows = [
                {
                    "key": key_of(function).hex(),
                    "words": "" if number else " ".join(words(words_of(function))),
                    "vector": vectors[text],
                }
                for function in block
                for number, text in enumerate(function.embedded)
            ]
            self._reached(partial(table.add, rows))
            there |= set(new[start : start + BLOCK])
        return table

    @staticmethod
    def _searches(table: Any, view: str, asked: np.ndarray) -> list[tuple[str, Callable[[], Any]]]:
        """Searches by words, where there are any, and by vector: the kind, and what makes the query."""
        from lancedb.query import BooleanQuery, MatchQuery, Occur

        said = words(view)
        by_words = BooleanQuery(
            [(Occur.SHOULD, MatchQuery(word, "words", fuzziness=0)) for word in said]
        )
        searches: list[tuple[str, Callable[[], Any]]] = [
            (
                "dense",
                lambda: table.search(asked).distance_type("cosine").select(["key", "_distance"]),
            )
        ]
        if said:
            searches.insert(
                0, ("lexical", lambda: table.search(by_words).select(["key", "_score"]))
            )
        return searches

    def _ranked(
        self, search: Callable[[], Any], by_key: dict[str, Function], count: int
    ) -> list[str]:
        """The first ``count`` keys of the set that a search gives; more is asked for while too few of its rows are in the set."""
        wanted = 2 * count
        while True:
            query = search().limit(wanted)
            if len(by_key) <= NAMED:
                query = query.where(
                    f"key in ({', '.join(repr(key) for key in by_key)})", prefilter=True
                )
            rows = self._reached(query.to_arrow)["key"].to_pylist()
            found = [key for key in dict.fromkeys(rows) if key in by_key]
            if len(found) >= count or len(rows) < wanted:
                return found[:count]
            wanted *= 4

    def _reached(self, work: Callable[[], Any]) -> Any:
        # LanceDB's engine raises ValueError, RuntimeError and OSError alike.
        try:
            return work()
        except (ValueError, RuntimeError, OSError) as error:
            first = (str(error) or type(error).__name__).splitlines()[0][:200]
            raise StorageError(
                f"store {self._uri}: {first}; check the place and its credentials, then repeat"
            ) from None
