"""The seams of the package."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from logicdistill.errors import LogicDistillError
from logicdistill.types import Change, Choice, Function, Json, Query, Scope

if TYPE_CHECKING:
    import gymnasium
    from pydantic import BaseModel

Holds = Callable[[Function, Sequence[Scope]], list[bool]]
"""A function and scopes to whether its ``When:`` holds in each; the sandbox evaluates."""


class Student(Protocol):
    """The S-LLM p_θS (or a floor in its place): selects among candidates, or "none of these".

    The choice must not depend on the order of the candidates, can only name a candidate, and a function
    added later is scored without retraining.
    """

    name: str

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """One `Choice` a query, in order; every candidate of a query appears in its ``ranked`` exactly once."""
        ...


class Retriever(Protocol):
    """The retriever p_θR: the top-K functions for a state."""

    def top(
        self, views: Sequence[str], functions: tuple[Function, ...], k: int
    ) -> list[tuple[Function, ...]]:
        """For each view at most ``k`` of ``functions``, best first."""
        ...


class Embedder(Protocol):
    """Texts to unit vectors; what the dense retriever and the encoder student share."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One L2-normalised vector a text."""
        ...


class Task(Protocol):
    """Written rules x with an environment to decide in; `logicdistill.tasks.check_task` holds a task to this contract.

    Attributes:
        id: name and version, such as ``pursuit-v1``: a result names the rules that it had.
        title: one line for listings.
        rules: the rules x, sentence by sentence; manuals cite them by their numbers 1..n.
        state_model: schema of a state; unknown fields are refused. ``notices`` holds the announcements in force, {} without any.
        changes: the rule changes that the task knows, by name; `logicdistill.tasks.registry.get_task` makes the changed task.
        episodes: how many evaluation episodes are the default.
    """

    @property
    def id(self) -> str:
        """See the class."""
        ...

    @property
    def title(self) -> str:
        """See the class."""
        ...

    @property
    def rules(self) -> tuple[str, ...]:
        """See the class."""
        ...

    @property
    def state_model(self) -> type[BaseModel]:
        """See the class."""
        ...

    @property
    def changes(self) -> Mapping[str, Change]:
        """See the class."""
        ...

    @property
    def episodes(self) -> int:
        """See the class."""
        ...

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """A fresh environment; ``info["success"]`` of the last step says whether the episode succeeded."""
        ...

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """What the policy sees, as JSON that fits ``state_model``."""
        ...

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """The environment's form of a legal action."""
        ...

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """None for a legal action, otherwise why it is not, in one line."""
        ...

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """A legal action for a state in which no function can be chosen."""
        ...

    def optimal_action(
        self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]
    ) -> Json | None:
        """An exactly optimal action, or None where the optimum is not known."""
        ...

    def render(self, state: Mapping[str, Json]) -> str:
        """The state as a person sees it in a terminal."""
        ...


def _usable(_: Json) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Request:
    """What a teacher is asked. Its hash names the stored reply.

    Attributes:
        kind: ``stages``, ``functions``, ``repair``, ``label``, ``emergency``, ``unfitting``, or ``act`` for a player's own decision.
        task: id of the task.
        messages: role and content, in order.
        schema: JSON schema of the answer.
        subject: for a label, stage, view and candidates' names; for an emergency, the new rule; for a state that no
            function fits, stage and state. Stable key: survives prompt edits.
        check: None for a usable answer, otherwise why it is not, in one line; a live teacher is told so and asked again.
        once: it is not asked again: the first answer counts, ``{"unusable": reason}`` where it is none.
    """

    kind: str
    task: str
    messages: tuple[tuple[str, str], ...]
    schema: Mapping[str, Json]
    subject: str | None = None
    check: Callable[[Json], str | None] = field(default=_usable, compare=False)
    once: bool = field(default=False, compare=False)


class Teacher(Protocol):
    """The L-LLM p_θL: turns rules into functions with manuals, and labels states where it is asked to."""

    def ask(self, request: Request) -> Json:
        """The answer, in the request's schema.

        Raises:
            MissingReplyError: there is no recorded answer.
            TeacherError: a live teacher does not answer, or not usably, or a limit is reached.
        """
        ...


@runtime_checkable
class BatchTeacher(Teacher, Protocol):
    """A teacher that answers many requests sooner than one after the other."""

    def ask_many(self, requests: Sequence[Request]) -> list[Json | LogicDistillError]:
        """One answer a request, in order; in its place the error where that request alone has none.

        Raises:
            TeacherError: none of the others can be answered either.
        """
        ...
