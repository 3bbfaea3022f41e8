"""What the log of decisions does not keep of a state: fields that are left out, or hashed."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logicdistill.errors import BaseError, StorageError, UnknownNameError
from logicdistill.types import Json

REDACTED = "[redacted]"
"""Stands in other texts of a record for a text that was redacted."""

SHORTEST = 4
"""Letters of a text from which on it is looked for inside other texts, too."""

_SAYING = ("why", "failed", "error")
"""Keys of a stage's record that hold reasons."""

_SALT_BYTES = 32


class Redaction:
    """Fields of a state that the log leaves out or hashes.

    Args:
        left_out: names of fields, or JSON pointers (RFC 6901) such as ``/customer/email``.
        hashed: the same; their values become ``{"sha256": ...}``, equal for equal values.

    Raises:
        BaseError: a pointer that is none, or a field that is to be both.
    """

    def __init__(self, left_out: Sequence[str], hashed: Sequence[str]) -> None:
        if both := set(left_out) & set(hashed):
            raise BaseError(f"field {min(both)!r} is to be left out and hashed; choose one")
        self.hashes = bool(hashed)
        self._fields = [
            *((name, _parsed(name), False) for name in left_out),
            *((name, _parsed(name), True) for name in hashed),
        ]

    def __bool__(self) -> bool:
        return bool(self._fields)

    def check(self, schema: Mapping[str, Json]) -> None:
        """Raise `UnknownNameError` where the schema of a state has no such field."""
        for name, path, _ in self._fields:
            inside: Any = schema
            for part in path:
                known = inside.get("properties") if isinstance(inside, dict) else None
                if not isinstance(known, dict):
                    break  # the schema says no more
                if part not in known:
                    raise UnknownNameError("state field", name, known)
                inside = known[part]

    def apply(self, record: dict[str, Json], salt: bytes) -> dict[str, Json]:
        """The record without those fields; the same record where its state has none of them.

        Results of stages are left out, since functions may have taken them from the fields. Texts
        that stood in the fields are taken out of the action, the reasons and the errors.
        """
        state = record["state"]
        done, texts = list[str](), set[str]()
        for name, path, hashed in self._fields:
            state, found = _without(state, path, salt if hashed else None)
            if found:
                done.append(name)
                texts |= _texts(found[0])
        if not done:
            return record
        # The longest first: a shorter one may be a part of it.
        said = sorted(texts, key=lambda text: (-len(text), text))
        made = {**record, "state": state, "redacted": done}
        for key in ("action", "fallback", "marks"):
            made[key] = _scrubbed(record[key], said)
        made["stages"] = [
            {
                key: _scrubbed(value, said) if key in _SAYING else value
                for key, value in stage.items()
                if key != "result"
            }
            for stage in record["stages"]
        ]
        return made


def salt_of(file: Path) -> bytes:
    """The salt in a file, which is made where it is missing; its readers can guess hashed values.

    The caller holds the log's lock.

    Raises:
        StorageError: the file is damaged. Errors of the system are `OSError`.
    """
    with contextlib.suppress(FileNotFoundError):
        found = file.read_text(errors="replace").strip()
        try:
            salt = bytes.fromhex(found)
        except ValueError:
            salt = b""
        if len(salt) != _SALT_BYTES:
            todo = "restore it, or delete it: later hashes then differ from earlier ones"
            raise StorageError(f"{file} holds no salt of {_SALT_BYTES} bytes; {todo}")
        return salt
    salt = os.urandom(_SALT_BYTES)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
        made.write(f"{salt.hex()}\n")
        made.flush()
        os.fsync(made.fileno())
    temporary.replace(file)
    return salt


def _parsed(name: str) -> tuple[str, ...]:
    """Names of the fields on the way."""
    if not name.startswith("/"):
        if not name:
            raise BaseError("a field to redact has no name; give one, or a pointer such as '/a/b'")
        return (name,)
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in name[1:].split("/"))


def _without(value: Json, path: Sequence[str], salt: bytes | None) -> tuple[Json, list[Json]]:
    """The value without what the path leads to, or with its hash; and what stood there, if any."""
    place: int | str | None
    if isinstance(value, list):
        place = int(path[0]) if path[0].isdecimal() and int(path[0]) < len(value) else None
        items: dict[Any, Json] = dict(enumerate(value))
    else:
        place = path[0] if isinstance(value, dict) and path[0] in value else None
        items = dict(value) if isinstance(value, dict) else {}
    if place is None:
        return value, []
    if len(path) > 1:
        items[place], found = _without(items[place], path[1:], salt)
    else:
        found = [items.pop(place)]
        if salt is not None:
            items[place] = {"sha256": _hashed(found[0], salt)}
        elif isinstance(value, list):
            items[place] = None
    if isinstance(value, list):
        return [items[index] for index in range(len(value))], found
    return {key: items[key] for key in value if key in items}, found


def _hashed(value: Json, salt: bytes) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hmac.new(salt, text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def _texts(value: Json) -> set[str]:
    """All texts in a value that say something."""
    if isinstance(value, str):
        return {value} if value.strip() else set()
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set[str]().union(*map(_texts, inner))


def _scrubbed(value: Json, said: Sequence[str]) -> Json:
    if isinstance(value, str):
        for text in said:
            if value == text:
                return REDACTED
            if len(text) >= SHORTEST:
                value = value.replace(text, REDACTED)
        return value
    if isinstance(value, list):
        return [_scrubbed(item, said) for item in value]
    if isinstance(value, dict):
        return {key: _scrubbed(item, said) for key, item in value.items()}
    return value
