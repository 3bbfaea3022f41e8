from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))


def test_a_disturbed_picture_keeps_its_size_and_only_the_clean_one_its_pixels() -> None:
    from pictures import DISTURBANCES, middle, parts

    picture = parts(1, seed=0, side=16)[1][0]
    for name, change in DISTURBANCES.items():
        found = change(picture, np.random.default_rng(0))
        assert found.shape == (16, 16, 3)
        assert found.dtype == np.uint8
        assert (found == middle(picture)).all() == (name == "clean")


def test_parts_of_a_seed_are_drawn_again_and_those_of_another_are_not() -> None:
    from pictures import parts

    first, again, other = (np.array(parts(2, seed, 16)) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any(axis=(2, 3, 4)).all()


def test_accuracy_is_one_where_colours_differ_and_chance_where_nothing_does() -> None:
    from pictures import accuracies

    from logicdistill.students.vision import PixelEncoder

    plain = [[np.full((12, 12, 3), colour, np.uint8)] * 4 for colour in ((200, 0, 0), (0, 0, 200))]
    assert set(accuracies(PixelEncoder(), plain, plain, 2, 1).values()) == {1.0}
    same = [plain[0], plain[0]]
    assert accuracies(PixelEncoder(), same, same, 2, 1)["clean"] == 0.5
