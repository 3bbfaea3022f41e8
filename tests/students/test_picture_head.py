from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from logicdistill.pictures import picture_value
from logicdistill.students import picture_head
from logicdistill.students.pictured import PictureStudent
from logicdistill.students.vision import picture_encoder
from logicdistill.training.pictures import fit_pictures
from logicdistill.types import Function, Manual, Query, Stage

PALE = {"paler": 185, "pale": 180}
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


def test_a_picture_that_light_erased_is_less_familiar(tmp_path: Path) -> None:
    """A face that became white is not the plain face that it resembles most."""
    plain = [np.full((16, 16, 3), grey, np.uint8) for grey in range(200, 250, 5)]
    shown = {"plain": plain, "varied": patterns(10, 4)}
    mine = functions(shown)
    fit_pictures([STAGE], mine, [], [picture_encoder("pixels")], tmp_path)
    student = PictureStudent(tmp_path)
    asked = [np.full((16, 16, 3), grey, np.uint8) for grey in (247, 255)]
    queries = [Query(STAGE, "", tuple(mine), {"cell": picture_value(one)}) for one in asked]
    familiar, erased = student.select(queries)
    assert familiar.selected == "plain"
    assert erased.none > familiar.none + 0.1


def test_a_head_is_less_sure_where_other_light_makes_it_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pale pictures become white in more light, and nothing tells them apart."""
    draw = np.random.default_rng(5)
    pale = {name: [one // 4 + low for one in patterns(8, low)] for name, low in PALE.items()}
    noisy = {
        name: [(one + draw.normal(0, 2, one.shape)).clip(0, 255).astype(np.uint8) for one in some]
        for name, some in pale.items()
    }
    found = []
    for lights in ((1.0, 1.0), picture_head.LIGHTS):
        monkeypatch.setattr(picture_head, "LIGHTS", lights)
        fit_pictures([STAGE], functions(noisy), [], [picture_encoder("pixels")], tmp_path)
        found.append(PictureStudent(tmp_path).heads["see"].calibration.factor)
    assert found[1] < found[0] / 1.5
