"""States from a file or standard input, as JSON or JSONL, in batches of what has come in so far.

What cannot be read costs its own line, and holds up none that comes after it.
"""

from __future__ import annotations

import json
import queue
import re
import sys
import threading
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TypeAlias

from logicdistill.errors import InvalidStateError, LogicDistillError, StorageError
from logicdistill.tasks.schema import StateSchema, each_key_once, with_picture_files
from logicdistill.types import Json

BATCH = 256

LONGEST = 2**26
"""Bytes of a line, or of one JSON value over several lines, at most."""

EACH = 64
"""Lines of a value after each of which it is tried; later ever more rarely."""

Line: TypeAlias = str | InvalidStateError
Read: TypeAlias = Json | InvalidStateError

_FORMS = "give a JSON object, an array, or one object a line"
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Given:
    """A state as it came, or why it cannot be read.

    Attributes:
        line: the line (from 1) on which it stands or begins.
        index: its number (from 0) in an array.
        state: what stands there, or the error.
        request: the ``id`` that a line of ``states.jsonl`` has beside its ``state``.
        file: None is standard input.
    """

    line: int
    index: int | None
    state: Json | InvalidStateError
    request: str | None = None
    file: Path | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        place = f"line {self.line}" if self.index is None else f"state {self.index}"
        return f"{self.file}, {place}" if self.file else place

    def with_pictures(self, schema: StateSchema, folder: Path) -> Given:
        """The same with the pictures whose paths it names, relative to a folder."""
        if not schema.pictures or not isinstance(self.state, dict):
            return self
        try:
            return replace(self, state=with_picture_files(schema, self.state, folder))
        except LogicDistillError as error:
            return replace(self, state=InvalidStateError(f"{self.name}: {error}"))

    @property
    def place(self) -> dict[str, int]:
        """The same, for a machine."""
        return {"line": self.line} if self.index is None else {"index": self.index}


def states_of(file: Path | None, fields: Container[str] = ("state",)) -> Iterator[Given]:
    """States as they come.

    A value may go over several lines where the first line of all begins one. Otherwise each line
    stands for itself: nothing waits for what may come later.

    Args:
        file: None is standard input.
        fields: of a state. A line of ``states.jsonl`` holds its state under ``state``: it is taken
            out, unless ``state`` is a field.

    Raises:
        StorageError: the file cannot be read.
        InvalidStateError: there is no state, or the text is UTF-16.
    """
    try:
        stream = file.open("rb") if file else _standard_input()
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}") from None
    empty = True
    with stream:
        try:
            for line, value in _values(stream):
                empty = False
                several = isinstance(value, list)
                for index, item in enumerate(value if isinstance(value, list) else [value]):
                    yield _given(file, line, index if several else None, item, fields)
        except OSError as error:
            raise StorageError(f"cannot read {file or 'the states'}: {error.strerror}") from None
    if empty:
        raise InvalidStateError(f"{f'{file}: ' if file else ''}no state came: {_FORMS}")


def _standard_input() -> BinaryIO:
    """A buffer of our own: a thread may still wait in it while the interpreter shuts down."""
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except (OSError, ValueError):  # no file, as where a program has put another stream there
        return sys.stdin.buffer


def _given(
    file: Path | None,
    line: int,
    index: int | None,
    item: Json | InvalidStateError,
    fields: Container[str],
) -> Given:
    if isinstance(item, InvalidStateError):
        # Messages name the place themselves, as a policy's do.
        place = Given(line, index, None, None, file).name
        return Given(line, index, InvalidStateError(f"{place}: {item}"), None, file)
    inner = item.get("state") if isinstance(item, dict) and "state" not in fields else None
    if isinstance(item, dict) and isinstance(inner, dict):
        request = item.get("id")
        known = isinstance(request, (str, int)) and not isinstance(request, bool)
        return Given(line, index, inner, str(request) if known else None, file)
    return Given(line, index, item, None, file)


def _values(stream: BinaryIO) -> Iterator[tuple[int, Read]]:
    """JSON values with the line on which each begins, or in its place why there is none."""
    over_lines: bool | None = None  # whether the first value goes over several lines
    lines = _lines(stream)
    for number, line in lines:
        value = _value(line)
        if isinstance(value, _Unfinished) and over_lines is not False:
            found = _continued(number, line, lines)
            over_lines = over_lines or len(found) == 1
            yield from found
        else:
            over_lines = over_lines or False
            yield number, _ended(value)


_NO_JSON = f"not JSON: {{}}; {_FORMS}"


class _Unfinished(Exception):
    """JSON that ends too early; a further line may continue it."""


def _lines(stream: BinaryIO) -> Iterator[tuple[int, Line]]:
    """Lines with their numbers, without empty ones."""
    for number, raw in enumerate(iter(lambda: stream.readline(LONGEST + 1), b""), start=1):
        if number == 1:
            if raw.startswith(_UTF_16):
                raise InvalidStateError("the states are UTF-16 text; save them as UTF-8")
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if len(raw) > LONGEST:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST)
            yield number, InvalidStateError(f"longer than {LONGEST} bytes; {_FORMS}")
            continue
        try:
            if (line := raw.decode()).strip():
                yield number, line
        except UnicodeDecodeError as error:
            at = f"byte 0x{raw[error.start]:02x} in place {error.start + 1}"
            yield number, InvalidStateError(f"not UTF-8 text ({at}); convert it")


def _value(text: Line) -> Read | _Unfinished:
    """The JSON value of a text, or why there is none."""
    if isinstance(text, InvalidStateError):
        return text
    try:
        return json.loads(text.rstrip(), object_pairs_hook=each_key_once)
    except json.JSONDecodeError as error:
        where = "" if error.lineno == 1 else f" in line {error.lineno} of the value"
        fault = error.msg.removesuffix(" at")
        said = f"{fault[0].lower()}{fault[1:]} at character {error.colno}{where}"
        if error.pos >= len(text.rstrip()) and not error.msg.startswith("Unterminated"):
            return _Unfinished(said)
        return InvalidStateError(_NO_JSON.format(said))
    except RecursionError:
        return InvalidStateError("nested too deeply")
    except InvalidStateError as error:
        return InvalidStateError(f"not JSON: {error}; keep one of them")
    except ValueError:  # Python reads no number of more than 4,300 digits
        return InvalidStateError("a number with too many digits")


def _continued(
    number: int, first: Line, lines: Iterator[tuple[int, Line]]
) -> list[tuple[int, Read]]:
    """The value that goes over several lines; or its fault, and what comes after it.

    Lines at the end that are an object or array by themselves are no part of the fault: it was one
    line that is cut off.
    """
    parts, depth, tried = [(number, first)], _depth(first), 1
    size, value = len(str(first)), _value(first)
    for place, line in lines:
        parts.append((place, line))
        if isinstance(value, _Unfinished):
            size, depth = size + len(str(line)), depth + _depth(line)
            if isinstance(line, InvalidStateError):
                value = line
            elif size > LONGEST:
                value = InvalidStateError(f"a value of more than {LONGEST} characters; {_FORMS}")
            elif depth <= 0 or len(parts) <= EACH or len(parts) > tried * 1.25:
                value, tried = _value("".join(str(part) for _, part in parts)), len(parts)
            if not isinstance(value, (_Unfinished, InvalidStateError)):
                return [(number, value)]
        if isinstance(value, InvalidStateError) and (after := _alone(parts)):
            if len(parts) == len(after) + 1:
                value = _ended(_value(first))
            return [(number, value), *after]
        parts = parts if isinstance(value, _Unfinished) else parts[:1]
    if isinstance(value, _Unfinished):
        value = _value("".join(str(part) for _, part in parts))
    return [(number, _ended(value))]


def _alone(parts: Sequence[tuple[int, Line]]) -> list[tuple[int, Read]]:
    """Of the lines after the first those at the end that are an object or array by themselves."""
    found: list[tuple[int, Read]] = []
    for place, line in reversed(parts[1:]):
        if not isinstance(value := _value(line), (dict, list)):
            break
        found.insert(0, (place, value))
    return found


def _ended(value: Read | _Unfinished) -> Read:
    return InvalidStateError(_NO_JSON.format(value)) if isinstance(value, _Unfinished) else value


def _depth(line: Line) -> int:
    bare = _STRING.sub("", str(line))
    return bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")


def batches(states: Iterator[Given]) -> Iterator[tuple[list[Given], BaseException | None]]:
    """Batches of the states that have come in; the last with the error that ended them, if any."""
    read: queue.Queue[Given | BaseException | None] = queue.Queue(BATCH)

    def reader() -> None:
        end: BaseException | None = None
        try:
            for state in states:
                read.put(state)
        except BaseException as error:  # in a thread no other place would hear of it
            end = error
        finally:
            read.put(end)

    threading.Thread(target=reader, daemon=True).start()
    while True:
        batch: list[Given] = []
        while not batch or (len(batch) < BATCH and not read.empty()):
            item = read.get()
            if not isinstance(item, Given):
                yield batch, item
                return
            batch.append(item)
        yield batch, None
