"""The log of decisions: states as they came, and what was decided; ``decisions.jsonl`` in a run.

``folded.jsonl`` holds the logged states that a consolidation has taken into the training.
"""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import filelock

from logicdistill.errors import CorruptError, StorageError, UnknownNameError
from logicdistill.files import append_lines, read_lines, storage_error
from logicdistill.protocols import Task
from logicdistill.tasks.schema import check_state
from logicdistill.types import Decision, Json

LOG = "decisions.jsonl"
"""File name of the log in a run."""

FOLDED = "folded.jsonl"

LogErrors: TypeAlias = Literal["warn", "raise"]
"""What happens where decisions cannot be logged; see `DecisionLog`."""

LOG_ERRORS = get_args(LogErrors)

logger = logging.getLogger("logicdistill")

LOCK_SECONDS = 30
"""Seconds that a writer waits for the lock."""


class DecisionLog:
    """Appends decisions to a file, a line each; several threads and processes may do so.

    Args:
        file: is made where it is missing.
        errors: where the file cannot be written: ``raise`` an error; or ``warn`` once, go on, and
            say at the end how many decisions are missing.

    Raises:
        UnknownNameError: no such ``errors``.
    """

    def __init__(self, file: Path, errors: LogErrors = "warn") -> None:
        if errors not in LOG_ERRORS:
            raise UnknownNameError("log_errors", errors, LOG_ERRORS)
        self._file, self._errors = file, errors
        self.missing = 0
        """Decisions that were not logged."""
        self._busy = False

    def append(self, decided: Sequence[tuple[Mapping[str, Json], Decision, str | None]]) -> None:
        """Log states, their decisions, and the caller's ids of them, if any.

        Raises:
            StorageError: the file cannot be written, and ``errors`` is ``raise``.
        """
        if not decided:
            return
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        try:
            self._write([json.dumps(_line(now, *one), ensure_ascii=False) for one in decided])
        except StorageError as error:
            if self._errors == "raise":
                raise
            if not self.missing:
                logger.warning("%s; still deciding, without the log", error)
            self.missing += len(decided)

    def close(self) -> None:
        """Say how many decisions are missing."""
        if self.missing:
            logger.warning("%s: %d decisions are missing", self._file, self.missing)
            self.missing = 0

    def _write(self, lines: list[str]) -> None:
        file = self._file
        # After a lock that was held too long, decisions do not wait for it again.
        wait = 0 if self._busy else LOCK_SECONDS
        lock = filelock.FileLock(file.with_name(f".{file.name}.lock"), timeout=wait)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with lock:
                append_lines(file, lines)
            self._busy = False
        except filelock.Timeout:
            self._busy = True
            held = f"another process has held its lock for {LOCK_SECONDS} s"
            raise StorageError(f"cannot write {file}: {held}; end it and try again") from None
        except OSError as error:
            raise error if isinstance(error, StorageError) else storage_error(file, error) from None


def _line(
    time: str, state: Mapping[str, Json], decision: Decision, request: str | None
) -> dict[str, Json]:
    chosen = [step for step in decision.trace if step.choice is not None]
    told = list(dict.fromkeys(rule for step in decision.trace for rule in step.told))
    line = {
        "time": time,
        "state": dict(state),
        "action": decision.action,
        "confidence": decision.confidence,
        "fallback": decision.fallback,
        "marks": list(decision.marks),
        "functions": {step.stage: step.function for step in decision.trace if step.function},
        "candidates": {
            step.stage: [one.name for one in step.choice.ranked] for step in chosen if step.choice
        },
        "rules": list(decision.rules),
        "written": list(decision.written),
        "snapshot": decision.snapshot,
    }
    line |= {"told": told} if told else {}
    return line if request is None else {"request": request, **line}


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
