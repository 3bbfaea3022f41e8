"""Fine-tune and export: collected examples and the functions' manuals to a ``student/`` folder that decides without torch."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from logicdistill.training.examples import TrainingExample
from logicdistill.training.export import export
from logicdistill.training.fit import DEFAULT_RECIPE, fit
from logicdistill.types import Function, Json, Stage


def fine_tune(
    stages: Sequence[Stage],
    functions: Sequence[Function],
    examples: Sequence[TrainingExample],
    weights: Path,
    student: Path,
    seed: int,
    steps: int | None,
    on_progress: Callable[[str, int, int], None],
) -> Mapping[str, Json]:
    """Train the encoder and write the student's folder.

    Args:
        stages: the base's stages.
        functions: functions of the selecting stages.
        examples: distinct questions with their labels.
        weights: folder of the pretrained encoder.
        student: folder to write; ``student.toml`` is written last.
        seed: of the training; the same seed on the same machine gives the same student.
        steps: steps of training; None takes the recipe's number.
        on_progress: told of step name, done and total.

    Returns:
        What the run's record keeps.
    """

    def told(done: int, total: int, _: float) -> None:
        on_progress("train", done, total)

    recipe = replace(DEFAULT_RECIPE, steps=steps)
    fitted = fit(stages, functions, examples, weights, seed=seed, on_progress=told, recipe=recipe)
    started = time.perf_counter()
    export(fitted, student)
    return {"export_seconds": round(time.perf_counter() - started, 2)}
