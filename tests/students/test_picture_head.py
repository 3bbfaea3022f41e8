from __future__ import annotations

from pathlib import Path

import numpy as np

from logicdistill.pictures import picture_value
from logicdistill.students.pictured import PictureStudent
from logicdistill.students.vision import picture_encoder
from logicdistill.training.pictures import fit_pictures
from logicdistill.types import Function, Manual, Query, Stage

STAGE = Stage("see", "seen", "What is it?", reads=("cell",), pictures=("cell",))


def patterns(count: int, seed: int) -> list[np.ndarray]:
    """Pictures of 4 x 4 fields of random colours."""
    draw = np.random.default_rng(seed)
    fields = draw.integers(60, 200, (count, 4, 4, 3))
    return [np.kron(one, np.ones((4, 4, 1))).astype(np.uint8) for one in fields]


def functions(shown: dict[str, list[np.ndarray]]) -> list[Function]:
    manual = Manual("Answer it.", "It is seen.")
    return [
        Function(
            name,
            "see",
            f"def {name}():\n    return {name!r}\n",
            (),
            manual,
            (),
            pictures={f"{n}.png": picture_value(one) for n, one in enumerate(pictures)},
        )
        for name, pictures in shown.items()
    ]


def test_functions_with_one_picture_leave_those_with_many_their_say(tmp_path: Path) -> None:
    """Most functions have one picture, one has a dozen: each is read though noise lies over it."""
    shown = {f"plain_{number}": [one] for number, one in enumerate(patterns(5, 1))}
    shown["varied"] = patterns(12, 2)
    mine, draw = functions(shown), np.random.default_rng(3)
    fit_pictures([STAGE], mine, [], [picture_encoder("pixels")], tmp_path)
    student, asked, right = PictureStudent(tmp_path), list[Query](), list[str]()
    for name, pictures in shown.items():
        for one in pictures:
            noisy = (one + draw.normal(0, 12, one.shape)).clip(0, 255).astype(np.uint8)
            asked.append(Query(STAGE, "", tuple(mine), {"cell": picture_value(noisy)}))
            right.append(name)
    first = [choice.ranked[0].name for choice in student.select(asked)]
    assert first == right
