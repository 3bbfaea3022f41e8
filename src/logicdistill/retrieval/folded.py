"""The searchable part of a large index: a graph over vectors (usearch) and an inverted file (tantivy), memory-mapped and never changed.

It covers the records with ids below ``covered``. A larger one is made beside it, from it and the records since, and renamed into place;
what has no manifest, or does not agree with it, is not there.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from logicdistill.files import sync_folder, write_atomic
from logicdistill.retrieval.bm25 import words
from logicdistill.retrieval.exact import Numbers, Vectors
from logicdistill.retrieval.records import DamagedError, Records

EDGES, EXPANSION_ADD = 16, 128
"""Of the graph: neighbours of a node, and how many are looked at when one is added; docs/retrieval.md."""

TEXT_BITS = 16
"""A graph's key is a record's id and, in its last bits, the number of the text."""

BATCH = 1024
GRAPH_FILE, WORDS_FOLDER, MANIFEST = "graph.usearch", "words", "manifest.json"


def missing_engine() -> str:
    """What has to be installed before a large base can be indexed, in one line; empty where everything is there."""
    missing = [name for name in ("tantivy", "usearch") if importlib.util.find_spec(name) is None]
    return (
        f'an index needs {" and ".join(missing)}: pip install "logicdistill[large]"'
        if missing
        else ""
    )


class Folded:
    """Search over the records of one index up to ``covered``.

    Args:
        folder: made by `fold`.

    Attributes:
        of: id of the records that it is made of.
        covered: records with smaller ids are in it.
        length: words in them altogether.

    Raises:
        DamagedError: a file is missing or not what was written.
    """

    def __init__(self, folder: Path) -> None:
        import tantivy

        self.folder = folder
        self.of, self.covered, self.length, self.texts = _verified(folder)
        try:
            self._words = tantivy.Index.open(str(folder / WORDS_FOLDER))
            self._searcher = self._words.searcher()
            options = {"expansion_search": _looked_at(self.texts), "enable_key_lookups": False}
            self._graph = (
                _graphs().restore(str(folder / GRAPH_FILE), view=True, **options)
                if self.texts
                else None
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise DamagedError(f"{folder.name}: {error}") from None
        if self._searcher.num_docs != self.covered or (
            self._graph is not None and len(self._graph) != self.texts
        ):
            raise DamagedError(f"{folder.name}: functions are missing")

    def holding(self, word: str) -> int:
        """How many functions hold a word."""
        return int(self._searcher.doc_freq("words", word))

    def telling(self, view: str) -> str:
        """The words of a view that at most half of the functions hold: the others cost most of a search, and tell least."""
        return " ".join(word for word in words(view) if 2 * self.holding(word) <= self.covered)

    def best_by_words(self, view: str, count: int) -> tuple[Numbers, np.ndarray]:
        """Ids with the highest BM25 scores, best first, and their scores; fewer than ``count`` where fewer share a word."""
        import tantivy

        schema = self._words.schema
        asked = Counter(words(view))
        terms = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.term_query(schema, "words", word, "freq"), float(times)
                ),
            )
            for word, times in asked.items()
        ]
        hits = (
            self._searcher.search(tantivy.Query.boolean_query(terms), count, count=False).hits
            if terms
            else []
        )
        ids = self._searcher.fast_field_values("id", [address for _, address in hits])
        return np.asarray(ids, np.intp), np.asarray([score for score, _ in hits], np.float64)

    def best_by_vector(self, asked: Vectors, count: int) -> tuple[Numbers, bool]:
        """Ids of about ``count`` texts' functions near a vector, nearest first, each once; and whether these are all that there are."""
        if self._graph is None:
            return np.zeros(0, np.intp), True
        wanted = min(count, self.texts)
        keys = self._graph.search(asked, wanted, threads=1).keys.astype(np.uint64)
        ids = (keys >> np.uint64(TEXT_BITS)).astype(np.intp)
        _, first = np.unique(ids, return_index=True)
        return ids[np.sort(first)], wanted == self.texts


def newest(folder: Path) -> Folded | None:
    """The folded part of an index folder; None where there is none yet.

    Raises:
        DamagedError: the newest one is damaged.
    """
    found = _folds(folder)
    return Folded(found[-1]) if found else None


def tidy(folder: Path) -> None:
    """Remove older parts, and what folds that died have left; only for who holds the folder's lock."""
    for left in (*folder.glob(".fold-*"), *_folds(folder)[:-1]):
        shutil.rmtree(left, ignore_errors=True)


def fold(folder: Path, previous: Folded | None, records: Records, end: int) -> Folded:
    """A part that covers the records below ``end``, from the previous part and the records that it does not cover.

    Args:
        folder: the index's; the new part replaces the previous one in it.
        previous: grows by what is new; None begins anew.
        records: read from ``previous.covered`` on.
        end: at most the number of records.

    Raises:
        DamagedError: a record or the previous part is damaged.
        OSError: the folder cannot be written.
    """
    import tantivy

    target = folder / f"fold-{end}"
    made = Path(tempfile.mkdtemp(prefix=".fold-", dir=folder))
    try:
        (made / WORDS_FOLDER).mkdir()
        if previous is not None:
            for file in (previous.folder / WORDS_FOLDER).iterdir():
                if not file.name.endswith(".lock"):
                    _link(file, made / WORDS_FOLDER / file.name)
        inverted = tantivy.Index(_schema(), path=str(made / WORDS_FOLDER), reuse=True)
        writer = inverted.writer(heap_size=64_000_000, num_threads=1)
        graph: Any = None
        if previous is not None and previous.texts:
            graph = _empty_graph(0)
            graph.load(str(previous.folder / GRAPH_FILE))
        length = previous.length if previous else 0
        keys: list[int] = []
        rows: list[Vectors] = []

        def insert() -> None:
            nonlocal graph
            if keys:
                vectors = np.concatenate(rows)
                graph = _empty_graph(vectors.shape[1]) if graph is None else graph
                graph.add(np.asarray(keys, np.uint64), vectors, threads=1)
                keys.clear()
                rows.clear()

        for record in records.read(previous.covered if previous else 0, end):
            document = tantivy.Document()
            document.add_unsigned("id", record.id)
            document.add_text("words", " ".join(words(record.words)))
            writer.add_document(document)
            length += len(words(record.words))
            if record.vectors.shape[1]:
                keys += [record.id << TEXT_BITS | text for text in range(len(record.vectors))]
                rows.append(record.vectors)
            if len(keys) >= BATCH:
                insert()
        insert()
        writer.commit()
        writer.wait_merging_threads()
        if graph is not None:
            graph.save(str(made / GRAPH_FILE))
        for lock in (made / WORDS_FOLDER).glob("*.lock"):
            lock.unlink(missing_ok=True)
        for file in _files(made):
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        listed = {
            str(file.relative_to(made)): [file.stat().st_size, _checksum(file)]
            for file in _files(made)
        }
        manifest = {
            "of": records.id,
            "covered": end,
            "length": length,
            "texts": 0 if graph is None else len(graph),
            "files": listed,
        }
        write_atomic(made / MANIFEST, json.dumps(manifest, indent=1))
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)
        sync_folder(folder)
    except (RuntimeError, ValueError) as error:  # the engines' own
        raise DamagedError(
            f"{target.name}: {(str(error) or type(error).__name__).splitlines()[0][:200]}"
        ) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return Folded(target)


def discard(folder: Path) -> None:
    """Remove every part; only for who holds the folder's lock."""
    for part in (*folder.glob(".fold-*"), *_folds(folder)):
        shutil.rmtree(part, ignore_errors=True)


def _folds(folder: Path) -> list[Path]:
    return sorted(folder.glob("fold-*"), key=lambda item: int(item.name.removeprefix("fold-")))


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=False, indexed=False, fast=True)
    builder.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _looked_at(texts: int) -> int:
    """How many nodes a search looks at: more in a larger graph, whose recall falls otherwise."""
    return min(768, max(256, texts // 1300))


def _graphs() -> Any:
    # Loading onnxruntime after usearch ends the process (onnxruntime 1.32, usearch 2.26); the other way round they get on.
    import onnxruntime  # noqa: F401
    from usearch.index import Index

    return Index


def _empty_graph(width: int) -> Any:
    # int8: a quarter of the room, and the candidates are scored again with the vectors as they are.
    return _graphs()(
        ndim=width,
        metric="cos",
        dtype="i8",
        connectivity=EDGES,
        expansion_add=EXPANSION_ADD,
        enable_key_lookups=False,
    )


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and file.name != MANIFEST)


def _link(source: Path, target: Path) -> None:
    """The same file in another folder; tantivy replaces files and never writes into one."""
    with contextlib.suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)


def _checksum(file: Path) -> int:
    found = 0
    with file.open("rb") as opened:
        while block := opened.read(1 << 22):
            found = zlib.crc32(block, found)
    return found


def _verified(folder: Path) -> tuple[str, int, int, int]:
    """What the manifest says, once the files agree with it."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        for name, (size, checksum) in manifest["files"].items():
            file = folder / name
            if file.stat().st_size != size or _checksum(file) != checksum:
                raise DamagedError(f"{folder.name}/{name} is not what was written")
        return (
            str(manifest["of"]),
            int(manifest["covered"]),
            int(manifest["length"]),
            int(manifest["texts"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"{folder.name}: {type(error).__name__}: {error}") from None
