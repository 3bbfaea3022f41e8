"""What a student, retriever, embedder, task and teacher must offer."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from logicdistill.errors import LogicDistillError
from logicdistill.types import Change, Choice, Function, Json, Outcome, Query, Scope

if TYPE_CHECKING:
    import gymnasium
    import numpy as np
    import numpy.typing as npt

    Vectors: TypeAlias = npt.NDArray[np.float32]

Holds = Callable[[Function, Sequence[Scope]], list[bool]]
"""Takes a function and scopes; says for each scope whether the function's ``When:`` holds."""


class Runner(Protocol):
    """Evaluates conditions and runs functions, such as a sandbox."""

    def conditions(self, function: Function, scopes: Sequence[Scope]) -> list[Outcome]:
        """For each scope whether the ``When:`` holds, or why it cannot be evaluated."""

    def call_many(self, function: Function, scopes: Sequence[Scope]) -> list[Outcome]:
        """For each scope the function's result, or why there is none."""


class Student(Protocol):
    """The S-LLM p_θS: selects one of the candidates, or "none of these".

    The choice must not depend on the candidates' order and may only name a candidate. A function
    added later is scored without training. What else a student can do, it shows by the methods of
    `AdaptingStudent`, `PromisingStudent`, `EmbeddingStudent`, `WideStudent` or `PackableStudent`.

    Attributes:
        name: under which `logicdistill.register_student` knows it.
    """

    name: str

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """One `Choice` per query, in order; ``ranked`` lists each candidate exactly once."""


@runtime_checkable
class AdaptingStudent(Protocol):
    """A student that is calibrated anew when the base changes."""

    def adapted(self, functions: Sequence[Function]) -> Student:
        """This student for these functions, without training; it stays as it is itself."""


@runtime_checkable
class PromisingStudent(Protocol):
    """A student that can promise an error rate (``max_error``)."""

    def least_confidences(
        self, functions: Sequence[Function], max_error: float
    ) -> Mapping[str, float]:
        """By stage, the probability from which on the share of wrong choices stays below.

        Raises:
            BaseError: it cannot promise that.
        """


@runtime_checkable
class MeasuredStudent(Protocol):
    """A student that knows how sure its choices are in states that were held out of training."""

    def usual_confidences(self, functions: Sequence[Function]) -> Mapping[str, float]:
        """By stage, the probability that nine in ten choices reach; {} where nothing is known."""


@runtime_checkable
class EmbeddingStudent(Protocol):
    """A student with an encoder, whose vectors a search uses as well.

    Attributes:
        embedder: the encoder.
        fingerprint: names what it computes; vectors that are kept on disk carry it.
        known: set by the policy: vectors of a function's texts, shape (texts, width), where the
            search has computed them already, or None.
    """

    embedder: Embedder
    fingerprint: str
    known: Callable[[Function], Vectors | None] | None

    def embed_views(self, views: Sequence[str]) -> Vectors:
        """Unit vectors, shape (views, width); `select` of the same views computes none again."""


@runtime_checkable
class WideStudent(Protocol):
    """A student that takes more candidates than the usual K.

    Attributes:
        most_candidates: a stage of up to so many functions is not searched first.
    """

    most_candidates: int


@runtime_checkable
class PackableStudent(Protocol):
    """A student with files, which go into a packed policy."""

    def packed(self) -> Mapping[str, bytes]:
        """Its files by name, for its factory; they hold no recorded states."""


@dataclass(frozen=True, slots=True)
class StudentContext:
    """What a student's factory is given.

    Attributes:
        folder: of the trained student; it may be missing.
        runner: evaluates conditions and runs functions.
        keeps: whether the student may remember views that it has seen; a benchmark forbids it.
    """

    folder: Path
    runner: Runner
    keeps: bool = True


StudentFactory = Callable[[StudentContext], Student]
"""Makes a student; `logicdistill.register_student` gives it a name."""


class Retriever(Protocol):
    """The retriever p_θR: the top-K functions for a state."""

    def top(
        self, views: Sequence[str], functions: tuple[Function, ...], k: int
    ) -> list[tuple[Function, ...]]:
        """For each view at most ``k`` of ``functions``, best first."""


class Embedder(Protocol):
    """Texts to unit vectors, for the dense retriever and the encoder student."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One L2-normalised vector per text."""


class Task(Protocol):
    """Written rules x with an environment; `logicdistill.tasks.check_task` checks this contract."""

    @property
    def id(self) -> str:
        """Name and version, such as ``pursuit-v2``."""

    @property
    def title(self) -> str:
        """One line for listings."""

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules x, sentence by sentence; manuals cite their numbers, 1..n."""

    @property
    def state_schema(self) -> Mapping[str, Json]:
        """JSON Schema (2020-12) of a state, an object without unknown fields.

        Its ``properties`` name the fields; a ``default`` is filled in. ``notices`` holds the
        announcements in force, {} without any.
        """

    @property
    def action_form(self) -> str:
        """Which actions there are, for a teacher: a JSON Schema, or a sentence without a stop."""

    @property
    def fallback_form(self) -> str:
        """What `fallback` gives, for a teacher: JSON text, or a few words without a stop."""

    @property
    def changes(self) -> Mapping[str, Change]:
        """The task's rule changes, by name; see `logicdistill.tasks.registry.get_task`."""

    @property
    def episodes(self) -> int:
        """Default number of evaluation episodes."""

    def make_env(self) -> gymnasium.Env[Any, Any]:
        """A new environment; ``info["success"]`` of the last step tells whether it succeeded."""

    def state(self, env: gymnasium.Env[Any, Any], observation: Any) -> dict[str, Json]:
        """What the policy sees, as JSON that fits ``state_schema``."""

    def impossible(self, state: Mapping[str, Json]) -> str | None:
        """Why a state that fits the schema cannot occur, in one line, or None."""

    def env_action(self, state: Mapping[str, Json], action: Json) -> Any:
        """The environment's form of a legal action."""

    def illegal(self, state: Mapping[str, Json], action: Json) -> str | None:
        """None for a legal action, otherwise why it is illegal, in one line."""

    def fallback(self, state: Mapping[str, Json]) -> Json:
        """A legal action for a state in which no function can be chosen."""

    def optimal_action(self, env: gymnasium.Env[Any, Any], state: Mapping[str, Json]) -> Json:
        """An optimal action, or None if the optimum is not known."""

    def render(self, state: Mapping[str, Json]) -> str:
        """The state as a person sees it in a terminal."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question to a teacher. Its hash names the stored reply.

    Attributes:
        kind: ``stages``, ``functions``, ``repair``, ``revise``, ``label``, ``labels`` (many at
            once), ``emergency``, ``unfitting``, or ``act`` for a player's own decision.
        task: id of the task.
        messages: role and content, in order.
        schema: JSON schema of the answer.
        subject: stable key: survives prompt edits. For a label: stage, view and candidates' names.
            For an emergency: the new rule. For a state that no function fits: stage and state.
        check: None for a usable answer, otherwise one line on what is wrong, for a live teacher.
        once: the first answer counts; an unusable one becomes ``{"unusable": reason}``.
        joint: how it goes out together with others, or None.
    """

    kind: str
    task: str
    messages: tuple[tuple[str, str], ...]
    schema: Mapping[str, Json]
    subject: str | None = None
    check: Callable[[Json], str | None] = field(default=lambda _: None, compare=False)
    once: bool = field(default=False, compare=False)
    joint: Joint | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Joint:
    """How several requests go out as one; each answer is stored by its own request.

    Attributes:
        key: requests with the same key may go out together.
        text: what is this request's own.
        request: takes for each request its text, and why its last answer was unusable or "".
        parts: takes the reply and the number of requests; gives each one's own reply, or None.
    """

    key: Hashable
    text: str
    request: Callable[[Sequence[tuple[str, str]]], Request]
    parts: Callable[[Json, int], list[Json]]


class Teacher(Protocol):
    """The L-LLM p_θL: turns rules into functions with manuals, and labels states."""

    def ask(self, request: Request) -> Json:
        """The answer, in the request's schema.

        Raises:
            MissingReplyError: there is no recorded answer.
            TeacherError: a live teacher gives no usable answer, or a limit is reached.
        """


@runtime_checkable
class KnowingTeacher(Teacher, Protocol):
    """A teacher with stored answers."""

    def known(self, request: Request) -> Json | None:
        """The stored answer, or None; nobody is asked."""


@runtime_checkable
class BatchTeacher(Teacher, Protocol):
    """A teacher that answers many requests together: faster, and cheaper where they are `Joint`."""

    def ask_many(self, requests: Sequence[Request]) -> list[Json | LogicDistillError]:
        """One answer or error per request, in order; raises `TeacherError` if none can be."""
