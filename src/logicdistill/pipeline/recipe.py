"""What the key of a run's step has to hold beside its inputs: what would make them anew otherwise.

An upgrade changes the code, and an encoder of the same name may come with other weights.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from logicdistill.files import digest
from logicdistill.protocols import Request, Teacher
from logicdistill.students.weights import sha256_of
from logicdistill.types import Json
from logicdistill.version import __version__

_PACKAGE = Path(__file__).parents[1]
_SHOWING = ("cli", "report", "serving", "compare")
"""Rooms that show what was made, or make other things of it."""


@functools.cache
def made_by() -> str:
    """Digest of the package's version and of all code that makes a run's files."""
    files = sorted(_PACKAGE.rglob("*.py"))
    texts = {file.relative_to(_PACKAGE).as_posix(): file.read_bytes() for file in files}
    made = {path: text for path, text in texts.items() if path.split("/")[0] not in _SHOWING}
    return digest(__version__, *(part for path in made for part in (path, made[path])))


def content_of(weights: Path) -> dict[str, str]:
    """SHA-256 of each file of a model's folder that decides what the model computes, by name."""
    files = [file for file in weights.rglob("*") if file.suffix in (".json", ".safetensors")]
    return {file.relative_to(weights).as_posix(): sha256_of(file) for file in sorted(files)}


class WaitedFor:
    """A teacher, and how many seconds its answers took.

    Attributes:
        seconds: until now.
    """

    def __init__(self, teacher: Teacher) -> None:
        self._teacher = teacher
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._teacher, name)
        return self._timed(found) if name == "ask_many" else found

    def ask(self, request: Request) -> Json:
        """See `logicdistill.protocols.Teacher`."""
        return self._timed(self._teacher.ask)(request)

    def _timed(self, asks: Any) -> Any:
        @functools.wraps(asks)
        def timed(asked: Request | Sequence[Request]) -> Json:
            started = time.perf_counter()
            try:
                return asks(asked)
            finally:
                self.seconds += time.perf_counter() - started

        return timed
