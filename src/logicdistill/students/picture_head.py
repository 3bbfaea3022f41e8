"""The head of a stage that reads a picture: from an encoder's vectors to functions, in numpy.

Softmax regression on the example pictures and the labelled states. A picture is familiar where it
is near to one that is known; what is not familiar is "none of these".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from logicdistill.errors import BaseError, CorruptError
from logicdistill.pictures import decoded, digest_of
from logicdistill.students.head import Calibration, fit_none, likeliest_factor, parts_beside
from logicdistill.students.lexical import Grams, fact_grams, word_grams
from logicdistill.students.regression import fit_softmax
from logicdistill.students.scoring import Scores, Vectors, columns_of, times
from logicdistill.students.vision import OnnxPicturePair, PictureEncoder, exposed
from logicdistill.types import Function
from logicdistill.views import render_manual

PENALTY = 0.001
FOLDS = 4
SLOPES = (10.0, 20.0, 40.0, 80.0)
STRANGERS = 64
"""Pictures of nothing that are made to tell what is unlike all that is known."""

LIGHTS = (0.7, 1.4)
"""Of the lighter and darker copies by which the head is calibrated: who has seen one light alone is
too sure in another."""

SAME, KNOWN = 0.9999, 0.999
"""Likeness from which on two pictures are the same, and the probability of what is known."""

DECIMALS = 6
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
        examples: what each function is known by; see `shown_by`.
        pictures: digests of all labelled pictures, then a name for each manual that a pair read.
        known: their vectors (`logicdistill.students.vision.exposed`), shape (pictures, width).
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

        Familiar is a picture that is like one that is known.
        """
        beside = parts_beside(self.words, self.facts, texts, facts)
        rows = np.concatenate([vectors - self.middle, *beside], axis=1)
        logits = times(rows.astype(np.float32), self.weights).astype(np.float64)
        return logits, self.familiar(vectors)

    def familiar(self, vectors: Vectors) -> Scores:
        """Likeness to the nearest known picture of each function, corrected for their numbers."""
        return _familiar(vectors, self.known, self.labels, len(self.names)) + self.closer

    def probabilities(
        self,
        names: Sequence[str],
        vectors: Vectors,
        texts: Sequence[str],
        facts: Sequence[Sequence[str]],
    ) -> Scores:
        """Of each of these functions and, in the last column, of "none of these".

        A picture that is known is what it is known as; the drawings of a board are such ones.
        """
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
        same = familiar - self.closer > SAME
        for row in np.flatnonzero(same.sum(axis=1) == 1):
            column_of_row = int(same[row].argmax())
            if column_of_row in at:
                others = (1 - KNOWN) / len(names)
                shares[row] = others
                shares[row, inside[at.index(column_of_row)]] = KNOWN
        return shares


def _familiar(
    vectors: Vectors, known: Vectors, labels: npt.NDArray[np.int64], count: int
) -> Scores:
    """Likeness to the nearest known picture of each function, shape (vectors, functions)."""
    alike = _alike(vectors, known)
    found = np.full((len(vectors), count), -1.0)
    for column in range(count):
        mine = labels == column
        if mine.any():
            found[:, column] = alike[:, mine].max(axis=1)
    return found


def _alike(vectors: Vectors, known: Vectors) -> Scores:
    """Cosine times the shorter's length over the longer's, shape (vectors, known)."""
    squares = [np.add.reduce(some * some, axis=1) for some in (vectors, known)]
    longer = np.maximum(squares[0][:, None], squares[1][None])
    return np.asarray(times(vectors, known.T) / longer, np.float64)


def _closer(known: Vectors, labels: npt.NDArray[np.int64], count: int) -> Scores:
    """By function how much nearer its nearest picture would be if it had as many as most.

    Measured on the functions that have more: the nearest of all, and the nearest of so few.
    """
    sizes, found = np.bincount(labels, minlength=count), np.zeros(count)
    usual = int(np.median(sizes[sizes > 0]))
    alike = _alike(known, known)
    np.fill_diagonal(alike, -1.0)
    draw = np.random.default_rng(0)
    for few in {int(size) for size in sizes if 0 < size < usual}:
        gaps = list[Scores]()
        for column in np.flatnonzero(sizes > few + 1):
            mine = np.flatnonzero(labels == column)
            inside = alike[np.ix_(mine, mine)]
            at = draw.permuted(np.tile(np.arange(len(mine)), (len(mine), 1)), axis=1)
            some = np.take_along_axis(inside, at[:, :few], axis=1).max(axis=1)
            gaps.append(np.maximum(inside.max(axis=1) - some, 0.0)[some > -1.0])
        if gaps:
            found[sizes == few] = np.concatenate(gaps).mean()
    return found


Embed = Callable[[Sequence[str]], Vectors]
"""Data URLs to vectors, shape (pictures, width)."""


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
        embed: data URLs to vectors.
        encoder: what ``embed`` computes with; strange pictures and those in other light go through
            it as well.
        before: a head whose calibration stays; None calibrates by cross-fitting.

    Raises:
        BaseError: no function has an example picture or a labelled state.
    """
    there = {function.name for function in functions}
    labelled = [one for one in states if one.label in there]
    seen = {(key_of(one.picture), one.label) for one in labelled}
    usage = [
        Shown(url, function.name)
        for function in functions
        for url in function.pictures.values()
        if (key_of(url), function.name) not in seen
    ]
    every = [*labelled, *usage]
    if not every:
        raise BaseError(
            f"no function of stage {functions[0].stage!r} shows a picture; write "
            "'Example: ![](file.png)' into its manual"
        )
    told = list(functions) if isinstance(encoder, OnnxPicturePair) else []
    names = tuple(sorted({str(one.label) for one in every} | {one.name for one in told}))
    column = {name: place for place, name in enumerate(names)}
    labels = np.array([column[str(one.label)] for one in every], np.int64)
    texts, said = [one.words for one in every], [one.facts for one in every]
    words = Grams.of([word_grams(text) for text in texts]) if any(texts) else None
    facts = Grams.of([fact_grams(found) for found in said]) if any(said) else None
    known = embed([one.picture for one in every])
    none, middle = np.zeros((len(every), 0), np.float32), known.mean(axis=0)
    beside = np.concatenate([none, *parts_beside(words, facts, texts, said)], axis=1)
    closer = _closer(known, labels, len(names))
    if told:
        places = np.array([column[one.name] for one in told], np.int64)
        manuals = _as_pictures(told, places, encoder, known, labels)
        closer[~np.isin(np.arange(len(names)), labels)] = _further(known, labels, manuals, places)
        known, labels = np.concatenate([known, manuals]), np.concatenate([labels, places])
        beside = np.pad(beside, ((0, len(told)), (0, 0)))
    rows = np.concatenate([known - middle, beside], axis=1).astype(np.float32)
    head = PictureHead(
        encoder.name,
        names,
        {function.name: shown_by(function, encoder) for function in functions},
        (*(key_of(one.picture) for one in every), *(f"words of {one.name}" for one in told)),
        known,
        labels,
        words,
        facts,
        beside,
        len(labelled),
        closer,
        _fit(rows, labels, len(names)),
        middle,
    )
    if before is not None:
        return replace(head, calibration=before.calibration)
    outside = embed([one.picture for one in states if one.label is None])
    pixels = [decoded(one.picture) for one in every]
    strange = exposed(encoder, strangers(pixels, labels[: len(pixels)]))
    lit = [exposed(encoder, [_lit(one, light) for one in pixels]) - middle for light in LIGHTS]
    shown = [rows, *(np.concatenate([one, beside[: len(pixels)]], axis=1) for one in lit)]
    made, right = _calibrated(head, shown, outside, strange)
    return replace(head, calibration=made, held_out=right)


def shown_by(function: Function, encoder: PictureEncoder) -> tuple[str, ...]:
    """What a head knows a function by: names of its pictures, and for a pair its manual's words."""
    told = (render_manual(function.manual),) if isinstance(encoder, OnnxPicturePair) else ()
    return (*function.pictures, *told)


def _as_pictures(
    told: Sequence[Function],
    places: npt.NDArray[np.int64],
    encoder: PictureEncoder,
    known: Vectors,
    labels: npt.NDArray[np.int64],
) -> Vectors:
    """Vectors of manuals, moved to where pictures are, and spread as these.

    The two lie apart in the space of a pair, and texts lie closer to each other: by how much is
    seen in the functions that have both.

    Raises:
        CorruptError: the pair's vectors are of different width.
    """
    assert isinstance(encoder, OnnxPicturePair)
    said = encoder.said([render_manual(one.manual) for one in told])
    if said.shape[1] != known.shape[1]:
        widths = f"vectors of {said.shape[1]} numbers, the pictures' have {known.shape[1]}"
        raise CorruptError(f"{encoder.words}: {widths}; name the two encoders of one pair")
    both = [row for row, place in enumerate(places) if place in labels]
    seen = np.stack([known[labels == places[row]].mean(axis=0) for row in both])
    middle, centre = seen.mean(axis=0), said[both].mean(axis=0)
    spread = np.linalg.norm(seen - middle) / max(float(np.linalg.norm(said[both] - centre)), 1e-6)
    moved = middle + (said - centre) * (spread if len(both) > 1 else 1.0)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def _further(
    known: Vectors, labels: npt.NDArray[np.int64], said: Vectors, places: npt.NDArray[np.int64]
) -> float:
    """How much less a picture is like its function's manual than like the nearest other picture."""
    alike = _alike(known, known)
    np.fill_diagonal(alike, -1.0)
    near = np.where(labels[:, None] == labels, alike, -1.0).max(axis=1)
    mine = np.where(labels[:, None] == places, _alike(known, said), -1.0).max(axis=1)
    both = (near > -1.0) & (mine > -1.0)
    return float((near - mine)[both].mean()) if both.any() else 0.0


def key_of(picture: str) -> str:
    """The digest of a picture, which may be given as its data URL or by its digest."""
    return digest_of(picture) if picture.startswith("data:") else picture


def _fit(rows: Vectors, labels: npt.NDArray[np.int64], count: int) -> Vectors:
    start = np.zeros((rows.shape[1], count), np.float32)
    if count == 1:
        return start
    # Functions count alike, and together as much as there are pictures: where most functions have
    # one picture and few have many, the penalty would outweigh all of them.
    total = np.bincount(labels, minlength=count).astype(np.float32)
    importance = len(labels) / (np.count_nonzero(total) * np.maximum(total, 1))
    return fit_softmax(rows, labels, importance[labels].astype(np.float32), PENALTY, start)


def _lit(picture: npt.NDArray[np.uint8], light: float) -> npt.NDArray[np.uint8]:
    return (picture * light).clip(0, 255).astype(np.uint8)


def _calibrated(
    head: PictureHead, shown: Sequence[Vectors], outside: Vectors, strange: Vectors
) -> tuple[Calibration, float]:
    """By cross-fitting: each picture is scored by a head that was fitted without it.

    Beside the calibration the share that is then read rightly. ``shown`` are the pictures' rows,
    then those of the same pictures in other light; these teach no more than how sure one may be.
    """
    rows, *lit = shown
    count, labels = len(head.names), head.labels
    turn, seen = np.zeros(len(labels), np.int64), np.zeros(count, np.int64)
    for place, label in enumerate(labels):
        turn[place], seen[label] = seen[label] % FOLDS, seen[label] + 1
    may = seen[labels] > 1  # without its only picture a function would be another one
    may[len(lit[0]) :] = False  # manuals: nobody asks about them
    logits, familiar, held = list[Scores](), list[Scores](), list[int]()
    other_light = list[Scores]()
    for fold in range(FOLDS):
        out = may & (turn == fold)
        if out.any():
            kept = ~out
            weights = _fit(rows[kept], labels[kept], count)
            logits.append((rows[out] @ weights).astype(np.float64))
            other_light.append(np.stack([one[out[: len(one)]] for one in lit]) @ weights)
            near = _familiar(head.known[out], head.known[kept], labels[kept], count)
            familiar.append(near + head.closer)
            held += np.flatnonzero(out).tolist()
    far = [head.familiar(found).max(axis=1) for found in (outside, strange) if len(found)]
    if not held:
        least = float(np.quantile(far[-1], 0.95)) if far else -1.0
        return Calibration(threshold=(1 + least) / 2 if far else -1.0, slope=SLOPES[-1]), 0.0
    scores, near, right = np.concatenate(logits), np.concatenate(familiar), labels[held]
    every = np.concatenate([scores, *np.concatenate(other_light, axis=1).astype(np.float64)])
    factor = likeliest_factor(every, np.tile(right, len(shown)))
    made = Calibration(factor, *fit_none(near.max(axis=1), far, slopes=SLOPES))
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


def best_head(
    functions: Sequence[Function],
    states: Sequence[Shown],
    encoders: Sequence[PictureEncoder],
    embed: Callable[[PictureEncoder], Embed],
) -> PictureHead:
    """The head of the encoder that reads held-out pictures best; of equal ones the first's."""
    heads = [fit_picture_head(functions, states, embed(one), one) for one in encoders]
    return max(heads, key=lambda head: head.held_out) if len(heads) > 1 else heads[0]
