"""Every error that the package raises on purpose; each is also the standard-library error that it specialises."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager


class LogicDistillError(Exception):
    """Base class. The message is one line: what came, what was allowed, what to do. It travels between processes as it is."""

    def __reduce__(self) -> tuple[Callable[..., LogicDistillError], tuple[object, ...]]:
        return _again, (type(self), self.args)


def _again(kind: type[LogicDistillError], args: tuple[object, ...]) -> LogicDistillError:
    """Without ``__init__``, which makes the message of something else."""
    error = kind.__new__(kind)
    error.args = args
    return error


class UnknownNameError(LogicDistillError, LookupError):
    """A task, run, player, stage or function of that name does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else ""
        listed = f"known: {', '.join(names)}" if names else "there is none yet"
        super().__init__(f"unknown {kind} {name!r}; {hint + ' ' if hint else ''}{listed}")


class InvalidStateError(LogicDistillError, ValueError):
    """A state does not fit the task's schema."""


class ManualError(LogicDistillError, ValueError):
    """A function file does not parse, or its manual breaks the format."""


class GateRefusal(LogicDistillError, ValueError):
    """The gate refused a function; the message is the one line that the teacher gets back."""


class BaseError(LogicDistillError, ValueError):
    """A function base cannot be read or changed as asked."""


class EmergencyError(LogicDistillError, RuntimeError):
    """No function of the base fits a state, and that was to be an error."""


class CorruptError(LogicDistillError, ValueError):
    """A file of a run was damaged or edited into something unreadable."""


class RunLockedError(LogicDistillError, RuntimeError):
    """Another process is writing the same run."""


class StorageError(LogicDistillError, OSError):
    """A file, store or server cannot be reached, read or written (no such file, no permission, disk full, no connection)."""


class MissingReplyError(LogicDistillError, LookupError):
    """No recorded reply answers this request, and no live teacher was named."""


class TeacherError(LogicDistillError, RuntimeError):
    """A live teacher cannot be asked, or does not answer; what it answered before is kept."""


class LimitReachedError(TeacherError):
    """A limit on calls, tokens or money does not allow the next request."""


class UnusableReplyError(TeacherError):
    """A live teacher's answers to one request cannot be used, also after it was told why."""


class MissingExtraError(LogicDistillError, ImportError):
    """An optional dependency is needed; the message names the extra to install."""


def one_line(error: BaseException | str) -> str:
    """A message as one line of at most 300 printable characters; an empty error's type.

    Messages come from models, servers and libraries: no character of theirs may steer a terminal.
    """
    text = "".join(letter if letter.isprintable() else " " for letter in str(error)[:2000])
    empty = "" if isinstance(error, str) else type(error).__name__
    return " ".join(text.split())[:300] or empty


@contextmanager
def needs_extra(who: str, extra: str) -> Iterator[None]:
    """Around imports that an extra of this package provides.

    Args:
        who: begins the message: "'run' trains a model and" needs something.
        extra: what to install.

    Raises:
        MissingExtraError: one of them is not there, or is there and cannot be loaded.
        KeyboardInterrupt: Ctrl-C came while a compiled library was loading, which turns it into an ImportError.
    """
    try:
        yield
    except ImportError as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        what = error.name or f"a library that cannot be loaded ({error})"
        raise MissingExtraError(
            f"{who} needs {what}: pip install 'logicdistill[{extra}]'"
        ) from None


class TaskError(LogicDistillError, ValueError):
    """A task breaks the contract of `check_task`."""
