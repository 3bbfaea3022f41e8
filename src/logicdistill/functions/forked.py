"""A sandbox in a process of its own, for a forked child: monty's runtime does not survive a fork.

A child has none of its parent's threads, and monty cannot start them again. So a fresh interpreter
holds the sandbox. It ends with the child.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from logicdistill.errors import StorageError, one_line
from logicdistill.forks import in_child

_CODE = "from logicdistill.functions.forked import serve; serve()"


class ForkedLost(StorageError):
    """The process was killed while it was asked, and so was the one that took its place."""


class ForkedSandbox:
    """Asks a sandbox in another process; calls take turns.

    Args:
        make: the class of the sandbox.
        functions: those that it loads.
        arguments: the others.

    Raises:
        StorageError: no interpreter can be started.
    """

    def __init__(
        self, make: Callable[..., AbstractContextManager[Any]], functions: Any, *arguments: Any
    ) -> None:
        self._made_of: tuple[Any, ...] = (make, functions, *arguments)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        in_child(self._abandon)

    def ask(self, method: str, *arguments: Any, **named: Any) -> Any:
        """The result of a method of the sandbox; a process that was lost is started once more.

        Raises:
            ForkedLost: the second one was lost too.
            StorageError: no interpreter starts.
        """
        with self._lock:
            for last in (False, True):
                try:
                    return self._ask(method, arguments, named)
                except (OSError, EOFError, pickle.UnpicklingError) as error:
                    killed = self._end()
                    if last and killed:
                        raise ForkedLost("the process that runs functions was killed") from None
                    if last:
                        what = f"{sys.executable or 'python3'}: {one_line(error)}"
                        raise StorageError(
                            f"a forked process runs functions in another interpreter, which does "
                            f"not start ({what}); fork before the first decision instead"
                        ) from None
        raise AssertionError("unreachable")

    def load(self, functions: tuple[Any, ...]) -> None:
        """Replace the functions of its sandbox; the process stays."""
        with self._lock:
            make, _, *others = self._made_of
            self._made_of = (make, functions, *others)
            running = self._process is not None
        if running:
            with contextlib.suppress(ForkedLost):  # the next one starts with them
                self.ask("load", functions)

    def close(self) -> None:
        """End the process; the next question starts another one."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
            self._end()

    def _ask(self, method: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self._process is None:
            paths = os.pathsep.join(path for path in sys.path if path)
            self._process = subprocess.Popen(
                [sys.executable or "python3", "-c", _CODE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": paths},
            )
            self._send(self._made_of)
        self._send((method, arguments, named))
        assert self._process.stdout is not None
        fine, value = pickle.load(self._process.stdout)
        if not fine:
            raise value
        return value

    def _send(self, value: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        pickle.dump(value, self._process.stdin)
        self._process.stdin.flush()

    def _end(self) -> bool:
        """End the process; says whether a signal had ended it before."""
        process, self._process = self._process, None
        if process is None:
            return False
        killed = False
        with contextlib.suppress(subprocess.TimeoutExpired):
            killed = process.wait(timeout=0.2) < 0  # its pipe may close a moment before it ends
        process.kill()
        with contextlib.suppress(OSError):
            process.communicate()
        return killed

    def _abandon(self) -> None:
        """In a forked child: leave the process to the one that started it."""
        self._lock = threading.Lock()
        process, self._process = self._process, None
        if process is not None:
            process.returncode = 0  # it is not this process's child, so nobody waits for it
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    os.close(pipe.fileno())


def serve() -> None:
    """Answer questions from standard input until it ends."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not come between the answers
    try:
        make, *made_of = pickle.load(questions)
        with make(*made_of) as sandbox:
            while True:
                method, arguments, named = pickle.load(questions)
                try:
                    answer = True, getattr(sandbox, method)(*arguments, **named)
                except Exception as error:
                    answer = False, error
                pickle.dump(answer, answers)
                answers.flush()
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return
