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
from collections.abc import Callable, Sequence
from itertools import chain, compress, count, islice
from operator import is_not
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from logicdistill.errors import MissingExtraError, RunLockedError, StorageError
from logicdistill.files import digest, locked
from logicdistill.forks import Lock
from logicdistill.protocols import Embedder
from logicdistill.retrieval.lance import DamagedError, StageTable, missing_lancedb
from logicdistill.retrieval.ranks import fuse
from logicdistill.retrieval.vectors import Vectors, key_of, read_vectors, write_vectors
from logicdistill.retrieval.words import Postings, words_of
from logicdistill.types import Function

EXACT = 4096
"""Up to so many functions every one is scored."""

DEPTH, MIN_DEPTH = 4, 64
"""A search of a table gives so many times K functions to be fused, and at least so many."""

BLOCK, WRITTEN = 256, 8192
"""Functions that are embedded, and written to a table, at a time."""

SETS = 4
"""Sets of functions that are remembered: states of one batch may have different candidates."""

CALLS = 32
"""Calls of `StageTable.add` after which the table is optimised."""

logger = logging.getLogger("logicdistill")
Functions = tuple[Function, ...]
Numbers = npt.NDArray[np.intp]
Result = TypeVar("Result")


class FusedRetriever:
    """Search by words and by vectors, fused as `logicdistill.retrieval.ranks.fuse` says.

    Args:
        embedder: for search by vectors; None searches by words alone.
        folder: keeps vectors and tables; None keeps them in memory and in a temporary folder.
        encoder: names what the embedder computes; another's files in the folder are removed.
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
        self._embedder, self._folder, self._encoder = embedder, folder, digest(encoder)[:8]
        self._exact, self._store = exact, store
        self._kinds = [kind for kind in kinds if kind == "lexical" or embedder is not None]
        self.embed_views: Callable[[Sequence[str]], Vectors] | None = None
        self._stages: dict[str, _Stage] = {}
        self._lock = Lock()

    def top(self, views: Sequence[str], functions: Functions, k: int) -> list[Functions]:
        """See `logicdistill.protocols.Retriever`; the functions are of one stage.

        Raises:
            StorageError: the store cannot be read or written.
        """
        if not functions or not views:
            return [() for _ in views]
        asked = np.zeros((len(views), 0), np.float32)
        if self._embedder is not None and "dense" in self._kinds:
            embed = self.embed_views or self._embedder.embed
            asked = np.asarray(embed(list(views)), dtype=np.float32)
        name = functions[0].stage
        with self._lock:
            stage = self._stages[name] = self._stages.get(name) or _Stage(name, self)
        return stage.top(views, asked, functions, k)

    def vectors(self, function: Function) -> Vectors | None:
        """Vectors of a function's texts, shape [texts, width], where a search has computed them."""
        stage = self._stages.get(function.stage)
        return None if stage is None else stage.vectors(function)

    def settle(self) -> None:
        """Wait for work in the background."""
        for stage in self._stages.values():
            if stage.thread.is_alive():
                stage.thread.join()

    def close(self) -> None:
        """`settle`, and forget what is in memory."""
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
        self.numbers[function] = len(self.numbers)
        self._postings.add(words_of(function))
        used, needed = self._starts[-1], self._starts[-1] + len(vectors)
        if needed > len(self._rows):
            kept = self._rows[:used].reshape(used, vectors.shape[1])
            self._rows = np.pad(kept, ((0, max(64, 2 * needed) - used), (0, 0)))
        self._rows[used:needed] = vectors
        self._starts.append(needed)

    def vectors(self, function: Function) -> Vectors | None:
        if (number := self.numbers.get(function)) is None:
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

    def __init__(self, name: str, of: FusedRetriever) -> None:
        self._embedder, self._folder, self._exact = of._embedder, of._folder, of._exact
        self._store, self._kinds, self._name = of._store, of._kinds, f"{name}-{of._encoder}"
        self._lock, self.thread = Lock(), threading.Thread()
        self._missing, self._width, self._memory = "", 0, _Memory()
        self._sets: list[tuple[Functions, Numbers]] = []
        self._file, self._kept = None, dict[str, Vectors]()
        self._forget_table()
        if self._folder is not None and self._embedder is not None:
            self._remove(f"{name}-????????.*", but=f"{self._name}.*")
            self._file = self._folder / f"{self._name}.npz"
            self._kept = read_vectors(self._file)

    def _forget_table(self) -> None:
        self._table: StageTable | None = None
        self._set: Functions = ()
        self._live: dict[str, Function] = {}
        self._found: dict[Function, None] = {}
        self._fetched: dict[Function, Vectors] = {}

    def top(
        self, views: Sequence[str], asked: Vectors, functions: Functions, k: int
    ) -> list[Functions]:
        with self._lock:
            self._width = asked.shape[1]
            if self._is_large(functions):
                return self._repairing(lambda: self._top_of_table(views, asked, functions, k))
            live = self._numbers(functions)
            scores = {kind: self._memory.scores(kind, views, asked, live) for kind in self._kinds}
            return [tuple(functions[number] for number in row) for row in fuse(scores, k)]

    def vectors(self, function: Function) -> Vectors | None:
        with self._lock:
            if not self._width:
                return None
            found = self._memory.vectors(function)
            if found is None and function in self._found:
                found = self._repairing(self._vectors_of_found).get(function)
            return found

    def _is_large(self, functions: Functions) -> bool:
        if len(functions) <= self._exact:
            return False
        if not self._missing and (missing := missing_lancedb()):
            self._missing, line = missing, "stage %r: %d functions are searched one by one; %s"
            logger.warning(line, functions[0].stage, len(functions), missing)
        return not self._missing

    def _numbers(self, functions: Functions) -> Numbers:
        """Their numbers in memory; new ones are added."""
        # The same objects nearly always: then comparing two sets costs next to nothing.
        for known, live in self._sets:
            if known == functions:
                return live
        if len(self._memory.numbers) > 4 * max(len(functions), self._exact):
            self._memory, self._sets = _Memory(), []
        numbers = self._memory.numbers
        new = [item for item in dict.fromkeys(functions) if item not in numbers]
        for function, rows in zip(new, self._rows(new), strict=True):
            self._memory.add(function, rows)
        live = np.fromiter((numbers[item] for item in functions), np.intp, len(functions))
        self._sets = [(functions, live), *self._sets[: SETS - 1]]
        return live

    def _top_of_table(
        self, views: Sequence[str], asked: Vectors, functions: Functions, k: int
    ) -> list[Functions]:
        """Search the table; what searches do not find is filled up with the first functions."""
        table, wanted, tops = self._filled(functions), max(MIN_DEPTH, DEPTH * k), []
        for view, row in zip(views, asked, strict=True):
            found = {kind: table.best(kind, view, row, wanted, self._live) for kind in self._kinds}
            keys = list(dict.fromkeys(chain.from_iterable(found.values())))
            rows = {kind: [mine.get(key, -np.inf) for key in keys] for kind, mine in found.items()}
            scores = {kind: np.array([mine]) for kind, mine in rows.items()}
            best = [self._live[keys[number]] for number in fuse(scores, k)[0]]
            others = (item for item in functions if item not in best)
            tops.append((*best, *islice(others, k - len(best))))
        self._found = dict.fromkeys(item for top in tops for item in top)
        return tops

    def _filled(self, functions: Functions) -> StageTable:
        """The table, once it holds these functions."""
        if self._table is None:
            self._table = StageTable(self._store or str(self._place()), self._name, self._width)
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
        if table.waiting > 4 * self._exact:
            logger.warning("%s: an index of %d functions is built", self._name, table.waiting)
            self._optimise(table)
        elif not self.thread.is_alive() and (table.waiting > self._exact or table.calls > CALLS):
            # No daemon: the interpreter would end in the middle of a write.
            self.thread = threading.Thread(target=self._optimise, args=(table,))
            self.thread.start()
        return table

    def _optimise(self, table: StageTable) -> None:
        try:
            with contextlib.nullcontext() if self._store else locked(self._place(), "index"):
                table.optimise()
        except RunLockedError:
            return  # another process does it
        except (DamagedError, StorageError) as error:
            logger.warning("%s: the index was not brought up to date: %s", self._name, error)

    def _vectors_of_found(self) -> dict[Function, Vectors]:
        """Vectors of what the last search found, in one look-up."""
        keys = {key_of(item): item for item in self._found if item not in self._fetched}
        if keys and self._table is not None:
            kept = self._fetched if len(self._fetched) < EXACT else {}
            rows = self._table.vectors(list(keys))
            self._fetched = kept | {keys[key]: mine for key, mine in rows.items()}
        return self._fetched

    def _rows(self, functions: Sequence[Function]) -> list[Vectors]:
        """Vectors of functions' texts; those of a stage in memory are kept in its file."""
        if not self._width or self._embedder is None:
            return [np.zeros((len(item.embedded), 0), np.float32) for item in functions]
        keys = [key_of(item) for item in functions]
        new = {k: f for k, f in zip(keys, functions, strict=True) if k not in self._kept}
        found: dict[str, Vectors] = {}
        for start in range(0, len(new), BLOCK):
            block = dict(islice(new.items(), start, start + BLOCK))
            texts = list(dict.fromkeys(text for item in block.values() for text in item.embedded))
            embedded = np.asarray(self._embedder.embed(texts), dtype=np.float32)
            row = dict(zip(texts, embedded, strict=True))
            found |= {k: np.stack([row[text] for text in f.embedded]) for k, f in block.items()}
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
                if self._store:
                    advice = "check the place and its credentials, then repeat"
                    raise StorageError(f"store {error}; {advice}") from None
                if isinstance(error, DamagedError) and self._remove(f"{self._name}.lance"):
                    logger.warning("%s; the index is built anew", error)
                else:
                    logger.warning("%s; the index is kept in a temporary folder this time", error)
                    self._folder = None
        return work()

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


def _same_ends(old: Functions, new: Functions) -> tuple[int, int]:
    """How many objects two sets share at their beginning and, beyond that, at their end."""
    shorter = min(len(old), len(new))
    head = next(compress(count(), map(is_not, old, new)), shorter)
    tail = next(compress(count(), map(is_not, reversed(old), reversed(new))), shorter)
    return head, min(tail, shorter - head)
