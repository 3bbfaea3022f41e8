"""The log of decisions: states as they came, and what was decided; ``decisions.jsonl`` in a run.

``folded.jsonl`` holds the logged states that a consolidation has taken into the training.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import filelock

from logicdistill.errors import CorruptError, StorageError
from logicdistill.files import append_lines, read_lines, storage_error
from logicdistill.protocols import Task
from logicdistill.tasks.schema import check_state
from logicdistill.types import Decision, Json

LOG = "decisions.jsonl"
"""File name of the log in a run."""

FOLDED = "folded.jsonl"

LOCK_SECONDS = 30
"""Seconds that a writer waits for the lock."""


def log_decisions(
    file: Path, states: Sequence[Mapping[str, Json]], decisions: Sequence[Decision]
) -> None:
    """Append one line for each decision; several threads and processes may do so.

    Raises:
        StorageError: the file cannot be written.
    """
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    lines = [
        {
            "time": now,
            "state": dict(state),
            "action": decision.action,
            "confidence": decision.confidence,
            "fallback": decision.fallback,
            "marks": list(decision.marks),
            "functions": {step.stage: step.function for step in decision.trace if step.function},
            "written": list(decision.written),
            "snapshot": decision.snapshot,
        }
        for state, decision in zip(states, decisions, strict=True)
    ]
    lock = filelock.FileLock(file.with_name(f".{file.name}.lock"), timeout=LOCK_SECONDS)
    try:
        with lock:
            append_lines(file, [json.dumps(line, ensure_ascii=False) for line in lines])
    except filelock.Timeout:
        raise StorageError(
            f"{file}: another process has held its lock for {LOCK_SECONDS} s; end it and try again"
        ) from None
    except OSError as error:
        raise storage_error(file, error) from None


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
