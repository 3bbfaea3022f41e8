"""A teacher that sends nothing: it answers from stored replies and notes what it would ask."""

from __future__ import annotations

from logicdistill.errors import MissingReplyError
from logicdistill.protocols import Request
from logicdistill.teacher.limits import (
    CHARACTERS_PER_TOKEN,
    DEFAULT_ANSWER_TOKENS,
    Usage,
    characters,
)
from logicdistill.teacher.recorded import ReplyStore, request_key
from logicdistill.types import Json

USUAL_TOKENS = {
    "label": 60,
    "act": 20,
    "stages": 400,
    "functions": 2_500,
    "repair": 700,
    "emergency": 1_200,
}
"""Tokens that an answer usually has, by kind of request."""


class DryTeacher:
    """Answers from stored replies and notes the requests that have none.

    Args:
        store: the replies.

    Attributes:
        missing: the requests without a reply, by their keys, in order.
    """

    def __init__(self, store: ReplyStore) -> None:
        self.store = store
        self.missing: dict[str, Request] = {}

    def ask(self, request: Request) -> Json:
        """The stored reply.

        Raises:
            MissingReplyError: there is none; the request is noted.
        """
        record = self.store.get(request)
        if record is None:
            self.missing[request_key(request)] = request
            raise MissingReplyError(
                f"nothing is sent: {request.kind!r} of {request.task!r} would be asked"
            )
        return record["reply"]


def estimate(request: Request) -> Usage:
    """What a request usually takes, by its length and its kind."""
    tokens_in = int(characters(request.messages, request.schema) / CHARACTERS_PER_TOKEN)
    return Usage(1, tokens_in, USUAL_TOKENS.get(request.kind, DEFAULT_ANSWER_TOKENS))
