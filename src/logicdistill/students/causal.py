"""The causal student: a small language model scores each candidate; no text is written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from logicdistill.errors import CorruptError
from logicdistill.forks import Lock
from logicdistill.students.language import ADAPTER_FILES, LanguageModel, TokenPair
from logicdistill.students.saved import load_settings, readable, save_settings
from logicdistill.students.scoring import Scoring
from logicdistill.types import Choice, Function, Query, Stage

FORMAT = 1
SETTINGS_FILE = "causal.toml"

SCORE_DECIMALS = 3
"""Scores are rounded: the last bits of a matrix product depend on the shape of its batch."""


@dataclass(frozen=True, slots=True)
class CausalScoring:
    """How log-probabilities become probabilities; fitted in training, stored in ``causal.toml``.

    Attributes:
        scale: factor from a score to a logit; a candidate's score is the mean log-probability of
            the tokens of its ``Use when:`` text after question and view.
        none_score: score of "none of these".
    """

    scale: float
    none_score: float

    def choice(self, names: Sequence[str], scores: Sequence[float]) -> Choice:
        """The choice among candidates with these scores; a tie goes by name."""
        return Scoring(self.scale, 0.0, self.none_score).choices(names, np.array([scores]))[0]


class CausalStudent:
    """Student that asks a causal language model how well each candidate fits (`CausalScoring`).

    Every candidate is scored alone, so the choice depends neither on their order nor on the other
    queries of the call. Safe to share between threads; a copy sent to another process loads the
    folder again.

    Args:
        folder: written by `logicdistill.training.causal.fit_causal_student`.
        cached: scores that are kept; symbolic states repeat a lot. 0 keeps none.

    Raises:
        MissingExtraError: the model or a library is not installed.
        CorruptError: a file is missing, damaged or of another format; the line names it.
    """

    name = "ld-causal"

    def __init__(self, folder: Path | str, *, cached: int = 65536) -> None:
        self.folder = Path(folder)
        name, scoring = read_settings(self.folder)
        if scoring is None:
            file = self.folder / SETTINGS_FILE
            raise CorruptError(f"{file}: a model that writes text; it does not select functions")
        self.scoring = scoring
        self.model = LanguageModel(name, self.folder)
        self._cached = cached
        self._scores: dict[tuple[str, str, str, str], float] = {}
        self._lock = Lock()

    def __reduce__(self) -> tuple[type[CausalStudent], tuple[Path]]:
        # Half a gigabyte of weights is not sent to joblib workers; they load the folder instead.
        return (CausalStudent, (self.folder,))

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        wanted = {_key(query, f): (query, f) for query in queries for f in query.candidates}
        with self._lock:
            new = [key for key in wanted if key not in self._scores]
            found = scores_of(self.model, [wanted[key] for key in new])
            self._scores.update(zip(new, found, strict=True))
            scores = [[self._scores[_key(one, f)] for f in one.candidates] for one in queries]
            while len(self._scores) > self._cached:
                del self._scores[next(iter(self._scores))]
        names = [[function.name for function in query.candidates] for query in queries]
        return [*map(self.scoring.choice, names, scores)]

    def packed(self) -> dict[str, bytes]:
        """Scoring and adapter; the weights of the model itself have to be there already."""
        return {n: (self.folder / n).read_bytes() for n in (SETTINGS_FILE, *ADAPTER_FILES)}


def _key(query: Query, function: Function) -> tuple[str, str, str, str]:
    return (query.stage.question, query.view, function.name, function.content_hash)


def pair_of(model: LanguageModel, stage: Stage, view: str, function: Function) -> TokenPair:
    """Prompt and continuation of a candidate's score; what those of one view share comes first."""
    name = function.name.replace("_", " ")
    use = function.manual.use_when or function.manual.summary or name
    return model.encode(f"{stage.question}\n{view}\n"), model.encode(f"{use}\n")


def scores_of(model: LanguageModel, asked: Sequence[tuple[Query, Function]]) -> list[float]:
    """The score of each candidate for its query, rounded."""
    pairs = [pair_of(model, query.stage, query.view, function) for query, function in asked]
    return [round(sum(row) / len(row), SCORE_DECIMALS) for row in model.scored(pairs)]


def read_settings(folder: Path) -> tuple[str, CausalScoring | None]:
    """Name of the model, and its scoring; None for a model that writes text.

    Raises:
        CorruptError: ``causal.toml`` or a file whose hash it notes is missing or damaged.
    """
    file = folder / SETTINGS_FILE
    settings = load_settings(file, FORMAT, ADAPTER_FILES)
    with readable(file):
        name = str(settings["model"])
        if "scoring" not in settings:
            return name, None
        table = settings["scoring"]
        scale, none = float(table["scale"]), float(table["none_score"])
        if not math.isfinite(scale + none):
            raise ValueError("the scoring must be finite")
        return name, CausalScoring(scale, none)


def write_settings(
    folder: Path, model: str, scoring: CausalScoring | None, notes: Mapping[str, float]
) -> None:
    """Write ``causal.toml`` beside the adapter; a model that writes text has no scoring.

    Notes are figures of the training, for readers alone.
    """
    settings = {"format": FORMAT, "model": model, "notes": dict(notes)}
    if scoring is not None:
        settings["scoring"] = asdict(scoring)
    save_settings(folder / SETTINGS_FILE, settings, ADAPTER_FILES)
