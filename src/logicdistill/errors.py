"""The package's errors; each also derives from the fitting standard error."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager


class LogicDistillError(Exception):
    """Base class. The message is one line: what came, what was allowed, what to do."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        # Unpickled without `__init__`, whose arguments may differ from the message in ``args``.
        return type(self).__new__, (type(self), *self.args)


class UnknownNameError(LogicDistillError, LookupError):
    """A task, run, player, stage or function of that name does not exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name[:120], names, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}? " if near else ""
        listed = f"known: {', '.join(names)}" if names else "there is none yet"
        super().__init__(f"unknown {kind} {name[:120]!r}; {hint}{listed}")


class InvalidStateError(LogicDistillError, ValueError):
    """A state does not fit the task's schema."""


class QuestionError(LogicDistillError, ValueError):
    """A question to a policy that it can never answer as it was asked."""


class TaskError(LogicDistillError, ValueError):
    """A task breaks the contract of `check_task`."""


class ManualError(LogicDistillError, ValueError):
    """A function file does not parse, or its manual has the wrong format."""


class GateRefusal(LogicDistillError, ValueError):
    """The gate refused a function; the message goes back to its author."""


class BaseError(LogicDistillError, ValueError):
    """A function base cannot be read, or cannot be changed like that."""


class EmergencyError(LogicDistillError, RuntimeError):
    """No function fits a state, and the settings make that an error."""


class CorruptError(LogicDistillError, ValueError):
    """A file of a run or a base is damaged."""


class RunLockedError(LogicDistillError, RuntimeError):
    """Another process is writing the same folder."""


class StorageError(LogicDistillError, OSError):
    """A file, store or server cannot be reached, read or written."""


class MissingReplyError(LogicDistillError, LookupError):
    """No recorded reply answers the request, and no live teacher is set."""


class TeacherError(LogicDistillError, RuntimeError):
    """A live teacher does not answer; its earlier answers are kept."""


class LimitReachedError(TeacherError):
    """A limit on calls, tokens or money does not allow the next request."""


class UnusableReplyError(TeacherError):
    """A live teacher's answers to one request stay unusable after corrections."""


class MissingExtraError(LogicDistillError, ImportError):
    """An optional dependency is missing; the message names the extra to install."""


def one_line(error: BaseException | str) -> str:
    """A message in one line of at most 300 printable characters; an empty error gives its type.

    Messages of models, servers and libraries may hold characters that steer a terminal.
    """
    text = "".join(letter if letter.isprintable() else " " for letter in str(error)[:2000])
    empty = "" if isinstance(error, str) else type(error).__name__
    return " ".join(text.split())[:300] or empty


@contextmanager
def needs_extra(who: str, extra: str) -> Iterator[None]:
    """Wraps imports that an extra provides; ``who`` begins the message ("'run' trains and").

    Raises:
        MissingExtraError: a library is missing or cannot be loaded.
        KeyboardInterrupt: Ctrl-C; a compiled library that is loading makes it an ImportError.
    """
    try:
        yield
    except ImportError as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        what = error.name or f"a library that cannot be loaded ({error})"
        message = f"{who} needs {what}: pip install 'logicdistill[{extra}]'"
        raise MissingExtraError(message) from None
