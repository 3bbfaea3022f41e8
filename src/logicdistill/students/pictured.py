"""The student of stages that read a picture: a frozen encoder, and a head fitted in numpy.

A function is known by its example pictures. One that joins is one more column of the head, fitted
again from the vectors that are kept of the others' pictures.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Self

import numpy as np

from logicdistill.errors import BaseError
from logicdistill.files import write_atomic
from logicdistill.forks import Lock
from logicdistill.pictures import decoded
from logicdistill.students.calibration import promised
from logicdistill.students.head import Calibration
from logicdistill.students.kept_encoders import kept, opened
from logicdistill.students.lexical import Grams
from logicdistill.students.picture_head import (
    Embed,
    PictureHead,
    Shown,
    fit_picture_head,
    key_of,
    shown_by,
)
from logicdistill.students.saved import (
    PICTURES_FILE,
    array_file,
    load_settings,
    readable,
    repacked,
    save_settings,
)
from logicdistill.students.scoring import Vectors, choice_of
from logicdistill.students.vision import PictureEncoder, exposed
from logicdistill.types import Candidate, Choice, Function, Json, Query, Scope, Stage
from logicdistill.views import facts_beside, render_words

FORMAT = 2
SETTINGS_FILE, HEADS_FILE, ARRAYS_FILE = PICTURES_FILE, "pictures.json", "pictures.npz"

KEPT_VECTORS = 16_384
"""Vectors of pictures that a student remembers; the cells of a drawn picture repeat a lot."""


class PictureStudent:
    """Student of the stages that read a picture; see `logicdistill.protocols.Student`.

    Safe to share between threads; a copy sent to another process loads the folder again.

    Args:
        folder: written by `save_pictures`.
        cached: vectors of pictures that are kept; 0 keeps none.

    Raises:
        CorruptError: a file is missing, damaged or of another format; the line names it.
    """

    name = "ld-encoder"
    most_candidates = 1024

    def __init__(self, folder: Path | str, *, cached: int = KEPT_VECTORS) -> None:
        self.folder = Path(folder)
        settings = load_settings(self.folder / SETTINGS_FILE, FORMAT, (HEADS_FILE, ARRAYS_FILE))
        with readable(self.folder / SETTINGS_FILE):
            self.encoders = {
                str(name): opened(self.folder, str(name), how)
                for name, how in settings["encoders"].items()
            }
        with readable(self.folder / HEADS_FILE):
            described = json.loads((self.folder / HEADS_FILE).read_text(encoding="utf-8"))
        with readable(self.folder / ARRAYS_FILE), np.load(self.folder / ARRAYS_FILE) as arrays:
            self.heads = {
                stage: _read_head(table, {part: arrays[f"{number}/{part}"] for part in ARRAYS})
                for number, (stage, table) in enumerate(described["stages"].items())
            }
        self._states = {
            stage: [Shown(one[0], one[1], one[2], tuple(one[3])) for one in table["states"]]
            for stage, table in described["stages"].items()
        }
        self._trained, self._cached = self.heads, cached
        self._known = {
            (head.encoder, name): row
            for head in self.heads.values()
            for name, row in zip(head.pictures, head.known, strict=True)
        }
        self._vectors: OrderedDict[tuple[str, str], Vectors] = OrderedDict()
        self._lock = Lock()

    def __reduce__(self) -> tuple[type[Self], tuple[Path]]:
        return (type(self), (self.folder,))

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        found = [Choice((), none=1.0) for _ in queries]
        groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        for index, query in enumerate(queries):
            if query.candidates:
                names = tuple(sorted(function.name for function in query.candidates))
                groups.setdefault((query.stage.name, names), []).append(index)
        for (stage, names), members in groups.items():
            asked = [queries[index] for index in members]
            head, seen = self.heads.get(stage), [picture_of(one.stage, one.scope) for one in asked]
            there = [place for place, url in enumerate(seen) if url is not None]
            blank = Choice(tuple(Candidate(name, 0.0) for name in names), none=1.0)
            for index in members:
                found[index] = blank
            if head is None or not there:
                continue
            vectors = self._embed(head.encoder, [str(seen[place]) for place in there])
            texts = [render_words(asked[place].stage, asked[place].scope) for place in there]
            facts = [facts_beside(asked[place].stage, asked[place].scope) for place in there]
            shares = head.probabilities(names, vectors, texts, facts)
            for place, row in zip(there, shares, strict=True):
                found[members[place]] = choice_of(names, row)
        return found

    def adapted(self, functions: Sequence[Function]) -> Self:
        """This student with its heads fitted again where example pictures changed.

        Each head is fitted from the trained one, so the same functions give the same head whatever
        was in between.
        """
        heads = dict(self.heads)
        for stage, trained in self._trained.items():
            mine = [function for function in functions if function.stage == stage]
            encoder, embed = self.encoders[trained.encoder], self._embedding(trained.encoder)
            shown = {function.name: shown_by(function, encoder) for function in mine}
            if not mine or (stage in self.heads and self.heads[stage].examples == shown):
                continue
            if trained.examples == shown:
                heads[stage] = trained
                continue
            heads[stage] = fit_picture_head(mine, self._states[stage], embed, encoder, trained)
        if all(heads[stage] is head for stage, head in self.heads.items()):
            return self
        other = object.__new__(type(self))  # `copy` would load the folder again
        other.__dict__.update(self.__dict__, heads=heads)
        return other

    def least_confidences(
        self, functions: Sequence[Function], max_error: float
    ) -> dict[str, float]:
        """By stage, the probability from which on the error rate is promised.

        Raises:
            BaseError: no stage has labelled states that were held out.
        """
        found = {}
        for stage, head in self.adapted(functions).heads.items():
            made = head.calibration
            if made.sure:
                sure, right = np.array(made.sure), np.array(made.right)
                found[stage] = promised(sure, right, head.proving, max_error)
        if not found:
            what = "an error rate is promised from labelled states with pictures"
            raise BaseError(f"{what}, and this student has none; example pictures prove nothing")
        return found

    def packed(self) -> dict[str, bytes]:
        """The student's files with the heads as they are now, without labelled states."""
        return repacked(self.folder / SETTINGS_FILE, head_files(self.heads, {}))

    def _embedding(self, encoder: str) -> Embed:
        return lambda urls: self._embed(encoder, urls)

    def _embed(self, encoder: str, urls: Sequence[str]) -> Vectors:
        """Vectors, shape (pictures, width), of data URLs or of digests that are known."""
        named = {url: (encoder, key_of(url)) for url in urls}
        with self._lock:
            kept = ((key, self._known.get(key, self._vectors.get(key))) for key in named.values())
            found = {key: row for key, row in kept if row is not None}
            new = {key: url for url, key in named.items() if key not in found}
            made = exposed(self.encoders[encoder], [decoded(url) for url in new.values()])
            found |= zip(new, made, strict=True)
            self._vectors.update((key, found[key]) for key in new)
            while len(self._vectors) > self._cached:
                self._vectors.popitem(last=False)
        if not urls:
            return np.zeros((0, 0), np.float32)
        return np.stack([found[named[url]] for url in urls])


def picture_of(stage: Stage, scope: Scope) -> str | None:
    """The picture that a stage reads, or None where none came."""
    value = scope.get(stage.pictures[0]) if stage.pictures else None
    return value if isinstance(value, str) else None


ARRAYS = ("known", "labels", "beside", "closer", "weights", "middle")


def _read_head(table: Mapping[str, Json], arrays: Mapping[str, Vectors]) -> PictureHead:
    words, facts = (table[key] and Grams(table[key]) for key in ("words", "facts"))
    return PictureHead(
        encoder=str(table["encoder"]),
        names=tuple(table["names"]),
        pictures=tuple(table["pictures"]),
        examples={name: tuple(found) for name, found in table["examples"].items()},
        words=words,
        facts=facts,
        proving=int(table["proving"]),
        held_out=float(table["held_out"]),
        calibration=Calibration.read(table["calibration"]),
        **{part: arrays[part] for part in ARRAYS},  # type: ignore[arg-type]
    )


def head_files(
    heads: Mapping[str, PictureHead], states: Mapping[str, Sequence[Shown]]
) -> dict[str, bytes]:
    """Files of the heads and of the labelled states."""
    stages, arrays = {}, dict[str, Vectors]()
    for number, (stage, head) in enumerate(heads.items()):
        arrays |= {f"{number}/{part}": getattr(head, part) for part in ARRAYS}
        stages[stage] = {
            "encoder": head.encoder,
            "names": head.names,
            "pictures": head.pictures,
            "examples": head.examples,
            "words": head.words and head.words.weights,
            "facts": head.facts and head.facts.weights,
            "proving": head.proving,
            "held_out": head.held_out,
            "calibration": asdict(head.calibration),
            "states": [
                [key_of(one.picture), one.label, one.words, one.facts]
                for one in states.get(stage, ())
            ],
        }
    described = json.dumps({"stages": stages}, ensure_ascii=False)
    return {HEADS_FILE: described.encode(), ARRAYS_FILE: array_file(arrays)}


def save_pictures(
    folder: Path,
    heads: Mapping[str, PictureHead],
    states: Mapping[str, Sequence[Shown]],
    encoders: Mapping[str, PictureEncoder],
    notes: Mapping[str, float],
) -> None:
    """Write the files of a `PictureStudent`; each is replaced as a whole, the settings last.

    ``notes`` are figures for readers alone.

    Raises:
        StorageError: a file could not be written.
    """
    files, how = head_files(heads, states), dict[str, Json]()
    for name, encoder in encoders.items():
        how[name], more = kept(encoder)
        files |= more
    for file, content in files.items():
        write_atomic(folder / file, content)
    settings = {"format": FORMAT, "encoders": how, "notes": dict(notes)}
    save_settings(folder / SETTINGS_FILE, settings, [*files])
