"""What the benchmarks of selection share.

Finished cells that are kept, floors, and accuracy with its interval.
"""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from scipy.stats import t as student_t
from stamps import commit, stamp

from logicdistill.deciding.episodes import play
from logicdistill.evaluation.metrics import wilson_interval
from logicdistill.files import append_lines, digest, read_lines, write_atomic
from logicdistill.policy import Policy
from logicdistill.tasks.seeds import evaluation_seeds
from logicdistill.training.collect import LabelStudent, TrainingExample
from logicdistill.training.labelling import Labeller, Unlabelled
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Candidate, Choice, Query

TOGETHER = 50
"""Episodes that are played at once: a policy decides no more states than `CHUNK` in one thread."""

Labelled = tuple[Query, str]


class Cells:
    """Finished cells of an experiment, in a file beside its result.

    Started again, it goes on where it was; so each cell keeps the commit that made it.

    Args:
        out: the result's file.
        made_of: whatever a cell depends on beside its own settings.
    """

    def __init__(self, out: Path, *made_of: Any) -> None:
        self._file = out.with_suffix(".cells.jsonl")
        self._made_of, self._commit = made_of, commit()
        self._known = (
            {line["key"]: line["cell"] for line in read_lines(self._file)}
            if self._file.is_file()
            else {}
        )

    def cell(
        self, settings: Mapping[str, Any], work: Callable[[], Mapping[str, Any]]
    ) -> dict[str, Any]:
        """The settings with what the work found; it is done unless it was done before."""
        key = digest(list(map(str, self._made_of)), dict(settings))
        if key not in self._known:
            self._known[key] = dict(settings) | dict(work()) | {"commit": self._commit}
            append_lines(self._file, [json.dumps({"key": key, "cell": self._known[key]})])
        print(json.dumps(self._known[key])[:400], flush=True)
        return self._known[key]


def write_result(
    out: Path, result: Mapping[str, Any], n: Mapping[str, int] | None = None, draws: int = 1
) -> None:
    """Write the figures with their `stamp`."""
    write_atomic(out, json.dumps(stamp(n, draws) | dict(result), indent=1) + "\n")


def student_digest(run: Path) -> str:
    """What a run's selections depend on."""
    return digest(
        (run / "student" / "student.toml").read_bytes(),
        (run / "base" / ".snapshots" / "HEAD").read_bytes(),
    )


def share(right: int, asked: int) -> dict[str, Any]:
    """A proportion with its 95 % Wilson interval."""
    if not asked:
        return {"asked": 0}
    return {
        "asked": asked,
        "share": round(right / asked, 4),
        "ci95": [round(end, 4) for end in wilson_interval(right, asked)],
    }


def interval_over_draws(shares: Sequence[float], asked: int) -> list[float]:
    """95 % interval of a mean share over draws of what is known, each asked the same questions.

    It holds the draw (t distribution) and that of the questions (Wilson).
    """
    mean = statistics.mean(shares)
    low, high = wilson_interval(round(mean * asked), asked)
    drawn = 0.0
    if len(shares) > 1:
        spread = statistics.stdev(shares) / len(shares) ** 0.5
        drawn = float(student_t.ppf(0.975, len(shares) - 1)) * spread
    return [
        max(0.0, mean - math.hypot(mean - low, drawn)),
        min(1.0, mean + math.hypot(high - mean, drawn)),
    ]


def by_label(
    labels: Sequence[str], right: Sequence[bool], counts: Sequence[int] | None = None
) -> dict[str, Any]:
    """Selection accuracy in all, and for each label.

    ``counts`` weighs distinct questions by how often they came up.
    """
    weights = counts or [1] * len(labels)
    asked: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for label, fine, weight in zip(labels, right, weights, strict=True):
        asked[label] += weight
        good[label] += weight * fine
    return {"all": share(good.total(), asked.total())} | {
        label: share(good[label], asked[label]) for label in sorted(asked)
    }


class Keeping(LabelStudent):
    """Follows the labels and keeps the questions with them, and the inputs that have none."""

    def __init__(self, labeller: Labeller) -> None:
        super().__init__(labeller, explore=0.1, seed=1)
        self.labeller = labeller
        self.kept: list[tuple[Query, str]] = []
        self.unlabelled = set[tuple[str, str]]()

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        for query, label in zip(queries, self.labeller.labels(queries), strict=True):
            if isinstance(label, str):
                self.kept.append((replace(query, scope=dict(query.scope)), label))
            elif isinstance(label, Unlabelled):
                self.unlabelled.add((query.stage.name, query.view))
        return super().select(queries)


def unseen_questions(
    policy: Policy, run: Path, episodes: int
) -> tuple[list[tuple[Query, str]], int]:
    """Questions of evaluation episodes with the right answers, and how many inputs have none.

    The recorded teacher was not asked about every rare input. The questions are the same again for
    the same run: `TOGETHER` episodes are decided in one thread, so moves at random are drawn in
    their order.
    """
    student = Keeping(recorded_labeller(run, policy.parts))
    player, seeds = policy.with_student(student).player, evaluation_seeds(episodes)
    for start in range(0, episodes, TOGETHER):
        play(policy.task, player, seeds[start : start + TOGETHER])
    return student.kept, len(student.unlabelled)


class FrequentStudent:
    """Always the candidate that was right most often in training: a floor.

    Args:
        examples: training examples.
    """

    name = "frequent"

    def __init__(self, examples: Sequence[TrainingExample]) -> None:
        self._counts: Counter[str] = Counter()
        for example in examples:
            self._counts[example.label] += example.count

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        return [
            self._choice(
                sorted(
                    (f.name for f in query.candidates), key=lambda name: (-self._counts[name], name)
                )
            )
            for query in queries
        ]

    @staticmethod
    def _choice(names: Sequence[str]) -> Choice:
        return Choice(
            tuple(Candidate(name, float(rank == 0)) for rank, name in enumerate(names)),
            none=0.0 if names else 1.0,
        )
