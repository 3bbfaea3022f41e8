"""What deciding needs, put together: K, the retriever and the thresholds that suit a student."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from logicdistill.errors import BaseError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import (
    AdaptingStudent,
    EmbeddingStudent,
    PromisingStudent,
    Retriever,
    Student,
    Task,
    WideStudent,
)
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import ConditionsStudent

TOP_K = 16
"""Candidates that a student sees; the retriever finds them in larger stages (paper, 3.3)."""

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


def check_made(student: str, run: Path, base: FunctionBase) -> None:
    """Raise `BaseError` where a trained student of that name was never made in the run."""
    places = {"ld-encoder": run / "student", "ld-causal": run / "players" / "ld-causal"}
    if student not in places or places[student].exists():
        return
    if not base.needs_student:
        why = "conditions decide every stage, so none was made; leave it out, or take 'conditions'"
    elif student == "ld-causal":
        why = "'logicdistill compare' trains it; or take 'ld-encoder'"
    else:
        why = "'logicdistill run' makes it; or take 'bm25', which needs none"
    raise BaseError(f"{run} has no trained student {student!r}: {why}")


def suitable_top_k(student: Student, base: FunctionBase) -> int:
    """The K that suits a student: the whole stage while that costs less than a search."""
    largest = max(len(base.of_stage(stage.name)) for stage in base.stages)
    most = student.most_candidates if isinstance(student, WideStudent) else TOP_K
    return most if largest <= most else TOP_K


def make_retriever(student: Student, run: Path | None, store: str | None = None) -> FusedRetriever:
    """Lexical and, with an encoder, dense search fused.

    Args:
        student: whose vectors are searched, if it has any.
        run: folder in which the index is kept; None keeps none.
        store: a LanceDB folder or bucket in which large stages are searched.

    Raises:
        BaseError: a store, and the student has no vectors to search with.
        MissingExtraError: LanceDB is not installed.
    """
    if not isinstance(student, EmbeddingStudent):
        if store is not None:
            raise BaseError(
                "a store is searched with the vectors of an encoder, such as ld-encoder; "
                "this student has none: leave the store out"
            )
        return FusedRetriever(None, run / INDEX_FOLDER / "words" if run else None)
    folder = run / INDEX_FOLDER / student.name if run else None
    return FusedRetriever(student.embedder, folder, student.fingerprint, store=store)


def over(parts: Parts, base: FunctionBase, sandbox: Sandbox) -> Parts:
    """The same parts over another base, which the sandbox holds; the student is not adapted."""
    student = parts.student
    if isinstance(student, ConditionsStudent):
        student = ConditionsStudent(sandbox)
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
    if isinstance(student, AdaptingStudent):
        parts = replace(parts, student=student.adapted(functions))
    if max_error is None:
        return parts
    if not 0 < max_error < 1:
        raise BaseError(
            f"the share of wrong choices is above 0 and below 1, such as 0.01; got {max_error}"
        )
    if not isinstance(parts.student, PromisingStudent):
        raise BaseError(
            f"{student.name} has no calibrated probabilities, so it can promise no error rate; "
            "take ld-encoder"
        )
    return replace(parts, thresholds=parts.student.least_confidences(functions, max_error))
