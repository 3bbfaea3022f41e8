"""States from a file or standard input, as JSON or JSONL, in batches of what has come in so far."""

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
    """States as they come, each with its line (from 1), or in an array its number (from 0).

    Args:
        file: None is standard input.
        fields: of a state. A line of ``states.jsonl`` holds its state under ``state``: it is taken
            out, unless ``state`` is a field.

    Raises:
        StorageError: the file cannot be read.
        InvalidStateError: a line is not JSON, or there is none.
    """
    name = f"{file}, " if file else ""
    try:
        stream = file.open(encoding="utf-8") if file else sys.stdin
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}") from None
    empty = True
    with stream:
        for number, line in enumerate(iter(stream.readline, ""), start=1):
            line = line.removeprefix("\ufeff") if number == 1 else line
            if not line.strip():
                continue
            empty, where = False, f"{name}line {number}"
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):  # perhaps one value over several lines
                value = _whole(line + stream.read(), where)
            for index, item in enumerate(value if isinstance(value, list) else [value]):
                inner = item.get("state") if isinstance(item, dict) and "state" not in fields else 0
                state = inner if isinstance(inner, dict) else item
                yield f"{name}state {index}" if isinstance(value, list) else where, state
    if empty:
        raise InvalidStateError(f"{f'{file}: ' if file else ''}no state came: {_FORMS}")


_FORMS = "give a JSON object, an array, or one object a line"


def _whole(text: str, where: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidStateError(f"{where}: not JSON: {error}; {_FORMS}") from None


def batches(
    states: Iterator[tuple[str, Json]],
) -> Iterator[tuple[list[tuple[str, Json]], LogicDistillError | None]]:
    """Batches of the states that have come in; the last with the error that ended them, if any."""
    read: queue.Queue[tuple[str, Json] | LogicDistillError | None] = queue.Queue(BATCH)

    def reader() -> None:
        end: LogicDistillError | None = None
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
            if not isinstance(item, tuple):
                yield batch, item
                return
            batch.append(item)
        yield batch, None
