"""``run --ask-again``: re-ask only the answers that led to rejected functions."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from logicdistill.errors import BaseError, MissingReplyError, UnusableReplyError
from logicdistill.protocols import Request, Task
from logicdistill.teacher.dry import DryTeacher
from logicdistill.teacher.recorded import ReplyStore
from logicdistill.teacher.write import Author
from logicdistill.types import Json
from logicdistill.writing.base import build_base
from logicdistill.writing.events import Admitted, Event, GivenUp


class _Replayed(DryTeacher):
    """Answers from the store and notes the requests. A missing repair was never usable."""

    def __init__(self, store: ReplyStore) -> None:
        super().__init__(store)
        self.drafts: list[Request] = []
        self.repairs: list[Request] = []

    def ask(self, request: Request) -> Json:
        try:
            reply = super().ask(request)
        except MissingReplyError as error:
            raise UnusableReplyError(str(error)) if request.kind == "repair" else error from None
        (self.repairs if request.kind == "repair" else self.drafts).append(request)
        return reply


def set_rejected_aside(task: Task, store: ReplyStore, samples: Sequence[Json]) -> int:
    """Rename a run's stored answers that led to rejected functions; returns how many.

    These are the repairs of each function that was given up, and the functions of a stage that is
    left without any. The teacher saw ``samples`` of states.
    """
    teacher, count = _Replayed(store), 0

    def on_event(event: Event) -> None:
        nonlocal count
        if isinstance(event, GivenUp):
            count += sum(map(store.set_aside, teacher.repairs))
        if isinstance(event, GivenUp | Admitted):
            teacher.repairs.clear()

    try:
        with contextlib.suppress(MissingReplyError):
            build_base(Author(teacher, task), samples, on_event)
    except BaseError:  # the stage that was asked for last has no function
        count += sum(map(store.set_aside, teacher.drafts[-1:]))
    return count
