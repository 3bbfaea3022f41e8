"""JSON values of functions, and what Python raises on source text that it cannot read."""

from __future__ import annotations

import json
import math
from typing import Any

from logicdistill.types import Json

UNPARSABLE = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)
"""Errors of `ast.parse`, `ast.literal_eval` and `symtable` on bad source."""

_MAX_INTEGER_BITS = 4096
_MAX_LEVELS = 50
_DIGITS_PER_BIT = math.log10(2)


def json_value(value: Any, limit: int) -> Json:
    """The value as JSON (tuples become lists).

    Raises:
        ValueError: it has no JSON form, or has more than ``limit`` bytes as JSON.
    """
    left = limit

    def refused(what: str) -> ValueError:
        return ValueError(f"ValueError: returned {what}")

    def written(text: str) -> int:
        # Most text is ASCII without escapes.
        if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
            return len(text) + 2
        try:
            return len(json.dumps(text, ensure_ascii=False).encode())
        except UnicodeEncodeError:
            raise refused("half of a Unicode character, which is not a JSON value") from None

    def convert(item: Any, depth: int) -> Json:
        nonlocal left
        left -= 2  # a comma and a space
        if isinstance(item, str):
            left -= written(item)
        elif isinstance(item, int) and not isinstance(item, bool):
            left -= int(item.bit_length() * _DIGITS_PER_BIT) + 2
        elif isinstance(item, float):
            left -= len(repr(item))
        else:
            left -= 5
        if left < 0 or depth > _MAX_LEVELS:
            raise refused(f"more than {limit} bytes of JSON or {_MAX_LEVELS} levels")
        if item is None or isinstance(item, (bool, str)):
            return item
        if isinstance(item, int):
            if (bits := item.bit_length()) > _MAX_INTEGER_BITS:
                raise refused(f"an integer of {bits} bits; at most {_MAX_INTEGER_BITS} are allowed")
            return item
        if isinstance(item, float):
            if math.isfinite(item):
                return item
            raise refused(f"{item}, which is not a JSON value")
        if isinstance(item, (list, tuple)):
            return [convert(child, depth + 1) for child in item]
        if isinstance(item, dict) and all(isinstance(key, str) for key in item):
            left -= sum(written(key) + 2 for key in item)
            return {key: convert(child, depth + 1) for key, child in item.items()}
        raise refused(f"a {type(item).__name__}, which is not a JSON value")

    return convert(value, 0)
