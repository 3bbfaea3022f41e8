"""The files of a log of decisions, oldest first: read, and their chain of hashes checked.

``decisions.jsonl.1``, ``decisions.jsonl.2`` ... are closed, the file without a number is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from logicdistill.errors import CorruptError, StorageError
from logicdistill.types import Json

_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its file, its number there (from 1), and its bytes without their end."""

    file: Path
    number: int
    content: bytes

    @property
    def place(self) -> str:
        """What messages call it."""
        return f"{self.file}, line {self.number}"

    def value(self) -> Json:
        """Its JSON value; ValueError or RecursionError where it is none."""
        return json.loads(self.content.decode("utf-8-sig"))


def closed_files(file: Path) -> list[tuple[int, Path]]:
    """The closed files of a log by their numbers, oldest first."""
    found = []
    for one in file.parent.glob(f"{_escaped(file.name)}.*"):
        number = one.name.removeprefix(f"{file.name}.")
        if _NUMBER.fullmatch(number):
            found.append((int(number), one))
    return sorted(found)


def log_files(file: Path) -> list[Path]:
    """All files of a log that exist, oldest first."""
    return [*(one for _, one in closed_files(file)), *([file] if file.exists() else [])]


def lines_of(file: Path) -> Iterator[Line]:
    """Lines of all files of a log, oldest first, without half-written last ones.

    Raises:
        CorruptError: a file cannot be read.
    """
    with contextlib.ExitStack() as opened:
        one = file
        try:
            while True:
                closed = closed_files(file)
                streams = []
                for one in log_files(file):
                    with contextlib.suppress(FileNotFoundError):
                        streams.append((one, opened.enter_context(one.open("rb"))))
                # A file that was closed meanwhile has another name, and another has its name.
                if closed == closed_files(file):
                    break
                opened.close()
            for one, stream in streams:
                for number, line in enumerate(stream, start=1):
                    if line.endswith(b"\n"):
                        yield Line(one, number, line[:-1])
        except OSError as error:
            problem = f"cannot be read: {error.strerror or error}; restore the file"
            raise CorruptError(f"{one}: {problem}") from None


def read_log(file: Path) -> list[tuple[str, Json]]:
    """Values of all lines with their places; [] without a file.

    Raises:
        CorruptError: a file cannot be read, or a line is not JSON in UTF-8.
    """
    found = []
    for line in lines_of(file):
        try:
            found.append((line.place, line.value()))
        except (ValueError, RecursionError):
            problem = f"line {line.number} is not JSON; restore the file or remove that line"
            raise CorruptError(f"{line.file}: {problem}") from None
    return found


def is_redacted(record: Json) -> bool:
    """Whether the log left something of the record's state out: it is no state of the task."""
    return isinstance(record, Mapping) and bool(record.get("redacted") or record.get("pictures"))


def is_open(record: Json) -> bool:
    """Whether the line is an answer to an open question: no decision, and no state is in it."""
    return isinstance(record, Mapping) and "open" in record and "state" not in record


@dataclass(frozen=True, slots=True)
class Verified:
    """What the hashes of a log say.

    Attributes:
        lines: how many were read.
        unchained: lines at the beginning that no hash was written for.
        last: SHA-256 of the last line.
        fault: the first line that is not whole, and why; None where all are.
    """

    lines: int
    unchained: int
    last: str
    fault: str | None


def verify(file: Path) -> Verified:
    """Check that each line of a log carries the hash of the line before.

    Raises:
        StorageError: there is no log, or none of its lines carries a hash.
        CorruptError: a file cannot be read.
    """
    if not log_files(file):
        raise StorageError(f"cannot read {file}: there is no log of decisions; name its file")
    lines = unchained = 0
    before: str | None = None
    place, fault = "", None
    for line in lines_of(file):
        lines += 1
        if fault is None:
            fault = _fault(line, before, place)
            if lines == unchained + 1 and fault == _NO_HASH.format(line.place):
                unchained, fault = lines, None
        before, place = hashlib.sha256(line.content).hexdigest(), line.place
    if lines == unchained:
        todo = "log with --log-chain (Python: LogOptions(chain=True))"
        raise StorageError(f"{file}: no line carries the hash of the one before; {todo}")
    return Verified(lines, unchained, before or "", fault)


_NO_HASH = "{}: it carries no hash of the line before"


def _fault(line: Line, before: str | None, place: str) -> str | None:
    """Why a line is not whole, or why the one before is not; None where both are."""
    try:
        found = line.value()
    except (ValueError, RecursionError):
        return f"{line.place}: not JSON"
    if not isinstance(found, dict) or "previous" not in found:
        return _NO_HASH.format(line.place)
    if found["previous"] == before:
        return None
    if before is None:
        return f"{line.place}: the lines before it are gone"
    return f"{place}: it was changed, or lines behind it were removed or put there"


def _escaped(name: str) -> str:
    """The name as a pattern for itself."""
    return re.sub(r"([*?\[])", r"[\1]", name)
