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


def states_of(file: Path | None, fields: Container[str] = ("state",)) -> Iterator[tuple[str, Json]]:
    """States one by one, each with what messages call it: its line (from 1), or its place in a JSON array (from 0).

    JSONL is read as it comes.

    Args:
        file: None is standard input.
        fields: of a state. A line of ``states.jsonl`` holds its state under ``state``, which is taken out unless that is a field.

    Raises:
        StorageError: the file cannot be read.
        InvalidStateError: a line is not JSON, or there is none.
    """
    name = f"{file}, " if file else ""
    try:
        stream = file.open(encoding="utf-8") if file else sys.stdin
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}") from None
    with stream:
        number, empty = 0, True
        for line in stream:
            number += 1
            if not line.strip():
                continue
            empty = False
            where = f"{name}line {number}"
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = _rest_as_json(line + stream.read(), where)
            for index, item in enumerate(value if isinstance(value, list) else [value]):
                wrapped = (
                    isinstance(item, dict)
                    and isinstance(item.get("state"), dict)
                    and "state" not in fields
                )
                yield (
                    f"{name}state {index}" if isinstance(value, list) else where,
                    item["state"] if wrapped else item,
                )
        if empty:
            raise InvalidStateError(
                f"{f'{file}: ' if file else ''}no state came: give a JSON object, an array, or one object a line"
            )


def _rest_as_json(text: str, where: str) -> Json:
    """One JSON value over several lines."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidStateError(
            f"{where}: not JSON: {error}; give a JSON object, an array, or one object a line"
        ) from None


def batches(
    states: Iterator[tuple[str, Json]],
) -> Iterator[tuple[list[tuple[str, Json]], LogicDistillError | None]]:
    """States in batches: all that have come in by the time they can be decided. An unreadable line ends the last batch, as its error."""
    read: queue.Queue[tuple[str, Json] | LogicDistillError | _End] = queue.Queue(BATCH)

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
        batch: list[tuple[str, Json]] = []
        while not batch or (len(batch) < BATCH and not read.empty()):
            item = read.get()
            if isinstance(item, LogicDistillError | _End):
                yield batch, item if isinstance(item, LogicDistillError) else None
                return
            batch.append(item)
        yield batch, None


class _End:
    """Behind the last state."""
