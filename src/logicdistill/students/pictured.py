"""The student of stages that read a picture: a frozen encoder, and a head fitted in numpy.

A function is known by its example pictures. One that joins is one more column of the head, fitted
again from the vectors that are kept of the others' pictures.
"""

from __future__ import annotations

import hashlib
import io
import json
import tomllib
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import tomli_w

from logicdistill.errors import BaseError
from logicdistill.files import write_atomic
from logicdistill.forks import Lock
from logicdistill.pictures import decoded, digest_of
from logicdistill.students.calibration import promised
from logicdistill.students.head import FACTS, WORDS, Calibration, fit_none, likeliest_factor
from logicdistill.students.kept_encoders import kept, opened
from logicdistill.students.lexical import Grams, fact_grams, word_grams
from logicdistill.students.regression import fit_softmax
from logicdistill.students.saved import PICTURES_FILE, load_settings, readable, save_settings
from logicdistill.students.scoring import Scores, Vectors, columns_of, times
from logicdistill.students.vision import PictureEncoder
from logicdistill.types import Candidate, Choice, Function, Json, Query, Scope, Stage
from logicdistill.views import facts_beside, render_words

FORMAT = 1
SETTINGS_FILE, HEADS_FILE, ARRAYS_FILE = PICTURES_FILE, "pictures.json", "pictures.npz"

PENALTY = 0.02
FOLDS = 4
SLOPES = (10.0, 20.0, 40.0, 80.0)
STRANGERS = 64
"""Pictures of nothing that are made to tell what is unlike all that is known."""

KEPT_VECTORS = 16_384
"""Vectors of pictures that a student remembers; the cells of a drawn picture repeat a lot."""

DECIMALS = 4
"""Scores are rounded: the last bits of a matrix product depend on the library that computes it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A labelled picture, the function (None: none fits), and what is beside it.

    ``picture`` is its data URL, or its digest where the student keeps its vector.
    """

    picture: str
    label: str | None
    words: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PictureHead:
    """What was fitted for one stage.

    Attributes:
        encoder: name of the encoder.
        names: of the functions, in the order of the columns.
        examples: names of each function's example pictures.
        pictures: digests of all labelled pictures.
        known: their unit vectors, shape (pictures, width).
        labels: column of each.
        words: of the texts beside them; None where there are none.
        facts: beside them; None where there are none.
        beside: features of words and facts of the labelled pictures, shape (pictures, features).
        proving: how many of the first labelled pictures come from labelled states; those prove an
            error rate. Example pictures, which an author may have chosen, prove none.
        closer: what is added to the familiarity of each function: to one with few pictures all
            pictures are strange, and the nearest of many is nearer than the nearest of few.
        weights: shape (features, functions).
        middle: mean of the vectors, which is subtracted.
        held_out: share of the pictures that are read rightly by a head that was fitted without
            them; 0 where none could be held out.
    """

    encoder: str
    names: tuple[str, ...]
    examples: Mapping[str, tuple[str, ...]]
    pictures: tuple[str, ...]
    known: Vectors
    labels: npt.NDArray[np.int64]
    words: Grams | None
    facts: Grams | None
    beside: Vectors
    proving: int
    closer: Scores
    weights: Vectors
    middle: Vectors
    calibration: Calibration = field(default_factory=Calibration)
    held_out: float = 0.0

    def scores(
        self, vectors: Vectors, texts: Sequence[str], facts: Sequence[Sequence[str]]
    ) -> tuple[Scores, Scores]:
        """Logits and familiarity, shape (pictures, functions) each.

        Familiar is a picture that is near to one that is known: the highest cosine.
        """
        rows = np.concatenate([vectors - self.middle, self._beside(texts, facts)], axis=1)
        logits = times(rows.astype(np.float32), self.weights).astype(np.float64)
        return logits, self.familiar(vectors)

    def familiar(self, vectors: Vectors) -> Scores:
        """Highest cosine with a known picture of each function, corrected for their numbers."""
        return _familiar(vectors, self.known, self.labels, len(self.names)) + self.closer

    def _beside(self, texts: Sequence[str], facts: Sequence[Sequence[str]]) -> Vectors:
        return _beside(self.words, self.facts, texts, facts)

    def probabilities(
        self,
        names: Sequence[str],
        vectors: Vectors,
        texts: Sequence[str],
        facts: Sequence[Sequence[str]],
    ) -> Scores:
        """Of each of these functions and, in the last column, of "none of these"."""
        logits, familiar = (found.round(DECIMALS) for found in self.scores(vectors, texts, facts))
        column = {name: place for place, name in enumerate(self.names)}
        inside = [place for place, name in enumerate(names) if name in column]
        shares = np.zeros((len(vectors), len(names) + 1))
        if not inside:
            shares[:, -1] = 1.0
            return shares
        at = [column[names[place]] for place in inside]
        shares[:, [*inside, -1]] = self.calibration.probabilities(
            columns_of(logits, at), columns_of(familiar, at)
        )
        return shares


def _beside(
    words: Grams | None,
    facts: Grams | None,
    texts: Sequence[str],
    said: Sequence[Sequence[str]],
) -> Vectors:
    parts = [np.zeros((len(texts), 0), np.float32)]
    if words is not None:
        parts.append(WORDS * words.vectors([word_grams(text) for text in texts]))
    if facts is not None:
        parts.append(FACTS * facts.vectors([fact_grams(found) for found in said]))
    return np.concatenate(parts, axis=1).astype(np.float32)


def _familiar(
    vectors: Vectors, known: Vectors, labels: npt.NDArray[np.int64], count: int
) -> Scores:
    """Highest cosine with a known picture of each function, shape (vectors, functions)."""
    cosines = times(vectors, known.T).astype(np.float64)
    found = np.full((len(vectors), count), -1.0)
    for column in range(count):
        mine = labels == column
        if mine.any():
            found[:, column] = cosines[:, mine].max(axis=1)
    return found


def _closer(known: Vectors, labels: npt.NDArray[np.int64], count: int) -> Scores:
    """By function how much nearer its nearest picture would be if it had as many as most.

    Measured on the functions that have more: the nearest of all, and the nearest of so few.
    """
    sizes, found = np.bincount(labels, minlength=count), np.zeros(count)
    usual = int(np.median(sizes[sizes > 0]))
    cosines = (known @ known.T).astype(np.float64)
    np.fill_diagonal(cosines, -1.0)
    draw = np.random.default_rng(0)
    for few in {int(size) for size in sizes if 0 < size < usual}:
        gaps = list[Scores]()
        for column in np.flatnonzero(sizes > few + 1):
            mine = np.flatnonzero(labels == column)
            inside = cosines[np.ix_(mine, mine)]
            at = draw.permuted(np.tile(np.arange(len(mine)), (len(mine), 1)), axis=1)
            some = np.take_along_axis(inside, at[:, :few], axis=1).max(axis=1)
            gaps.append(np.maximum(inside.max(axis=1) - some, 0.0)[some > -1.0])
        if gaps:
            found[sizes == few] = np.concatenate(gaps).mean()
    return found


Embed = Callable[[Sequence[str]], Vectors]
"""Data URLs to unit vectors, shape (pictures, width)."""


def fit_picture_head(
    functions: Sequence[Function],
    states: Sequence[Shown],
    embed: Embed,
    encoder: PictureEncoder,
    before: PictureHead | None = None,
) -> PictureHead:
    """Fit a stage's head.

    Args:
        functions: of the stage.
        states: labelled ones; those that no function fits train nothing.
        embed: data URLs to unit vectors.
        encoder: what ``embed`` computes with; strange pictures go through it as well.
        before: a head whose calibration stays; None calibrates by cross-fitting.

    Raises:
        BaseError: no function has an example picture or a labelled state.
    """
    there = {function.name for function in functions}
    labelled = [one for one in states if one.label in there]
    seen = {(_digest(one.picture), one.label) for one in labelled}
    usage = [
        Shown(url, function.name)
        for function in functions
        for url in function.pictures.values()
        if (_digest(url), function.name) not in seen
    ]
    every = [*labelled, *usage]
    if not every:
        raise BaseError(
            f"no function of stage {functions[0].stage!r} shows a picture; write "
            "'Example: ![](file.png)' into its manual"
        )
    names = tuple(sorted({str(one.label) for one in every}))
    column = {name: place for place, name in enumerate(names)}
    labels = np.array([column[str(one.label)] for one in every], np.int64)
    texts, said = [one.words for one in every], [one.facts for one in every]
    words = Grams.of([word_grams(text) for text in texts]) if any(texts) else None
    facts = Grams.of([fact_grams(found) for found in said]) if any(said) else None
    known = embed([one.picture for one in every])
    beside, middle = _beside(words, facts, texts, said), known.mean(axis=0)
    rows = np.concatenate([known - middle, beside], axis=1).astype(np.float32)
    head = PictureHead(
        encoder.name,
        names,
        {function.name: tuple(function.pictures) for function in functions},
        tuple(_digest(one.picture) for one in every),
        known,
        labels,
        words,
        facts,
        beside,
        len(labelled),
        _closer(known, labels, len(names)),
        _fit(rows, labels, len(names)),
        middle,
    )
    if before is not None:
        return replace(head, calibration=before.calibration)
    outside = embed([one.picture for one in states if one.label is None])
    strange = encoder.vectors(strangers([decoded(one.picture) for one in every], labels))
    made, right = _calibrated(head, rows, outside, strange)
    return replace(head, calibration=made, held_out=right)


def _digest(picture: str) -> str:
    return digest_of(picture) if picture.startswith("data:") else picture


def _fit(rows: Vectors, labels: npt.NDArray[np.int64], count: int) -> Vectors:
    start = np.zeros((rows.shape[1], count), np.float32)
    if count == 1:
        return start
    total = np.bincount(labels, minlength=count).astype(np.float32)
    seen = np.median(total[total > 0])
    importance = (seen / np.maximum(total, 1))[labels].astype(np.float32)
    return fit_softmax(rows, labels, importance, PENALTY, start)


def _calibrated(
    head: PictureHead, rows: Vectors, outside: Vectors, strange: Vectors
) -> tuple[Calibration, float]:
    """By cross-fitting: each picture is scored by a head that was fitted without it.

    Beside the calibration the share that is then read rightly.
    """
    count, labels = len(head.names), head.labels
    turn, seen = np.zeros(len(labels), np.int64), np.zeros(count, np.int64)
    for place, label in enumerate(labels):
        turn[place], seen[label] = seen[label] % FOLDS, seen[label] + 1
    may = seen[labels] > 1  # without its only picture a function would be another one
    logits, familiar, held = list[Scores](), list[Scores](), list[int]()
    for fold in range(FOLDS):
        out = may & (turn == fold)
        if out.any():
            kept = ~out
            weights = _fit(rows[kept], labels[kept], count)
            logits.append((rows[out] @ weights).astype(np.float64))
            near = _familiar(head.known[out], head.known[kept], labels[kept], count)
            familiar.append(near + head.closer)
            held += np.flatnonzero(out).tolist()
    far = [head.familiar(found).max(axis=1) for found in (outside, strange) if len(found)]
    if not held:
        least = float(np.quantile(far[-1], 0.95)) if far else -1.0
        return Calibration(threshold=(1 + least) / 2 if far else -1.0, slope=SLOPES[-1]), 0.0
    scores, near, right = np.concatenate(logits), np.concatenate(familiar), labels[held]
    made = Calibration(likeliest_factor(scores, right), *fit_none(near.max(axis=1), far, SLOPES))
    shares = made.probabilities(scores, near)
    chosen, proves = shares.argmax(axis=1), np.array(held) < head.proving
    some = proves & (chosen < count)
    sure, ok = shares.max(axis=1)[some], (chosen == right)[some]
    made = replace(made, sure=tuple(sure.tolist()), right=tuple(ok.tolist()))
    return made, float((scores.argmax(axis=1) == right).mean())


def strangers(
    pictures: Sequence[npt.NDArray[np.uint8]], labels: npt.NDArray[np.int64]
) -> list[npt.NDArray[np.uint8]]:
    """Pictures that show nothing that is known, made from those that are; always the same ones.

    Noise, pictures with their colours turned round, their parts in another order, and two pictures
    of different functions over each other.
    """
    draw, found = np.random.default_rng(0), list[npt.NDArray[np.uint8]]()
    for number in range(STRANGERS):
        place = int(draw.integers(len(pictures)))
        one = pictures[place]
        height, width = one.shape[:2]
        kind = number % 4
        others = np.flatnonzero(labels != labels[place])
        if kind == 3 and not len(others):
            kind = 0
        if kind == 0:
            found.append(draw.integers(0, 256, one.shape, np.uint8))
        elif kind == 1:
            found.append((255 - one)[:, :, [2, 0, 1]])
        elif kind == 2:
            rows, columns = draw.permutation(height), draw.permutation(width)
            found.append(one[rows][:, columns])
        else:
            other = pictures[int(draw.choice(others))]
            rows = np.arange(height) * other.shape[0] // height
            columns = np.arange(width) * other.shape[1] // width
            mixed = one.astype(np.uint16) + other[rows][:, columns]
            found.append((mixed // 2).astype(np.uint8))
    return [np.ascontiguousarray(picture) for picture in found]


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
                ranked = np.argsort(-row[:-1], kind="stable").tolist()
                pairs = tuple(Candidate(names[column], float(row[column])) for column in ranked)
                found[members[place]] = Choice(pairs, none=float(row[-1]))
        return found

    def adapted(self, functions: Sequence[Function]) -> Self:
        """This student with its heads fitted again where example pictures changed.

        Each head is fitted from the trained one, so the same functions give the same head whatever
        was in between.
        """
        heads = dict(self.heads)
        for stage, trained in self._trained.items():
            mine = [function for function in functions if function.stage == stage]
            shown = {function.name: tuple(function.pictures) for function in mine}
            if not mine or (stage in self.heads and self.heads[stage].examples == shown):
                continue
            if trained.examples == shown:
                heads[stage] = trained
                continue
            encoder, embed = self.encoders[trained.encoder], self._embedding(trained.encoder)
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
        files = head_files(self.heads, {})
        settings = tomllib.loads((self.folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        for name in settings["sha256"]:
            if name not in files:
                files[name] = (self.folder / name).read_bytes()
        settings["sha256"] = {
            name: hashlib.sha256(content).hexdigest() for name, content in files.items()
        }
        return {**files, SETTINGS_FILE: tomli_w.dumps(settings).encode()}

    def _embedding(self, encoder: str) -> Embed:
        return lambda urls: self._embed(encoder, urls)

    def _embed(self, encoder: str, urls: Sequence[str]) -> Vectors:
        """Unit vectors, shape (pictures, width), of data URLs or of digests that are known."""
        named = {url: (encoder, _digest(url)) for url in urls}
        with self._lock:
            kept = ((key, self._known.get(key, self._vectors.get(key))) for key in named.values())
            found = {key: row for key, row in kept if row is not None}
            new = {key: url for url, key in named.items() if key not in found}
            made = self.encoders[encoder].vectors([decoded(url) for url in new.values()])
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
    made = table["calibration"]
    words, facts = (table[key] and Grams(table[key]) for key in ("words", "facts"))
    calibration = Calibration(
        made["factor"], made["threshold"], made["slope"], tuple(made["sure"]), tuple(made["right"])
    )
    return PictureHead(
        encoder=str(table["encoder"]),
        names=tuple(table["names"]),
        pictures=tuple(table["pictures"]),
        examples={name: tuple(found) for name, found in table["examples"].items()},
        words=words,
        facts=facts,
        proving=int(table["proving"]),
        held_out=float(table["held_out"]),
        calibration=calibration,
        **{part: arrays[part] for part in ARRAYS},  # type: ignore[arg-type]
    )


def head_files(
    heads: Mapping[str, PictureHead], states: Mapping[str, Sequence[Shown]]
) -> dict[str, bytes]:
    """Files of the heads and of the labelled states."""
    stages, packed = {}, io.BytesIO()
    # As `numpy.savez` writes it, but without the time: the same head gives the same bytes.
    with zipfile.ZipFile(packed, "w") as archive:
        for number, (stage, head) in enumerate(heads.items()):
            for part in ARRAYS:
                with archive.open(zipfile.ZipInfo(f"{number}/{part}.npy"), "w") as file:
                    np.lib.format.write_array(file, getattr(head, part))
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
                    [_digest(one.picture), one.label, one.words, one.facts]
                    for one in states.get(stage, ())
                ],
            }
    described = json.dumps({"stages": stages}, ensure_ascii=False)
    return {HEADS_FILE: described.encode(), ARRAYS_FILE: packed.getvalue()}


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


def best_head(
    functions: Sequence[Function],
    states: Sequence[Shown],
    encoders: Sequence[PictureEncoder],
    embed: Callable[[PictureEncoder], Embed],
) -> PictureHead:
    """The head of the encoder that reads held-out pictures best; of equal ones the first's."""
    heads = [fit_picture_head(functions, states, embed(one), one) for one in encoders]
    return max(heads, key=lambda head: head.held_out) if len(heads) > 1 else heads[0]
