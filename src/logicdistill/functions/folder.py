"""The function base as a folder that a person reads and edits, with a journal and every snapshot.

``.snapshots/HEAD`` names the current snapshot and the journal's length. A change takes effect when
the new HEAD is renamed into place; the readable files follow. A reader follows HEAD, so it sees the
old base or the new one, and the next writer completes what a dead one left.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import getpass
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logicdistill.errors import (
    BaseError,
    CorruptError,
    InvalidStateError,
    LogicDistillError,
    UnknownNameError,
    one_line,
)
from logicdistill.files import append_lines, locked, plain_text, read_json, storing, write_atomic
from logicdistill.functions.base import FunctionBase
from logicdistill.pictures import file_of, picture_value
from logicdistill.types import HELPERS, PICTURES, Json

_SNAPSHOT = re.compile(r"[0-9a-f]{16}")

_NEEDED = ("op", "time", "snapshot")
_TEXTS = (*_NEEDED, "function", "stage", "hash", "origin", "to", "by", "why", "rule", "parent")
"""Keys of a journal's entry whose value is text."""


@functools.cache
def author() -> str:
    """Who changes a base, by default: ``user.name`` of git, or else the login name."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            ["git", "config", "user.name"], capture_output=True, timeout=5, check=False
        )
        if name := one_line(asked.stdout.decode(errors="replace")):
            return name
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"


class BaseFolder:
    """A function base in the folder ``path``, which `commit` makes."""

    def __init__(self, path: Path) -> None:
        self.path, self._journal = path, path / "journal.jsonl"
        self._snapshots = path / ".snapshots"
        self.head = self._snapshots / "HEAD"

    def exists(self) -> bool:
        """Whether a base was committed here."""
        return self.head.is_file()

    def stamp(self) -> tuple[int, int, int] | None:
        """Changes whenever a change is committed here; None where there is no base."""
        try:
            found = os.stat(self.head)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def current(self) -> str:
        """Id of the current snapshot; errors are those of `load`."""
        if not self.exists():
            raise UnknownNameError("function base", str(self.path), [])
        return str(self._head()["snapshot"])

    def load(self) -> FunctionBase:
        """The current base.

        Raises:
            UnknownNameError: no base here.
            CorruptError: a file of the base is damaged.
        """
        return self.load_snapshot(self.current())

    def load_snapshot(self, snapshot: str) -> FunctionBase:
        """The base as it was at a snapshot.

        Raises:
            UnknownNameError: no such snapshot.
            CorruptError: its file is damaged.
        """
        file = self._snapshots / f"{snapshot}.json"
        if not _SNAPSHOT.fullmatch(snapshot) or not file.is_file():
            known = (item.stem for item in self._snapshots.glob("*.json"))
            raise UnknownNameError("snapshot", snapshot, known)
        try:
            manifest = read_json(file)
            if isinstance(manifest, dict) and isinstance(manifest.get("pictures"), list):
                manifest["pictures"] = self._pictures(manifest["pictures"])
            base = FunctionBase.from_manifest(manifest)
        except BaseError as error:
            raise CorruptError(f"{file}: {error}") from None
        if base.snapshot != snapshot:
            problem = "the content does not match the hash in its name"
            raise CorruptError(f"{file}: {problem}; roll back to another snapshot")
        return base

    def _keep_pictures(self, pictures: Mapping[str, str]) -> None:
        """Write the pictures that are not there; their names hold their hashes."""
        for name, url in pictures.items():
            if not (file := self.path / PICTURES / name).is_file():
                write_atomic(file, file_of(url))

    def _pictures(self, names: Sequence[Json]) -> dict[str, str]:
        """Data URLs by name; raises `CorruptError` where a file is missing or damaged."""
        found = {}
        for name in map(str, names):
            file = self.path / PICTURES / name
            try:
                found[name] = picture_value(file.read_bytes())
            except (OSError, InvalidStateError) as error:
                what = f"cannot be read: {one_line(error)}"
                raise CorruptError(f"{file}: {what}; restore it from a copy") from None
        return found

    def find_snapshot(self, beginning: str) -> FunctionBase:
        """The base at the one snapshot of the journal whose id begins like this.

        Raises:
            UnknownNameError: none or several begin so.
            CorruptError: its file, or the journal, is damaged.
        """
        ids = {str(entry["snapshot"]) for entry in self.journal()}
        matching = [snapshot for snapshot in ids if snapshot.startswith(beginning)]
        return self.load_snapshot(matching[0] if len(matching) == 1 else beginning)

    def commit(
        self,
        base: FunctionBase,
        entries: Sequence[Mapping[str, Json]],
        parent: str | None = None,
        discard_edits: bool = False,
    ) -> None:
        """Make ``base`` the current one; all or nothing.

        A file that a person is editing stays as it is, and stays an edit, unless this change is
        about that file.

        Args:
            base: the new content.
            entries: for the journal (``op``, ``function``, ``stage``, ``hash``, ``origin`` ...).
                Each gets the time, and who made it: ``by``, where it is given, or else `author`.
            parent: snapshot that ``base`` was made from; None accepts any current snapshot.
            discard_edits: restore files that a person changed or deleted; added files stay.

        Raises:
            BaseError: the base changed since ``parent`` was loaded, or ``base.toml`` was edited.
            StorageError: the folder cannot be written; the old base stays.
            RunLockedError: another process is changing this base.
            CorruptError: HEAD or the journal is damaged.
        """
        with locked(self.path, "function base"):
            head = self._head_to_replace(parent)
            with contextlib.suppress(CorruptError, UnknownNameError):
                self._bring_up_to_date(head["snapshot"])
            written = self._written(head["snapshot"])
            if not discard_edits:
                self._check_stages(written)
            manifest = base.to_manifest()
            if pictures := manifest.get("pictures"):
                self._keep_pictures(pictures)
                manifest["pictures"] = [*pictures]
            content = json.dumps(manifest, ensure_ascii=False, indent=1)
            write_atomic(self._snapshots / f"{base.snapshot}.json", content)
            self._cut_journal(head["journal_bytes"])
            now = {
                "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "by": author(),
            }
            ids = {"snapshot": base.snapshot, "parent": head["snapshot"]}
            lines = [json.dumps({**now, **entry, **ids}, ensure_ascii=False) for entry in entries]
            append_lines(self._journal, lines)
            new_head = {"snapshot": base.snapshot, "journal_bytes": self._journal.stat().st_size}
            write_atomic(self.head, json.dumps(new_head))
            # The change has taken effect; `repair` can write the files later.
            with contextlib.suppress(OSError):
                self._materialise(base, written, discard_edits)

    def journal(self) -> list[dict[str, Json]]:
        """Every change that took effect, oldest first.

        Raises:
            CorruptError: a line is damaged, or the journal is shorter than HEAD says.
        """
        length = self._head()["journal_bytes"] if self.exists() else 0
        self._check_journal(length)
        try:
            data = self._journal.read_bytes()[:length] if length else b""
        except OSError as error:
            problem = f"cannot be read: {error.strerror or error}"
            raise CorruptError(f"{self._journal}: {problem}; restore it from a copy") from None
        entries = []
        for number, line in enumerate(data.splitlines(), start=1):
            entry = None
            with contextlib.suppress(ValueError, RecursionError):
                entry = json.loads(line.decode())
            if not isinstance(entry, dict) or not _is_entry(entry):
                problem = f"line {number} is damaged"
                raise CorruptError(f"{self._journal}: {problem}; restore it from a copy")
            entries.append(entry)
        return entries

    def edits(self) -> dict[str, str | None]:
        """Files that a person changed or added (text) or deleted (None), by path in the folder.

        Raises `BaseError` if ``base.toml`` was edited.
        """
        base = self.load()
        written = self._written(base.snapshot)
        self._check_stages(written)
        texts = {path: self._text(path) for path in self._paths(base)}
        ours = {path: [files.get(path) for files in written] for path in texts}
        return {path: text for path, text in texts.items() if text not in ours[path]}

    def repair(self) -> None:
        """Write the readable files that a dead writer did not write. Raises as `commit`."""
        if self.exists() and self._shown() != self._head()["snapshot"]:
            with locked(self.path, "function base"):
                self._bring_up_to_date(self._head()["snapshot"])

    def _head(self) -> dict[str, Any]:
        match read_json(self.head):
            case {"snapshot": str(), "journal_bytes": length} as head if type(length) is int:
                if length >= 0:
                    return dict(head)
        restore = "write the snapshot's id and the journal's length into it again"
        raise CorruptError(f"{self.head}: damaged; {restore}")

    def _head_to_replace(self, parent: str | None) -> dict[str, Any]:
        """HEAD, or one without a snapshot where nothing was committed yet."""
        head: dict[str, Any] = {"snapshot": None, "journal_bytes": 0}
        if self.exists():
            head = self._head()
        elif shown := self._shown():
            restore = f"write the snapshot's id ({shown}) and the journal's length into it again"
            raise CorruptError(f"{self.head}: gone; {restore}")
        if parent is not None and head["snapshot"] != parent:
            changed = f"the base changed since it was loaded ({parent} -> {head['snapshot']})"
            raise BaseError(f"{self.path}: {changed}; load it again and repeat")
        self._check_journal(head["journal_bytes"])
        return head

    def _check_journal(self, length: int) -> None:
        size = self._journal.stat().st_size if self._journal.is_file() else 0
        if size < length:
            problem = f"{size} bytes, but {length} were written"
            raise CorruptError(f"{self._journal}: {problem}; restore it from a copy")

    def _cut_journal(self, length: int) -> None:
        """Drop the lines of a change that did not take effect."""
        if self._journal.exists() and self._journal.stat().st_size > length:
            with storing(self._journal):
                os.truncate(self._journal, length)

    def _shown(self) -> str | None:
        """Snapshot that the readable files were last brought up to."""
        marker = self._snapshots / "SHOWN"
        return marker.read_text(errors="replace").strip()[:100] if marker.is_file() else None

    def _written(self, head: str | None) -> list[dict[str, str]]:
        """Files that this class may have written last: the shown snapshot's and HEAD's."""
        shown = self._shown()
        written: list[dict[str, str]] = [] if shown else [{}]
        for snapshot in dict.fromkeys((shown, head)):
            with contextlib.suppress(LogicDistillError):
                if snapshot is not None:
                    written.append(self.load_snapshot(snapshot).to_manifest()["files"])
        return written

    def _check_stages(self, written: Sequence[Mapping[str, str]]) -> None:
        text = self._text("base.toml")
        if text is not None and written and text not in [item.get("base.toml") for item in written]:
            problem = "was edited, but the base has functions in its stages"
            undo = "undo that ('base rollback' with --discard-edits does), or begin a new base"
            raise BaseError(f"{self.path / 'base.toml'} {problem}; {undo}")

    def _bring_up_to_date(self, head: str | None) -> None:
        if head is not None and self._shown() != head:
            self._materialise(self.load_snapshot(head), self._written(head))

    def _paths(self, base: FunctionBase) -> list[str]:
        """Function files of the base, and other files in the folders of stages and helpers."""
        folders = [stage.name for stage in (*base.stages, HELPERS)]
        files = (file for name in folders for file in (self.path / name).glob("*.py"))
        there = {f"{file.parent.name}/{file.name}" for file in files}
        return sorted(there | (base.to_manifest()["files"].keys() - {"base.toml"}))

    def _text(self, path: str) -> str | None:
        try:
            return plain_text((self.path / path).read_bytes().decode(errors="replace"))
        except OSError:
            return None

    def _materialise(
        self, base: FunctionBase, written: Sequence[Mapping[str, str]], discard: bool = False
    ) -> None:
        """Bring the readable files up to ``base``, but keep a person's edits unless ``discard``."""
        wanted: dict[str, str] = base.to_manifest()["files"]
        sources = {text.rstrip() for text in wanted.values()}
        for path in ["base.toml", *self._paths(base)]:
            text, target = self._text(path), wanted.get(path)
            if text == target:
                continue
            unedited = any(files.get(path) == text for files in written)
            changes = any(files.get(path) != target for files in written)
            taken_in = bool(written) and text is not None and text.rstrip() in sources
            overwrite = target is not None and (discard or not written)
            if not (unedited or changes or taken_in or overwrite):
                continue
            if target is not None:
                write_atomic(self.path / path, target)
            else:
                with storing(self.path / path):
                    (self.path / path).unlink(missing_ok=True)
        write_atomic(self._snapshots / "SHOWN", base.snapshot)


def _is_entry(entry: Mapping[str, Json]) -> bool:
    """Whether `BaseFolder.commit` writes entries of this form; readers rely on it."""
    if any(entry.get(key) is None for key in _NEEDED):
        return False
    evidence = entry.get("evidence", {"examples": 0, "slowest_ms": 0})
    return (
        all(isinstance(entry.get(key), (str, type(None))) for key in _TEXTS)
        and isinstance(evidence, dict)
        and all(type(evidence.get(key)) in (int, float) for key in ("examples", "slowest_ms"))
        and type(entry.get("states", 0)) is int
    )
