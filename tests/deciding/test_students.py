from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from tests.parcels import run_of_parcels
from tests.test_import import loaded_after

from logicdistill import Policy, register_student
from logicdistill.deciding import students
from logicdistill.errors import BaseError, LogicDistillError, UnknownNameError
from logicdistill.protocols import StudentContext
from logicdistill.types import Candidate, Choice, Function, Query

STATE = {"weight_kg": 30}


class Alphabetical:
    """A student of somebody else: knows nothing of the package's own classes."""

    name = "alphabetical"
    most_candidates = 7

    def __init__(self, sure: float, known: Sequence[str] = ()) -> None:
        self.sure, self.functions = sure, known

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        found = []
        for query in queries:
            first, *rest = sorted(function.name for function in query.candidates)
            ranked = [Candidate(first, self.sure), *(Candidate(name, 0.0) for name in rest)]
            found.append(Choice(tuple(ranked), none=1 - self.sure))
        return found

    def adapted(self, functions: Sequence[Function]) -> Alphabetical:
        return Alphabetical(self.sure, sorted(function.name for function in functions))

    def least_confidences(
        self, functions: Sequence[Function], max_error: float
    ) -> Mapping[str, float]:
        return {"way": 1 - max_error}

    def packed(self) -> Mapping[str, bytes]:
        return {"sure.txt": str(self.sure).encode()}


def from_file(given: StudentContext) -> Alphabetical:
    file = given.folder / "sure.txt"
    return Alphabetical(float(file.read_text()) if file.is_file() else 0.9)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Path]:
    register_student("alphabetical", from_file)
    yield run_of_parcels(tmp_path / "parcels", mode="one")
    students._registered.clear()


def test_a_registered_student_is_adapted_promises_and_takes_its_own_k(run: Path) -> None:
    with Policy.load(run, "alphabetical") as policy:
        assert policy.parts.student.functions == ["heavy", "light"]  # type: ignore[attr-defined]
        assert policy.parts.top_k == 7
        assert policy.decide(STATE).confidence == 0.9
        policy.remove("light")
        assert policy.parts.student.functions == ["heavy"]  # type: ignore[attr-defined]
    with Policy.load(run, "alphabetical", max_error=0.2) as policy:
        assert policy.decide(STATE).fallback is None
    with Policy.load(run, "alphabetical", max_error=0.05) as policy:
        assert policy.parts.thresholds == {"way": 0.95}
        assert "not sure enough" in str(policy.decide(STATE).fallback)


def test_a_students_files_and_promise_go_into_a_packed_policy(run: Path, tmp_path: Path) -> None:
    (run / "student").mkdir()
    (run / "student" / "sure.txt").write_text("0.8")
    with Policy.load(run, "alphabetical", max_error=0.1) as policy:
        expected = policy.decide(STATE)
        policy.pack(tmp_path / "a.policy")
    assert "not sure enough" in str(expected.fallback)
    with Policy.load(tmp_path / "a.policy") as packed:
        assert packed.decide(STATE) == expected


def test_a_student_that_a_file_could_not_bring_back_is_not_packed(
    run: Path, tmp_path: Path
) -> None:
    class Reading:
        name = "reading"

        def __init__(self, folder: Path) -> None:
            (folder / "weights").read_text()

        select = Alphabetical.select

    register_student("reading", lambda given: Reading(given.folder))
    (run / "student").mkdir()
    (run / "student" / "weights").write_text("")
    with (
        Policy.load(run, "reading") as policy,
        pytest.raises(LogicDistillError, match="has no method 'packed' that gives them"),
    ):
        policy.pack(tmp_path / "a.policy")
    with Policy.load(run, "first") as policy:
        unknown = Alphabetical(0.9)
        unknown.name = "nobody"
        with pytest.raises(UnknownNameError, match="nobody"):
            policy.with_student(unknown).pack(tmp_path / "a.policy")
    assert not (tmp_path / "a.policy").exists()


def test_a_student_without_probabilities_promises_nothing(run: Path) -> None:
    with pytest.raises(BaseError, match="conditions has no calibrated probabilities"):
        Policy.load(run, "conditions", max_error=0.1)


def test_an_unknown_student_offers_the_nearest_registered_ones_too(run: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'alphabetical'"):
        Policy.load(run, "alphabetic")
    with pytest.raises(LogicDistillError, match="one of the package's own"):
        register_student("conditions", from_file)


def test_a_factory_that_fails_is_one_line(run: Path) -> None:
    register_student("broken", lambda given: 1 / 0)  # type: ignore[arg-type, return-value]
    with pytest.raises(LogicDistillError, match="student 'broken' cannot be made: ZeroDivision"):
        Policy.load(run, "broken")


def test_other_packages_offer_students_and_tasks_by_entry_points(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "site" / "others-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: others\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[logicdistill.students]\nlast = others:last\ngone = others:gone\n"
        "[logicdistill.tasks]\nothers-v1 = others:task\n"
    )
    (tmp_path / "site" / "others.py").write_text(
        """
import dataclasses
from logicdistill.students.floor import FirstStudent
from logicdistill.tasks.guess import Guess

@dataclasses.dataclass(frozen=True)
class Others(Guess):
    id: str = "others-v1"

def last(given):
    return FirstStudent()

task = Others
"""
    )
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    with Policy.load(run, "last") as policy:
        assert policy.decide(STATE).action == "freight"
    with pytest.raises(UnknownNameError, match="gone"):
        Policy.load(run, "gonee")
    with pytest.raises(LogicDistillError, match="'gone' of others:gone cannot be made"):
        Policy.load(run, "gone")
    from logicdistill.tasks.registry import get_task, task_ids

    assert "others-v1" in task_ids()
    assert get_task("others", max_n=50).id == "others-v1"
    sys.modules.pop("others", None)


def test_deciding_by_conditions_loads_no_model_runtime(run: Path) -> None:
    code = f"""
from logicdistill import Policy
with Policy.load({str(run)!r}, "conditions") as policy:
    assert policy.decide({STATE!r}).action == "freight"
"""
    assert not loaded_after(code) & {"onnxruntime", "tokenizers", "torch"}
