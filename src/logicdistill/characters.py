"""Characters that steer a terminal, reorder text or are not seen: found, and shown escaped."""

from __future__ import annotations

import json
import re
import unicodedata

from logicdistill.types import Json

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb\ud800-\udfff"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# The two selectors left out make a character a picture or not; they stand behind many emoji.
_UNSAFE = re.compile(f"[{_CONTROLS}{_DIRECTIONS}{_UNSEEN}]")
_NAMES = {0x0D: "CARRIAGE RETURN", 0x1B: "ESCAPE", 0x00: "NULL", 0x7F: "DELETE", 0x07: "BELL"}


def escaped(text: str) -> str:
    r"""The text with each such character as Python writes it, such as ``\x1b`` or ``\u202e``.

    Tabs and ends of lines stay, also those of Windows.
    """
    return _UNSAFE.sub(_escape, text.replace("\r\n", "\n")) if _UNSAFE.search(text) else text


def escaped_line(text: str) -> str:
    """`escaped` in one line."""
    return " ".join(escaped(text).split())


def unsafe(text: str) -> tuple[int, str, str] | None:
    """Line (from 1), name and escape of the first such character; None where there is none.

    The end of a line may be that of Windows.
    """
    text = text.replace("\r\n", "\n")
    found = _UNSAFE.search(text)
    if found is None:
        return None
    code = ord(found[0])
    other = "half of a character" if 0xD800 <= code < 0xE000 else "a control character"
    name = _NAMES.get(code) or unicodedata.name(found[0], other)
    return text.count("\n", 0, found.start()) + 1, f"{name} (U+{code:04X})", _escape(found)


def json_line(value: Json, indent: int | None = None) -> str:
    """The value as JSON, its letters as they are, but `escaped`."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
