"""The benchmark of the usual factor, on made-up vectors."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from factors import ASKED, LABELS, Drawn, draw, errors, remembering, usual

WIDTH = 12
NAMES = tuple(f"label {letter}" for letter in "abcdefghijkl")
TEXTS = {name: [f"{name}: text {number}" for number in range(60)] for name in NAMES}


def embed(texts: Sequence[str]) -> np.ndarray:
    """A text is near the label that it names."""
    rows = []
    for text in texts:
        at = next(place for place, name in enumerate(NAMES) if name in text.lower())
        row = np.random.default_rng(sum(text.encode()) * 7 + len(text)).normal(size=WIDTH)
        row[at % WIDTH] += 2.5
        rows.append(row / np.linalg.norm(row))
    return np.asarray(rows, np.float32)


@pytest.fixture(scope="module")
def tasks() -> list[Drawn]:
    rng = random.Random(0)
    return [draw(TEXTS, remembering(embed), rng) for _ in range(12)]


def test_a_task_asks_about_texts_that_it_does_not_have(tasks: list[Drawn]) -> None:
    for task in tasks:
        logits, labels = task.asked
        assert LABELS[0] <= logits.shape[1] <= min(LABELS[1], len(NAMES))
        assert len(task.held[0]) == task.texts > 0
        assert 0 < len(labels) <= ASKED * logits.shape[1]
        assert task.texts + len(labels) <= 60 * logits.shape[1]


def test_at_the_best_factor_a_task_is_as_sure_as_it_is_right(tasks: list[Drawn]) -> None:
    at_best = np.mean([task.error(task.best) for task in tasks])
    assert at_best < np.mean([task.error(task.best * 3) for task in tasks])
    assert at_best < np.mean([task.error(task.best / 3) for task in tasks])
    factor, spread = usual(tasks)
    assert min(task.best for task in tasks) < factor < max(task.best for task in tasks)
    assert spread > 0


def test_every_task_is_counted_once_by_its_texts(tasks: list[Drawn]) -> None:
    rows = list(errors(tasks, usual(tasks)))
    assert sum(row["tasks"] for row in rows) == len(tasks)
    for row in rows:
        if row["tasks"]:
            assert row["best"] <= min(row["alone"], row["prior"], row["usual"]) + 0.02
