"""Seeds of episodes. Each split has a range of its own, so that no episode trains and tests.

A recorded state has a seed too: the first training state has seed 0, the first validation state
`FIRST_VALIDATION_SEED`, the first test state `FIRST_TEST_SEED`. The functions raise `TaskError` if
a split has fewer seeds than asked for.
"""

from __future__ import annotations

from logicdistill.errors import TaskError

FIRST_VALIDATION_SEED = 50_000
FIRST_TEST_SEED = 1_000_000
LAST_TEST_SEED = 1_999_999


def training_seeds(count: int) -> range:
    """The first ``count`` seeds of training episodes."""
    return _first(count, 0, FIRST_VALIDATION_SEED, "training")


def validation_seeds(count: int) -> range:
    """The first ``count`` seeds of validation episodes: they choose checkpoints, never train."""
    return _first(count, FIRST_VALIDATION_SEED, FIRST_TEST_SEED, "validation")


def evaluation_seeds(count: int) -> range:
    """The first ``count`` seeds of evaluation episodes: a run's figures come from them alone."""
    return _first(count, FIRST_TEST_SEED, LAST_TEST_SEED + 1, "test")


def _first(count: int, start: int, end: int, split: str) -> range:
    if count > end - start:
        raise TaskError(f"{count:,} {split} episodes: there are {end - start:,}; ask for fewer")
    return range(start, start + count)
