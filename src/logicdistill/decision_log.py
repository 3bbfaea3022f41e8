"""The log of decisions, ``decisions.jsonl`` in a run: states as they came, for the next training, and what was decided."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import filelock

from logicdistill.errors import StorageError
from logicdistill.runs import append_lines, storage_error
from logicdistill.types import Decision, Json

LOG = "decisions.jsonl"
"""Its name in a run's folder."""

LOCK_SECONDS = 30
"""How long a line waits for others that are written."""


def log_decisions(file: Path, states: Sequence[Mapping[str, Json]], decisions: Sequence[Decision]) -> None:
    """Append a line a decision; several threads and processes may do so.

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
        raise StorageError(f"{file}: another process has held its lock for {LOCK_SECONDS} s; end it and try again") from None
    except OSError as error:
        raise storage_error(file, error) from None
