"""The last lines of a policy's log of decisions, without reading the whole of it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from logicdistill.deciding.log_files import is_open, log_files
from logicdistill.files import storage_error
from logicdistill.types import Json

MOST_BYTES = 8 * 1024 * 1024
"""So much is read from the end of the log at most."""


def newest(log: Path, limit: int) -> list[Json]:
    """Logged decisions, the newest first, also of closed files.

    Args:
        log: a file that `logicdistill.deciding.log.DecisionLog` writes; it may be missing.
        limit: at most so many.

    Raises:
        StorageError: it cannot be read.
    """
    found, room = list[Json](), MOST_BYTES
    for file in _newest_first(log):
        try:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - room))
            lines = file.read(room).splitlines()
        except OSError as error:
            raise storage_error(log, error) from None
        if size > room:
            lines = lines[1:]  # the first one is cut
        for line in reversed(lines):
            with contextlib.suppress(ValueError, RecursionError):  # a line that is being written
                if not is_open(one := json.loads(line)):
                    found.append(one)
            if len(found) == limit:
                return found
        room -= size
        if room <= 0:
            break
    return found


def recent(log: Path, most: int) -> Iterator[Json]:
    """Logged decisions among the last ``most`` bytes, the newest file first, one at a time.

    Raises:
        StorageError: the log cannot be read.
    """
    for file in _newest_first(log):
        try:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - most))
            if size > most:
                file.readline()  # it is cut
            for line in file:
                with contextlib.suppress(ValueError, RecursionError):
                    if not is_open(one := json.loads(line)):
                        yield one
        except OSError as error:
            raise storage_error(log, error) from None
        most -= size
        if most <= 0:
            break


def _newest_first(log: Path) -> Iterator[BinaryIO]:
    """The file that is written, then the closed ones; one that is closed meanwhile comes once."""
    seen: os.stat_result | None = None
    if (file := _opened(log)) is not None:
        with file:
            seen = os.fstat(file.fileno())
            yield file
    # Listed behind that: a file that was closed meanwhile is the one above, and none is missing.
    for one in reversed(log_files(log)):
        if one == log or (file := _opened(one)) is None:
            continue
        with file:
            if seen is None or not os.path.samestat(seen, os.fstat(file.fileno())):
                yield file


def _opened(file: Path) -> BinaryIO | None:
    try:
        return file.open("rb")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise storage_error(file, error) from None
