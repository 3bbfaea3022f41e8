"""Cells of a CSV as what they stand for: numbers, truth values, nothing, or text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from logicdistill.types import Json

MOST_DIGITS = 15
"""Longer numbers are ids, and beyond what every program reads exactly."""

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]\d+)?")
_COMMA = re.compile(r"-?(0|[1-9]\d*|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?")
_LOOSE = re.compile(r"[-+]?(\d+|[1-9]\d{0,2}(\.\d{3})+)([.,]\d+)?")
_TRUTH = {"true": True, "false": False}


@dataclass(slots=True)
class Column:
    """A column of the file.

    Attributes:
        name: in the file.
        field: in a state.
        values: of the rows, in order; None where there is none.
        note: what a person should know about its kind, if anything.
    """

    name: str
    field: str
    values: list[Json]
    note: str = ""

    def is_prose(self) -> bool:
        """Whether its texts are sentences, however short, rather than values of a list."""
        texts = [value for value in self.values if value is not None]
        if not texts or not all(isinstance(text, str) for text in texts):
            return False
        words = sum(len(text.split()) for text in texts) / len(texts)
        return words >= 3 and len(set(texts)) > len(texts) / 2


def read_cells(column: Column, lines: Sequence[int], decimal_comma: bool) -> None:
    """Turn a column's texts into what all of them stand for; a note where nearly all do.

    Numbers are numbers only where every one would be written back with the same value: ``01067``
    and whole numbers of more than `MOST_DIGITS` digits are text, in the whole column. Dates stay
    text.
    """
    cells: list[str] = [str(value) for value in column.values]
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        column.values = [None] * len(cells)
        return
    reader: Callable[[str], Json] | None = None
    if all(cell.lower() in _TRUTH for cell in filled):
        reader = _truth
    elif all(_is_number(cell) for cell in filled):
        reader = _number
    elif decimal_comma and all(_is_number(_pointed(cell)) for cell in filled):
        reader = _comma_number
    else:
        column.note = _nearly(column.name, cells, filled, lines)
        column.values = [cell if cell.strip() else None for cell in cells]
        return
    column.values = [reader(cell.strip()) if cell.strip() else None for cell in cells]


def _nearly(name: str, cells: Sequence[str], filled: Sequence[str], lines: Sequence[int]) -> str:
    """Why a column of which most cells are numbers is text."""
    if sum(bool(_LOOSE.fullmatch(cell)) for cell in filled) < len(filled) / 2:
        return ""
    if all(_is_number(_pointed(cell)) for cell in filled):
        return f"{name!r} is text: its numbers have a decimal comma; --decimal-comma reads them"
    line, cell = next(
        (line, cell.strip())
        for line, cell in zip(lines, cells, strict=True)
        if cell.strip() and not _is_number(cell.strip())
    )
    others = sum(map(_is_number, filled))
    why = "is no number"
    if re.fullmatch(r"-?\d+", cell):
        why = "begins with 0" if cell.lstrip("-")[0] == "0" else f"has over {MOST_DIGITS} digits"
    return f"{name!r} is text: {cell[:40]!r} in line {line} {why} ({others:,} others are numbers)"


def _is_number(cell: str) -> bool:
    if not cell.isascii() or not _NUMBER.fullmatch(cell):
        return False
    if cell.lstrip("-").isdigit():
        return len(cell.lstrip("-")) <= MOST_DIGITS
    value = float(cell)
    return abs(value) < 1e300 and Decimal(repr(value)) == Decimal(cell)


def _number(cell: str) -> Json:
    return int(cell) if cell.lstrip("-").isdigit() else float(cell)


def _pointed(cell: str) -> str:
    """``1.250,50`` as ``1250.50``; anything else as it is, but never a number with a point."""
    return cell.replace(".", "").replace(",", ".") if _COMMA.fullmatch(cell) else "no number"


def _comma_number(cell: str) -> Json:
    return _number(_pointed(cell))


def _truth(cell: str) -> Json:
    return _TRUTH[cell.lower()]
