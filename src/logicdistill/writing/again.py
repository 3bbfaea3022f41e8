"""``logicdistill run --ask-again``: answers that ended in a refusal are put aside, so that they are asked anew; good ones stay."""

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
    """Answers what is stored, and remembers it; a repair that is not stored was answered, but never usably."""

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


def put_aside(task: Task, store: ReplyStore, samples: Sequence[Json]) -> int:
    """Rename the stored answers that a base cannot be made of: repairs that ended in a function given up, and a stage without any function.

    Args:
        task: whose base is written.
        store: of the run.
        samples: states that the teacher was shown.

    Returns:
        How many were renamed.
    """
    teacher, count = _Replayed(store), 0

    def on_event(event: Event) -> None:
        nonlocal count
        if isinstance(event, GivenUp):
            count += sum(map(store.put_aside, teacher.repairs))
        if isinstance(event, GivenUp | Admitted):
            teacher.repairs.clear()

    try:
        with contextlib.suppress(MissingReplyError):
            build_base(Author(teacher, task), samples, on_event)
    except BaseError:  # no function of the stage that was asked for last is usable
        count += sum(map(store.put_aside, teacher.drafts[-1:]))
    return count
