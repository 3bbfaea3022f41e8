from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.functions.sandbox import Sandbox
from logicdistill.pictures import picture_value
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.pictured import PictureStudent
from logicdistill.students.vision import picture_encoder
from logicdistill.tasks.registry import get_task
from logicdistill.training.pictures import fit_pictures
from logicdistill.writing.by_hand import base_by_hand


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Any:
    folder = Path(__file__).parents[2] / "examples" / "inspection"
    monkeypatch.syspath_prepend(str(folder))
    import make

    return make


def test_every_defect_and_record_gets_the_action_that_the_rules_say(
    make: Any, tmp_path: Path
) -> None:
    """Of example pictures the decision is what the functions say; they are known by heart."""
    make.write(tmp_path / "parts", pictures=3, states=4)
    task = get_task(str(tmp_path / "parts"))
    base, refused = base_by_hand(task)
    assert base is not None, refused
    stages = [stage for stage in base.stages if stage.pictures]
    fit_pictures(stages, base.functions, [], [picture_encoder("pixels")], tmp_path / "student")
    student = PictureStudent(tmp_path / "student")
    every = list(itertools.product(make.DEFECTS, make.KINDS, (False, True)))
    folder = tmp_path / "parts" / "pictures" / "look"
    states = [
        {"photo": picture_value(folder / defect / "1.png"), "kind": kind, "coated": coated}
        for defect, kind, coated in every
    ]
    with Sandbox(base.functions) as sandbox:
        most = student.most_candidates
        parts = Parts(task, base, FusedRetriever(None), student, sandbox, most)
        decisions = decide(parts, states)
    assert [d.trace[0].function for d in decisions] == [defect for defect, _, _ in every]
    assert [d.action for d in decisions] == [make.right_action(*one) for one in every]
    assert {d.action for d in decisions} == {"pass", "rework", "scrap"}


def test_a_seed_draws_the_same_parts_and_another_one_others(make: Any) -> None:
    first, again, other = (make.records(6, seed) for seed in (1, 1, 2))
    for one, same, new in zip(first, again, other, strict=True):
        assert (one["state"]["photo"] == same["state"]["photo"]).all()
        assert (one["state"]["photo"] != new["state"]["photo"]).any()
        assert one["action"] == same["action"]


def test_only_the_photos_of_the_states_are_disturbed(make: Any, tmp_path: Path) -> None:
    make.write(tmp_path / "clean", pictures=1, states=3)
    for name in make.DISTURBANCES:
        make.write(tmp_path / name, pictures=1, states=3, disturbed=name)
        for file in (tmp_path / "clean").rglob("*.png"):
            other = tmp_path / name / file.relative_to(tmp_path / "clean")
            same = np.array_equal(np.asarray(Image.open(file)), np.asarray(Image.open(other)))
            assert same == ("pictures" in file.parts), (name, file)
        lines = (tmp_path / name / "states.jsonl").read_text(encoding="utf-8")
        assert lines == (tmp_path / "clean" / "states.jsonl").read_text(encoding="utf-8")
        assert len([json.loads(line) for line in lines.splitlines()]) == 3


def test_each_defect_is_drawn_otherwise_than_a_whole_part(make: Any) -> None:
    whole = make.drawn("good", random.Random(5)).astype(int)
    for defect in (*make.DEFECTS[1:], make.LATER):
        changed = np.abs(make.drawn(defect, random.Random(5)).astype(int) - whole).max(axis=2)
        assert (changed > 30).sum() >= 10, defect  # the noise of a pixel is below that
