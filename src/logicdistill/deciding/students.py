"""Students by name: the package's own, those that a program registers, and those of other packages.

A package offers students by the entry point ``logicdistill.students``; its value is a factory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

from logicdistill.errors import LogicDistillError, UnknownNameError, one_line
from logicdistill.files import digest
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import PackableStudent, Student, StudentContext, StudentFactory

GROUP = "logicdistill.students"
"""Entry point of packages that offer students."""


def _encoder(given: StudentContext) -> Student:
    from logicdistill.students.saved import PICTURES_FILE, WORDS_FILE

    folder, keeps = given.folder, given.keeps
    if not (folder / PICTURES_FILE).is_file():
        from logicdistill.students.pretrained import load_student

        return load_student(folder, **({} if keeps else {"cached_views": 0}))
    from logicdistill.students.pictured import PictureStudent

    pictures = PictureStudent(folder, **({} if keeps else {"cached": 0}))
    if not (folder / WORDS_FILE).is_file():
        return pictures
    from logicdistill.students.pretrained import load_student
    from logicdistill.students.seeing import SeeingStudent

    return SeeingStudent(load_student(folder, **({} if keeps else {"cached_views": 0})), pictures)


def _causal(given: StudentContext) -> Student:
    from logicdistill.students.weights import check_causal

    check_causal()
    from logicdistill.students.causal import (  # the only student that needs torch
        SETTINGS_FILE,
        CausalStudent,
    )

    packed = (given.folder / SETTINGS_FILE).is_file()
    trained = given.folder if packed else given.folder.parent / "players" / "ld-causal"
    return CausalStudent(trained, **({} if given.keeps else {"cached": 0}))


def _conditions(given: StudentContext) -> Student:
    from logicdistill.students.floor import ConditionsStudent

    return ConditionsStudent(given.runner)


def _bm25(_: StudentContext) -> Student:
    from logicdistill.retrieval.words import word_scores
    from logicdistill.students.floor import NearestStudent

    return NearestStudent(word_scores)


def _first(_: StudentContext) -> Student:
    from logicdistill.students.floor import FirstStudent

    return FirstStudent()


def _random(_: StudentContext) -> Student:
    from logicdistill.students.floor import RandomStudent

    return RandomStudent(seed=0)


STUDENTS: dict[str, StudentFactory] = {
    "ld-encoder": _encoder,
    "ld-causal": _causal,
    "bm25": _bm25,
    "conditions": _conditions,
    "first": _first,
    "random": _random,
}
"""The package's own, by name."""

_registered: dict[str, StudentFactory] = {}


def register_student(name: str, factory: StudentFactory) -> None:
    """Give a student of your own a name, for this process.

    `Policy.load` and the command line's ``--student`` then take the name. Registering it again
    replaces it. A package registers its students for every process by the entry point
    ``logicdistill.students``.

    Args:
        name: such as ``nearest-centroid``.
        factory: makes the student (see `Student`) from a `logicdistill.protocols.StudentContext`:
            the folder of what was trained, and what evaluates conditions and runs functions.

    Raises:
        LogicDistillError: one of the package's own students has that name.
    """
    if name in STUDENTS:
        own = ", ".join(STUDENTS)
        raise LogicDistillError(f"student {name!r} is one of the package's own ({own}); rename it")
    _registered[name] = factory


def find_student(name: str) -> StudentFactory:
    """The factory of a student.

    Raises:
        UnknownNameError: no such student; the nearest name is offered.
        LogicDistillError: the package that offers it cannot be loaded.
    """
    found = STUDENTS.get(name) or _registered.get(name)
    if found is not None:
        return found
    offered = {point.name: point for point in entry_points(group=GROUP)}
    if name not in offered:
        raise UnknownNameError("student", name, {*STUDENTS, *_registered, *offered})
    point = offered[name]
    with _blamed(f"student {name!r} of {point.value}"):
        factory: StudentFactory = point.load()
    return factory


def make_student(name: str, folder: Path, keeps: bool = True) -> Callable[[Sandbox], Student]:
    """A student by name, to be made with the policy's sandbox.

    Args:
        name: see `STUDENTS` and `register_student`.
        folder: of the run's trained student.
        keeps: whether it remembers views that it has seen. A benchmark turns that off.

    Raises:
        UnknownNameError: no such student.
        MissingExtraError: ``ld-causal`` needs a library that is not installed.
    """
    factory = find_student(name)

    def make(sandbox: Sandbox) -> Student:
        with _blamed(f"student {name!r}"):
            return factory(StudentContext(folder, sandbox, keeps))

    return make


def check_packable(student: Student, sandbox: Sandbox) -> None:
    """Raise an error where a packed policy could not make this student again.

    Raises:
        UnknownNameError: its name is not known.
        LogicDistillError: it reads files, and is no `logicdistill.protocols.PackableStudent`.
    """
    with tempfile.TemporaryDirectory() as nothing:
        make = make_student(student.name, Path(nothing) / "student")
        if isinstance(student, PackableStudent):
            return
        try:
            make(sandbox)
        except LogicDistillError as error:
            what = f"student {student.name!r} is not made without files, and has no method 'packed'"
            raise LogicDistillError(f"{what} that gives them: {error}") from None


def model_of(student: Student) -> str | None:
    """Hash of a student's files: first 16 hex digits; None for one that has none.

    The settings of the package's own students hold the SHA-256 of each file beside them.
    """
    folder = getattr(student, "folder", None)
    settings = sorted(folder.glob("*.toml")) if isinstance(folder, Path) else []
    if settings:
        return digest(*(part for file in settings for part in (file.name, file.read_bytes())))
    if isinstance(student, PackableStudent):
        files = student.packed()
        return digest(*(part for name in sorted(files) for part in (name, files[name])))
    return None


@contextmanager
def _blamed(what: str) -> Iterator[None]:
    """Errors of code that is not the package's, in one line."""
    try:
        yield
    except LogicDistillError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {one_line(error)}"
        raise LogicDistillError(f"{what} cannot be made: {said}") from error
