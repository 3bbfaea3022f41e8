"""Keys of the service: who may decide, read and change."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from logicdistill.errors import CorruptError, one_line
from logicdistill.files import read_text

Right: TypeAlias = Literal["decide", "read", "change"]

RIGHTS = get_args(Right)

SHORTEST = 20
"""Characters of a key that stands in the file as it is; shorter ones can be guessed."""

_HASH = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Keys:
    """Who may do what.

    Attributes:
        rights: by the SHA-256 of a key.
        rate: requests a second that each key may send, or None.
    """

    rights: Mapping[bytes, frozenset[Right]]
    rate: float | None = None

    def of(self, key: str) -> tuple[str, frozenset[Right]] | None:
        """A short name of the key for counting, and what it may do; None for an unknown key.

        Every known key is compared in the same time.
        """
        given = hashlib.sha256(key.encode(errors="surrogateescape")).digest()
        found = None
        for known, rights in self.rights.items():
            if hmac.compare_digest(known, given):
                found = known.hex()[:12], rights
        return found


def key_of(headers: Mapping[str, str]) -> str:
    """The key that came with a request, as Bearer or as x-api-key; empty where none did."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.casefold() == "bearer" else headers.get("x-api-key", "")


def new_key() -> tuple[str, str]:
    """A key, and the entry of the keys file that lets it in."""
    key = f"ld-{secrets.token_urlsafe(32)}"
    return key, f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def read_keys(file: Path) -> Keys:
    """The keys of a TOML file: ``decide``, ``read`` and ``change`` list keys or their hashes.

    ``change`` implies the other two. ``rate`` is the number of requests a second for each key.

    Raises:
        CorruptError: no such file, or one of another form; no key is quoted.
    """
    try:
        found = tomllib.loads(read_text(file))
    except ValueError as error:
        raise CorruptError(f"{file}: no TOML: {one_line(error)}") from None
    rate = found.pop("rate", None)
    if rate is not None and (type(rate) not in (int, float) or not rate > 0):
        raise CorruptError(f"{file}: 'rate' is a number above 0: requests a second for each key")
    if unknown := sorted(set(found) - set(RIGHTS)):
        known = ", ".join((*RIGHTS, "rate"))
        raise CorruptError(f"{file}: unknown name {unknown[0]!r}; there are: {known}")
    rights: dict[bytes, frozenset[Right]] = {}
    for right in RIGHTS:
        listed = found.get(right, [])
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise CorruptError(f'{file}: {right!r} is a list of keys, such as ["sha256:..."]')
        for number, one in enumerate(listed, start=1):
            digest = _digest(one, f"{file}: entry {number} of {right!r}")
            gives: set[Right] = {"decide", "read", "change"} if right == "change" else {right}
            rights[digest] = rights.get(digest, frozenset()) | gives
    if not rights:
        raise CorruptError(f"{file}: holds no key; 'logicdistill serve --new-key' makes one")
    return Keys(rights, rate)


def _digest(entry: str, where: str) -> bytes:
    if entry.startswith("sha256:"):
        if (found := _HASH.fullmatch(entry)) is None:
            raise CorruptError(f"{where}: after 'sha256:' stand 64 digits of 0-9a-f")
        return bytes.fromhex(found[1])
    if len(entry) < SHORTEST:
        what = f"has {len(entry)} characters, and a key has {SHORTEST} or more"
        raise CorruptError(f"{where}: {what}; 'logicdistill serve --new-key' makes one")
    return hashlib.sha256(entry.encode()).digest()
