"""Keys in what a server says, in whatever spelling they come back: masked."""

from __future__ import annotations

import base64
import functools
import os
import re
from urllib.parse import quote

from logicdistill.types import Json

MASK = "***"
_NAME = re.compile("KEY|TOKEN|SECRET|PASSWORD")
_FORM = re.compile(r"\b(?:sk|pk|key|gsk|xai)-[A-Za-z0-9_*-]{6,}|Bearer\s+\S+")
_SHORTEST = 8


def masked(text: str, strict: bool = False) -> str:
    """The text without the keys of the environment.

    They are found as they are, in base64, hexadecimal, backwards, as escapes of URLs, HTML and
    JSON, in any case, and with blanks or signs between their letters.

    Args:
        text: of a server.
        strict: also what has the form of a key, and any value of such a variable; without it values
            that read as words stay, for an answer may use words.
    """
    text = _FORM.sub(MASK, text) if strict else text
    values = tuple(
        value
        for name, value in os.environ.items()
        if _NAME.search(name) and len(value) >= _SHORTEST and (strict or _is_random(value))
    )
    if not values:
        return text
    kept = [(place, letter) for place, letter in enumerate(text) if letter.isalnum()]
    bare = "".join(
        letter.casefold() if len(letter.casefold()) == 1 else letter for _, letter in kept
    )
    spans = []
    for spelling in _spellings(values):
        at = bare.find(spelling)
        while at >= 0:
            spans.append((kept[at][0], kept[at + len(spelling) - 1][0] + 1))
            at = bare.find(spelling, at + 1)
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + MASK + text[end:]
    return text


def masked_json(value: Json) -> Json:
    """The same for every text in a JSON value."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [masked_json(item) for item in value]
    if isinstance(value, dict):
        return {masked(key): masked_json(item) for key, item in value.items()}
    return value


def _is_random(value: str) -> bool:
    return len(value) >= 12 and any(map(str.isdigit, value)) and any(map(str.isalpha, value))


@functools.lru_cache(maxsize=8)
def _spellings(values: tuple[str, ...]) -> tuple[str, ...]:
    """How the values may be written: letters and digits alone, in lower case, longest first."""
    found = set[str]()
    for value in values:
        raw = value.encode(errors="replace")
        codes = [ord(letter) for letter in value]
        forms = [
            value,
            value[::-1],
            quote(value, safe=""),
            raw.hex(),
            "".join(f"x{code:02x}" for code in codes),
            "".join(f"u{code:04x}" for code in codes),
            "".join(f"x{code:x}" for code in codes),
            "".join(map(str, codes)),
        ]
        for before in range(3):  # base64 of a longer text that holds the value
            whole = base64.b64encode(b"\0" * before + raw)
            start = (before * 8 + 5) // 6
            forms.append(whole[start : (before + len(raw)) * 8 // 6].decode())
        bare = ("".join(filter(str.isalnum, form)).casefold() for form in forms)
        found |= {form for form in bare if len(form) >= _SHORTEST}
    return tuple(sorted(found, key=len, reverse=True))
