"""The causal student: a small language model scores what each candidate is for, after the question and the view. No text is written."""

from __future__ import annotations

import json
import math
import threading
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from logicdistill.errors import CorruptError, one_line
from logicdistill.students.language import ADAPTER_FILES, LanguageModel, Tokens, forest_of
from logicdistill.students.weights import sha256_of
from logicdistill.types import Candidate, Choice, Function, Query, Stage

Pairs: TypeAlias = list[tuple[Tokens, Tokens]]

FORMAT = 1
SETTINGS_FILE = "causal.toml"
KINDS = ("name", "manual", "fits")
# Scores are rounded before they are compared: the last bits of a matrix product depend on the shape of its batch.
SCORE_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class CausalScoring:
    """How log-probabilities become probabilities; fitted in training, stored in ``causal.toml``.

    Attributes:
        kind: what a candidate's score is. ``name``: mean log-probability of the tokens of its name in words after question and view;
            ``manual``: the same of its ``Use when:`` text; ``fits``: how much likelier "yes" is than "no" after view and ``Use when:``.
        scale: factor from a score to a logit.
        none_score: score of "none of these".
    """

    kind: str
    scale: float
    none_score: float

    def pairs(self, model: LanguageModel, stage: Stage, view: str, function: Function) -> Pairs:
        """Prompts and continuations whose log-probabilities make the score; what candidates of one view share comes first."""
        prompt = f"{stage.question}\n{view}\n"
        use = function.manual.use_when or function.manual.summary or _words(function.name)
        if self.kind == "fits":
            asked = [*model.encode(prompt), *model.encode(f"{use} {_words(function.name)}?")]
            return [(asked, model.encode(" yes")), (asked, model.encode(" no"))]
        return [
            (
                model.encode(prompt),
                model.encode(f"{_words(function.name) if self.kind == 'name' else use}\n"),
            )
        ]

    def choice(self, names: Sequence[str], scores: Sequence[float]) -> Choice:
        """The choice among candidates with these scores; a tie goes by name."""
        ordered = sorted(zip(names, scores, strict=True), key=lambda pair: (-pair[1], pair[0]))
        logits = [
            self.scale * score for score in [*(score for _, score in ordered), self.none_score]
        ]
        weights = [math.exp(logit - max(logits)) for logit in logits]
        total = sum(weights)
        ranked = (
            Candidate(name, weight / total)
            for (name, _), weight in zip(ordered, weights, strict=False)
        )
        return Choice(tuple(ranked), none=weights[-1] / total)


class CausalStudent:
    """Student that asks a causal language model how well each candidate fits; see `CausalScoring`.

    Every candidate is scored by itself after what all share, so the choice depends neither on their order nor on the other queries of
    the call. Safe to share between threads; a copy sent to another process loads the folder again.

    Args:
        folder: written by `logicdistill.training.causal.fit_causal_student`.
        cached: scores that are kept, by view and function; symbolic states repeat a lot. 0 keeps none.

    Raises:
        MissingExtraError: the model or a library is not installed.
        CorruptError: a file is missing, damaged or of another format; the line names it.
    """

    name = "ld-causal"

    def __init__(self, folder: Path | str, *, cached: int = 65536) -> None:
        self.folder = Path(folder)
        name, scoring = read_settings(self.folder)
        if scoring is None:
            raise CorruptError(
                f"{self.folder / SETTINGS_FILE}: a model that writes text; it does not select functions"
            )
        self.scoring = scoring
        self.model = LanguageModel(name, self.folder)
        self._cached = cached
        self._scores: dict[tuple[str, str, str, str], float] = {}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[CausalStudent], tuple[Path]]:
        # Half a gigabyte of weights is not sent to joblib workers; they load the folder once instead.
        return (CausalStudent, (self.folder,))

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """One `Choice` a query, in order; see `logicdistill.protocols.Student`."""
        wanted = {
            _key(query, function): (query, function)
            for query in queries
            for function in query.candidates
        }
        with self._lock:
            known = {key: self._scores[key] for key in wanted if key in self._scores}
            new = [key for key in wanted if key not in known]
            known.update(
                zip(
                    new,
                    scores_of(self.model, self.scoring, [wanted[key] for key in new]),
                    strict=True,
                )
            )
            if self._cached:
                self._scores.update((key, known[key]) for key in new)
            while len(self._scores) > self._cached:
                del self._scores[next(iter(self._scores))]
        return [
            self.scoring.choice(
                [f.name for f in query.candidates],
                [known[_key(query, f)] for f in query.candidates],
            )
            for query in queries
        ]

    def tokens_of(self, query: Query) -> int:
        """Tokens that the model reads to answer a query by itself."""
        pairs = [
            pair
            for function in query.candidates
            for pair in self.scoring.pairs(self.model, query.stage, query.view, function)
        ]
        return len(forest_of(pairs).ids)


def scores_of(
    model: LanguageModel, scoring: CausalScoring, asked: Sequence[tuple[Query, Function]]
) -> list[float]:
    """The score of each candidate for its query, rounded."""
    pairs = [scoring.pairs(model, query.stage, query.view, function) for query, function in asked]
    rows = iter(model.scored([pair for found in pairs for pair in found]))
    means = [[sum(row) / len(row) for row in (next(rows) for _ in found)] for found in pairs]
    return [round(found[0] - sum(found[1:]), SCORE_DECIMALS) for found in means]


def read_settings(folder: Path) -> tuple[str, CausalScoring | None]:
    """Name of the model, and the scoring (None where the folder holds a model that writes text).

    Raises:
        CorruptError: ``causal.toml`` or a file that it names is missing or damaged.
    """
    path = folder / SETTINGS_FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CorruptError(
            f"{path}: missing; the model was not trained, or its training was cut off"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorruptError(f"{path}: not readable: {one_line(error)}") from None
    if data.get("format") != FORMAT:
        raise CorruptError(
            f"{path}: format {data.get('format')!r}, this version reads {FORMAT}: train again"
        )
    try:
        name, hashes = (
            str(data["model"]),
            {file: str(data["sha256"][file]) for file in ADAPTER_FILES},
        )
        entry = data.get("scoring")
        scoring = (
            None
            if entry is None
            else CausalScoring(
                str(entry["kind"]), float(entry["scale"]), float(entry["none_score"])
            )
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptError(
            f"{path}: entry missing or of the wrong type: {one_line(error)}"
        ) from None
    if scoring is not None and not (
        scoring.kind in KINDS and math.isfinite(scoring.scale) and math.isfinite(scoring.none_score)
    ):
        raise CorruptError(
            f"{path}: the scoring must be finite and one of {', '.join(KINDS)}: train again"
        )
    for file, expected in hashes.items():
        if not (folder / file).is_file():
            raise CorruptError(f"{folder / file}: missing; train again")
        if (found := sha256_of(folder / file)) != expected:
            raise CorruptError(
                f"{folder / file}: SHA-256 is {found[:12]}, {SETTINGS_FILE} says {expected[:12]}: train again"
            )
    return name, scoring


def settings_toml(
    model: str, folder: Path, scoring: CausalScoring | None, notes: Mapping[str, float | int]
) -> str:
    """Text of ``causal.toml`` for the adapter that lies in a folder.

    Args:
        model: name of the model that was trained.
        folder: holds the adapter's files, whose hashes are noted.
        scoring: fitted scoring, or None for a model that writes text.
        notes: figures of the training, for readers alone.
    """
    lines = [f"format = {FORMAT}", f"model = {json.dumps(model)}"]
    if scoring is not None:
        lines += [
            "",
            "[scoring]",
            f'kind = "{scoring.kind}"',
            f"scale = {scoring.scale!r}",
            f"none_score = {scoring.none_score!r}",
        ]
    lines += [
        "",
        "[sha256]",
        *(f'"{name}" = "{sha256_of(folder / name)}"' for name in ADAPTER_FILES),
    ]
    return "\n".join(
        [
            *lines,
            "",
            "[notes]",
            *(f"{name} = {value!r}" for name, value in sorted(notes.items())),
            "",
        ]
    )


def _key(query: Query, function: Function) -> tuple[str, str, str, str]:
    return (query.stage.question, query.view, function.name, function.content_hash)


def _words(name: str) -> str:
    return name.replace("_", " ")
