"""What selecting in a game takes: how many inputs there are, and what floors make of them.

    python benchmarks/inputs.py --run runs/pursuit [--episodes 200] [--fine-tune] --out FILE

An input is what a student reads at a stage, its view. Test inputs are those that the teacher's own
play meets on evaluation seeds (one move in ten at random); those without a recorded label are
counted and left out. Every player then plays the same seeds, and is asked about each test input
once: `selection` counts distinct inputs, not questions.

- `random`; `frequent`: the function that was right most often in training.
- `exact`: the function with a usage example whose view is the input, else the most frequent.
- `conditions`: the `When:` that holds, else the first function without one.
- `untrained`: the encoder with manuals and usage examples, and no labelled input.
- `pretrained`: the run's student. `fine-tuned` (with --fine-tune): the encoder trained itself.
- `right`: follows the labels, so what the functions can do at best; `optimum`: exact play.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from selecting import (
    TOGETHER,
    Cells,
    FrequentStudent,
    Labelled,
    share,
    student_digest,
    unseen_questions,
    write_result,
)

from logicdistill.deciding.episodes import play
from logicdistill.deciding.standing import queries_for
from logicdistill.evaluation.evaluate import has_optimum, optimum_player
from logicdistill.policy import Policy
from logicdistill.protocols import Student
from logicdistill.runs import Run
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.floor import ConditionsStudent, RandomStudent
from logicdistill.students.pretrained import load_student
from logicdistill.students.weights import find_weights
from logicdistill.tasks.seeds import evaluation_seeds
from logicdistill.training.collect import LabelStudent, TrainingExample, read_examples
from logicdistill.training.export import fine_tune
from logicdistill.training.logged import recorded_labeller
from logicdistill.types import Candidate, Choice, Query
from logicdistill.views import render_view

Key = tuple[str, str]
"""Stage and view: an input."""


class ExactStudent:
    """The function with a usage example whose view is the input, else the most frequent one.

    Args:
        shown: see `shown_views`.
        frequent: asked where no usage example fits.
    """

    name = "exact"

    def __init__(self, shown: Mapping[Key, str], frequent: FrequentStudent) -> None:
        self._shown, self._frequent = shown, frequent

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        found = []
        for query, choice in zip(queries, self._frequent.select(queries), strict=True):
            first = self._shown.get((query.stage.name, query.view))
            names = [candidate.name for candidate in choice.ranked]
            if first in names:
                ordered = [first, *(name for name in names if name != first)]
                ranked = [Candidate(name, float(name == first)) for name in ordered]
                choice = Choice(tuple(ranked), none=0.0)
            found.append(choice)
        return found


def shown_views(policy: Policy) -> dict[Key, str]:
    """Views of the usage examples, each with its function."""
    found: dict[Key, str] = {}
    for stage in policy.base.stages:
        for function in policy.base.of_stage(stage.name) if stage.selects else ():
            for example in function.manual.examples:
                view = example.text or render_view(stage, example.inputs or {})
                found.setdefault((stage.name, view), function.name)
    return found


def counted(
    examples: Sequence[TrainingExample], shown: Mapping[Key, str], asked: Mapping[Key, str]
) -> dict[str, Any]:
    """How many inputs there are, and how many of the test's stand in training word for word."""
    trained = {(example.stage, example.view) for example in examples}
    return {
        "training": len(trained),
        "usage_examples": len(shown),
        "test": len(asked),
        "test_in_training": sum(key in trained for key in asked),
        "test_in_usage_examples": sum(key in shown for key in asked),
        "functions": len(set(asked.values())),
    }


def judged(policy: Policy, questions: Mapping[Key, Labelled], new: set[Key]) -> dict[str, Any]:
    """Right selections over distinct inputs, and over those that ``new`` names."""
    right: dict[Key, bool] = {}
    for stage in policy.base.stages:
        mine = {key: item for key, item in questions.items() if key[0] == stage.name}
        if mine:
            asked = queries_for(policy.parts, stage, [query.scope for query, _ in mine.values()])
            choices = policy.parts.student.select(asked)
            for (key, (_, label)), choice in zip(mine.items(), choices, strict=True):
                right[key] = choice.selected == label
    some = [fine for key, fine in right.items() if key in new]
    return {
        "selection": share(sum(right.values()), len(right)),
        "selection_new": share(sum(some), len(some)),
    }


def played(policy: Policy, episodes: int) -> dict[str, Any]:
    """Success on the evaluation seeds."""
    return outcome(policy.task, policy.player, episodes)


def outcome(task: Any, player: Any, episodes: int) -> dict[str, Any]:
    """Success and mean return of a player."""
    seeds = evaluation_seeds(episodes)
    won, returned, steps = list[int](), 0.0, 0
    for start in range(0, episodes, TOGETHER):
        for episode in play(task, player, seeds[start : start + TOGETHER]):
            won.append(int(episode.success))
            returned, steps = returned + episode.total, steps + len(episode.turns)
    return {
        "success": share(sum(won), len(won)),
        "return_mean": round(returned / len(won), 4),
        "steps_mean": round(steps / len(won), 2),
        "won": "".join(map(str, won)),
    }


def trained(
    run: Path, policy: Policy, examples: Sequence[TrainingExample], steps: int | None
) -> Student:
    """The encoder, trained on these examples for so many steps; None: the recipe's."""
    base, settings = policy.base, Run.open(run).settings
    functions = [function for function in base.functions if base.stage(function.stage).selects]
    weights = find_weights(settings["encoder"])
    with tempfile.TemporaryDirectory() as folder:
        student = Path(folder) / "student"
        seed = settings["seed"]
        fine_tune(base.stages, functions, examples, weights, student, seed, steps, lambda *_: None)
        return EncoderStudent(student)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--fine-tune", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    run, episodes = options.run, options.episodes
    examples = read_examples(run / "examples.jsonl")
    cells = Cells(options.out, student_digest(run), episodes)
    with Policy.load(run, student="first") as policy:
        asked, unlabelled = unseen_questions(policy, run, episodes)
        times = Counter((query.stage.name, query.view) for query, _ in asked)
        questions = {(query.stage.name, query.view): (query, label) for query, label in asked}
        labels = {key: label for key, (_, label) in questions.items()}
        shown = shown_views(policy)
        new = set(labels) - set(shown)
        labeller = recorded_labeller(run, policy.parts)
        frequent = FrequentStudent(examples)
        players: dict[str, Callable[[], Student]] = {
            "random": lambda: RandomStudent(seed=0),
            "frequent": lambda: frequent,
            "exact": lambda: ExactStudent(shown, frequent),
            "conditions": lambda: ConditionsStudent(policy.parts.sandbox),
            "untrained": lambda: trained(run, policy, [], 0),
            "pretrained": lambda: load_student(run / "student"),
            "right": lambda: LabelStudent(labeller, 0.0, seed=0),
        }
        if options.fine_tune:
            players["fine-tuned"] = lambda: trained(run, policy, examples, None)

        def work(make: Callable[[], Student]) -> dict[str, Any]:
            with_it = policy.with_student(make())
            return {**judged(with_it, questions, new), **played(with_it, episodes)}

        rows = [
            cells.cell({"player": name}, lambda make=make: work(make))
            for name, make in players.items()
        ]
        if has_optimum(policy.task):
            best = optimum_player(policy.task)
            rows.append(
                cells.cell({"player": "optimum"}, lambda: outcome(policy.task, best, episodes))
            )
        found = {
            "task": policy.task.id,
            "episodes": episodes,
            "inputs": counted(examples, shown, labels)
            | {"questions": times.total(), "unlabelled": unlabelled},
            "rows": rows,
        }
    write_result(options.out, found, {"episodes": episodes, "distinct inputs": len(labels)})


if __name__ == "__main__":
    main()
