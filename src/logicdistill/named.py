"""Students by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from logicdistill.errors import UnknownNameError
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Student
from logicdistill.retrieval.lexical import LexicalRetriever
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.floor import ConditionsStudent, FirstStudent, NearestStudent, RandomStudent
from logicdistill.students.weights import check_causal

STUDENTS = ("ld-encoder", "ld-causal", "bm25", "conditions", "first", "random")


def make_student(name: str, folder: Path, keeps: bool = True) -> Student | Callable[[Sandbox], Student]:
    """A student by name; ``conditions`` is handed the policy's sandbox.

    Args:
        name: one of `STUDENTS`.
        folder: the encoder's; the causal student lies in ``players/ld-causal`` beside it.
        keeps: whether it keeps what it computed for views that come again, as students do by default.

    Raises:
        UnknownNameError: no such student.
        MissingExtraError: ``ld-causal`` needs a library that is not installed.
    """
    if name == "conditions":
        return lambda sandbox: ConditionsStudent(sandbox.holds)
    if name == "bm25":
        return NearestStudent(LexicalRetriever().scores)
    if name == "first":
        return FirstStudent()
    if name == "random":
        return RandomStudent(seed=0)
    if name == "ld-encoder":
        return EncoderStudent(folder) if keeps else EncoderStudent(folder, cached_views=0)
    if name == "ld-causal":
        check_causal()
        from logicdistill.students.causal import CausalStudent  # the only student that needs torch

        trained = folder.parent / "players" / "ld-causal"
        return CausalStudent(trained) if keeps else CausalStudent(trained, cached=0)
    raise UnknownNameError("student", name, STUDENTS)
