"""The large model itself as a player: it is asked for the action in every state, as one does without distilling (L-LLM of the paper)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from logicdistill.errors import LogicDistillError
from logicdistill.protocols import Request, Task
from logicdistill.teacher.live import LiveTeacher
from logicdistill.teacher.write import Author
from logicdistill.types import Decision, Json


class ActionReply(BaseModel):
    """An action as JSON text: one schema for actions of every kind."""

    model_config = ConfigDict(extra="forbid")
    action: str


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What the model answered in a state.

    Attributes:
        action: None where what it wrote is no action at all.
        tokens_in, tokens_out: of the question and the answer.
        milliseconds: from the question to the answer.
    """

    action: Json
    tokens_in: int
    tokens_out: int
    milliseconds: float


class LivePlayer:
    """A `logicdistill.episodes.Player` that asks a live model with the rules, the state and the form of an action.

    Its first answer counts, usable or not; it is stored, so that a comparison that goes on pays for no state twice.

    Args:
        teacher: who is asked.
        task: what is played.
        told: rules that it is told beside the task's own, as soon as a state's ``notices`` say that something has changed.
    """

    def __init__(self, teacher: LiveTeacher, task: Task, told: Sequence[str] = ()) -> None:
        self._teacher, self._author, self._told = teacher, Author(teacher, task), tuple(told)

    def answers(self, states: Sequence[Mapping[str, Json]]) -> list[LiveAnswer]:
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
            found.append(LiveAnswer(_action(reply), *tokens, round(1000 * usage.get("seconds", 0.0), 3)))
        return found

    def __call__(self, envs: Sequence[Any], states: list[dict[str, Json]]) -> list[tuple[Json, Decision | None]]:
        """See `logicdistill.episodes.Player`."""
        return [(answer.action, None) for answer in self.answers(states)]

    def _request(self, state: Mapping[str, Json]) -> Request:
        task = self._author.task
        texts = {
            "state": json.dumps(state, ensure_ascii=False),
            "form": task.illegal(state, None) or "null",
            "legal": json.dumps(task.fallback(state), ensure_ascii=False),
        }
        told = self._told if state.get("notices") else ()
        return replace(self._author.request("act", ActionReply, texts, told=told), once=True)


def _action(reply: Json) -> Json:
    """The action that a reply is, or None; a bare word is text that was not put in quotes."""
    text = reply.get("action") if isinstance(reply, dict) else None
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
