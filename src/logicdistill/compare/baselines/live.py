"""The large model as a player: it is asked for the action in every state."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict

from logicdistill.compare.baselines.answers import Answer
from logicdistill.errors import LogicDistillError
from logicdistill.protocols import Request, Task
from logicdistill.teacher.live import LiveTeacher
from logicdistill.teacher.write import Author
from logicdistill.types import Json


class ActionReply(BaseModel):
    """An action as JSON text: one schema for actions of every kind."""

    model_config = ConfigDict(extra="forbid")
    action: str


class LivePlayer:
    """Asks a live model with the rules, the state and the form of an action.

    Its first answer counts, usable or not. It is stored, so no state is paid for twice.

    The model reads ``new_rules`` beside the task's own once a state's ``notices`` tell of a change.
    """

    def __init__(self, teacher: LiveTeacher, task: Task, new_rules: Sequence[str] = ()) -> None:
        self._teacher, self._author = teacher, Author(teacher, task)
        self._new_rules = new_rules

    def answers(self, states: Sequence[Mapping[str, Json]]) -> list[Answer]:
        """One answer a state.

        Raises:
            TeacherError: the model does not answer, or a limit is reached.
        """
        requests = [self._request(state) for state in states]
        found = []
        for request, reply in zip(requests, self._teacher.ask_many(requests), strict=True):
            if isinstance(reply, LogicDistillError):
                raise reply
            usage = (self._teacher.store.get(request) or {}).get("usage", {})
            tokens = usage.get("tokens_in", 0), usage.get("tokens_out", 0)
            milliseconds = round(1000 * usage.get("seconds", 0.0), 3)
            found.append(Answer(_action(reply), *tokens, milliseconds=milliseconds))
        return found

    def _request(self, state: Mapping[str, Json]) -> Request:
        task = self._author.task
        texts = {
            "state": json.dumps(state, ensure_ascii=False),
            "legal": json.dumps(task.fallback(state), ensure_ascii=False),
        }
        told = self._new_rules if state.get("notices") else ()
        return replace(self._author.request("act", ActionReply, texts, new_rules=told), once=True)


def _action(reply: Json) -> Json:
    """The action that a reply is, or None; a bare word is taken as text without quotes."""
    text = reply.get("action") if isinstance(reply, dict) else None
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
