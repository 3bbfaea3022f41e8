"""JSON values of functions, and what Python raises on source text that it cannot read."""

from __future__ import annotations

import math
from typing import Any

from logicdistill.types import Json

UNPARSABLE = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)
"""Errors of `ast.parse`, `ast.literal_eval` and `symtable` on bad source."""

_MAX_INTEGER_BITS = 4096
_MAX_LEVELS = 50


def json_value(value: Any, limit: int) -> Json:
    """The value as JSON (tuples become lists).

    Raises:
        ValueError: it has no JSON form, or has more than ``limit`` bytes.
    """
    left = limit

    def refused(what: str) -> ValueError:
        return ValueError(f"ValueError: returned {what}")

    def convert(item: Any, depth: int) -> Json:
        nonlocal left
        left -= 8 + (len(item) if isinstance(item, str) else 0)
        if left < 0 or depth > _MAX_LEVELS:
            raise refused(f"more than {limit} bytes or {_MAX_LEVELS} levels")
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
            left -= sum(map(len, item))
            return {key: convert(child, depth + 1) for key, child in item.items()}
        raise refused(f"a {type(item).__name__}, which is not a JSON value")

    return convert(value, 0)
