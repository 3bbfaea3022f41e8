"""A run is a folder: settings, and steps that are skipped while what they read is unchanged."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import tomli_w

from logicdistill.errors import CorruptError, TaskError, UnknownNameError, one_line
from logicdistill.files import locked, plain_text, read_record, write_atomic, write_record
from logicdistill.types import Json

_KEPT = "kept"
"""Key of a step's record: the hashes of the files that it made, by name."""


@contextlib.contextmanager
def begun(folder: Path, *work: str) -> Iterator[None]:
    """Hold the folder as `locked` does. If the block fails, a new folder without work is removed.

    ``work``: names of files or folders in it that are worth keeping.
    """
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
    """The largest resident memory of this process so far, in MB; None on Windows."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, KiB on Linux
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


USED_AS_THEY_ARE: tuple[tuple[str, type, str], ...] = (
    ("task", str, "a task's id"),
    ("recording", str, "a recording's name"),
    ("encoder", str, "an encoder's name"),
    ("sizes", dict, "a table"),
)
"""Settings that are used without `RunSettings`: name, type, and what they are."""


COVERAGE = "coverage.json"
"""File of a run: what usage examples and training states reach."""


class Run:
    """A run's folder, which `create` makes, and the records of its finished steps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, settings: Mapping[str, Json]) -> Run:
        """Make a run, or open it again; writes the settings that are not None to ``run.toml``."""
        wanted = tomli_w.dumps({key: value for key, value in settings.items() if value is not None})
        file = folder / "run.toml"
        if not file.is_file() or file.read_bytes() != wanted.encode():
            write_atomic(file, wanted)
        return cls(folder)

    @classmethod
    def open(cls, folder: Path) -> Run:
        """An existing run.

        Raises:
            UnknownNameError: no run in that folder; the message offers the nearest sibling.
            TaskError: the folder is a task's, or the path a file's.
        """
        if folder.is_file():
            only = "a file such as a packed policy decides, and keeps no changes"
            raise TaskError(f"{folder} is no run's folder; {only}: name the folder of a run")
        if (folder / "task.toml").is_file():
            run = f"{Path('runs') / _task_name(folder)} unless --out named another"
            makes = f"('logicdistill run {folder}' makes it)"
            raise TaskError(f"{folder} is a task's folder, not a run's; its run is {run} {makes}")
        if not (folder / "run.toml").is_file():
            siblings = (str(file.parent) for file in folder.parent.glob("*/run.toml"))
            raise UnknownNameError("run", str(folder), siblings)
        return cls(folder)

    @property
    def settings(self) -> dict[str, Json]:
        """Content of ``run.toml``.

        Raises:
            CorruptError: it is not TOML, or one of `USED_AS_THEY_ARE` is of the wrong type.
        """
        file = self.folder / "run.toml"
        try:
            found = tomllib.loads(plain_text(file.read_bytes().decode()))
            for name, kind, wanted in USED_AS_THEY_ARE:
                if not isinstance(found.get(name, kind()), kind):
                    raise ValueError(f"{name} is {found[name]!r:.80}, not {wanted}")
        except (OSError, ValueError, RecursionError) as error:
            todo = "restore it, or delete it and run again"
            raise CorruptError(f"{file}: {one_line(error)}; {todo}") from None
        return found

    def record(self, name: str) -> dict[str, Json]:
        """A finished step's record, otherwise {}.

        Raises:
            CorruptError: it is not JSON, or not what the step wrote.
        """
        marker = self._marker(name)
        return read_record(marker) if marker.exists() else {}

    def step(
        self,
        name: str,
        key: str,
        work: Callable[[], Mapping[str, Json]],
        outputs: Sequence[Path] = (),
        again: bool = False,
        kept: Sequence[Path] = (),
    ) -> tuple[dict[str, Json], bool]:
        """Do a step unless it was finished with the same key and its outputs are still there.

        Args:
            name: names its record.
            key: digest of everything that the step reads.
            work: does it and returns what later steps need; must be safe to repeat.
            outputs: files that it makes, and that change later; they have to exist.
            again: do it even if it was finished.
            kept: files that it makes, and that have to be as it left them.

        Returns:
            The step's record (what ``work`` returned, ``key``, ``seconds``), and whether it was
            skipped.
        """
        if not again and all(file.exists() for file in outputs):
            record = self.record(name)
            if record.get("key") == key and record.get(_KEPT, {}) == _hashes(kept):
                return record, True
        started = time.perf_counter()
        result = dict(work())
        record = {**result, "key": key, "seconds": round(time.perf_counter() - started, 2)}
        record |= {_KEPT: _hashes(kept)} if kept else {}
        write_record(self._marker(name), record)
        return read_record(self._marker(name)), False

    def _marker(self, name: str) -> Path:
        return self.folder / "steps" / f"{name}.json"


def _hashes(files: Sequence[Path]) -> dict[str, str | None]:
    """Beginning of each file's SHA-256 by its name; None where it is gone."""
    found: dict[str, str | None] = {}
    for file in files:
        found[file.name] = None
        with contextlib.suppress(OSError), file.open("rb") as content:
            found[file.name] = hashlib.file_digest(content, "sha256").hexdigest()[:16]
    return found


def _task_name(folder: Path) -> str:
    """Id of a task's folder without its version; the folder's name if ``task.toml`` has none."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        settings = tomllib.loads((folder / "task.toml").read_text(encoding="utf-8"))
        if name := str(settings["id"]).rpartition("-v")[0]:
            return name
    return folder.resolve().name
