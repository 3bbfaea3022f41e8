"""A teacher's replies, stored by the hash of the request: cache, resume and replay in one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

from logicdistill.errors import CorruptError, MissingReplyError, UnknownNameError
from logicdistill.files import digest, read_json, read_lines, storage_error, write_atomic
from logicdistill.protocols import Request
from logicdistill.types import Json

SHIPPED = "shipped"
"""The recording that a run uses by default."""

LABELS_FILE = "labels.jsonl"
"""Many replies of a store, one a line, found by their subjects."""

LIVE = "live:"
"""Prefix of a run's recording that a live model writes; the model's name follows."""


def _root() -> Path:
    return Path(str(resources.files("logicdistill.teacher") / "recordings"))


def request_key(request: Request) -> str:
    """Hash of messages and schema; names the file of the reply."""
    return digest([list(message) for message in request.messages], dict(request.schema))


def _record(file: Path, record: Json) -> Json:
    """The record, if it has the shape of one; else `CorruptError`."""
    match record:
        case {"origin": _, "request": {}, "reply": _}:
            return record
    raise CorruptError(f"{file}: no stored reply; delete it, and its question is asked again")


class ReplyStore:
    """A folder of replies, made when the first one is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._by_subject: dict[str | None, Json] | None = None

    def get(self, request: Request) -> Json | None:
        """The stored record ``{"origin", "request", "reply"}``, or None."""
        file = self._file(request)
        return _record(file, read_json(file)) if file.is_file() else None

    def about(self, request: Request) -> Json | None:
        """A stored record on the same subject, asked in any wording."""
        if request.subject is None:
            return None
        if self._by_subject is None:
            found = [(file, read_json(file)) for file in sorted(self.folder.glob("*.json"))]
            labels = self.folder / LABELS_FILE
            found += [(labels, line) for line in read_lines(labels)]
            records = [_record(*item) for item in found]
            self._by_subject = {record["request"].get("subject"): record for record in records}
        return self._by_subject.get(request.subject)

    def set_aside(self, request: Request) -> bool:
        """Rename a stored reply, so that its request is asked again; whether there was one."""
        file = self._file(request)
        numbered = (file.with_name(f"{file.name}.aside-{number}") for number in itertools.count(1))
        aside = next(path for path in numbered if not path.exists())
        try:
            file.rename(aside)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise storage_error(aside, error) from None
        return True

    def put(
        self,
        request: Request,
        reply: Json,
        origin: str,
        usage: Mapping[str, Json] | None = None,
        asked_in: Request | None = None,
    ) -> None:
        """Store a reply, what wrote it, and what a live teacher used for it.

        ``asked_in`` is the request for many that it was asked in: its record holds the question as
        it was sent, and the usage.
        """
        names = ("kind", "task", "subject", "messages")
        asked = {name: getattr(request, name) for name in names}
        record = {"origin": origin, "request": asked, "reply": reply}
        if asked_in is not None:
            asked["messages"], record["asked_in"] = (), request_key(asked_in)
        record |= {"usage": dict(usage)} if usage else {}
        text = json.dumps(record, ensure_ascii=False, indent=1)
        write_atomic(self._file(request), f"{text}\n")

    def unread(self, request: Request) -> Path:
        """Where a live teacher keeps what a server sent, until it is read and stored."""
        return self.folder / "unread" / f"{request_key(request)}.txt"

    def _file(self, request: Request) -> Path:
        return self.folder / f"{request_key(request)}.json"


def _remedy(request: Request) -> str:
    """Why no recording answers, and what to do, in one line."""
    live = "name a live model with --teacher, such as openai:gpt-5-mini"
    if (_root() / request.task).is_dir():
        return f"recordings cover the built-in tasks at default settings: {live}"
    if request.kind == "label":
        return (
            "these rules and functions have no recorded answer to which function is right here: "
            f"{live}, or, where a function without 'When:' joined, give it a 'When:' "
            "(its file lies in the run's base/), or take it back with 'logicdistill base rollback'"
        )
    if request.kind in ("emergency", "unfitting"):
        what = "this new rule" if request.kind == "emergency" else "this state"
        own = "write the function yourself and bring it in with 'logicdistill base add'"
        return f"nobody has recorded an answer to {what}: {live}, or {own}"
    own = "write the functions yourself ('logicdistill new NAME --by-hand' shows how)"
    return f"nobody has written functions for these rules: {own}, or {live}"


class RecordedTeacher:
    """Answers from recorded replies, and copies those that it uses into the run.

    Args:
        store: the run's own replies.
        shipped: further stores, such as the recordings that come with the package. An answer that
            was corrected there replaces the run's copy.

    Attributes:
        origins: what wrote the replies.
    """

    def __init__(self, store: ReplyStore, shipped: Sequence[ReplyStore] = ()) -> None:
        self.store, self._stores = store, shipped
        self.origins: set[str] = set()

    def ask(self, request: Request) -> Json:
        """The recorded reply.

        Raises:
            MissingReplyError: no store holds one.
        """
        reply = self.known(request)
        if reply is None:
            raise MissingReplyError(
                f"no recorded reply for {request.kind!r} of task {request.task!r} "
                f"(request {request_key(request)}); {_remedy(request)}"
            )
        return reply

    def known(self, request: Request) -> Json | None:
        """See `logicdistill.protocols.KnowingTeacher`."""
        kept = self.store.get(request)
        exact = (store.get(request) for store in self._stores)
        about = (store.about(request) for store in (self.store, *self._stores))
        record = next(filter(None, itertools.chain(exact, [kept], about)), None)
        if record is None:
            return None
        if kept is None or kept["reply"] != record["reply"]:
            self.store.put(request, record["reply"], record["origin"])
        self.origins.add(record["origin"])
        return record["reply"]


def recordings(task: str) -> list[str]:
    """Names of a task's recordings in the package; each is another decomposition of its rules."""
    return [SHIPPED, *sorted(folder.name.partition("@")[2] for folder in _root().glob(f"{task}@*"))]


def shipped_replies(task: str, recording: str = SHIPPED) -> ReplyStore:
    """The replies of a recording that comes with the package for a built-in task.

    Raises:
        UnknownNameError: no such recording; the nearest name is offered.
    """
    if recording not in recordings(task):
        raise UnknownNameError(f"recording of {task}", recording, recordings(task))
    return ReplyStore(_root() / (task if recording == SHIPPED else f"{task}@{recording}"))
