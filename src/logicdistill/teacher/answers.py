"""What a model answers, or why it does not."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from logicdistill.errors import one_line
from logicdistill.teacher.secrets import masked
from logicdistill.types import Json

DEEPEST = 50
"""Levels of lists and objects in an answer at most."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote; ``cut`` if it ended at the limit of its length.

    Tokens are those that the server counts; 0 where it does not.
    """

    text: str
    tokens_in: int
    tokens_out: int
    cut: bool


class NoAnswerError(Exception):
    """No answer came; another try may help.

    Args:
        message: one line.
        wait: seconds that the server asks to wait.
        read: the server may have read the question, which then costs its tokens.
        sent: the request reached a server.
    """

    def __init__(
        self, message: str, wait: float | None = None, read: bool = True, sent: bool = True
    ) -> None:
        super().__init__(message)
        self.wait, self.read, self.sent = wait, read, sent


def safe_line(text: str) -> str:
    """A server's message as one line without keys; servers repeat the key that they refuse."""
    return one_line(masked(text[:10_000], strict=True))


def whole_text(text: str) -> str:
    """The text with a sign of replacement for half a character, which models leave where they cut.

    Two halves that belong together are joined.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def read_json_answer(text: str) -> Json:
    """The JSON of an answer, from its first brace on.

    Raises:
        ValueError: it is none, or no plain one, in one line.
    """
    text = text.strip()
    try:
        reply, _ = json.JSONDecoder(parse_constant=_no_number).raw_decode(
            text, max(0, text.find("{"))
        )
        return _plain(reply, DEEPEST)
    except RecursionError:
        raise ValueError(f"more than {DEEPEST} levels deep") from None


def _plain(value: Json, levels: int) -> Json:
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number that is too large")
    if isinstance(value, (dict, list)) and not levels:
        raise ValueError(f"more than {DEEPEST} levels deep")
    if isinstance(value, list):
        return [_plain(item, levels - 1) for item in value]
    if isinstance(value, dict):
        return {whole_text(key): _plain(item, levels - 1) for key, item in value.items()}
    return value


def _no_number(name: str) -> Json:
    raise ValueError(f"{name} is no JSON value")
