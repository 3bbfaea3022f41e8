"""The encoder student: views and manuals to unit vectors with ONNX, functions scored by soft nearest prototypes. No torch."""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from logicdistill.errors import BaseError, CorruptError, one_line
from logicdistill.files import digest
from logicdistill.students.calibration import HeldOut, calibrate, least_confidence, score
from logicdistill.students.evidence import Evidence, Facts, evidence_of
from logicdistill.students.scoring import Scoring, Vectors, agreements
from logicdistill.students.weights import sha256_of
from logicdistill.types import Candidate, Choice, Function, Json, Query
from logicdistill.views import facts_beside, render_words

FORMAT = 2
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
SETTINGS_FILE = "student.toml"
CALIBRATION_FILE = "calibration.json"
EVIDENCE_FILE = "evidence.json"

_Calibration = tuple[frozenset[str], tuple[HeldOut, ...]]
MAX_BATCH = 64
ARRANGEMENTS = 16  # sets of candidates that are kept ready
# Scores are rounded before they are compared: the last bits of a matrix product depend on the shape of its batch.
SCORE_DECIMALS = 4


class OnnxEmbedder:
    """Texts to L2-normalised vectors with onnxruntime; the pooling is inside the graph.

    A text's vector does not depend on the texts beside it: padding is masked, and the int8 graph that
    `logicdistill.training.export` writes scales activations row by row.

    Attributes:
        session: the ``onnxruntime.InferenceSession``.
        tokenizer: the ``tokenizers.Tokenizer``, cutting at ``max_tokens``.
    """

    def __init__(
        self, model: Path, tokenizer: Path, *, max_tokens: int = 128, threads: int = 1
    ) -> None:
        """Load the graph and the tokenizer.

        Args:
            model: ONNX file with inputs ``input_ids`` and ``attention_mask`` (int64, shape (batch, tokens)) and one output.
            tokenizer: ``tokenizer.json`` of the ``tokenizers`` library.
            max_tokens: longer texts are cut.
            threads: threads inside one matrix product; 0 lets onnxruntime take every core.

        Raises:
            CorruptError: a file is missing or cannot be read.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        for path in (model, tokenizer):
            if not path.is_file():
                raise CorruptError(f"{path}: missing; train the student again")
        # Both libraries raise their own classes for a damaged file, some derived from Exception alone.
        try:
            self.session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise CorruptError(f"{model}: not a readable ONNX model: {one_line(error)}") from None
        try:
            self.tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:
            raise CorruptError(
                f"{tokenizer}: not a readable tokenizer: {one_line(error)}"
            ) from None
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(max_length=max_tokens)

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One L2-normalised vector a text, in order (see `vectors`)."""
        return [[float(value) for value in row] for row in self.vectors(texts)]

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Embed texts in batches of similar length.

        Returns:
            Unit vectors, shape (texts, width); shape (0, 0) for no texts.
        """
        if not texts:
            return np.zeros((0, 0), np.float32)
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
        rows: list[Vectors] = [np.zeros(0, np.float32)] * len(tokens)
        for start in range(0, len(order), MAX_BATCH):
            part = order[start : start + MAX_BATCH]
            ids = np.zeros((len(part), len(tokens[part[-1]])), np.int64)
            mask = np.zeros_like(ids)
            for row, index in enumerate(part):
                ids[row, : len(tokens[index])] = tokens[index]
                mask[row, : len(tokens[index])] = 1
            output = self.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            for row, index in enumerate(part):
                rows[index] = np.asarray(output[row], np.float32)
        return np.stack(rows)


class EncoderStudent:
    """Student that compares the view with each candidate's manual and usage examples.

    The choice does not depend on the order of the candidates nor on the other queries of the call, and a function
    added later is embedded when it is first a candidate. Safe to share between threads; a copy sent to another
    process loads the folder again.

    Attributes:
        fingerprint: names what the encoder computes.
        known: looks for vectors of a function's texts elsewhere, before they are computed; by default nowhere.
    """

    name = "ld-encoder"

    def __init__(self, folder: Path | str, *, threads: int = 1, cached_views: int = 4096) -> None:
        """Load a ``student/`` folder.

        Args:
            folder: holds ``model.onnx``, ``tokenizer.json`` and ``student.toml``.
            threads: threads inside one matrix product; 0 lets onnxruntime take every core.
            cached_views: vectors of views that are kept; symbolic states repeat a lot. 0 keeps none.

        Raises:
            CorruptError: a file is missing, damaged or of another format; the line names it.
        """
        self.folder = Path(folder)
        self._threads = threads
        settings = _read_settings(self.folder)
        self.scoring = settings.scoring
        self.by_stage = dict(settings.by_stage)
        self.precision = settings.precision
        self.embedder = OnnxEmbedder(
            self.folder / MODEL_FILE,
            self.folder / TOKENIZER_FILE,
            max_tokens=settings.max_tokens,
            threads=threads,
        )
        self._trained_with = settings.by_stage
        self._calibration: _Calibration = (
            _read_calibration(self.folder / CALIBRATION_FILE)
            if settings.calibrated
            else (frozenset(), ())
        )
        self._evidence = _read_evidence(self.folder / EVIDENCE_FILE) if settings.evident else {}
        self.fingerprint = settings.fingerprint
        self.known: Callable[[Function], Vectors | None] | None = None
        self._arrangements: dict[
            tuple[Function, ...], tuple[list[str], Vectors, list[int], npt.NDArray[np.float64]]
        ] = {}
        self._calibrated: dict[str, Vectors] = {}
        self._cached_views = cached_views
        self._views: dict[str, Vectors] = {}
        self._functions: dict[tuple[str, tuple[str, ...]], Vectors] = {}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[EncoderStudent], tuple[Path]]:
        # onnxruntime sessions cannot be pickled; joblib workers load the folder once instead.
        return (EncoderStudent, (self.folder,))

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """One `Choice` a query, in order; see `logicdistill.protocols.Student`."""
        groups: dict[tuple[str, tuple[Function, ...]], list[int]] = {}
        for index, query in enumerate(queries):
            groups.setdefault((query.stage.name, query.candidates), []).append(index)
        with self._lock:
            functions = self._embed_functions(
                function for _, candidates in groups for function in candidates
            )
            said = [
                render_words(query.stage, query.scope)
                if query.stage.reads_text_and_facts
                else query.view
                for query in queries
            ]
            views = self._embed_views(list(dict.fromkeys(said)))
        choices: list[Choice] = [Choice((), none=1.0)] * len(queries)
        for (stage, candidates), members in groups.items():
            if candidates:
                asked = np.stack([views[said[index]] for index in members])
                beside = (
                    [facts_beside(queries[index].stage, queries[index].scope) for index in members]
                    if stage in self._evidence
                    else []
                )
                for index, choice in zip(
                    members, self._choose(stage, candidates, asked, beside, functions), strict=True
                ):
                    choices[index] = choice
        return choices

    def adapted(self, functions: Sequence[Function]) -> EncoderStudent:
        """This student calibrated for a base that has changed; nothing is trained, and model and kept vectors are shared.

        Usage examples of functions that joined after the training are messages that were not trained on, and count as such.

        Args:
            functions: all functions of the base.
        """
        trained, messages = self._messages(functions)
        by_stage = dict(self._trained_with)
        if len(messages) > len(self._calibration[1]) or not trained <= {
            function.name for function in functions
        }:
            usual = next(iter(self._trained_with.values()), self.scoring)
            by_stage = {}
            for stage in dict.fromkeys(message.stage for message in messages):
                mine = [message for message in messages if message.stage == stage]
                by_stage |= calibrate(
                    self._trained_with.get(stage, usual),
                    mine,
                    functions,
                    self._calibrating,
                    self._evidence,
                )
        other = object.__new__(type(self))  # `copy` would load the folder again
        other.__dict__.update(self.__dict__, by_stage=by_stage)
        return other

    def least_confidences(
        self, functions: Sequence[Function], max_error: float
    ) -> dict[str, float]:
        """For each stage that reads messages, the confidence from which on at most this share of its choices is wrong.

        Raises:
            BaseError: no messages were held out, or too few for this promise.
        """
        found = score(
            self.scoring,
            self._messages(functions)[1],
            functions,
            self._calibrating,
            self.by_stage,
            self._evidence,
        )
        if not found:
            raise BaseError(
                "an error rate is promised from messages that were held out of training, and this student has none"
            )
        return {
            stage: least_confidence(scored, self.by_stage[stage], max_error)
            for stage, scored in found.items()
        }

    def _calibrating(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, kept: one function that joins costs its own texts."""
        new = [text for text in dict.fromkeys(texts) if text not in self._calibrated]
        self._calibrated.update(zip(new, self.embedder.vectors(new), strict=True))
        return np.stack([self._calibrated[text] for text in texts])

    def _messages(self, functions: Sequence[Function]) -> tuple[frozenset[str], list[HeldOut]]:
        """Names that it was trained with, and messages that it was not: those held out, and usage examples of what joined later."""
        trained, held_out = self._calibration
        new = [
            HeldOut(f.stage, text, f.name)
            for f in functions
            if held_out and f.name not in trained
            for text in f.texts[1:]
        ]
        return trained, [*held_out, *new]

    def embed_views(self, views: Sequence[str]) -> Vectors:
        """Unit vectors of views, shape [views, width], kept for the `select` that follows a search."""
        with self._lock:
            found = self._embed_views(list(dict.fromkeys(views)))
        return np.stack([found[view] for view in views])

    def _choose(
        self,
        stage: str,
        candidates: tuple[Function, ...],
        views: Vectors,
        beside: Sequence[Facts],
        functions: dict[tuple[str, tuple[str, ...]], Vectors],
    ) -> list[Choice]:
        """Choices of several views among the same candidates; by name first, so that a tie does not depend on their order."""
        scoring = self.by_stage.get(stage, self.scoring)
        names, texts, starts, agreed = self._arranged(candidates, functions)
        scores = scoring.scores(views, texts, starts, agreed=agreed)
        if beside:
            scores += scoring.evidence * self._evidence[stage].nats(beside, names)
        scores = scores.round(SCORE_DECIMALS)
        logits = scoring.scale * np.column_stack([scores, np.full(len(views), scoring.none_score)])
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities = (weights / weights.sum(axis=1, keepdims=True)).tolist()
        ranks = np.argsort(-scores, axis=1, kind="stable").tolist()
        return [
            Choice(tuple(Candidate(names[c], row[c]) for c in order), none=row[-1])
            for order, row in zip(ranks, probabilities, strict=True)
        ]

    def _arranged(
        self,
        candidates: tuple[Function, ...],
        functions: dict[tuple[str, tuple[str, ...]], Vectors],
    ) -> tuple[list[str], Vectors, list[int], npt.NDArray[np.float64]]:
        """Names, vectors of all texts, where each function's begin, and their agreements; the same candidates come again and again."""
        known = self._arrangements.get(candidates)
        if known is None:
            ordered = sorted(candidates, key=lambda function: function.name)
            rows = [functions[_key(function)] for function in ordered]
            starts = np.cumsum([0, *(len(mine) for mine in rows[:-1])]).tolist()
            texts = np.concatenate(rows)
            known = (
                [function.name for function in ordered],
                texts,
                starts,
                agreements(texts, starts),
            )
            self._arrangements[candidates] = known
            while len(self._arrangements) > ARRANGEMENTS:
                self._arrangements.pop(next(iter(self._arrangements)), None)
        return known

    def _embed_functions(self, functions: Any) -> dict[tuple[str, tuple[str, ...]], Vectors]:
        wanted = {_key(function): function for function in functions}
        found = {key: self._functions[key] for key in wanted if key in self._functions}
        # A search has embedded its functions already; what it holds is not held here again.
        if self.known is not None:
            found |= {
                key: rows
                for key in wanted
                if key not in found and (rows := self.known(wanted[key])) is not None
            }
        new = [key for key in wanted if key not in found]
        texts = dict.fromkeys(text for key in new for text in wanted[key].embedded)
        vectors = {text: self._calibrated[text] for text in texts if text in self._calibrated}
        rest = [text for text in texts if text not in vectors]
        vectors.update(zip(rest, self.embedder.vectors(rest), strict=True))
        for key in new:
            found[key] = self._functions[key] = np.stack(
                [vectors[text] for text in wanted[key].embedded]
            )
        return found

    def _embed_views(self, views: list[str]) -> dict[str, Vectors]:
        new = [view for view in views if view not in self._views]
        found = {view: self._views[view] for view in views if view in self._views}
        found.update(zip(new, self.embedder.vectors(new), strict=True))
        for view in new if self._cached_views else ():
            self._views[view] = found[view]
        while len(self._views) > self._cached_views:
            del self._views[next(iter(self._views))]
        return found


@dataclass(frozen=True, slots=True)
class _Settings:
    scoring: Scoring
    by_stage: dict[str, Scoring]
    max_tokens: int
    precision: str
    calibrated: bool
    evident: bool
    fingerprint: str


def _read_settings(folder: Path) -> _Settings:
    path = folder / SETTINGS_FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CorruptError(
            f"{path}: missing; the student was not trained, or its training was cut off"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorruptError(f"{path}: not readable: {one_line(error)}") from None
    if data.get("format") != FORMAT:
        raise CorruptError(
            f"{path}: format {data.get('format')!r}, this version reads {FORMAT}: train the student again"
        )
    try:
        scoring = _scoring(data["scoring"])
        by_stage = {str(name): _scoring(table) for name, table in data.get("stages", {}).items()}
        hashes = {name: str(value) for name, value in data["sha256"].items()}
        max_tokens = int(data["max_tokens"])
        fingerprint = digest(
            {name: hashes[name] for name in (MODEL_FILE, TOKENIZER_FILE)}, max_tokens
        )
        listed = CALIBRATION_FILE in hashes, EVIDENCE_FILE in hashes
        settings = _Settings(
            scoring, by_stage, max_tokens, str(data["precision"]), *listed, fingerprint
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptError(
            f"{path}: entry missing or of the wrong type: {one_line(error)}"
        ) from None
    numbers = [value for found in (scoring, *by_stage.values()) for value in astuple(found)]
    if not np.isfinite(numbers).all() or settings.max_tokens < 3:
        raise CorruptError(
            f"{path}: scoring must be finite and max_tokens at least 3: train the student again"
        )
    for name, expected in hashes.items():
        if not (folder / name).is_file():
            raise CorruptError(f"{folder / name}: missing; train the student again")
        if (found := sha256_of(folder / name)) != expected:
            raise CorruptError(
                f"{folder / name}: SHA-256 is {found[:12]}, {SETTINGS_FILE} says {expected[:12]}: train again"
            )
    return settings


def _scoring(table: Mapping[str, Json]) -> Scoring:
    return Scoring(**{field.name: float(table[field.name]) for field in fields(Scoring)})


def calibration_json(trained: Iterable[str], held_out: Sequence[HeldOut]) -> str:
    """Text of ``calibration.json``.

    Args:
        trained: names of the functions that the student was trained with.
        held_out: messages that it was not trained on.
    """
    return json.dumps(
        {"trained": sorted(trained), "held_out": [astuple(message) for message in held_out]},
        ensure_ascii=False,
        indent=0,
    )


def _read_calibration(path: Path) -> _Calibration:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        held_out = tuple(
            HeldOut(stage, view, label, tuple(facts))
            for stage, view, label, facts in data["held_out"]
        )
        return frozenset(data["trained"]), held_out
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CorruptError(
            f"{path}: not readable: {one_line(error)}: train the student again"
        ) from None


def _read_evidence(path: Path) -> dict[str, Evidence]:
    try:
        return evidence_of(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CorruptError(
            f"{path}: not readable: {one_line(error)}: train the student again"
        ) from None


def settings_toml(
    scoring: Scoring,
    by_stage: Mapping[str, Scoring],
    *,
    max_tokens: int,
    precision: str,
    hashes: Mapping[str, str],
    notes: Mapping[str, float | int],
) -> str:
    """Text of ``student.toml``.

    Args:
        scoring: of stages whose views show facts.
        by_stage: of those that read messages.
        max_tokens: longer texts are cut.
        precision: ``int8`` or ``fp32``.
        hashes: SHA-256 in hex by file name.
        notes: figures of the training, for readers alone.
    """
    lines = [
        f"format = {FORMAT}",
        f"max_tokens = {max_tokens}",
        f"precision = {json.dumps(precision)}",
    ]
    for table, found in {
        "scoring": scoring,
        **{f"stages.{json.dumps(name)}": found for name, found in by_stage.items()},
    }.items():
        lines += [
            "",
            f"[{table}]",
            *(f"{name} = {value!r}" for name, value in asdict(found).items()),
        ]
    lines += [
        "",
        "[sha256]",
        *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in sorted(hashes.items())),
    ]
    lines += ["", "[notes]", *(f"{name} = {value!r}" for name, value in sorted(notes.items())), ""]
    return "\n".join(lines)


def _key(function: Function) -> tuple[str, tuple[str, ...]]:
    return (function.content_hash, function.texts)
