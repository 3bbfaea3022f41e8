"""A teacher that sends nothing: it answers what is stored already, and notes what would be asked."""

from __future__ import annotations

from dataclasses import dataclass

from logicdistill.errors import MissingReplyError
from logicdistill.protocols import Request
from logicdistill.teacher.limits import (
    CHARACTERS_PER_TOKEN,
    MOST_TOKENS,
    USUAL_TOKENS,
    TokenPrices,
    characters,
)
from logicdistill.teacher.recorded import ReplyStore, request_key
from logicdistill.types import Json


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tokens of a request and of the answer that it usually has; dollars where the price is known."""

    tokens_in: int
    tokens_out: int
    dollars: float | None


class DryTeacher:
    """Notes requests in place of asking.

    Args:
        store: the replies that are there already.

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


def estimate(request: Request, prices: TokenPrices | None) -> Estimate:
    """What a request takes, as far as its text and its kind say so."""
    into = int(characters(request.messages, request.schema) / CHARACTERS_PER_TOKEN)
    out = USUAL_TOKENS.get(request.kind, MOST_TOKENS)
    return Estimate(
        into, out, None if prices is None else into * prices.token_in + out * prices.token_out
    )
