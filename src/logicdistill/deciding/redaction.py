"""What the log of decisions does not keep of a state: fields that are left out, or hashed.

Reasons of such a record may hold what stood there, in another form (cut, in one line, escaped). So
they are not searched: fixed sentences of `deciding.reasons` stand in their places.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from logicdistill.deciding.reasons import LEFT_OUT, WHY, failure_kind, stage_kind
from logicdistill.errors import BaseError, StorageError, UnknownNameError
from logicdistill.types import Json

REDACTED = LEFT_OUT
"""Stands in an action for a text that has to do with what was redacted."""

SHORTEST, RUN = 4, 8
"""Letters of a text from which on it, and of which any run, is looked for in the action."""

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

    def apply(self, record: dict[str, Json], salt: bytes, forms: str = "") -> dict[str, Json]:
        """The record without those fields; the same record where its state has none of them.

        Results of stages are left out, since functions may have taken them from the fields. Every
        reason is replaced by a fixed sentence with its stage and kind. A text of the action is
        replaced where it shares `RUN` letters with a text of the fields.

        Args:
            record: see `logicdistill.deciding.record`.
            salt: of the hashes.
            forms: the actions as the task writes them; a text in quotes there is a fixed one, and
                is replaced only where it is the whole of a redacted text.
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
        stages = [_fixed(stage) for stage in record["stages"]]
        marks = [
            mark
            for stage in stages
            for mark in (
                *(
                    f"{n} in stage {stage['stage']!r}: {w}"
                    for n, w in stage.get("failed", {}).items()
                ),
                *([stage["error"]] if "error" in stage else []),
            )
        ]
        return {
            **record,
            "state": state,
            "action": _Searched(texts, forms).without(record["action"]),
            "fallback": _fallback(record, stages),
            "marks": marks,
            "stages": stages,
            "redacted": done,
        }


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


def _fixed(stage: Mapping[str, Json]) -> dict[str, Json]:
    """A stage's record without its result, and with fixed sentences as its reasons."""
    made = {key: value for key, value in stage.items() if key != "result"}
    name = stage["stage"]
    if "why" in made:
        made["why"] = WHY
    if "failed" in made:
        made["failed"] = {one: failure_kind(why) for one, why in made["failed"].items()}
    if "error" in made:
        made["error"] = f"stage {name!r}: {stage_kind(made['error'], name)} {LEFT_OUT}"
    return made


def _fallback(record: Mapping[str, Json], stages: Sequence[Mapping[str, Json]]) -> str | None:
    """The fixed sentence of the stage that ended the decision."""
    if record["fallback"] is None:
        return None
    ended = [place for place, stage in enumerate(stages) if "error" in stage]
    if not ended:
        return f"the fallback action was taken {LEFT_OUT}"
    said: str = stages[ended[-1]]["error"]
    asked = record["fallback"] != record["stages"][ended[-1]]["error"]
    return f"{said}; the teacher was asked in vain" if asked else said


def _texts(value: Json) -> set[str]:
    """All texts in a value that say something, and the keys in it."""
    if isinstance(value, str):
        return {value} if value.strip() else set()
    inner: list[Json] = value if isinstance(value, list) else []
    if isinstance(value, dict):
        inner = [*value, *value.values()]
    return set[str]().union(*map(_texts, inner))


class _Searched:
    """Redacted texts that are looked for in an action; ``forms``: see `Redaction.apply`."""

    def __init__(self, texts: set[str], forms: str) -> None:
        self._forms, self._whole = forms, texts | set(map(_letters, texts))
        # As they came, and their letters alone: a function may have changed the rest.
        self._long = [one for one in self._whole if len(one) >= SHORTEST]
        self._runs: set[str] | None = None

    def without(self, value: Json) -> Json:
        """The value with `REDACTED` for each text that has to do with what was redacted."""
        if isinstance(value, str):
            same = value in self._whole or _letters(value) in self._whole - {""}
            found = same or (not self._is_fixed(value) and self._is_in(value))
            return REDACTED if found else value
        if isinstance(value, list):
            return [self.without(item) for item in value]
        if isinstance(value, dict):
            return {
                key if self._is_fixed(key) else self.without(key): self.without(item)
                for key, item in value.items()
            }
        return value

    def _is_fixed(self, text: str) -> bool:
        return json.dumps(text, ensure_ascii=False) in self._forms

    def _is_in(self, text: str) -> bool:
        if self._runs is None:
            self._runs = {run for one in self._long for run in _runs(one)}
        for one in (text, _letters(text)):
            if any(run in self._runs for run in _runs(one)):
                return True
            if any(short in one for short in self._long if len(short) < RUN):
                return True
        return False


def _letters(text: str) -> str:
    """Letters and digits of a text, in one case."""
    return "".join(filter(str.isalnum, text.casefold()))


def _runs(text: str) -> set[str]:
    return {text[start : start + RUN] for start in range(len(text) - RUN + 1)}
