"""Ctrl-C and other signals while the sandbox is at work: kept, and handled when it is done.

monty runs Python's signal handlers while it waits for its worker, and drops what they raise, such
as the KeyboardInterrupt of Ctrl-C.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # without `signal`'s enums, ten times as quick
import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGALRM", "SIGHUP", "SIGQUIT", "SIGBREAK", "SIGUSR1", "SIGUSR2")
_SIGNALS = [int(getattr(signal, name)) for name in _NAMES if hasattr(signal, name)]


@contextlib.contextmanager
def signals_kept() -> Iterator[None]:
    """Handlers of signals that come in the block run after it, and may raise there."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python runs the handlers in the main thread alone
        return
    came: list[tuple[int, FrameType | None]] = []
    handlers: dict[int, Any] = {}
    try:
        for number in _SIGNALS:
            handler = _signal.getsignal(number)
            if callable(handler):
                handlers[number] = handler
                _signal.signal(number, lambda number, frame: came.append((number, frame)))
        yield
    finally:
        for number, handler in handlers.items():
            _signal.signal(number, handler)
        for number, frame in came:
            handlers[number](number, frame)
