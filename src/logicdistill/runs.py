"""A run is a folder: atomic files, one writer at a time, and steps that are skipped when nothing they read has changed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import filelock
import tomli_w

from logicdistill.errors import (
    CorruptError,
    RunLockedError,
    StorageError,
    TaskError,
    UnknownNameError,
)
from logicdistill.types import Json

TASK_FOLDER = "task"
"""Folder of a run that holds its record task: a run is complete in itself."""


def cache_folder() -> Path:
    """Where is kept what can be made again: ``logicdistill`` below ``XDG_CACHE_HOME``, by default below ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "logicdistill"


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file so that a reader, also after a power cut, finds the old content or the new one.

    Raises:
        StorageError: disk full, read-only folder...; the old file is still there.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise storage_error(path, error) from None


def write_lines(path: Path, values: Sequence[Json]) -> None:
    """Write JSON lines; see `write_atomic`."""
    write_atomic(path, "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values))


def append_lines(path: Path, lines: list[str]) -> None:
    """Append whole lines and sync them; a half-written last line of an earlier process is cut off first.

    Raises:
        StorageError: disk full, read-only folder...
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            _cut_half_line(file)
            file.write("".join(f"{line}\n" for line in lines).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise storage_error(path, error) from None


def _cut_half_line(file: Any) -> None:
    size = file.seek(0, os.SEEK_END)
    keep = size
    while keep > 0:
        file.seek(keep - 1)
        if file.read(1) == b"\n":
            break
        keep -= 1
    if keep != size:
        file.truncate(keep)
    file.seek(0, os.SEEK_END)


def read_lines(path: Path) -> list[Json]:
    """JSON lines of a file that only grows; a half-written last line is passed over.

    Raises:
        CorruptError: the file cannot be read, or another line is not JSON in UTF-8.
    """
    if not path.exists():
        return []
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise CorruptError(
            f"{path}: cannot be read: {error.strerror or error}; restore the file"
        ) from None
    values = []
    for number, line in enumerate(lines[:-1], start=1):
        try:
            values.append(json.loads(line.decode()))
        except (ValueError, RecursionError):
            raise CorruptError(
                f"{path}: line {number} is not JSON; restore the file or remove that line"
            ) from None
    return values


def read_json(path: Path) -> Json:
    """A JSON file's value.

    Raises:
        CorruptError: unreadable or not JSON.
    """
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CorruptError(
            f"{path}: {type(error).__name__}: not readable as JSON; restore it or delete it and run again"
        ) from None


def sync_folder(folder: Path) -> None:
    """Make renames inside the folder durable."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_error(path: Path, error: OSError) -> StorageError:
    """The one-line form of an operating-system error on a path."""
    room = "make room or " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
    return StorageError(
        f"cannot write {path}: {error.strerror or error}; nothing was lost: {room}choose another folder, then run again"
    )


def digest(*values: Json) -> str:
    """First 16 hex digits of the SHA-256 of JSON values; bytes are hashed as they are."""
    sha = hashlib.sha256()
    for value in values:
        sha.update(
            value
            if isinstance(value, bytes)
            else json.dumps(value, sort_keys=True, ensure_ascii=False).encode()
        )
        sha.update(b"\0")
    return sha.hexdigest()[:16]


@contextlib.contextmanager
def locked(folder: Path, what: str = "run") -> Iterator[None]:
    """Hold the folder for writing.

    Raises:
        RunLockedError: another process holds it.
        StorageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / ".lock", timeout=0)
        lock.acquire()
    except filelock.Timeout:
        raise RunLockedError(
            f"another process is writing the {what} {folder}; wait until it ends, or choose another folder"
        ) from None
    except OSError as error:
        raise storage_error(folder, error) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def begun(folder: Path, *work: str) -> Iterator[None]:
    """Hold the folder as `locked` does; one that was not there before is gone again if the block fails with none of ``work`` in it."""
    new, parent = not folder.exists(), folder.parent.exists()
    with locked(folder):
        try:
            yield
        except BaseException:
            if new and not any((folder / name).exists() for name in work):
                shutil.rmtree(folder, ignore_errors=True)
                if not parent:
                    with contextlib.suppress(OSError):
                        folder.parent.rmdir()
            raise


def peak_rss_mb() -> float | None:
    """The largest resident memory of this process since it began, in MB; None on Windows, which does not say."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, KiB on Linux
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


class PeakMemory:
    """`peak_rss_mb` at the end of a ``with`` block, as ``peak_mb``."""

    peak_mb: float | None = None

    def __enter__(self) -> PeakMemory:
        return self

    def __exit__(self, *_: object) -> None:
        self.peak_mb = peak_rss_mb()


class Run:
    """A run's folder with the record of its finished steps.

    Args:
        folder: the run's folder; made by `create`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, settings: Mapping[str, Json]) -> Run:
        """Make or re-enter a run; its settings are written to ``run.toml`` (None values are left out)."""
        run = cls(folder)
        wanted = tomli_w.dumps({key: value for key, value in settings.items() if value is not None})
        file = folder / "run.toml"
        if not file.is_file() or file.read_bytes() != wanted.encode():
            write_atomic(file, wanted)
        return run

    @classmethod
    def open(cls, folder: Path) -> Run:
        """An existing run.

        Raises:
            UnknownNameError: there is no run in that folder; the nearest sibling run is offered.
            TaskError: the folder is a task's.
        """
        if (folder / "task.toml").is_file():
            name = folder.resolve().name
            with contextlib.suppress(
                OSError, ValueError, KeyError
            ):  # a file that is no TOML is 'check's to name
                name = (
                    str(
                        tomllib.loads((folder / "task.toml").read_text(encoding="utf-8"))["id"]
                    ).rpartition("-v")[0]
                    or name
                )
            raise TaskError(
                f"{folder} is a task's folder and not a run's; its run is {Path('runs') / name} unless --out named another "
                f"('logicdistill run {folder}' makes it)"
            )
        if not (folder / "run.toml").is_file():
            siblings = (
                [item.parent for item in folder.parent.glob("*/run.toml")]
                if folder.parent.is_dir()
                else []
            )
            raise UnknownNameError("run", str(folder), [str(item) for item in siblings])
        return cls(folder)

    @property
    def settings(self) -> dict[str, Json]:
        """What ``run.toml`` says.

        Raises:
            CorruptError: it is not TOML.
        """
        file = self.folder / "run.toml"
        try:
            return tomllib.loads(file.read_text())
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise CorruptError(f"{file}: {error}; restore it, or delete it and run again") from None

    def record(self, name: str) -> dict[str, Json]:
        """What a finished step left to know; {} where it is not finished."""
        marker = self._marker(name)
        found = read_json(marker) if marker.exists() else {}
        return found if isinstance(found, dict) else {}

    def step(
        self,
        name: str,
        key: str,
        work: Callable[[], Mapping[str, Json]],
        outputs: Sequence[Path] = (),
        again: bool = False,
    ) -> tuple[dict[str, Json], bool]:
        """Do a step unless it was finished with the same key and what it made is still there.

        Args:
            name: the step's name.
            key: digest of everything that the step reads.
            outputs: files that it makes.
            again: do it though it was finished.
            work: does it and returns what later steps want to know; must itself be safe to repeat.

        Returns:
            The step's record (``key``, ``seconds``, and what ``work`` returned), and whether it was skipped.
        """
        marker = self._marker(name)
        if not again and marker.exists() and all(file.exists() for file in outputs):
            record = read_json(marker)
            if isinstance(record, dict) and record.get("key") == key:
                return record, True
        started = time.perf_counter()
        result = dict(work())
        record = {**result, "key": key, "seconds": round(time.perf_counter() - started, 2)}
        write_atomic(marker, json.dumps(record, indent=1))
        return record, False

    def _marker(self, name: str) -> Path:
        return self.folder / "steps" / f"{name}.json"
