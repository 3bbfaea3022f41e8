"""The log of decisions, ``decisions.jsonl`` in a run: states as they came, for the next training, and what was decided."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import filelock

from logicdistill.runs import append_lines
from logicdistill.types import Decision, Json

LOG = "decisions.jsonl"
"""Its name in a run's folder."""


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
    with filelock.FileLock(file.with_name(f".{file.name}.lock")):
        append_lines(file, [json.dumps(line, ensure_ascii=False) for line in lines])
