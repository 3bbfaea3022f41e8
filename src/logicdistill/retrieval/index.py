"""The index of one stage's functions: exact up to a size, beyond it a folded part and, exact again, what came since."""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from logicdistill.errors import RunLockedError
from logicdistill.files import locked
from logicdistill.protocols import Embedder
from logicdistill.retrieval.exact import Exact, Numbers, Vectors
from logicdistill.retrieval.folded import Folded, discard, fold, missing_engine, newest, tidy
from logicdistill.retrieval.large import Large
from logicdistill.retrieval.ranks import RANK_CONSTANT, SURE, WEIGHTS, depth, filled, fuse
from logicdistill.retrieval.records import FILE, DamagedError, Records
from logicdistill.types import Function

EXACT = 4096
"""Up to so many functions every one is scored; measured cross-over in docs/retrieval.md."""

BLOCK = 256
"""Functions that are embedded, and kept, at a time."""

KEPT = 4
"""Sets of functions that are remembered: emergencies make the candidates of states of one batch differ."""

logger = logging.getLogger("logicdistill")
Result = TypeVar("Result")


class StageIndex:
    """Search over changing sets of functions; a function is embedded once in the life of its folder.

    Args:
        stage: for messages.
        embedder: texts to unit vectors; None leaves lexical search alone.
        folder: where it is kept; None keeps it in memory.
        encoder: names what the embedder computes: vectors of another one are of no use.
        exact: up to so many functions every one is scored.
    """

    def __init__(
        self,
        stage: str,
        embedder: Embedder | None,
        folder: Path | None,
        encoder: str,
        exact: int = EXACT,
    ) -> None:
        self._stage, self._embedder, self._encoder, self._limit = stage, embedder, encoder, exact
        self._missing: str | None = None
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._temporary: Path | None = None
        self._folder = folder
        self._start()

    def top(
        self,
        kinds: Sequence[str],
        views: Sequence[str],
        asked: Vectors,
        functions: tuple[Function, ...],
        k: int,
    ) -> list[tuple[Function, ...]]:
        """For each view the ``k`` best functions, best first; see `logicdistill.retrieval.ranks.fuse`.

        Args:
            kinds: ``lexical``, ``dense`` or both.
            views: what is searched.
            asked: their unit vectors, shape [views, width]; width 0 where no search is dense.
            functions: of this stage.
            k: how many.
        """
        work = self._top_large if self._is_large(functions) else self._top_small
        return self._repairing(lambda: work(kinds, views, asked, functions, k))

    def vectors(self, function: Function) -> Vectors | None:
        """Vectors of a function's texts, shape [texts, width], where they are known."""

        def look() -> Vectors | None:
            here = self._exact.vectors(function)
            if here is None and (number := self._records.find([function])[0]) is not None:
                here, _ = self._records.vectors([number])
            return here

        return self._repairing(look) if self._embedder else None

    def settle(self) -> None:
        """Wait until what came since the last fold is folded, where that has begun."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def close(self) -> None:
        """Wait for a fold and close the files."""
        self.settle()
        with self._lock:
            self._forget()
            if self._temporary is not None:
                shutil.rmtree(self._temporary, ignore_errors=True)
                self._temporary = None

    def _start(self) -> None:
        self._exact = Exact()
        self._known: list[tuple[tuple[Function, ...], Numbers]] = []
        self._large: Large | None = None
        self._folded: Folded | None = None
        self._opened: Records | None = None

    @property
    def _records(self) -> Records:
        """What is kept; opened when it is first needed."""
        if self._opened is None:
            self._opened = Records(self._folder, self._encoder)
            if self._folder is not None and self._limit < len(self._opened):
                self._folded = self._newest(self._folder)
        return self._opened

    def _newest(self, folder: Path) -> Folded | None:
        if missing_engine():
            return None
        try:
            with (
                contextlib.suppress(RunLockedError),
                locked(folder, "index"),
            ):  # else another process folds, and tidies up itself
                tidy(folder)
            return self._checked(newest(folder))
        except (DamagedError, OSError) as error:
            logger.warning("%s: %s; it is built anew", folder, error)
            return None

    def _checked(self, found: Folded | None) -> Folded | None:
        if found is not None and (
            found.of != self._records.id or found.covered > len(self._records)
        ):
            raise DamagedError(f"{found.folder.name} covers functions that {FILE} does not hold")
        return found

    def _forget(self) -> None:
        if self._opened is not None:
            self._opened.close()
        self._start()

    def _clear(self) -> None:
        if self._folder is not None:
            try:
                with locked(self._folder, "index"):
                    for item in self._folder.glob(f"{FILE}*"):
                        item.unlink(missing_ok=True)
                    discard(self._folder)
            except (RunLockedError, OSError) as error:
                logger.warning("%s; the index is kept in memory this time", error)
                self._folder = None

    def _repairing(self, work: Callable[[], Result]) -> Result:
        """Do it under the lock, and once more with an index begun anew where a file is damaged, or in memory where none can be written."""
        with self._lock:
            try:
                return work()
            except DamagedError as error:
                logger.warning("%s: %s; it is built anew", self._folder, error)
                self._forget()
                self._clear()
            except OSError as error:
                if self._folder is None:
                    raise
                logger.warning("%s; the index is kept in memory this time", error)
                self._forget()
                self._folder = None
            return work()

    def _is_large(self, functions: tuple[Function, ...]) -> bool:
        if len(functions) <= self._limit:
            return False
        if self._missing is None:
            self._missing = missing_engine()
            if self._missing:
                logger.warning(
                    "stage %r: %d functions are searched one by one; %s",
                    self._stage,
                    len(functions),
                    self._missing,
                )
        return not self._missing

    def _top_small(
        self,
        kinds: Sequence[str],
        views: Sequence[str],
        asked: Vectors,
        functions: tuple[Function, ...],
        k: int,
    ) -> list[tuple[Function, ...]]:
        live = self._small(functions)
        fused, sure = (
            np.zeros((len(views), len(functions))),
            np.zeros((len(views), len(functions)), bool),
        )
        for kind in kinds:
            if kind == "dense":
                scores = self._exact.cosines(asked, live).astype(np.float64)
            else:
                scores = np.stack([self._exact.postings.scores(view, live) for view in views])
            ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable")
            fused += WEIGHTS[kind] / (RANK_CONSTANT + 1.0 + ranks)
            sure |= (ranks < k // SURE) & (scores > 0)
        kept = np.sort(np.lexsort((-fused, ~sure), axis=1)[:, :k], axis=1)
        best = np.take_along_axis(
            kept,
            np.argsort(-np.take_along_axis(fused, kept, axis=1), axis=1, kind="stable"),
            axis=1,
        )
        return [tuple(functions[number] for number in row) for row in best]

    def _top_large(
        self,
        kinds: Sequence[str],
        views: Sequence[str],
        asked: Vectors,
        functions: tuple[Function, ...],
        k: int,
    ) -> list[tuple[Function, ...]]:
        large, count = self._large_of(functions), depth(k)
        found = []
        for row, view in zip(asked, views, strict=True):
            ranked = [
                (
                    kind,
                    (
                        large.nearest(row, count)
                        if kind == "dense"
                        else large.by_words(view, count)
                    ).tolist(),
                )
                for kind in kinds
            ]
            found.append(filled(large.named(fuse(ranked, k)), functions, k))
        return found

    def _small(self, functions: tuple[Function, ...]) -> Numbers:
        for known, live in self._known:
            if (
                known is functions or known == functions
            ):  # the same objects nearly always, which costs no comparison of their content
                return live
        if len(self._exact.slots) > 4 * max(len(functions), self._limit):
            self._exact, self._known = Exact(), []
        new = [
            function for function in dict.fromkeys(functions) if function not in self._exact.slots
        ]
        for function, rows in zip(new, self._rows(new), strict=True):
            self._exact.add(function, rows)
        live = self._exact.numbers(functions)
        self._known = [(functions, live), *self._known[: KEPT - 1]]
        return live

    def _large_of(self, functions: tuple[Function, ...]) -> Large:
        if self._large is None or not self._large.follow(functions, self._ids):
            self._large = Large(functions, self._ids(functions), self._records)
        large = self._large
        since = large.since(self._folded.covered if self._folded else 0)
        if len(since) > 4 * self._limit:
            self._adopt(self._fold(len(self._records)))
        elif len(since) > self._limit and (self._thread is None or not self._thread.is_alive()):
            # No daemon: one that the interpreter stops inside the graph's C++ would end the process with "terminate called".
            self._thread = threading.Thread(target=self._fold_behind, args=(len(self._records),))
            self._thread.start()
        if large.stale or large.folded is not self._folded:
            covered = self._folded.covered if self._folded else 0
            tail = large.named(large.since(covered).tolist())
            new = [function for function in tail if function not in self._exact.slots]
            for function, rows in zip(new, self._rows(new), strict=True):
                self._exact.add(function, rows)
            large.search_in(self._folded, self._exact, self._exact.numbers(tail))
        return large

    def _fold_behind(self, end: int) -> None:
        try:
            made = self._fold(end)
        except (
            DamagedError,
            OSError,
            ValueError,
            RuntimeError,
        ) as error:  # the engines raise the last two for what the disk refuses
            logger.warning(
                "stage %r: the index was not folded: %s; it goes on unfolded", self._stage, error
            )
            return
        with self._lock:
            if made is not None and self._opened is not None and made.of == self._opened.id:
                self._adopt(made)

    def _adopt(self, made: Folded | None) -> None:
        if made is not None:
            self._folded = made
            self._exact, self._known = (
                Exact(),
                [],
            )  # what is not covered comes back from the records

    def _fold(self, end: int) -> Folded | None:
        """A larger folded part; None where another process is making one."""
        folder = self._folder or self._temporary
        if folder is None:
            folder = self._temporary = Path(tempfile.mkdtemp(prefix="logicdistill-index-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            with locked(folder, "index"):
                try:
                    there = self._checked(newest(folder))
                except DamagedError:
                    discard(folder)
                    there = None
                if there is not None and there.covered >= end:
                    return there
                if there is None:
                    logger.warning(
                        "stage %r: an index of %d functions is built, once", self._stage, end
                    )
                made = fold(folder, there, self._records, end)
                tidy(folder)
                return made
        except RunLockedError:
            return None

    def _ids(self, functions: Sequence[Function]) -> list[int]:
        """Ids of functions, embedding and adding those that are new."""
        found = self._records.find(functions)
        new = [
            function for function, number in zip(functions, found, strict=True) if number is None
        ]
        if not new:
            return [number for number in found if number is not None]
        for start in range(0, len(new), BLOCK):
            block = new[start : start + BLOCK]
            self._records.add(block, self._embedded(block))
        return self._ids(functions)

    def _rows(self, functions: Sequence[Function]) -> list[Vectors]:
        """Vectors of functions, embedding and adding those that are new."""
        if self._embedder is None:
            return self._embedded(functions)
        ids = self._ids(functions)
        found: list[Vectors] = []
        for start in range(0, len(ids), BLOCK):
            rows, counts = self._records.vectors(ids[start : start + BLOCK])
            found += np.split(rows, np.cumsum(counts)[:-1])
        return found

    def _embedded(self, functions: Sequence[Function]) -> list[Vectors]:
        if self._embedder is None:
            return [np.zeros((len(function.embedded), 0), np.float32) for function in functions]
        texts = list(dict.fromkeys(text for function in functions for text in function.embedded))
        known = dict(
            zip(texts, np.asarray(self._embedder.embed(texts), dtype=np.float32), strict=True)
        )
        return [np.stack([known[text] for text in function.embedded]) for function in functions]
