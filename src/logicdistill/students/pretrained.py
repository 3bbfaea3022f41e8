"""The pretrained student: a frozen encoder, and a head that is fitted in numpy. No torch.

A function that joins is one more column of the head, fitted again from what is kept of the others:
their texts, the labelled messages and the vectors of both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, replace
from pathlib import Path
from typing import Self

import numpy as np

from logicdistill.errors import BaseError
from logicdistill.files import write_atomic
from logicdistill.students.calibration import promised, usual_confidence
from logicdistill.students.encoder import (
    MODEL_FILE,
    SETTINGS_FILE,
    TOKENIZER_FILE,
    EncoderStudent,
    read_kind,
)
from logicdistill.students.evidence import Evidence
from logicdistill.students.head import Calibration, Head, Message
from logicdistill.students.lexical import Grams
from logicdistill.students.near_misses import Apart
from logicdistill.students.saved import array_file, load_settings, readable, repacked, save_settings
from logicdistill.students.scoring import Scoring, Vectors, choice_of
from logicdistill.students.stage_head import NarrowHeads, StageHead
from logicdistill.types import Candidate, Choice, Function, Json, Query
from logicdistill.views import facts_beside, render_words

FORMAT = 5
KIND = "pretrained"
HEADS_FILE, ARRAYS_FILE = "heads.json", "heads.npz"

MOST_FUNCTIONS = 2048
"""Functions of a stage that one head is fitted for; in a larger one each set of candidates gets its
own."""

FROZEN = Scoring(scale=31.0, sharpness=20.0, none_score=0.3)
"""Scoring by the nearest texts of the frozen encoder."""


class PretrainedStudent(EncoderStudent):
    """Student of a frozen encoder with a fitted head; see `EncoderStudent` for the arguments.

    A text in which the encoder knows nothing (blank, one emoji, letters without end) fits no
    function.
    """

    def __init__(self, folder: Path | str, *, cached_views: int = 4096) -> None:
        self.folder = Path(folder)
        file, needed = self.folder / SETTINGS_FILE, (HEADS_FILE, ARRAYS_FILE)
        settings = load_settings(file, FORMAT, (MODEL_FILE, TOKENIZER_FILE, *needed))
        with readable(file):
            max_tokens, prefix = int(settings["max_tokens"]), str(settings["prefix"])
            if max_tokens < 3:
                raise ValueError("max_tokens must be at least 3")
        self.scoring, self.by_stage = FROZEN, {}
        self._trained, self._held_out = frozenset[str](), ()
        self._trained_scoring = self.by_stage
        self._evidence = dict[str, Evidence]()
        self._open(settings["sha256"], max_tokens, cached_views, prefix)
        with readable(self.folder / HEADS_FILE):
            described = json.loads((self.folder / HEADS_FILE).read_text(encoding="utf-8"))
        with readable(self.folder / ARRAYS_FILE), np.load(self.folder / ARRAYS_FILE) as arrays:
            self.heads = {
                name: _read_head(
                    table, {part: arrays[f"{number}/{part}"] for part in _parts(table)}
                )
                for number, (name, table) in enumerate(described["stages"].items())
            }
            self._texts.update(zip(described["texts"], arrays["vectors"], strict=True))
        self._trained_heads = self.heads
        self._wide, self._narrow = frozenset[str](), NarrowHeads()

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        groups: dict[str, list[int]] = {}
        for index, query in enumerate(queries):
            if query.candidates:
                groups.setdefault(query.stage.name, []).append(index)
        found = dict.fromkeys(range(len(queries)), Choice((), none=1.0))
        for stage, members in groups.items():
            sets: dict[frozenset[Function], list[int]] = {frozenset(): members}
            if stage in self._wide:
                sets = {}
                for index in members:
                    sets.setdefault(frozenset(queries[index].candidates), []).append(index)
            for some in sets.values():
                asked = [queries[index] for index in some]
                part = self._head_for(stage, asked)
                made = super().select(asked) if part is None else self._chosen(part, asked)
                found |= zip(some, made, strict=True)
        return [found[index] for index in range(len(queries))]

    def _chosen(self, part: StageHead, queries: Sequence[Query]) -> list[Choice]:
        texts = [render_words(q.stage, q.scope) if part.reads_text else q.view for q in queries]
        facts = [facts_beside(query.stage, query.scope) for query in queries]
        with self._lock:
            views = self._embed_views(texts)
        vectors = np.stack([views[text] for text in texts])
        alone, groups = queries[0].stage.reads_text_alone, dict[tuple[str, ...], list[int]]()
        found = [Choice(()) for _ in queries]
        for row, (query, text) in enumerate(zip(queries, texts, strict=True)):
            names = tuple(sorted(function.name for function in query.candidates))
            if alone and not self.embedder.readable(text):
                found[row] = Choice(tuple(Candidate(name, 0.0) for name in names), none=1.0)
            else:
                groups.setdefault(names, []).append(row)
        for names, rows in groups.items():
            made = part.probabilities(
                names, [texts[row] for row in rows], [facts[row] for row in rows], vectors[rows]
            )
            for row, shares in zip(rows, made, strict=True):
                found[row] = choice_of(names, shares)
        return found

    def adapted(self, functions: Sequence[Function]) -> Self:
        """This student with its heads fitted again where functions changed; the model is shared.

        Each head is fitted from the trained one, so the same functions give the same head whatever
        was in between.
        """
        by_stage: dict[str, list[Function]] = {}
        for function in functions:
            by_stage.setdefault(function.stage, []).append(function)
        changed = {
            stage: shown_of(by_stage[stage])
            for stage in self._trained_heads
            if stage in by_stage
            and not (stage in self.heads and self.heads[stage].shown == shown_of(by_stage[stage]))
        }
        if not changed:
            return self
        heads, wide = dict(self.heads), self._wide - set(changed)
        for stage, shown in changed.items():
            trained = self._trained_heads[stage]
            if trained.shown == shown or len(shown) > MOST_FUNCTIONS:
                heads[stage] = trained
                wide |= {stage} if len(shown) > MOST_FUNCTIONS else set()
            else:
                heads[stage] = trained.refitted(shown, self._embed_kept)
        other = object.__new__(type(self))  # `copy` would load the folder again
        other.__dict__.update(self.__dict__, heads=heads, _wide=wide)
        return other

    def least_confidences(
        self, functions: Sequence[Function], max_error: float
    ) -> dict[str, float]:
        """See `EncoderStudent.least_confidences`; the labelled messages are held out in turn.

        Each is decided by a head and a calibration that were fitted without it.
        """
        found = {}
        adapted = self.adapted(functions)
        for stage, part in adapted.heads.items():
            if not part.reads_text or not part.messages or stage in adapted._wide:
                continue
            if stage not in self.heads or part.head is not self.heads[stage].head:
                part = part.refitted(part.shown, self._embed_kept, calibrate=True)
            made, apart = part.head.calibration, part.apart
            if made.sure:
                sure = np.array([*made.sure, *(apart.sure if apart else ())])
                right = np.array([*made.right, *(apart.right if apart else ())])
                count = len(part.messages) + (len(apart.sure) if apart else 0)
                found[stage] = promised(sure, right, count, max_error)
        if not found:
            what = "an error rate is promised from messages that were held out of training"
            raise BaseError(f"{what}, and this student has none")
        return found

    def usual_confidences(self, functions: Sequence[Function]) -> dict[str, float]:
        """See `logicdistill.protocols.MeasuredStudent`; known from the fitting of the heads."""
        sure = {name: part.head.calibration.sure for name, part in self.heads.items()}
        usual = {name: usual_confidence(found) for name, found in sure.items()}
        return {name: found for name, found in usual.items() if found is not None}

    def packed(self) -> dict[str, bytes]:
        """The student's files with the heads as they are now, without the labelled messages.

        A function that joins a packed policy is fitted beside the others' texts alone. Of the
        messages' words the heads know hashes, see `logicdistill.students.lexical.Grams`.

        Raises:
            BaseError: a stage is too large for one head, so that its messages are needed.
        """
        for stage in sorted(self._wide):
            if self.heads[stage].messages:
                raise BaseError(
                    f"stage {stage!r} has more than {MOST_FUNCTIONS} functions, which labelled "
                    "messages tell apart, and a packed policy holds none; take the run's folder"
                )
        heads = {name: replace(part, messages=()) for name, part in self.heads.items()}
        shown = [part for head in heads.values() for both in head.shown.values() for part in both]
        texts = dict.fromkeys(text for mine in shown for text in mine)
        self._keep(self._texts, texts)
        files = _head_files(heads, {text: self._texts[text] for text in texts})
        return repacked(self.folder / SETTINGS_FILE, files)

    def _head_for(self, stage: str, queries: Sequence[Query]) -> StageHead | None:
        """The stage's head, fitted again where a candidate is new to it; None: nearest texts.

        In a stage that is too large for one it is fitted for the candidates alone: what it says
        depends on nothing else.
        """
        part = self.heads.get(stage)
        if part is None:
            return None
        if stage in self._wide:
            with self._lock:
                return self._narrow.of(
                    stage,
                    self._trained_heads[stage],
                    shown_of(queries[0].candidates),
                    self._embed_kept,
                )
        known = part.shown
        asked = {function.name: function for query in queries for function in query.candidates}
        new = {
            name: found
            for name, found in shown_of(asked.values()).items()
            if known.get(name) != found
        }
        if new and len(known) + len(new) <= MOST_FUNCTIONS:
            with self._lock:
                trained = self._trained_heads[stage]
                part = trained.refitted({**known, **new}, self._embed_kept)
                self.heads = {**self.heads, stage: part}
        return None if new and len(known) + len(new) > MOST_FUNCTIONS else part


ARRAYS = ("weights", "bias", "centres", "middle")
APART = ("weights", "middle", "seen")
APART_ARRAYS = tuple(f"apart_{part}" for part in APART)


def _parts(table: Mapping[str, Json]) -> tuple[str, ...]:
    return (*ARRAYS, *APART_ARRAYS) if table["apart"] else ARRAYS


def _read_head(table: Mapping[str, Json], arrays: Mapping[str, Vectors]) -> StageHead:
    words, facts = (table[key] and Grams(table[key]) for key in ("words", "facts"))
    head = Head(
        texts={name: tuple(mine) for name, mine in table["texts"].items()},
        **{part: arrays[part] for part in ARRAYS},
        words=words,
        facts=facts,
        calibration=Calibration.read(table["calibration"]),
    )
    messages = (Message(text, label, tuple(beside)) for text, label, beside in table["messages"])
    apart = table["apart"] and _read_apart(table["apart"], arrays)
    misses = {name: tuple(found) for name, found in table["near_misses"].items()}
    return StageHead(head, tuple(messages), bool(table["reads_text"]), apart, misses)


def _read_apart(table: Mapping[str, Json], arrays: Mapping[str, Vectors]) -> Apart:
    texts = {name: tuple(mine) for name, mine in table["texts"].items()}
    weights, middle, seen = (arrays[part] for part in APART_ARRAYS)
    parts = weights, middle, Grams(table["words"]), seen, tuple(table["owners"])
    return Apart(texts, *parts, table["factor"], tuple(table["sure"]), tuple(table["right"]))


def save_pretrained(
    folder: Path,
    model: bytes,
    tokenizer: bytes,
    heads: Mapping[str, StageHead],
    vectors: Mapping[str, Vectors],
    *,
    prefix: str,
    max_tokens: int,
    notes: Mapping[str, float],
) -> None:
    """Write the folder of a `PretrainedStudent`; each file is replaced as a whole, settings last.

    ``model`` is the graph of an `OnnxEmbedder`, ``tokenizer`` its ``tokenizer.json``. ``vectors``
    are those of the functions' texts and of the messages. ``notes`` are figures for readers alone.

    Raises:
        StorageError: a file could not be written.
    """
    files = {MODEL_FILE: model, TOKENIZER_FILE: tokenizer, **_head_files(heads, vectors)}
    for name, content in files.items():
        write_atomic(folder / name, content)
    settings = {
        "format": FORMAT,
        "kind": KIND,
        "max_tokens": max_tokens,
        "prefix": prefix,
        "notes": dict(notes),
    }
    save_settings(folder / SETTINGS_FILE, settings, list(files))


def _head_files(heads: Mapping[str, StageHead], vectors: Mapping[str, Vectors]) -> dict[str, bytes]:
    """Files of the heads and of the vectors by text."""
    arrays: dict[str, Vectors] = {"vectors": np.array([*vectors.values()], np.float32)}
    stages = {}
    for number, (name, part) in enumerate(heads.items()):
        head, apart = part.head, part.apart
        arrays |= {f"{number}/{key}": getattr(head, key) for key in ARRAYS}
        if apart is not None:
            arrays |= {f"{number}/apart_{key}": getattr(apart, key) for key in APART}
        stages[name] = {
            "reads_text": part.reads_text,
            "calibration": asdict(head.calibration),
            "texts": head.texts,
            "words": head.words and head.words.weights,
            "facts": head.facts and head.facts.weights,
            "messages": [astuple(message) for message in part.messages],
            "near_misses": part.near_misses,
            "apart": apart
            and {
                "texts": apart.texts,
                "words": apart.words.weights,
                "owners": apart.owners,
                "factor": apart.factor,
                "sure": apart.sure,
                "right": apart.right,
            },
        }
    described = json.dumps({"texts": [*vectors], "stages": stages}, ensure_ascii=False)
    return {HEADS_FILE: described.encode(), ARRAYS_FILE: array_file(arrays)}


def read_vectors(folder: Path) -> dict[str, Vectors]:
    """The vectors by text that `save_pretrained` wrote.

    Raises:
        CorruptError: a file cannot be read.
    """
    with readable(folder / HEADS_FILE):
        texts = json.loads((folder / HEADS_FILE).read_text(encoding="utf-8"))["texts"]
    with readable(folder / ARRAYS_FILE), np.load(folder / ARRAYS_FILE) as arrays:
        return dict(zip(texts, arrays["vectors"], strict=True))


def load_student(folder: Path | str, *, cached_views: int = 4096) -> EncoderStudent:
    """The student that a run trained, of either kind; ``student.toml`` says which.

    Raises:
        CorruptError: see `EncoderStudent`.
    """
    kind = PretrainedStudent if read_kind(Path(folder)) == KIND else EncoderStudent
    return kind(folder, cached_views=cached_views)


def texts_of(functions: Iterable[Function]) -> dict[str, tuple[str, ...]]:
    """Each function's texts, by name."""
    return {function.name: function.embedded for function in functions}


def shown_of(functions: Iterable[Function]) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """What a head is fitted for: by function its texts, and its near misses."""
    return {one.name: (one.embedded, one.manual.near_misses) for one in functions}
