"""What a model answers, or why it does not."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from logicdistill.errors import one_line

_KEYS = re.compile(r"\b(?:sk|pk|key|gsk|xai)-[A-Za-z0-9_*-]{6,}|Bearer\s+\S+")


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
    for variable, value in os.environ.items():
        if len(value) >= 8 and re.search(r"KEY|TOKEN|SECRET|PASSWORD", variable):
            text = text.replace(value, "***")
    return one_line(_KEYS.sub("***", text))
