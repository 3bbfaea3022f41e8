"""Whether a selector that was trained on some tasks selects in a task that it never saw.

    python benchmarks/generalise.py --runs runs/guess runs/pursuit runs/twentyone --out
    docs/results/generalise.json

Each run's own student, one trained on all tasks together, one for each task trained on all the
others (`without ...`) and the encoder as it was pretrained select in each task: its function base
is given, nothing is trained again. The floors are the first candidate, a random one and the one
that was most often right in that task's training. All states and episodes are of unseen seeds.
`forced` passes "none of these" over.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lofo import unseen_questions
from selecting import Cells, FrequentStudent, played, selection, student_digest, write_result

from logicdistill.files import digest
from logicdistill.policy import Policy
from logicdistill.protocols import Student
from logicdistill.runs import Run
from logicdistill.students.floor import FirstStudent, RandomStudent
from logicdistill.students.pretrained import load_student
from logicdistill.students.weights import find_weights
from logicdistill.training.collect import TrainingExample, read_examples
from logicdistill.training.export import fine_tune
from logicdistill.training.facts import FactRecipe
from logicdistill.types import Function, Stage


def task_of(run: Path) -> str:
    return str(Run.open(run).settings["task"])


def together(runs: Sequence[Path]) -> tuple[list[Stage], list[Function], list[TrainingExample]]:
    """Selecting stages of several tasks with their functions and examples.

    A stage is named after its task as well.
    """
    stages, functions, examples = [], [], []
    for run in runs:
        task = task_of(run)
        with Policy.load(run, student="first") as policy:
            mine = [stage for stage in policy.base.stages if stage.selects]
            stages += [replace(stage, name=f"{task}.{stage.name}") for stage in mine]
            functions += [
                replace(function, stage=f"{task}.{stage.name}")
                for stage in mine
                for function in policy.base.of_stage(stage.name)
            ]
        examples += [
            replace(example, stage=f"{task}.{example.stage}")
            for example in read_examples(run / "examples.jsonl")
        ]
    return stages, functions, examples


def train(runs: Sequence[Path], folder: Path, steps_a_stage: int) -> Path:
    """A student trained on all these runs' examples (no steps: the pretrained encoder).

    Kept in ``folder`` under what it is made of.
    """
    stages, functions, examples = together(runs)
    settings = Run.open(runs[0]).settings
    weights, steps = find_weights(settings["encoder"]), steps_a_stage * len(stages)
    made_of = digest(
        [str(example) for example in examples],
        [f.texts for f in functions],
        steps,
        settings["seed"],
        weights.name,
    )
    student = folder / made_of
    if not (student / "student.toml").is_file():

        def show(step: str, done: int, total: int) -> None:
            print(f"{step} {', '.join(map(task_of, runs))}: {done}/{total}", end="\r", flush=True)

        fine_tune(stages, functions, examples, weights, student, settings["seed"], steps, show)
    return student


def selectors(
    runs: Sequence[Path], folder: Path, steps_a_stage: int
) -> dict[str, Callable[[], Path]]:
    """Name to a function that gives a student's folder, training it where there is none yet."""
    found: dict[str, Callable[[], Path]] = {
        task_of(run): lambda run=run: run / "student" for run in runs
    }
    found["all"] = lambda: train(runs, folder, steps_a_stage)
    if len(runs) > 2:
        for left in runs:
            found[f"without {task_of(left)}"] = lambda left=left: train(
                [run for run in runs if run != left], folder, steps_a_stage
            )
    return found | {"untrained": lambda: train(runs, folder, 0)}


def cross(
    runs: Sequence[Path], known: Mapping[str, Callable[[], Path]], episodes: int, cells: Cells
) -> list[dict[str, Any]]:
    """Every selector in every task."""
    rows = []
    for target in runs:
        with Policy.load(target, student="first") as policy:
            questions = unseen_questions(policy, target, episodes)
            floors: dict[str, Callable[[], Student]] = {
                "first": FirstStudent,
                "random": lambda: RandomStudent(seed=0),
                "frequent": lambda target=target: FrequentStudent(
                    read_examples(target / "examples.jsonl")
                ),
            }
            trained = {
                name: lambda place=place: load_student(place()) for name, place in known.items()
            }
            for name, make in (trained | floors).items():

                def work(
                    policy: Policy = policy,
                    make: Callable[[], Student] = make,
                    target: Path = target,
                ) -> dict[str, Any]:
                    student = make()
                    other = policy.with_student(student)
                    return selection(other, questions) | played(other, target, episodes)  # noqa: B023  # called in this turn of the loop

                seen = name in (policy.task.id, "all") or (
                    name.startswith("without ") and name != f"without {policy.task.id}"
                )
                rows.append(
                    cells.cell(
                        {"selector": name, "task": policy.task.id, "trained_on_it": seen}, work
                    )
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--episodes", type=int, default=200)
    parser.add_argument("--steps-a-stage", type=int, default=FactRecipe().steps)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    cells = Cells(
        options.out,
        [student_digest(run) for run in options.runs],
        options.episodes,
        options.steps_a_stage,
    )
    known = selectors(options.runs, options.out.with_suffix(".students"), options.steps_a_stage)
    rows = cross(options.runs, known, options.episodes, cells)
    write_result(
        options.out,
        {"episodes": options.episodes, "steps_a_stage": options.steps_a_stage, "rows": rows},
        {"episodes": options.episodes},
    )


if __name__ == "__main__":
    main()
