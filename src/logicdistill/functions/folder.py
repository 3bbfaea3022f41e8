"""The function base on disk: a folder that a person reads and edits, with a journal and every snapshot to go back to.

``.snapshots/HEAD`` names the current snapshot and the length of the journal that belongs to it. Renaming a new HEAD
into place is the moment at which a change takes effect; the readable files are brought up to date after it, so a
reader (who follows HEAD) sees the old base or the new one, never a mixture, and a writer that died is repaired.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logicdistill.errors import BaseError, CorruptError, LogicDistillError, UnknownNameError
from logicdistill.files import append_lines, locked, read_json, storage_error, write_atomic
from logicdistill.functions.base import FunctionBase
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
            raise UnknownNameError(
                "snapshot", snapshot, (item.stem for item in self._snapshots.glob("*.json"))
            )
        try:
            base = FunctionBase.from_manifest(read_json(file))
        except BaseError as error:
            raise CorruptError(f"{file}: {error}") from None
        if base.snapshot != snapshot:
            raise CorruptError(
                f"{file}: its content does not have the hash that its name says; roll back to another snapshot"
            )
        return base

    def find_snapshot(self, beginning: str) -> FunctionBase:
        """The base at the one snapshot of the journal whose id begins so; errors are those of `load_snapshot`."""
        matching = {
            str(entry["snapshot"])
            for entry in self.journal()
            if str(entry["snapshot"]).startswith(beginning)
        }
        return self.load_snapshot(matching.pop() if len(matching) == 1 else beginning)

    def commit(
        self, base: FunctionBase, entries: Sequence[Mapping[str, Json]], parent: str | None = None
    ) -> None:
        """Make ``base`` the current one, with journal entries that say why; all or nothing.

        Args:
            base: the new content.
            entries: one entry a change (``op``, ``function``, ``stage``, ``hash``, ``origin``, ``evidence`` ...).
            parent: snapshot that ``base`` was made from; None takes whatever is there.

        Files that a person is editing stay as they are, unless this change is about them; they still count as edits.

        Raises:
            BaseError: the base changed since ``parent`` was loaded.
            StorageError: the folder cannot be written; the old base stays.
            RunLockedError: another process is changing this base.
            CorruptError: HEAD or the journal is damaged.
        """
        with locked(self.path, "function base"):
            head: dict[str, Any] = (
                self._head() if self.exists() else {"snapshot": None, "journal_bytes": 0}
            )
            if head["snapshot"] is None and self._shown():
                raise CorruptError(
                    f"{self.head}: gone; write the snapshot's id ({self._shown()}) and the journal's length into it again"
                )
            if parent is not None and head["snapshot"] != parent:
                raise BaseError(
                    f"{self.path}: the base changed since it was loaded ({parent} -> {head['snapshot']}); load it again and repeat"
                )
            self._check_journal(head["journal_bytes"])
            with contextlib.suppress(CorruptError, UnknownNameError):
                self._bring_up_to_date(head["snapshot"])
            known = self._known(head["snapshot"])
            self._check_stages(known)
            write_atomic(
                self._snapshots / f"{base.snapshot}.json",
                json.dumps(base.to_manifest(), ensure_ascii=False, indent=1),
            )
            self._cut_journal(head["journal_bytes"])
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
            lines = [
                json.dumps(
                    {"time": now, **entry, "snapshot": base.snapshot, "parent": head["snapshot"]},
                    ensure_ascii=False,
                )
                for entry in entries
            ]
            append_lines(self._journal, lines)
            new_head = {"snapshot": base.snapshot, "journal_bytes": self._journal.stat().st_size}
            write_atomic(self.head, json.dumps(new_head))
            with contextlib.suppress(
                OSError
            ):  # The change has taken effect; `repair` brings the files up to date.
                self._materialise(base, known)

    def journal(self) -> list[dict[str, Json]]:
        """Every change that took effect, oldest first.

        Raises:
            CorruptError: a line was damaged, or the journal is shorter than it has been.
        """
        length = self._head()["journal_bytes"] if self.exists() else 0
        self._check_journal(length)
        data = self._journal.read_bytes()[:length] if length else b""
        entries = []
        for number, line in enumerate(
            data.removesuffix(b"\n").split(b"\n") if data else [], start=1
        ):
            try:
                entry = json.loads(line.decode())
                if not isinstance(entry, dict) or "op" not in entry:
                    raise ValueError
            except (ValueError, RecursionError):
                raise CorruptError(
                    f"{self._journal}: line {number} is damaged; restore it from a copy"
                ) from None
            entries.append(entry)
        return entries

    def edits(self) -> dict[str, str | None]:
        """Files that a person changed, added (text) or deleted (None) since the last commit, by path in the folder.

        Raises:
            BaseError: ``base.toml`` was edited.
        """
        base = self.load()
        known = self._known(base.snapshot)
        self._check_stages(known)
        changed: dict[str, str | None] = {}
        for path in self._paths(base):
            text = self._text(path)
            if not any(files.get(path) == text for files in known):
                changed[path] = text
        return changed

    def discard_edits(self) -> None:
        """Put files that a person changed or deleted back as the current snapshot has them; files that no snapshot has stay.

        Raises:
            StorageError: the folder cannot be written.
            RunLockedError: another process is changing this base.
        """
        with locked(self.path, "function base"):
            base = self.load()
            self._materialise(base, self._known(base.snapshot), discard=True)

    def repair(self) -> None:
        """Bring the readable files up to date where a writer died between its commit and its last file.

        Raises:
            StorageError: the folder cannot be written.
            RunLockedError: another process is changing this base.
        """
        if not self.exists():
            return
        if self._shown() != self._head()["snapshot"]:
            with locked(self.path, "function base"):
                self._bring_up_to_date(self._head()["snapshot"])

    @property
    def _journal(self) -> Path:
        return self.path / "journal.jsonl"

    def _head(self) -> dict[str, Any]:
        head = read_json(self.head)
        if (
            not isinstance(head, dict)
            or not isinstance(head.get("snapshot"), str)
            or not _is_length(head.get("journal_bytes"))
        ):
            raise CorruptError(
                f"{self.head}: damaged; write the snapshot's id and the journal's length into it again"
            )
        return head

    def _check_journal(self, length: int) -> None:
        size = self._journal.stat().st_size if self._journal.is_file() else 0
        if size < length:
            raise CorruptError(
                f"{self._journal}: {size} bytes, but {length} were written; restore it from a copy"
            )

    def _cut_journal(self, length: int) -> None:
        """Drop lines of a change that never took effect."""
        if self._journal.exists() and self._journal.stat().st_size > length:
            try:
                os.truncate(self._journal, length)
            except OSError as error:
                raise storage_error(self._journal, error) from None

    def _shown(self) -> str | None:
        marker = self._snapshots / "SHOWN"
        return marker.read_text(errors="replace").strip() if marker.is_file() else None

    def _known(self, head: str | None) -> list[dict[str, str]]:
        """Files as this class may have written them last: those of the snapshot shown, and (a writer died) those of HEAD."""
        known: list[dict[str, str]] = [] if self._shown() else [{}]
        for snapshot in dict.fromkeys((self._shown(), head)):
            with contextlib.suppress(LogicDistillError):
                if snapshot is not None:
                    known.append(self.load_snapshot(snapshot).to_manifest()["files"])
        return known

    def _check_stages(self, known: Sequence[Mapping[str, str]]) -> None:
        text = self._text("base.toml")
        if (
            text is not None
            and known
            and not any(files.get("base.toml") == text for files in known)
        ):
            raise BaseError(
                f"{self.path / 'base.toml'} was edited, but functions stand in its stages; undo that ('base rollback' with "
                f"--discard-edits does), or begin a new base"
            )

    def _bring_up_to_date(self, head: str | None) -> None:
        if head is not None and self._shown() != head:
            self._materialise(self.load_snapshot(head), self._known(head))

    def _paths(self, base: FunctionBase) -> list[str]:
        """Function files of the base, and files that lie in the stages' folders."""
        there = {
            f"{stage.name}/{file.name}"
            for stage in base.stages
            for file in (self.path / stage.name).glob("*.py")
        }
        return sorted(there | (base.to_manifest()["files"].keys() - {"base.toml"}))

    def _text(self, path: str) -> str | None:
        try:
            return (self.path / path).read_bytes().decode(errors="replace")
        except OSError:
            return None

    def _materialise(
        self, base: FunctionBase, known: Sequence[Mapping[str, str]], discard: bool = False
    ) -> None:
        wanted: dict[str, str] = base.to_manifest()["files"]
        sources = {text.rstrip() for text in wanted.values()}
        for path in ["base.toml", *self._paths(base)]:
            text, target = self._text(path), wanted.get(path)
            ours = any(files.get(path) == text for files in known)
            about_it = any(files.get(path) != target for files in known)
            taken_in = bool(known) and text is not None and text.rstrip() in sources
            if text == target or not (
                ours or about_it or taken_in or (target is not None and (discard or not known))
            ):
                continue
            if target is not None:
                write_atomic(self.path / path, target)
            else:
                try:
                    (self.path / path).unlink(missing_ok=True)
                except OSError as error:
                    raise storage_error(self.path / path, error) from None
        write_atomic(self._snapshots / "SHOWN", base.snapshot)


def _is_length(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
