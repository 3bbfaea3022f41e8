"""Public data sets of labelled messages as record tasks: fetched once, and checked by hash."""

from __future__ import annotations

import codecs
import contextlib
import csv
import hashlib
import http.client
import io
import json
import os
import tempfile
import tomllib
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from logicdistill.errors import StorageError, TaskError
from logicdistill.files import cache_folder, digest, plain_text, storage_error, write_atomic
from logicdistill.tasks.record_folder import Split, read_folder
from logicdistill.tasks.records import RecordTask, fixed_order

TIMEOUT_S = 60
OUT_OF_SCOPE = "out_of_scope"
HELD_OUT = 10
"""One in so many training messages of an intent is for validation, if the source has none."""


@dataclass(frozen=True, slots=True)
class Message:
    """A labelled message: its place in the source, text, right action and split."""

    id: str
    text: str
    action: str
    split: Split


@dataclass(frozen=True, slots=True)
class MessageTask:
    """A record task whose states are the messages of a public data set.

    Attributes:
        id: such as ``clinc150-v1``; also the package's folder of its rules, settings and replies.
        address: of the public folder that holds the files.
        sources: SHA-256 of each published file, by name.
        read: content of the files, by name, to messages; raises `ValueError`, `TypeError`,
            `KeyError` or `csv.Error` where they are not in the published form.
    """

    id: str
    address: str
    sources: Mapping[str, str]
    read: Callable[[Mapping[str, bytes]], Iterable[Message]]


def read_clinc(files: Mapping[str, bytes]) -> Iterator[Message]:
    """CLINC150's ``data_full.json``: lists of ``[message, intent]``; those out of scope apart."""
    lists = json.loads(files["data_full.json"])
    splits: dict[str, Split] = {"train": "train", "val": "validation", "test": "test"}
    for name, split in splits.items():
        for number, (text, intent) in enumerate(lists[name]):
            yield Message(f"{name}-{number}", text, intent, split)
        for number, (text, _) in enumerate(lists[f"oos_{name}"]):
            yield Message(f"oos_{name}-{number}", text, OUT_OF_SCOPE, split)


def read_banking(files: Mapping[str, bytes]) -> Iterator[Message]:
    """BANKING77's ``train.csv`` and ``test.csv``: ``text,category``.

    A tenth of each category's training messages is for validation.
    """
    for name in ("train", "test"):
        rows = _rows(files[f"{name}.csv"])
        by_category: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for number, row in enumerate(rows):
            by_category[row["category"]].append((fixed_order("validation", row["text"]), number))
        drawn = (sorted(places)[: len(places) // HELD_OUT] for places in by_category.values())
        held = {number for places in drawn for _, number in places}
        for number, row in enumerate(rows):
            split: Split = "test" if name == "test" else "validation" if number in held else "train"
            yield Message(f"{name}-{number}", row["text"], row["category"], split)


def _rows(content: bytes) -> list[dict[str, str]]:
    """Rows of a CSV file, also as spreadsheets save it: with a byte order mark, or with ``;``."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = plain_text(content.decode("utf-16" if wide else "utf-8"))
    header = text.partition("\n")[0]
    separator = next((mark for mark in ",;\t" if mark in header), ",")
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


MESSAGE_TASKS = {
    "banking77-v1": MessageTask(
        "banking77-v1",
        "https://raw.githubusercontent.com/PolyAI-LDN/task-specific-datasets/master/banking_data/",
        {
            "train.csv": "b06e26ac675513959a63135f11b94ea7786ed02da65db93a5650d8838cbc664b",
            "test.csv": "d12d6e3bc4c3103966ae786dc435913c0c563dfa328f5a3646d0e62cfeeb474d",
        },
        read_banking,
    ),
    "clinc150-v1": MessageTask(
        "clinc150-v1",
        "https://raw.githubusercontent.com/clinc/oos-eval/master/data/",
        {"data_full.json": "36923c3705a59e08fe9c3883d8bc2dd966ef93e22cb78ac41171782a698d56e0"},
        read_clinc,
    ),
}
"""By id.

CLINC150: Larson et al., EMNLP 2019, CC BY 3.0. BANKING77: Casanueva et al., 2020, CC BY 4.0.
"""


def package_folder(task: MessageTask) -> Path:
    """What the package has of a task: ``task.toml``, ``rules.md`` and ``replies/``."""
    return Path(str(resources.files("logicdistill.tasks") / "message_tasks" / task.id))


def message_task(task: MessageTask, data: Path | None = None) -> RecordTask:
    """The record task of a data set; its folder in the cache is made once for the same data.

    Args:
        task: one of `MESSAGE_TASKS`.
        data: folder with the files; without it they are fetched from their public source.

    Raises:
        TaskError: a file is missing, cannot be fetched, or is not the published one.
        StorageError: the cache cannot be written.
    """
    files = _published(task) if data is None else _given(task, data)
    return RecordTask(_made_folder(task, files, data))


def described(task: MessageTask) -> tuple[str, tuple[str, ...]]:
    """Title and rules, which need no data."""
    found = read_folder(package_folder(task))
    return found.settings.title if found.settings else "", found.rules


def unpublished(task: MessageTask, data: Path) -> list[str]:
    """Names of the files in ``data`` that are not the published ones, such as a sample."""
    files = _given(task, data)
    return [name for name, sha256 in task.sources.items() if _sha256(files[name]) != sha256]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _given(task: MessageTask, data: Path) -> dict[str, bytes]:
    try:
        return {name: (data / name).read_bytes() for name in task.sources}
    except OSError as error:
        needed = f"data names a folder with {', '.join(task.sources)}"
        raise TaskError(f"{error.filename}: {error.strerror or error}; {needed}") from None


def _published(task: MessageTask) -> dict[str, bytes]:
    files = {}
    for name, sha256 in task.sources.items():
        kept = cache_folder() / "data" / task.id / name
        with contextlib.suppress(OSError):
            files[name] = kept.read_bytes()
        if name not in files or _sha256(files[name]) != sha256:
            files[name] = fetch(f"{task.address}{name}", sha256)
            write_atomic(kept, files[name])
    return files


def fetch(url: str, sha256: str) -> bytes:
    """The content of a published file.

    Raises:
        TaskError: it cannot be fetched, or is not the published one.
    """
    advice = f"put a copy of {url.rpartition('/')[2]} into a folder and name it: --set data=FOLDER"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            content: bytes = answer.read()
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise TaskError(f"cannot fetch {url}: {error}; {advice}") from None
    if (found := _sha256(content)) != sha256:
        raise TaskError(
            f"{url}: SHA-256 is {found[:12]}, that of the published file is {sha256[:12]}; {advice}"
        )
    return content


def _made_folder(task: MessageTask, files: Mapping[str, bytes], data: Path | None) -> Path:
    package = package_folder(task)
    mine = {
        str(file.relative_to(package)): file.read_bytes()
        for file in sorted(package.rglob("*"))
        if file.is_file()
    }
    # With this file in the name, another version of the package makes its own folder.
    key = digest(*mine, *mine.values(), *files.values(), Path(__file__).read_bytes())
    folder = cache_folder() / "tasks" / f"{task.id}-{key}"
    if folder.is_dir():
        return folder
    intents = set(tomllib.loads(mine["task.toml"].decode())["actions"])
    where = data or task.id
    try:
        messages = list(task.read(files))
    except (ValueError, TypeError, KeyError, csv.Error) as error:
        why = f"not in the form that was published ({type(error).__name__}: {error})"
        raise TaskError(f"{where}: {', '.join(task.sources)} {why}") from None
    for message in messages:
        for value in (message.text, message.action):
            if not isinstance(value, str):
                raise TaskError(f"{where}: {message.id}: {value!r:.60} is no text")
        if message.action not in intents:
            what = f"intent {message.action!r:.60} is none of the {len(intents)} of {task.id}"
            raise TaskError(f"{where}: {message.id}: {what}")
    # The sources are sorted by intent; in this order the first hundred are a fair sample.
    messages.sort(key=lambda message: (fixed_order("order", message.text), message.id))
    lines = []
    for message in messages:
        state = {"message": " ".join(message.text.split())}
        line = {"state": state, "action": message.action, "split": message.split, "id": message.id}
        lines.append(json.dumps(line) + "\n")
    mine["states.jsonl"] = "".join(lines).encode()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as scratch:
            for name, content in mine.items():
                write_atomic(Path(scratch) / "task" / name, content)
            os.rename(Path(scratch) / "task", folder)
    except StorageError:
        raise
    except OSError as error:
        if not folder.is_dir():  # otherwise another process made it meanwhile
            raise storage_error(folder, error) from None
    return folder
