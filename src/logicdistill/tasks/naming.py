"""Names that a task's folder needs, from names that people give: columns and folders."""

from __future__ import annotations

import keyword
import re
import unicodedata

_SPELT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "o"}
)


def is_parameter(name: str) -> bool:
    """Whether a function can take a field of this name, spelt as Python reads it."""
    normal = unicodedata.normalize("NFKC", name) == name
    return normal and name.isidentifier() and not keyword.iskeyword(name)


def field_name(column: str) -> str:
    """A column's name as a Python name: ``Größe (cm)`` is ``größe_cm``, ``class`` is ``class_``."""
    name = unicodedata.normalize("NFKC", column.strip())
    if is_parameter(name):
        return name
    name = re.sub(r"\W+", "_", name).strip("_").lower()
    if not name or not name[0].isidentifier():
        name = f"column_{name}".rstrip("_")
    name = name if name.isidentifier() else "column"
    return f"{name}_" if keyword.iskeyword(name) else name


def task_name(folder: str) -> str:
    """A folder's name as a task's: ``Müll & Co`` is ``Muell-Co``; ``task`` if nothing is left."""
    plain = unicodedata.normalize("NFC", folder).translate(_SPELT)
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-_")[:60].strip("-_") or "task"
