"""What a forked child makes anew: locks that a thread of its parent may hold, and what it shares.

After a fork, parent and child hold the same pipes, and of the parent's threads one is left.
"""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any


class Lock:
    """A reentrant lock. In a forked child it is free, also where the parent holds it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        in_child(self._renew)

    def acquire(self, blocking: bool = True) -> bool:
        """Take the lock, or with ``blocking=False`` say whether it was free."""
        return self._lock.acquire(blocking)

    def release(self) -> None:
        """Give it back."""
        self._lock.release()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _renew(self) -> None:
        self._lock = threading.RLock()


_renewals: list[weakref.WeakMethod[Callable[[], None]]] = []


def in_child(method: Callable[[], None]) -> None:
    """Call a bound method in every child that is forked from now on, while its object lives."""
    if len(_renewals) % 256 == 255:
        _renewals[:] = [one for one in _renewals if one() is not None]
    _renewals.append(weakref.WeakMethod(method))


def _renew_all() -> None:
    for reference in tuple(_renewals):
        if (method := reference()) is not None:
            method()


def leave_to_parent(thing: Any) -> None:
    """Never destroy this object in a forked child: its destructor would end the parent's work."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
