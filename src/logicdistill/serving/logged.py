"""The last lines of a policy's log of decisions, without reading the whole of it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from logicdistill.files import storage_error
from logicdistill.types import Json

MOST_BYTES = 8 * 1024 * 1024
"""So much is read from the end of the log at most."""


def newest(log: Path, limit: int) -> list[Json]:
    """Logged decisions, the newest first.

    Args:
        log: a file that `logicdistill.deciding.log.DecisionLog` writes; it may be missing.
        limit: at most so many.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MOST_BYTES))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise storage_error(log, error) from None
    if size > MOST_BYTES:
        lines = lines[1:]  # the first one is cut
    found: list[Json] = []
    for line in reversed(lines):
        with contextlib.suppress(ValueError, RecursionError):  # a line that is being written
            found.append(json.loads(line))
        if len(found) == limit:
            break
    return found
