"""The retriever of large bases: words (BM25) and vectors (cosine), fused.

Up to `EXACT` functions of a stage every one is scored in memory.
A larger stage is searched in LanceDB (see docs/retrieval.md).
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, count, islice
from operator import is_not
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from logicdistill.errors import MissingExtraError, RunLockedError, StorageError
from logicdistill.files import digest, locked
from logicdistill.protocols import Embedder
from logicdistill.retrieval.lance import DamagedError, StageTable, missing_lancedb
from logicdistill.retrieval.ranks import depth, fuse
from logicdistill.retrieval.vectors import Vectors, key_of, read_vectors, write_vectors
from logicdistill.retrieval.words import Postings, words_of
from logicdistill.types import Function

EXACT = 4096
"""Up to so many functions every one is scored."""

BLOCK, WRITTEN = 256, 8192
"""Functions that are embedded, and written to a table, at a time."""

SETS = 4
"""Sets of functions that are remembered: states of one batch may have different candidates."""

CALLS = 32
"""Calls of `StageTable.add` after which the table is optimised."""

logger = logging.getLogger("logicdistill")
Numbers = npt.NDArray[np.intp]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Settings:
    embedder: Embedder | None
    folder: Path | None
    encoder: str
    exact: int
    store: str | None
    kinds: Sequence[str]


class FusedRetriever:
    """Search by words and by vectors, fused as `logicdistill.retrieval.ranks.fuse` says.

    Args:
        embedder: for search by vectors; None searches by words alone.
        folder: where vectors and tables are kept; None keeps them in memory and in a temporary
            folder.
        encoder: names what the embedder computes; what another encoder left in the folder is
            removed.
        exact: up to so many functions of a stage every one is scored.
        store: a LanceDB folder or bucket for large stages, which other machines may share.
        kinds: the searches: ``lexical``, ``dense`` or both.

    Attributes:
        embed_views: embeds views where set, instead of the embedder; shape [views, width].

    Raises:
        MissingExtraError: a store is named and LanceDB is not installed.
    """

    def __init__(
        self,
        embedder: Embedder | None,
        folder: Path | None = None,
        encoder: str = "",
        exact: int = EXACT,
        *,
        store: str | None = None,
        kinds: Sequence[str] = ("lexical", "dense"),
    ) -> None:
        if store and (missing := missing_lancedb()):
            raise MissingExtraError(missing)
        searches = [kind for kind in kinds if kind == "lexical" or embedder is not None]
        name = digest(encoder)[:8]
        self._settings = _Settings(embedder, folder, name, exact, store, searches)
        self.embed_views: Callable[[Sequence[str]], Vectors] | None = None
        self._stages: dict[str, _Stage] = {}
        self._lock = threading.Lock()

    def top(
        self, views: Sequence[str], functions: tuple[Function, ...], k: int
    ) -> list[tuple[Function, ...]]:
        """See `logicdistill.protocols.Retriever`; the functions are of one stage.

        Raises:
            StorageError: the store cannot be read or written.
        """
        if not functions or not views:
            return [() for _ in views]
        asked = np.zeros((len(views), 0), np.float32)
        if self._settings.embedder is not None and "dense" in self._settings.kinds:
            embed = self.embed_views or self._settings.embedder.embed
            asked = np.asarray(embed(list(views)), dtype=np.float32)
        name = functions[0].stage
        with self._lock:
            if name not in self._stages:
                self._stages[name] = _Stage(name, self._settings)
        return self._stages[name].top(views, asked, functions, k)

    def vectors(self, function: Function) -> Vectors | None:
        """Vectors of a function's texts, shape [texts, width], where a search has computed them."""
        stage = self._stages.get(function.stage)
        return None if stage is None else stage.vectors(function)

    def settle(self) -> None:
        """Wait for work in the background."""
        for stage in self._stages.values():
            stage.settle()

    def close(self) -> None:
        """Wait for work in the background, and forget what is in memory."""
        self.settle()
        self._stages = {}


class _Memory:
    """Functions with their words and vectors, numbered in the order in which they came."""

    def __init__(self) -> None:
        self.numbers: dict[Function, int] = {}
        self._postings = Postings()
        self._rows = np.zeros((0, 0), np.float32)
        self._starts = [0]

    def add(self, function: Function, vectors: Vectors) -> None:
        """Add a function that is not here yet, with vectors of shape [texts, width]."""
        self.numbers[function] = len(self.numbers)
        self._postings.add(words_of(function))
        used, needed = self._starts[-1], self._starts[-1] + len(vectors)
        if needed > len(self._rows):
            larger = np.zeros((max(64, 2 * needed), vectors.shape[1]), np.float32)
            if used:
                larger[:used] = self._rows[:used]
            self._rows = larger
        self._rows[used:needed] = vectors
        self._starts.append(needed)

    def vectors(self, function: Function) -> Vectors | None:
        number = self.numbers.get(function)
        if number is None:
            return None
        return self._rows[self._starts[number] : self._starts[number + 1]]

    def scores(
        self, kind: str, views: Sequence[str], asked: Vectors, live: Numbers
    ) -> npt.NDArray[np.float64]:
        """BM25, or the cosine with a function's nearest text; shape [views, live]."""
        if kind == "lexical":
            return np.stack([self._postings.scores(view, live) for view in views])
        texts = asked @ self._rows[: self._starts[-1]].T
        return np.maximum.reduceat(texts, self._starts[:-1], axis=1)[:, live].astype(np.float64)


class _Stage:
    """Search over changing sets of one stage's functions."""

    _table: StageTable | None
    _set: tuple[Function, ...]
    _live: dict[str, Function]
    _found: dict[Function, None]
    _fetched: dict[Function, Vectors]

    def __init__(self, name: str, settings: _Settings) -> None:
        self._settings, self._name = settings, f"{name}-{settings.encoder}"
        self._lock, self._thread = threading.RLock(), threading.Thread()
        self._folder, self._missing, self._width = settings.folder, "", 0
        self._memory = _Memory()
        self._sets: list[tuple[tuple[Function, ...], Numbers]] = []
        self._file, self._kept = None, dict[str, Vectors]()
        self._forget_table()
        if settings.folder is not None and settings.embedder is not None:
            self._remove(f"{name}-????????.*", but=f"{self._name}.*")
            self._file = settings.folder / f"{self._name}.npz"
            self._kept = read_vectors(self._file)

    def top(
        self, views: Sequence[str], asked: Vectors, functions: tuple[Function, ...], k: int
    ) -> list[tuple[Function, ...]]:
        with self._lock:
            self._width = asked.shape[1]
            if self._is_large(functions):
                return self._repairing(lambda: self._top_of_table(views, asked, functions, k))
            return self._top_of_all(views, asked, functions, k)

    def vectors(self, function: Function) -> Vectors | None:
        with self._lock:
            found = self._memory.vectors(function) if self._width else None
            if found is None and function in self._found:
                found = self._repairing(lambda: self._vectors_of_found().get(function))
            return found

    def settle(self) -> None:
        if self._thread.is_alive():
            self._thread.join()

    def _is_large(self, functions: tuple[Function, ...]) -> bool:
        if len(functions) <= self._settings.exact:
            return False
        if not self._missing and (missing := missing_lancedb()):
            self._missing, stage, number = missing, functions[0].stage, len(functions)
            logger.warning(
                "stage %r: %d functions are searched one by one; %s", stage, number, missing
            )
        return not self._missing

    def _top_of_all(
        self, views: Sequence[str], asked: Vectors, functions: tuple[Function, ...], k: int
    ) -> list[tuple[Function, ...]]:
        """Score every function."""
        # The same objects nearly always: then comparing two sets costs next to nothing.
        live = next((live for known, live in self._sets if known == functions), None)
        if live is None:
            if len(self._memory.numbers) > 4 * max(len(functions), self._settings.exact):
                self._memory, self._sets = _Memory(), []
            numbers = self._memory.numbers
            new = [item for item in dict.fromkeys(functions) if item not in numbers]
            for function, rows in zip(new, self._rows(new), strict=True):
                self._memory.add(function, rows)
            live = np.fromiter((numbers[item] for item in functions), np.intp, len(functions))
            self._sets = [(functions, live), *self._sets[: SETS - 1]]
        scores = {
            kind: self._memory.scores(kind, views, asked, live) for kind in self._settings.kinds
        }
        return [tuple(functions[number] for number in row) for row in fuse(scores, k)]

    def _top_of_table(
        self, views: Sequence[str], asked: Vectors, functions: tuple[Function, ...], k: int
    ) -> list[tuple[Function, ...]]:
        """Search the table; what searches do not find is filled up with the first functions."""
        table, wanted, tops = self._filled(functions), depth(k), []
        for view, row in zip(views, asked, strict=True):
            found: dict[str, Mapping[str, float]] = {}
            if "lexical" in self._settings.kinds:
                found["lexical"] = table.by_words(view, wanted, self._live)
            if "dense" in self._settings.kinds:
                found["dense"] = table.nearest(row, wanted, self._live)
            keys = list(dict.fromkeys(key for mine in found.values() for key in mine))
            scores = {
                kind: np.array([[mine.get(key, -np.inf) for key in keys]])
                for kind, mine in found.items()
            }
            best = [self._live[keys[number]] for number in fuse(scores, k)[0]]
            others = (item for item in functions if item not in best)
            tops.append((*best, *islice(others, k - len(best))))
        self._found = dict.fromkeys(item for top in tops for item in top)
        return tops

    def _filled(self, functions: tuple[Function, ...]) -> StageTable:
        """The table, once it holds these functions."""
        if self._table is None:
            place = self._settings.store or str(self._place())
            self._table = StageTable(place, self._name, self._width)
        table, old = self._table, self._set
        if functions is old:
            return table
        head, tail = _same_ends(old, functions)
        self._set = ()  # if a write fails, everything is looked up again
        for item in old[head : len(old) - tail]:
            self._live.pop(key_of(item), None)
        new = {key_of(item): item for item in functions[head : len(functions) - tail]}
        there = table.present(list(new))
        missing = [key for key in new if key not in there]
        for start in range(0, len(missing), WRITTEN):
            block = {key: new[key] for key in missing[start : start + WRITTEN]}
            table.add(block, self._rows([*block.values()]))
        self._live |= new
        self._set = functions
        if table.waiting > 4 * self._settings.exact:
            logger.warning("%s: an index of %d functions is built", self._name, table.waiting)
            self._optimise(table)
        elif (table.waiting > self._settings.exact or table.calls > CALLS) and (
            not self._thread.is_alive()
        ):
            # No daemon: the interpreter would end in the middle of a write.
            self._thread = threading.Thread(target=self._optimise, args=(table,))
            self._thread.start()
        return table

    def _optimise(self, table: StageTable) -> None:
        store = self._settings.store
        try:
            with contextlib.nullcontext() if store else locked(self._place(), "index"):
                table.optimise()
        except RunLockedError:
            return  # another process does it
        except (DamagedError, StorageError) as error:
            logger.warning("%s: the index was not brought up to date: %s", self._name, error)

    def _vectors_of_found(self) -> dict[Function, Vectors]:
        """Vectors of what the last search found, in one look-up."""
        keys = {key_of(item): item for item in self._found if item not in self._fetched}
        if keys and self._width and self._table is not None:
            kept = self._fetched if len(self._fetched) < EXACT else {}
            rows = self._table.vectors(list(keys))
            self._fetched = kept | {keys[key]: mine for key, mine in rows.items()}
        return self._fetched

    def _rows(self, functions: Sequence[Function]) -> list[Vectors]:
        """Vectors of functions' texts; those of a stage in memory are kept in its file."""
        if not self._width or self._settings.embedder is None:
            return [np.zeros((len(item.embedded), 0), np.float32) for item in functions]
        keys = [key_of(item) for item in functions]
        new = [item for key, item in zip(keys, functions, strict=True) if key not in self._kept]
        found: dict[str, Vectors] = {}
        for start in range(0, len(new), BLOCK):
            block = new[start : start + BLOCK]
            texts = list(dict.fromkeys(text for item in block for text in item.embedded))
            embedded = np.asarray(self._settings.embedder.embed(texts), dtype=np.float32)
            by_text = dict(zip(texts, embedded, strict=True))
            for item in block:
                found[key_of(item)] = np.stack([by_text[text] for text in item.embedded])
        if found and self._table is None:
            self._kept |= found
            if self._file is not None and not write_vectors(self._file, self._kept):
                self._file = None
        return [self._kept[key] if key in self._kept else found[key] for key in keys]

    def _place(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="logicdistill-index-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def _repairing(self, work: Callable[[], Result]) -> Result:
        """Do it; again with a new table where it is damaged, in a temporary folder if need be."""
        for _ in range(2):
            try:
                return work()
            except (DamagedError, StorageError) as error:
                self._forget_table()
                if self._settings.store:
                    advice = "check the place and its credentials, then repeat"
                    raise StorageError(f"store {error}; {advice}") from None
                if isinstance(error, DamagedError) and self._remove(f"{self._name}.lance"):
                    logger.warning("%s; the index is built anew", error)
                else:
                    logger.warning("%s; the index is kept in a temporary folder this time", error)
                    self._folder = None
        return work()

    def _forget_table(self) -> None:
        self._table, self._set, self._live, self._found, self._fetched = None, (), {}, {}, {}

    def _remove(self, pattern: str, but: str = ":") -> bool:
        """Remove what matches one pattern and not the other; whether that was possible."""
        folder = self._place()
        try:
            with locked(folder, "index"):
                for item in {*folder.glob(pattern)} - {*folder.glob(but)}:
                    shutil.rmtree(item) if item.is_dir() else item.unlink()
        except (RunLockedError, OSError):
            return False
        return True


def _same_ends(old: tuple[Function, ...], new: tuple[Function, ...]) -> tuple[int, int]:
    """How many objects two sets share at their beginning and, beyond that, at their end."""
    shorter = min(len(old), len(new))
    head = next(compress(count(), map(is_not, old, new)), shorter)
    tail = next(compress(count(), map(is_not, reversed(old), reversed(new))), shorter)
    return head, min(tail, shorter - head)
