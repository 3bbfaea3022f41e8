from __future__ import annotations

from collections.abc import Callable

import pytest

from logicdistill.errors import TaskError
from logicdistill.tasks.seeds import evaluation_seeds, training_seeds, validation_seeds


@pytest.mark.parametrize(
    ("seeds", "most"),
    [(training_seeds, 50_000), (validation_seeds, 950_000), (evaluation_seeds, 1_000_000)],
)
def test_seeds_of_a_split_never_reach_the_next_one(
    seeds: Callable[[int], range], most: int
) -> None:
    assert len(seeds(most)) == most
    with pytest.raises(TaskError, match="ask for fewer"):
        seeds(most + 1)


def test_splits_have_no_seed_in_common() -> None:
    assert training_seeds(50_000)[-1] < validation_seeds(1)[0]
    assert validation_seeds(950_000)[-1] < evaluation_seeds(1)[0]
