"""The log of decisions: a record a line, written by many; ``decisions.jsonl`` in a run.

``folded.jsonl`` holds the logged states that a consolidation has taken into the training.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import filelock

from logicdistill.deciding.log_files import closed_files, log_files
from logicdistill.deciding.record import Decider, record_of
from logicdistill.deciding.redaction import Redaction, salt_of
from logicdistill.errors import BaseError, CorruptError, StorageError, UnknownNameError
from logicdistill.files import append_lines, last_line, read_lines, storage_error
from logicdistill.protocols import Task
from logicdistill.tasks.schema import check_state
from logicdistill.types import Decision, Json

LOG = "decisions.jsonl"
"""File name of the log in a run."""

FOLDED = "folded.jsonl"

LogErrors: TypeAlias = Literal["warn", "raise"]
"""What happens where decisions cannot be logged; see `DecisionLog`."""

LOG_ERRORS = get_args(LogErrors)

Logged: TypeAlias = tuple[Mapping[str, Json], Decision, str | None]
"""A state, its decision, and the caller's id, if any."""

logger = logging.getLogger("logicdistill")

LOCK_SECONDS = 30
"""Seconds that a writer waits for the lock."""

LINKED = b'{"previous": '
"""So a line of a chain begins."""

QUIET_SECONDS = 60.0
"""So long nothing more is said of a log that cannot be written."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """How decisions are logged; docs/audit.md shows each.

    Attributes:
        redact: fields of a state that are left out: names, or JSON pointers such as ``/a/b``.
        hashed: fields of which a salted SHA-256 is kept, equal for equal values. The salt is in a
            file beside the log, whose name ends in ``.salt``.
        rotate: bytes after which a file is closed and gets a number; None closes none.
        chain: each line carries the SHA-256 of the line before. A log that has a chain keeps it:
            a writer without this option goes on with it.
        pictures: keep the pictures of a state whole; by default a digest and a thumbnail of each
            are kept, and such a decision cannot be replayed.

    Raises:
        BaseError: ``rotate`` is below 1, a pointer is none, a field is redacted in both ways.
    """

    redact: Sequence[str] = ()
    hashed: Sequence[str] = ()
    rotate: int | None = None
    chain: bool = False
    pictures: bool = False

    def __post_init__(self) -> None:
        if self.rotate is not None and self.rotate < 1:
            raise BaseError(f"a log is rotated after 1 byte or more; got {self.rotate}")
        Redaction(self.redact, self.hashed)

    @property
    def hides(self) -> bool:
        """Whether something of a state is left out or hashed."""
        return bool(self.redact or self.hashed)

    def check(self, schema: Mapping[str, Json]) -> None:
        """Raise `UnknownNameError` where the schema of a state has no field of such a name."""
        Redaction(self.redact, self.hashed).check(schema)


class DecisionLog:
    """Appends decisions to a file, a line each; several threads and processes may do so.

    Args:
        file: is made where it is missing.
        errors: where the file cannot be written: ``raise`` an error; or ``warn`` (a line a minute
            at most), go on, and say at the end how many decisions are missing.
        options: see `LogOptions`.

    Raises:
        UnknownNameError: no such ``errors``.
    """

    def __init__(
        self, file: Path, errors: LogErrors = "warn", options: LogOptions | None = None
    ) -> None:
        if errors not in LOG_ERRORS:
            raise UnknownNameError("log_errors", errors, LOG_ERRORS)
        self._file, self._errors = file, errors
        self._options = options or LogOptions()
        self._redaction = Redaction(self._options.redact, self._options.hashed)
        self._salt = b""
        self.missing = 0
        """Decisions that were not logged."""
        self.fault: str | None = None
        """Why the last ones were not logged; None where they were."""
        self._busy = False
        self._said_at = -math.inf

    def append(
        self,
        decided: Sequence[Logged],
        deciders: Mapping[str, Decider],
        at: datetime.datetime,
        ms: float,
    ) -> None:
        """Log the decisions of one call.

        Args:
            decided: in order.
            deciders: by snapshot, what decided beside it.
            at: when the call began.
            ms: milliseconds that each decision took; of a batch the mean.

        Raises:
            StorageError: the file cannot be written, and ``errors`` is ``raise``.
        """
        if not decided:
            return
        whole = self._options.pictures
        written = at.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
        records = [
            record_of(state, decision, request, deciders[decision.snapshot], written, ms, whole)
            for state, decision, request in decided
        ]
        self._kept(records, [deciders[one.snapshot].forms for _, one, _ in decided])

    def note(self, record: dict[str, Json]) -> None:
        """Log what is no decision, such as an answer to an open question; it holds no state.

        Raises:
            StorageError: see `append`.
        """
        self._kept([record])

    def _kept(self, records: Sequence[dict[str, Json]], forms: Sequence[str] = ()) -> None:
        """``forms``: of the decisions among the records, which are all or none."""
        try:
            self._write(records, forms)
        except StorageError as error:
            if self._errors == "raise":
                raise
            self.missing += len(forms)
            self.fault = str(error)
            # A line a minute at most, and not one a decision.
            if time.monotonic() - self._said_at >= QUIET_SECONDS:
                self._said_at = time.monotonic()
                logger.warning("%s; still deciding, without the log", error)
        else:
            self.fault = None

    def close(self) -> None:
        """Say how many decisions are missing."""
        if self.missing:
            logger.warning("%s: %d decisions are missing", self._file, self.missing)
            self.missing = 0

    def _write(self, records: Sequence[dict[str, Json]], forms: Sequence[str]) -> None:
        file = self._file
        # After a lock that was held too long, decisions do not wait for it again.
        wait = 0 if self._busy else LOCK_SECONDS
        lock = filelock.FileLock(file.with_name(f".{file.name}.lock"), timeout=wait)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if self._redaction.hashes and not self._salt:
                with lock:
                    self._salt = salt_of(file.with_name(f"{file.name}.salt"))
            if self._redaction and forms:
                pairs = zip(records, forms, strict=True)
                records = [self._redaction.apply(one, self._salt, form) for one, form in pairs]
            lines = list(map(_text, records))
            with lock:
                lines = self._chained(lines)
                self._rotate(lines)
                append_lines(file, lines)
            self._busy = False
        except filelock.Timeout:
            self._busy = True
            held = f"another process has held its lock for {LOCK_SECONDS} s"
            raise StorageError(f"cannot write {file}: {held}; end it and try again") from None
        except OSError as error:
            raise error if isinstance(error, StorageError) else storage_error(file, error) from None

    def _rotate(self, lines: Sequence[str]) -> None:
        """Close the file where these lines would make it too large; numbers only grow."""
        file, most = self._file, self._options.rotate
        if most is None or not file.is_file() or file.is_symlink():
            return
        size = file.stat().st_size
        if not size or size + sum(len(line.encode()) + 1 for line in lines) <= most:
            return
        number = max([number for number, _ in closed_files(file)], default=0) + 1
        # Where a reader holds the file open, Windows does not rename it: the next call may.
        with contextlib.suppress(PermissionError):
            file.rename(file.with_name(f"{file.name}.{number}"))

    def _chained(self, lines: Sequence[str]) -> list[str]:
        """Lines with the hash of the one before each, where the log has a chain or is to have one.

        Lines without it would break a chain that another writer has begun. The caller holds the
        lock.
        """
        found = (last_line(one) for one in reversed(log_files(self._file)))
        before = next((line for line in found if line is not None), None)
        if not self._options.chain and not (before or b"").startswith(LINKED):
            return list(lines)
        chained = list[str]()
        for line in lines:
            previous = None if before is None else hashlib.sha256(before).hexdigest()
            chained.append(f'{{"previous": {json.dumps(previous)}, {line[1:]}')
            before = chained[-1].encode()
        return chained


def _text(record: dict[str, Json]) -> str:
    text = json.dumps(record, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a character, as in an id
        return json.dumps(record)
    return text


def folded_states(folder: Path, task: Task) -> list[dict[str, Json]]:
    """What earlier consolidations of a run took into the training.

    Returns:
        ``{"state", "split"}`` for each state; the split is ``"train"`` or ``"validation"``.

    Raises:
        CorruptError: a line is something else.
        InvalidStateError: a state does not fit the task's schema.
    """
    states = []
    for number, line in enumerate(read_lines(folder / FOLDED), start=1):
        if not (
            isinstance(line, dict)
            and isinstance(line.get("state"), dict)
            and line.get("split") in ("train", "validation")
        ):
            raise CorruptError(
                f"{folder / FOLDED}: line {number} holds no state and split; "
                "restore the file or remove that line"
            )
        states.append(
            {
                "state": check_state(task, line["state"], f"{folder / FOLDED}, line {number}: "),
                "split": line["split"],
            }
        )
    return states
