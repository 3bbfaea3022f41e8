"""A policy in one file: a zip of its task, base and student, and the SHA-256 of each member.

Members are stored as they are and dated alike, so the same content gives the same file. The hashes
find damage; they are no signature.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tempfile
import weakref
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from logicdistill.errors import BaseError, CorruptError, TaskError
from logicdistill.files import digest, storing, write_atomic
from logicdistill.functions.base import FunctionBase
from logicdistill.protocols import PackableStudent, Student, Task
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.registry import get_task, newest, sizes_of
from logicdistill.types import Json
from logicdistill.version import __version__

FORMAT = 1
MANIFEST, BASE, TASK, STUDENT = "policy.json", "base.json", "task", "student"
RULES_FILE = "task.md"
"""Member of a Gymnasium task below ``task/``."""

_MEMBER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)?")
_OLDEST = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier time."""


class Unpacked:
    """A temporary ``folder``, removed when nobody needs this object any more."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="logicdistill-"))
        weakref.finalize(self, _remove, self.folder, os.getpid())


@dataclass(frozen=True, slots=True)
class Packed:
    """What a packed policy holds.

    Attributes:
        path: of the file.
        about: ``format``, ``logicdistill`` (the version that packed it), ``task`` and its
            ``sizes``, ``rules`` (a hash of rules and schema), ``student``, ``base`` (the snapshot),
            ``thresholds`` by stage, and ``files`` (SHA-256 by member).
        files: content of each member.
    """

    path: Path
    about: Mapping[str, Json]
    files: Mapping[str, bytes]

    def base(self) -> FunctionBase:
        """The function base.

        Raises:
            CorruptError: it is damaged.
        """
        try:
            base = FunctionBase.from_manifest(json.loads(self.files[BASE]))
        except (BaseError, ValueError, RecursionError) as error:
            raise CorruptError(f"{self.path}: {BASE}: {error}; pack the policy again") from None
        if base.snapshot != self.about["base"]:
            what = f"{BASE} is not the snapshot {self.about['base']}"
            raise CorruptError(f"{self.path}: {what}; pack the policy again")
        return base

    def unpack(self) -> Unpacked:
        """Write task and student to a temporary folder."""
        found = Unpacked()
        for name, content in self.files.items():
            with storing(found.folder / name):
                (found.folder / name).parent.mkdir(exist_ok=True)
                (found.folder / name).write_bytes(content)
        return found

    def task(self, folder: Path) -> Task:
        """The task, from its files in an unpacked folder, or by its name.

        Raises:
            TaskError: no such task here, or one with other rules.
        """
        name, where = str(self.about["task"]), folder / TASK
        if f"{TASK}/{RULES_FILE}" in self.files:
            from logicdistill.tasks.gymnasium_task import GymnasiumTask

            return GymnasiumTask.from_file(where / RULES_FILE)
        if any(member.startswith(f"{TASK}/") for member in self.files):
            return RecordTask(where, states=False)
        if newest(name) is None:
            raise TaskError(
                f"{self.path}: the task {name!r} is a program that this file does not hold; "
                "register it (logicdistill.register_task), or give Policy.load(task=...)"
            )
        return get_task(name, **self.about["sizes"])

    def checked(self, task: Task) -> Task:
        """The task; raises `TaskError` if it is not the one that was packed."""
        if task.id != self.about["task"] or hash_of(task) != self.about["rules"]:
            what = f"it was packed for {self.about['task']}, whose rules or schema are others"
            raise TaskError(f"{self.path}: {what} than those of {task.id} here; pack it again")
        return task


def pack(
    path: Path, task: Task, base: FunctionBase, student: Student, thresholds: Mapping[str, float]
) -> str:
    """Write a packed policy, and return its SHA-256.

    Raises:
        StorageError: the file cannot be written.
    """
    files = {BASE: json.dumps(base.to_manifest(), ensure_ascii=False, sort_keys=True).encode()}
    from logicdistill.tasks.gymnasium_task import GymnasiumTask

    if isinstance(task, RecordTask):
        files |= {f"{TASK}/{name}": text for name, text in task.packed().items()}
    if isinstance(task, GymnasiumTask):
        files[f"{TASK}/{RULES_FILE}"] = task.to_text().encode()
    if isinstance(student, PackableStudent):
        files |= {f"{STUDENT}/{name}": content for name, content in student.packed().items()}
    about = {
        "format": FORMAT,
        "logicdistill": __version__,
        "task": task.id,
        "sizes": sizes_of(task),
        "rules": hash_of(task),
        "student": student.name,
        "base": base.snapshot,
        "thresholds": dict(thresholds),
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
    }
    members = {MANIFEST: json.dumps(about, indent=1, sort_keys=True).encode(), **files}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in [MANIFEST, *sorted(files)]:
            info = zipfile.ZipInfo(name, _OLDEST)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, members[name])
    write_atomic(path, buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def read_packed(path: Path) -> Packed:
    """A packed policy, every member checked.

    Raises:
        CorruptError: no packed policy, one of another format, or a damaged one.
    """
    advice = "pack the policy again (policy.pack, or 'logicdistill pack')"
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > path.stat().st_size:
                raise ValueError("its members are compressed")
            files = {info.filename: archive.read(info) for info in archive.infolist()}
        about = json.loads(files.pop(MANIFEST))
        if (found := about["format"]) != FORMAT:
            other = f"logicdistill {about.get('logicdistill')}"
            what = f"format {found!r}, this version reads {FORMAT}; {advice}, or install {other}"
            raise CorruptError(f"{path}: {what}")
        hashes = dict(about["files"])
        if set(hashes) != set(files) or BASE not in files:
            raise ValueError("its members are not those that it lists")
    except CorruptError:
        raise
    # A damaged zip raises errors of many classes, NotImplementedError among them.
    except Exception as error:
        what = f"'{MANIFEST}' is missing" if isinstance(error, KeyError) else str(error)
        raise CorruptError(f"{path}: no packed policy, or damaged: {what}; {advice}") from None
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != hashes[name] or not _MEMBER.fullmatch(name):
            raise CorruptError(f"{path}: {name} is damaged (its SHA-256 differs); {advice}")
    return Packed(path, about, files)


def hash_of(task: Task) -> str:
    """Of what a decision depends on beside base and student: rules and schema."""
    return digest(list(task.rules), task.state_schema)


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # a forked child ends, and its parent still reads the files
        shutil.rmtree(folder, ignore_errors=True)
