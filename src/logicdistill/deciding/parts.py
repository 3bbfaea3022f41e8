"""What deciding needs, put together: students by name, and the retriever that suits each."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from logicdistill.errors import BaseError, UnknownNameError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Retriever, Student, Task
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.retrieval.words import word_scores
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.floor import (
    ConditionsStudent,
    FirstStudent,
    NearestStudent,
    RandomStudent,
)
from logicdistill.students.weights import check_causal

STUDENTS = ("ld-encoder", "ld-causal", "bm25", "conditions", "first", "random")

TOP_K = 16
"""Candidates that a student sees; the retriever finds them in larger stages (paper, 3.3)."""

ENCODER_TOP_K = 1024
"""The same for the encoder: a thousand comparisons cost less than a search for sixteen."""

INDEX_FOLDER = "index"
"""Folder of a run for what a retriever keeps; it can be deleted at any time."""


def utc_now() -> datetime.datetime:
    """The time by which functions expire."""
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    """What deciding needs.

    Attributes:
        task: its schema, its legal actions and its fallback.
        base: the functions.
        retriever: finds the top K of a large stage.
        student: selects among them.
        sandbox: runs the functions; it holds the base.
        top_k: K.
        clock: the time by which functions expire.
        thresholds: by stage, the least probability at which a function is chosen; 0 by default. A
            function whose guard holds needs none.
    """

    task: Task
    base: FunctionBase
    retriever: Retriever
    student: Student
    sandbox: Sandbox
    top_k: int
    clock: Callable[[], datetime.datetime] = utc_now
    thresholds: Mapping[str, float] = field(default_factory=dict)


def student_of_run(base: FunctionBase) -> str:
    """Name of the student that a run with this base decides with."""
    return "ld-encoder" if base.needs_student else "conditions"


def make_student(
    name: str, folder: Path, keeps: bool = True
) -> Student | Callable[[Sandbox], Student]:
    """A student by name; ``conditions`` comes as a function that takes the policy's sandbox.

    Args:
        name: one of `STUDENTS`.
        folder: the encoder's; the causal student lies in ``players/ld-causal`` beside it.
        keeps: whether it remembers views that it has seen. A benchmark turns that off.

    Raises:
        UnknownNameError: no such student.
        MissingExtraError: ``ld-causal`` needs a library that is not installed.
    """
    if name == "conditions":
        return lambda sandbox: ConditionsStudent(sandbox.holds)
    if name == "bm25":
        return NearestStudent(word_scores)
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


def suitable_top_k(student: Student | Callable[[Sandbox], Student], base: FunctionBase) -> int:
    """The K that suits a student: the whole stage while that costs less than a search."""
    if isinstance(student, NearestStudent):
        return max(1, len(base.functions))  # it is a search of the whole base itself
    largest = max(len(base.of_stage(stage.name)) for stage in base.stages)
    fits = isinstance(student, EncoderStudent) and largest <= ENCODER_TOP_K
    return ENCODER_TOP_K if fits else TOP_K


def make_retriever(student: Student, run: Path | None) -> FusedRetriever:
    """Lexical and, with an encoder, dense search fused.

    Args:
        student: whose vectors are searched, if it has any.
        run: folder in which the index is kept; None keeps none.
    """
    if isinstance(student, EncoderStudent):
        return FusedRetriever(
            student.embedder,
            run / INDEX_FOLDER / student.name if run else None,
            student.fingerprint,
        )
    return FusedRetriever(None, run / INDEX_FOLDER / "words" if run else None)


def search_store(
    student: Student | Callable[[Sandbox], Student], store: str, run: Path
) -> FusedRetriever:
    """A retriever that searches large stages in a LanceDB folder or bucket.

    Raises:
        BaseError: the student has no vectors to search with.
        MissingExtraError: LanceDB is not installed.
    """
    if not isinstance(student, EncoderStudent):
        raise BaseError(
            "a store is searched with the vectors of ld-encoder; "
            "this student has none: leave the store out"
        )
    folder = run / INDEX_FOLDER / student.name
    return FusedRetriever(student.embedder, folder, student.fingerprint, store=store)


def over(parts: Parts, base: FunctionBase, sandbox: Sandbox) -> Parts:
    """The same parts over another base, which the sandbox holds; the student is not adapted."""
    student = parts.student
    if isinstance(student, ConditionsStudent):
        student = ConditionsStudent(sandbox.holds)
    return replace(parts, base=base, sandbox=sandbox, student=student)


def calibrated(parts: Parts, max_error: float | None) -> Parts:
    """The same parts, the student calibrated for their base, the thresholds set.

    Args:
        parts: new, or with a base that has changed.
        max_error: the share of wrong choices to stay below, for stages that read messages; None
            takes every choice.

    Raises:
        BaseError: the share is out of range, or this student cannot promise it.
    """
    student, functions = parts.student, parts.base.functions
    if isinstance(student, EncoderStudent):
        student = student.adapted(functions)
        parts = replace(parts, student=student)
    if max_error is None:
        return parts
    if not 0 < max_error < 1:
        raise BaseError(
            f"the share of wrong choices is above 0 and below 1, such as 0.01; got {max_error}"
        )
    if not isinstance(student, EncoderStudent):
        raise BaseError(
            f"{student.name} has no calibrated probabilities, so it can promise no error rate; "
            "take ld-encoder"
        )
    return replace(parts, thresholds=student.least_confidences(functions, max_error))
