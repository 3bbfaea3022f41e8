"""A person's labels of states, beside the recorded states of a task; ``labels.jsonl`` in a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from logicdistill.errors import InvalidStateError
from logicdistill.files import digest, read_lines
from logicdistill.protocols import Task
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.schema import check_state

LABELS = "labels.jsonl"
"""File name of the labels in a run: ``{"state", "action", "by", "time"}`` a line."""


def with_labels(task: Task, records: Sequence[Record], file: Path) -> list[Record]:
    """The records with the right actions that people gave; states that only these have, last.

    The newest label of a state counts. A right action that the task's own records have stays.
    Labels whose states no longer fit the task's schema are left out.

    Args:
        task: whose states these are.
        records: in order.
        file: of the labels; it may be missing.

    Raises:
        CorruptError: the file is damaged.
    """
    labels: dict[str, Record] = {}
    for number, line in enumerate(read_lines(file), start=1):
        if not isinstance(line, dict) or not {"state", "action"} <= line.keys():
            continue
        try:
            state = check_state(task, line["state"])
        except InvalidStateError:
            continue
        labels[digest(state)] = Record(f"label {number}", state, "train", line["action"], True)
    found = []
    for record in records:
        label = labels.pop(digest(record.state), None)
        if label is not None and not record.known:
            record = replace(record, action=label.action, known=True)
        found.append(record)
    return [*found, *labels.values()]
