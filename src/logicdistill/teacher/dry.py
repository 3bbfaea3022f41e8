"""A teacher that sends nothing: it answers from stored replies and notes what it would ask."""

from __future__ import annotations

from collections.abc import Sequence

from logicdistill.errors import MissingReplyError
from logicdistill.protocols import Request
from logicdistill.teacher.joint import joined
from logicdistill.teacher.limits import CHARACTERS_PER_TOKEN, Usage, characters
from logicdistill.teacher.recorded import ReplyStore, request_key
from logicdistill.types import Json

USUAL_TOKENS = {
    "label": 60,
    "labels": 50,
    "stages": 400,
    "functions": 2_500,
    "repair": 700,
    "revise": 2_000,
}
"""Tokens that an answer usually has, by the kinds of request that a run sends; ``labels``: each."""


class DryTeacher:
    """Answers from stored replies; ``missing`` holds the requests that have none, by their keys."""

    def __init__(self, store: ReplyStore) -> None:
        self.store = store
        self.missing: dict[str, Request] = {}

    def known(self, request: Request) -> Json | None:
        """See `logicdistill.protocols.KnowingTeacher`."""
        record = self.store.get(request)
        return None if record is None else record["reply"]

    def ask(self, request: Request) -> Json:
        """The stored reply.

        Raises:
            MissingReplyError: there is none; the request is noted.
        """
        reply = self.known(request)
        if reply is None:
            self.missing[request_key(request)] = request
            asked = f"{request.kind!r} of {request.task!r}"
            raise MissingReplyError(f"nothing is sent: {asked} would be asked")
        return reply


def estimate(bundle: Sequence[Request]) -> Usage:
    """What a run's request usually takes, by its length and its kind; see `joint.bundles`."""
    request = joined(bundle)
    tokens_in = int(characters(request.messages, request.schema) / CHARACTERS_PER_TOKEN)
    return Usage(1, tokens_in, USUAL_TOKENS[request.kind] * len(bundle))
