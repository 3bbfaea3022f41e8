"""States as they come in: from a file or standard input, as JSON or JSONL, in batches that do not wait for what is not there yet."""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Container, Iterator
from pathlib import Path

from logicdistill.errors import InvalidStateError, LogicDistillError, StorageError
from logicdistill.types import Json

BATCH = 256


def states_of(file: Path | None, fields: Container[str] = ("state",)) -> Iterator[Json]:
    """States one by one; JSONL is read as it comes.

    Args:
        file: None is standard input.
        fields: of a state. A line of ``states.jsonl`` holds its state under ``state``, which is taken out unless that is a field.
    """
    name = str(file) if file else "standard input"
    try:
        stream = file.open(encoding="utf-8") if file else sys.stdin
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}") from None
    with stream:
        number = 0
        for line in stream:
            number += 1
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = _rest_as_json(line + stream.read(), name, number)
            for item in value if isinstance(value, list) else [value]:
                wrapped = isinstance(item, dict) and isinstance(item.get("state"), dict) and "state" not in fields
                yield item["state"] if wrapped else item


def _rest_as_json(text: str, name: str, number: int) -> Json:
    """One JSON value over several lines."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidStateError(f"{name}, line {number}: not JSON: {error}; give a JSON object, an array, or one object a line") from None


def batches(states: Iterator[Json]) -> Iterator[tuple[list[Json], LogicDistillError | None]]:
    """States in batches: all that have come in by the time they can be decided. An unreadable line ends the last batch, as its error."""
    read: queue.Queue[Json | LogicDistillError | _End] = queue.Queue(BATCH)

    def reader() -> None:
        end: LogicDistillError | _End = _End()
        try:
            for state in states:
                read.put(state)
        except UnicodeDecodeError:
            end = InvalidStateError("the states are not UTF-8 text; convert the file and try again")
        except LogicDistillError as error:
            end = error
        finally:
            read.put(end)

    threading.Thread(target=reader, daemon=True).start()
    while True:
        batch = [read.get()]
        while not isinstance(batch[-1], LogicDistillError | _End) and len(batch) < BATCH and not read.empty():
            batch.append(read.get())
        if isinstance(batch[-1], LogicDistillError | _End):
            end = batch.pop()
            yield batch, end if isinstance(end, LogicDistillError) else None
            return
        yield batch, None


class _End:
    """Behind the last state."""
