"""What a text is by its form: a date, a time, an id; values of these are not listed anywhere."""

from __future__ import annotations

import re
from datetime import date, datetime, time

_CODE = re.compile(r"(?=.*\d{4})[\w./#:+-]+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{12,}")
_ONE = re.compile(
    r"[A-Za-z]{1,6}[-_ #/.]?\d{2,}"  # E-104, emp_17
    r"|[^@\s]+@[^@\s]+\.[^@\s]+"
    r"|[^\W\d_]+[.,]?([ -][^\W\d_]+\.?)+"  # of capitalised words, see `names_one`
)
_PERSON = re.compile(
    r"(^|_)(id|ids|name|surname|e?mail|phone|address|user|customer|client|employee|person|patient"
    r"|author|owner|assignee|agent|sender|recipient|applicant|requester|submitter|contact|username"
    r"|created_by|assigned_to|approved_by)$"
)
_TIMES = (("date", date), ("time", time), ("date and time", datetime))


def time_kind(text: str) -> str | None:
    """``date``, ``time`` or ``date and time``, if the text reads as one."""
    text = text.strip()
    if not text[:1].isdigit() or not 5 <= len(text) <= 40:
        return None
    for kind, reader in _TIMES:
        try:
            reader.fromisoformat(text)
        except ValueError:
            continue
        return kind if not text.isdigit() else None
    day = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
    clock = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[aApP][mM])?( ?[+-]\d{2}:?\d{2}| ?Z| UTC)?"
    if re.fullmatch(day, text):
        return "date"
    if re.fullmatch(clock, text):
        return "time"
    return "date and time" if re.fullmatch(f"{day}[ T,]+{clock}", text) else None


def is_code(text: str) -> bool:
    """Whether a text reads as an id or a code: a word with four digits in a row, a UUID, a hash."""
    return bool(_CODE.fullmatch(text.strip()))


def names_one(text: str) -> bool:
    """Whether a text reads as one person or thing: an id, an address, a full name."""
    text = text.strip()
    if not _ONE.fullmatch(text):
        return False
    words = [word for word in re.split(r"[ -]", text) if word]
    return not text[-1].isalpha() or "@" in text or all(word[0].isupper() for word in words)


def is_personal(field: str) -> bool:
    """Whether a field's name says that it holds people, or an id of one thing."""
    return bool(_PERSON.search(field.lower()))
