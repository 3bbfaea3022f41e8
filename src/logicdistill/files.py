"""Files that survive a crash: atomic writes, JSON lines that only grow, and one writer a folder."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import filelock

from logicdistill.errors import CorruptError, RunLockedError, StorageError
from logicdistill.types import Json

LEFT_OVER_SECONDS = 600.0
"""Age from which on the temporary file of a dead writer is removed."""

LOCK = ".lock"
"""Name of the file that the writer of a folder holds; see `locked`."""

_TEMPORARY = re.compile(r"\..*\.([0-9]{1,9})\.[0-9]+\.tmp", re.DOTALL)


_DIGEST = "digest"
"""Key of a record: the digest of all that stands beside it."""


def cache_folder() -> Path:
    """``logicdistill`` below ``XDG_CACHE_HOME`` (default ``~/.cache``): safe to delete."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "logicdistill"


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file so that a reader finds the old content or the new, even after a power cut.

    Raises:
        StorageError: disk full, read-only folder...; the old file stays.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            _write_and_sync(file, data)
        temporary.replace(path)
        if os.name == "posix":
            _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise storage_error(path, error) from None


def write_lines(path: Path, values: Sequence[Json]) -> None:
    """Write JSON lines; see `write_atomic`."""
    write_atomic(path, "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values))


def append_lines(path: Path, lines: list[str]) -> None:
    """Append lines and sync them; cuts a half-written last line.

    Raises:
        StorageError: the file cannot be written, or is a link: what it leads to may be no log.
    """
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            leads = f"cannot write {path}: it is a link to {os.readlink(path)!r}"
            raise StorageError(f"{leads}; name that file, or put a file in the link's place")
        with path.open("ab+") as file:
            _cut_half_line(file)
            _write_and_sync(file, "".join(f"{line}\n" for line in lines).encode())


def last_line(path: Path) -> bytes | None:
    """The last whole line of a file, without its end; None where there is no file, or no line."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        place, tail = file.seek(0, os.SEEK_END), b""
        # A whole line ends in a line feed, and begins behind another or with the file.
        while place > 0 and tail.count(b"\n") < 2:
            step = min(place, 1 << 16)
            place -= step
            file.seek(place)
            tail = file.read(step) + tail
    lines = tail.split(b"\n")[:-1]
    return lines[-1] if lines else None


def read_lines(path: Path) -> list[Json]:
    """JSON lines of a file that only grows, without a half-written last line; [] if no file.

    Raises:
        CorruptError: the file cannot be read, or another line is not JSON in UTF-8.
    """
    values: list[Json] = []
    try:
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        # A byte order mark stands at the beginning of the first line.
        values.extend(json.loads(line.decode("utf-8-sig")) for line in lines)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}; restore the file"
    except (ValueError, RecursionError):
        problem = f"line {len(values) + 1} is not JSON; restore the file or remove that line"
    else:
        return values
    raise CorruptError(f"{path}: {problem}")


def read_json(path: Path) -> Json:
    """A JSON file's value; raises `CorruptError` if it is unreadable, no JSON, or no Unicode."""
    try:
        data = path.read_bytes()
        value: Json = json.loads(data)
        if b"\\ud" in data.lower():  # perhaps half a character, which no text can hold
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except (OSError, ValueError, RecursionError) as error:
        problem = f"{type(error).__name__}: not readable as JSON"
        raise CorruptError(f"{path}: {problem}; restore it or delete it and run again") from None


def write_record(path: Path, record: Mapping[str, Json]) -> None:
    """Write a JSON object with the digest of its content, so that damage shows; see `read_record`.

    Raises:
        StorageError: see `write_atomic`.
    """
    found = json.loads(json.dumps(record))  # as it is read: tuples are lists, keys are text
    write_atomic(path, json.dumps(found | {_DIGEST: digest(found)}, indent=1) + "\n")


def read_record(path: Path) -> dict[str, Json]:
    """The object that `write_record` wrote; raises `CorruptError` if it is another one now."""
    found = read_json(path)
    if not isinstance(found, dict) or found.pop(_DIGEST, None) != digest(found):
        problem = "not as the step wrote it"
        raise CorruptError(f"{path}: {problem}; restore it, or delete it and run again")
    return found


def read_text(path: Path) -> str:
    """A text file as Windows programs and others write it: UTF-8, lines that end in a line feed.

    Raises:
        StorageError: it cannot be read, or is not UTF-8.
    """
    try:
        return plain_text(path.read_bytes().decode())
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise StorageError(f"cannot read {path}: {reason}; give a text file in UTF-8") from None


def plain_text(text: str) -> str:
    """The text without a byte order mark, its lines ended by a line feed alone."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def sweep(folder: Path) -> None:
    """Remove what `write_atomic` left where its process was killed: old files of dead writers."""
    oldest = time.time() - LEFT_OVER_SECONDS
    for place, _, names in os.walk(folder):
        for name in names:
            written = _TEMPORARY.fullmatch(name)
            if written is None:
                continue
            file = Path(place) / name
            with contextlib.suppress(OSError):
                if file.stat().st_mtime < oldest and not _is_alive(int(written[1])):
                    file.unlink()


def _is_alive(process: int) -> bool:
    """Whether a process of that id runs here; on Windows that is not asked, and age decides."""
    if os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _sync_folder(folder: Path) -> None:
    """Make renames inside the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_error(path: Path, error: OSError) -> StorageError:
    """An operating-system error on a path, in one line."""
    room = "make room or " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    advice = f"nothing was lost: {room}choose another folder, then run again"
    return StorageError(f"cannot write {path}: {error.strerror or error}; {advice}")


@contextlib.contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turns an `OSError` of the block into a `StorageError` about the path."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, error) from None


def digest(*values: Json) -> str:
    """First 16 hex digits of the SHA-256 of JSON values; bytes are hashed as they are."""
    sha = hashlib.sha256()
    for value in values:
        if not isinstance(value, bytes):
            text = json.dumps(value, sort_keys=True, ensure_ascii=False)
            value = text.encode(errors="surrogatepass")
        sha.update(value + b"\0")
    return sha.hexdigest()[:16]


@contextlib.contextmanager
def locked(folder: Path, what: str = "run") -> Iterator[None]:
    """Hold the folder for writing; raises `StorageError`, or `RunLockedError` if another does."""
    lock = filelock.FileLock(folder / LOCK, timeout=0)
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except filelock.Timeout:
            busy = f"another process is writing the {what} {folder}"
            raise RunLockedError(f"{busy}; wait until it ends, or choose another folder") from None
    try:
        sweep(folder)
        yield
    finally:
        lock.release()


def _write_and_sync(file: Any, data: bytes) -> None:
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


def _cut_half_line(file: Any) -> None:
    keep = size = file.seek(0, os.SEEK_END)
    while keep > 0:
        file.seek(keep - 1)
        if file.read(1) == b"\n":
            break
        keep -= 1
    if keep < size:
        file.truncate(keep)
