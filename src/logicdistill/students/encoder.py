"""The encoder student: texts to unit vectors with ONNX, functions scored by cosines. No torch."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
import tomli_w
from tokenizers import Tokenizer

from logicdistill.errors import BaseError
from logicdistill.files import digest, write_atomic
from logicdistill.forks import Lock
from logicdistill.students.calibration import (
    HeldOut,
    calibrate,
    least_confidence,
    messages_by_stage,
    parted,
    score,
    usual_confidence,
)
from logicdistill.students.evidence import Evidence, evidence_json, read_evidence
from logicdistill.students.saved import (
    WORDS_FILE,
    load_settings,
    onnx_session,
    readable,
    save_settings,
)
from logicdistill.students.scoring import Scores, Scoring, Vectors, agreements, starts_of
from logicdistill.types import Choice, Function, Json, Query
from logicdistill.views import facts_beside, render_words

FORMAT = 3
KIND = "fine-tuned"
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
SETTINGS_FILE = WORDS_FILE
CALIBRATION_FILE = "calibration.json"
EVIDENCE_FILE = "evidence.json"

MAX_LETTERS = 20_000
"""Letters of a text that are read; far more than `OnnxEmbedder` has tokens for."""

KEPT_ARRANGEMENTS = 16
"""Sets of candidates whose vectors are kept side by side."""

MOST_CANDIDATES = 1024
"""A thousand comparisons cost less than a search for sixteen."""

SCORE_DECIMALS = 4
"""Scores are rounded: the last bits of a matrix product depend on the library that computes it."""


_Candidates: TypeAlias = tuple[Function, ...]

_Arrangement: TypeAlias = tuple[list[str], Vectors, list[int], Scores]
"""Names of candidates, their texts' vectors, where each one's begin, and `agreements`."""


class OnnxEmbedder:
    """Texts to L2-normalised vectors with onnxruntime; the pooling is inside the graph.

    A text's vector is the same to the last bit whatever texts are beside it: each goes through the
    model alone, without padding. Sums over more rows, or over masked ones, are rounded otherwise.

    Args:
        model: ONNX file with inputs ``input_ids`` and ``attention_mask`` (int64, shape (batch,
            tokens)) and one output, shape (batch, width).
        tokenizer: ``tokenizer.json`` of the ``tokenizers`` library.
        max_tokens: longer texts are cut.
        threads: threads inside one matrix product; 0 takes every core.
        prefix: what the encoder wants to stand before each text.

    Raises:
        CorruptError: a file is missing or cannot be read.
    """

    def __init__(
        self,
        model: Path,
        tokenizer: Path,
        *,
        max_tokens: int = 128,
        threads: int = 1,
        prefix: str = "",
    ) -> None:
        self.session = onnx_session(model, threads)
        with readable(tokenizer):
            self.tokenizer = Tokenizer.from_str(tokenizer.read_text(encoding="utf-8"))
        self.prefix = prefix
        self._unknown = self.tokenizer.token_to_id("[UNK]")
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(max_length=max_tokens)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See `logicdistill.protocols.Embedder`."""
        return [[float(value) for value in row] for row in self.vectors(texts)]

    def readable(self, text: str) -> bool:
        """Whether the encoder knows any part of the text: a word, a number, a sign."""
        found = self.tokenizer.encode(text[:MAX_LETTERS], add_special_tokens=False).ids
        return any(token != self._unknown for token in found)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (texts, width); shape (0, 0) for no texts."""
        if not texts:
            return np.zeros((0, 0), np.float32)
        given = [f"{self.prefix}{text[:MAX_LETTERS]}" for text in texts]
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(given)]
        rows = []
        for found in tokens:
            ids = np.asarray([found], np.int64)
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            rows.append(self.session.run(None, feed)[0])
        return np.asarray(np.concatenate(rows), np.float32)


class EncoderStudent:
    """Student that compares the view with each candidate's manual and usage examples.

    The choice depends neither on the order of the candidates nor on the other queries of the call.
    A function that joins later is embedded when it is first a candidate. Safe to share between
    threads; a copy sent to another process loads the folder again.

    Args:
        folder: written by `save_student`.
        cached_views: vectors of views that are kept; symbolic states repeat a lot. 0 keeps none.

    Attributes:
        fingerprint: names what the encoder computes.
        known: finds vectors of a function's texts that a search has computed already.

    Raises:
        CorruptError: a file is missing, damaged or of another format; the line names it.
    """

    name = "ld-encoder"
    most_candidates = MOST_CANDIDATES

    def __init__(self, folder: Path | str, *, cached_views: int = 4096) -> None:
        self.folder = Path(folder)
        file = self.folder / SETTINGS_FILE
        settings = load_settings(file, FORMAT, (MODEL_FILE, TOKENIZER_FILE))
        hashes = settings["sha256"]
        with readable(file):
            max_tokens, self.scoring = int(settings["max_tokens"]), _scoring(settings["scoring"])
            tables = settings.get("stages", {})
            self.by_stage = {str(name): _scoring(table) for name, table in tables.items()}
            scorings = [self.scoring, *self.by_stage.values()]
            if max_tokens < 3 or not np.isfinite([astuple(found) for found in scorings]).all():
                raise ValueError("scoring must be finite and max_tokens at least 3")
        self._open(hashes, max_tokens, cached_views)
        self._trained_scoring = self.by_stage
        self._trained, self._held_out = frozenset[str](), tuple[HeldOut, ...]()
        if CALIBRATION_FILE in hashes:
            with readable(calibration := self.folder / CALIBRATION_FILE):
                found = json.loads(calibration.read_text(encoding="utf-8"))
                self._trained = frozenset(found["trained"])
                self._held_out = tuple(
                    HeldOut(s, v, label, tuple(facts)) for s, v, label, facts in found["held_out"]
                )
        self._evidence: dict[str, Evidence] = {}
        if EVIDENCE_FILE in hashes:
            with readable(evidence := self.folder / EVIDENCE_FILE):
                self._evidence = read_evidence(evidence.read_text(encoding="utf-8"))

    def _open(
        self, hashes: Mapping[str, str], max_tokens: int, cached_views: int, prefix: str = ""
    ) -> None:
        """The encoder, and what is kept of it."""
        model, tokenizer = self.folder / MODEL_FILE, self.folder / TOKENIZER_FILE
        self.embedder = OnnxEmbedder(model, tokenizer, max_tokens=max_tokens, prefix=prefix)
        self.fingerprint = digest({n: hashes[n] for n in (MODEL_FILE, TOKENIZER_FILE)}, max_tokens)
        self.known: Callable[[Function], Vectors | None] | None = None
        self._cached_views = cached_views
        self._views: dict[str, Vectors] = {}
        self._texts: dict[str, Vectors] = {}
        self._arrangements: dict[_Candidates, _Arrangement] = {}
        self._lock = Lock()

    def __reduce__(self) -> tuple[type[Self], tuple[Path]]:
        # onnxruntime sessions cannot be pickled; joblib workers load the folder once instead.
        return (type(self), (self.folder,))

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        groups: dict[tuple[str, _Candidates], list[int]] = {}
        for index, query in enumerate(queries):
            if query.candidates:
                groups.setdefault((query.stage.name, query.candidates), []).append(index)
        said = [
            render_words(q.stage, q.scope) if q.stage.reads_text_and_facts else q.view
            for q in queries
        ]
        with self._lock:
            arranged = self._arranged([candidates for _, candidates in groups])
            views = self._embed_views(said)
        found = dict.fromkeys(range(len(queries)), Choice((), none=1.0))
        for (stage, candidates), members in groups.items():
            scoring = self.by_stage.get(stage, self.scoring)
            names, texts, starts, agreed = arranged[candidates]
            asked = np.stack([views[said[index]] for index in members])
            scores = scoring.scores(asked, texts, starts, agreed=agreed)
            if stage in self._evidence:
                facts = [facts_beside(queries[i].stage, queries[i].scope) for i in members]
                scores += scoring.evidence * self._evidence[stage].nats(facts, names)
            found |= zip(members, scoring.choices(names, scores.round(SCORE_DECIMALS)), strict=True)
        return [*found.values()]

    def adapted(self, functions: Sequence[Function]) -> Self:
        """This student calibrated for a changed base, without training; the model is shared.

        Usage examples of functions that joined after the training count as held-out messages to
        fit with, and prove nothing: their author chose them.
        """
        joined, before = self._joined(functions), self._trained_scoring
        scorings, known = before, {function.name for function in functions}
        if joined or not self._trained <= known:
            messages = [*parted(self._held_out)[0], *joined]
            usual, scorings = next(iter(before.values()), self.scoring), {}
            for stage, mine in messages_by_stage(messages).items():
                trained, evidence = before.get(stage, usual), self._evidence.get(stage)
                found = calibrate(trained, mine, functions, self._embed_kept, evidence)
                if found is not None:
                    scorings[stage] = found
        other = object.__new__(type(self))  # `copy` would load the folder again
        other.__dict__.update(self.__dict__, by_stage=scorings)
        return other

    def least_confidences(
        self, functions: Sequence[Function], max_error: float
    ) -> dict[str, float]:
        """By stage that reads messages, the confidence at which this error rate is promised.

        It is proven on messages that neither the training nor the calibration has seen.

        Raises:
            BaseError: no messages were held out, or too few for this promise.
        """
        found = {}
        for stage, messages in messages_by_stage(parted(self._held_out)[1]).items():
            scoring, evidence = self.by_stage.get(stage, self.scoring), self._evidence.get(stage)
            scored = score(scoring, messages, functions, self._embed_kept, evidence)
            if scored is not None:
                found[stage] = least_confidence(scored, scoring, max_error)
        if not found:
            what = "an error rate is promised from messages that were held out of training"
            raise BaseError(f"{what}, and this student has none")
        return found

    def usual_confidences(self, functions: Sequence[Function]) -> dict[str, float]:
        """See `logicdistill.protocols.MeasuredStudent`."""
        found = {}
        for stage, messages in messages_by_stage(self._held_out).items():
            scoring, evidence = self.by_stage.get(stage, self.scoring), self._evidence.get(stage)
            scored = score(scoring, messages, functions, self._embed_kept, evidence)
            if scored is None:
                continue
            known = scored.weighed(scoring.evidence).scores[scored.labels >= 0]
            sure = scoring.probabilities(known)[:, :-1].max(axis=1)
            if (usual := usual_confidence(sure.tolist())) is not None:
                found[stage] = usual
        return found

    def packed(self) -> dict[str, bytes]:
        """The student's files, calibrated as it is now, without the messages that were held out."""
        names = [MODEL_FILE, TOKENIZER_FILE, *([EVIDENCE_FILE] if self._evidence else [])]
        files = {name: (self.folder / name).read_bytes() for name in names}
        settings = tomllib.loads((self.folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        settings["stages"] = {name: asdict(found) for name, found in self.by_stage.items()}
        settings["sha256"] = {name: settings["sha256"][name] for name in names}
        return {**files, SETTINGS_FILE: tomli_w.dumps(settings).encode()}

    def embed_views(self, views: Sequence[str]) -> Vectors:
        """Unit vectors, shape (views, width); `select` of the same views does not compute them."""
        with self._lock:
            found = self._embed_views(views)
        return np.stack([found[view] for view in views])

    def _joined(self, functions: Sequence[Function]) -> list[HeldOut]:
        """Usage examples of functions that joined after the training."""
        return [
            HeldOut(function.stage, text, function.name)
            for function in functions
            if self._held_out and function.name not in self._trained
            for text in function.texts[1:]
        ]

    def _arranged(self, wanted: Sequence[_Candidates]) -> dict[_Candidates, _Arrangement]:
        """Arrangements of sets of candidates; the same sets come again and again."""
        new = [candidates for candidates in wanted if candidates not in self._arrangements]
        rows = self._embed_functions(function for candidates in new for function in candidates)
        for candidates in new:
            ordered = sorted(candidates, key=lambda function: function.name)
            vectors = [rows[function] for function in ordered]
            starts, texts = starts_of([len(mine) for mine in vectors]), np.concatenate(vectors)
            names = [function.name for function in ordered]
            self._arrangements[candidates] = names, texts, starts, agreements(texts, starts)
        found = {candidates: self._arrangements[candidates] for candidates in wanted}
        while len(self._arrangements) > KEPT_ARRANGEMENTS:
            del self._arrangements[next(iter(self._arrangements))]
        return found

    def _embed_functions(self, functions: Iterable[Function]) -> dict[Function, Vectors]:
        """Vectors of each function's texts, (texts, width); a search's are not kept twice."""
        found = {function: self.known(function) if self.known else None for function in functions}
        new = [function for function, rows in found.items() if rows is None]
        self._keep(self._texts, (text for function in new for text in function.embedded))
        fresh = {one: np.stack([self._texts[text] for text in one.embedded]) for one in new}
        return fresh | {one: rows for one, rows in found.items() if rows is not None}

    def _embed_kept(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, kept: calibrating for a function that joins costs its own texts."""
        with self._lock:
            self._keep(self._texts, texts)
            return np.stack([self._texts[text] for text in texts])

    def _keep(self, kept: dict[str, Vectors], texts: Iterable[str]) -> None:
        new = [text for text in dict.fromkeys(texts) if text not in kept]
        kept.update(zip(new, self.embedder.vectors(new), strict=True))

    def _embed_views(self, views: Sequence[str]) -> dict[str, Vectors]:
        self._keep(self._views, views)
        found = {view: self._views[view] for view in views}
        while len(self._views) > self._cached_views:
            del self._views[next(iter(self._views))]
        return found


def read_kind(folder: Path) -> str:
    """The kind of student that a folder holds, as its ``student.toml`` says."""
    file = folder / SETTINGS_FILE
    with readable(file):
        return str(tomllib.loads(file.read_text(encoding="utf-8")).get("kind", KIND))


def _scoring(table: Mapping[str, Json]) -> Scoring:
    return Scoring(**{field.name: float(table[field.name]) for field in fields(Scoring)})


def save_student(
    folder: Path,
    model: bytes,
    tokenizer: bytes,
    scoring: Scoring,
    by_stage: Mapping[str, Scoring],
    *,
    max_tokens: int,
    precision: str,
    trained: Iterable[str],
    held_out: Sequence[HeldOut],
    evidence: Mapping[str, Evidence],
    notes: Mapping[str, float],
) -> None:
    """Write the folder of an `EncoderStudent`; each file is replaced as a whole, the settings last.

    ``model`` is the graph of an `OnnxEmbedder`, ``tokenizer`` its ``tokenizer.json``. ``scoring``
    is of stages whose views show facts, ``by_stage`` of those that read messages. ``precision`` is
    ``int8`` or ``fp32``. ``trained`` names the functions of the training. ``notes`` are figures of
    the training, for readers alone.

    Raises:
        StorageError: a file could not be written.
    """
    files: dict[str, bytes | str] = {MODEL_FILE: model, TOKENIZER_FILE: tokenizer}
    if held_out:
        found = {"trained": sorted(trained), "held_out": [astuple(one) for one in held_out]}
        files[CALIBRATION_FILE] = json.dumps(found, ensure_ascii=False, indent=0)
    if evidence:
        files[EVIDENCE_FILE] = evidence_json(evidence)
    for name, content in files.items():
        write_atomic(folder / name, content)
    settings = {
        "format": FORMAT,
        "kind": KIND,
        "max_tokens": max_tokens,
        "precision": precision,
        "scoring": asdict(scoring),
        "stages": {name: asdict(found) for name, found in by_stage.items()},
        "notes": dict(notes),
    }
    save_settings(folder / SETTINGS_FILE, settings, list(files))
