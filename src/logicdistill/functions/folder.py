"""The function base on disk: a folder that a person reads and edits, with a journal and every snapshot to go back to.

``.snapshots/HEAD`` names the current snapshot and the length of the journal that belongs to it. Renaming a new HEAD
into place is the moment at which a change takes effect; the readable files are brought up to date after it, so a
reader (who follows HEAD) sees the old base or the new one, never a mixture, and a writer that died is repaired.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logicdistill.errors import BaseError, CorruptError, UnknownNameError
from logicdistill.functions.base import FunctionBase
from logicdistill.runs import append_lines, digest, locked, read_json, storage_error, write_atomic
from logicdistill.types import Json


class BaseFolder:
    """A function base in a folder.

    Args:
        path: the folder; made by `commit`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._snapshots = path / ".snapshots"
        self.head = self._snapshots / "HEAD"

    def exists(self) -> bool:
        """Whether a base was ever committed here."""
        return self.head.is_file()

    def load(self) -> FunctionBase:
        """The current base.

        Raises:
            UnknownNameError: no base here.
            CorruptError: a file of the base was damaged.
        """
        if not self.exists():
            raise UnknownNameError("function base", str(self.path), [])
        return self.load_snapshot(self._head()["snapshot"])

    def load_snapshot(self, snapshot: str) -> FunctionBase:
        """The base as it was at a snapshot.

        Raises:
            UnknownNameError: no such snapshot.
            CorruptError: its file was damaged.
        """
        file = self._snapshots / f"{snapshot}.json"
        if not file.is_file():
            raise UnknownNameError("snapshot", snapshot, (item.stem for item in self._snapshots.glob("*.json")))
        try:
            base = FunctionBase.from_manifest(read_json(file))
        except BaseError as error:
            raise CorruptError(f"{file}: {error}") from None
        if base.snapshot != snapshot:
            raise CorruptError(f"{file}: its content does not have the hash that its name says; roll back to another snapshot")
        return base

    def commit(self, base: FunctionBase, entries: Sequence[Mapping[str, Json]]) -> None:
        """Make ``base`` the current one, with journal entries that say why; all or nothing.

        Args:
            base: the new content.
            entries: one entry a change (``op``, ``function``, ``stage``, ``hash``, ``origin``, ``evidence`` ...).

        Raises:
            StorageError: the folder cannot be written; the old base stays.
            RunLockedError: another process is changing this base.
        """
        with locked(self.path, "function base"):
            head = self._head() if self.exists() else {"snapshot": None, "journal_bytes": 0}
            write_atomic(self._snapshots / f"{base.snapshot}.json", json.dumps(base.to_manifest(), ensure_ascii=False, indent=1))
            self._cut_journal(head["journal_bytes"])
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            lines = [
                json.dumps({"time": now, **entry, "snapshot": base.snapshot, "parent": head["snapshot"]}, ensure_ascii=False)
                for entry in entries
            ]
            append_lines(self._journal, lines)
            new_head = {"snapshot": base.snapshot, "journal_bytes": self._journal.stat().st_size}
            write_atomic(self.head, json.dumps(new_head))
            self._materialise(base)

    def journal(self) -> list[dict[str, Json]]:
        """Every change that took effect, oldest first.

        Raises:
            CorruptError: a line was damaged, or the journal is shorter than it has been.
        """
        length = self._head()["journal_bytes"] if self.exists() else 0
        data = self._journal.read_bytes()[:length] if self._journal.exists() else b""
        if len(data) < length:
            raise CorruptError(f"{self._journal}: {len(data)} bytes, but {length} were written; restore it from a copy")
        entries = []
        for number, line in enumerate(data.splitlines(), start=1):
            try:
                entry = json.loads(line)
                if not isinstance(entry, dict) or "op" not in entry:
                    raise ValueError
            except ValueError:
                raise CorruptError(f"{self._journal}: line {number} is damaged; restore it from a copy") from None
            entries.append(entry)
        return entries

    def edits(self) -> dict[str, str | None]:
        """Files that a person changed, added (text) or deleted (None) since the last commit, by path in the folder."""
        base = self.load()
        files: dict[str, str] = base.to_manifest()["files"]
        changed: dict[str, str | None] = {}
        for stage in base.stages:
            for file in sorted((self.path / stage.name).glob("*.py")):
                path = f"{stage.name}/{file.name}"
                text = file.read_text(errors="replace")
                if files.get(path) != text:
                    changed[path] = text
        changed |= {path: None for path in files if path != "base.toml" and not (self.path / path).is_file()}
        return changed

    def repair(self) -> None:
        """Bring the readable files up to date where a writer died between its commit and its last file."""
        if not self.exists():
            return
        base = self.load()
        if self._shown() != base.snapshot:
            with locked(self.path, "function base"):
                self._materialise(base)

    @property
    def _journal(self) -> Path:
        return self.path / "journal.jsonl"

    def _head(self) -> dict[str, Any]:
        head = read_json(self.head)
        if not isinstance(head, dict) or not isinstance(head.get("snapshot"), str) or not isinstance(head.get("journal_bytes"), int):
            raise CorruptError(f"{self._snapshots / 'HEAD'}: damaged; write the snapshot's id and the journal's length into it again")
        return head

    def _cut_journal(self, length: int) -> None:
        """Drop lines of a change that never took effect."""
        if self._journal.exists() and self._journal.stat().st_size > length:
            try:
                os.truncate(self._journal, length)
            except OSError as error:
                raise storage_error(self._journal, error) from None

    def _shown(self) -> str | None:
        marker = self._snapshots / "SHOWN"
        return marker.read_text().strip() if marker.is_file() else None

    def _materialise(self, base: FunctionBase) -> None:
        files: dict[str, str] = base.to_manifest()["files"]
        for path, text in files.items():
            target = self.path / path
            if not target.is_file() or digest(target.read_bytes()) != digest(text.encode()):
                write_atomic(target, text)
        for stage in base.stages:
            for file in (self.path / stage.name).glob("*.py"):
                if f"{stage.name}/{file.name}" not in files:
                    file.unlink()
        write_atomic(self._snapshots / "SHOWN", base.snapshot)
