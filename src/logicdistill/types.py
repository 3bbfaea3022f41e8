"""The nouns of Logic Distillation, as plain immutable values (paper section 3; the notation table is in CONTRIBUTING.md)."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list of Json, or dict from str to Json."""

Scope: TypeAlias = Mapping[str, Json]
"""What a stage can see: the state's fields and the results of the earlier stages, by name."""

EMERGENCY = "emergency"
"""Origin of a function that joined after the base was written; its ``When:`` guards it."""

CONSOLIDATED = "consolidated"
"""Origin of a former emergency whose guard was lifted: the student has learned where it is right."""

STAGE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
"""A stage's name is a folder's."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage j of a decision.

    Attributes:
        name: folder name inside the function base.
        output: name under which the stage's result is stored in the scope.
        question: the question that the stage answers; the student reads it.
        mode: ``one`` (the student selects one function) or ``all`` (every function runs; their dicts are merged).
        reads: names in the scope whose content the text view of this stage shows.
        text: those of them that are free text: shown without their name, as a field called ``text`` is.
        guarded: whether conditions decide: each function has a ``When:`` and stands only while that holds. The student chooses
            where several stand, and learns from such states alone.
    """

    name: str
    output: str
    question: str
    mode: Literal["one", "all"] = "one"
    reads: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    guarded: bool = False

    @property
    def selects(self) -> bool:
        """Whether one function is chosen; otherwise every function that stands runs."""
        return self.mode == "one"

    @property
    def reads_text(self) -> bool:
        """Whether the view shows free text, alone or with facts beside it."""
        return bool(self.text)

    @property
    def reads_text_and_facts(self) -> bool:
        """Whether the view shows free text with facts beside it."""
        return bool(self.text) and not self.reads_text_alone

    @property
    def reads_text_alone(self) -> bool:
        """Whether the view is nothing but free text."""
        return bool(self.reads) and set(self.reads) == set(self.text)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a task's rules in the middle of an episode (an emergency of the paper).

    Attributes:
        name: such as ``closed-region``.
        rule: the new rule in one sentence, with the form in which ``notices`` announces it; all that a teacher is told.
    """

    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class Example:
    """One usage example of a manual: a doctest (``inputs`` and ``expected``) or a state in words (``text``)."""

    inputs: Mapping[str, Json] | None = None
    expected: Json = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Manual:
    """The user manual u of a function: what its docstring says.

    Attributes:
        summary: first line of the docstring.
        use_when: the ``Use when:`` text, which the student reads.
        when: the ``When:`` expression over the function's scope, or None.
        rules: numbers of the rules of x that the function serves.
        replaces: names of functions that must not be chosen while ``when`` holds (emergencies).
        expires: time (ISO 8601, UTC) from which on the function is no candidate any more, or None.
        examples: usage examples.
    """

    summary: str
    use_when: str
    when: str | None = None
    rules: tuple[int, ...] = ()
    replaces: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function f of the base with its manual u.

    Attributes:
        texts: what an encoder reads of it: the manual first, then one text view per usage example (of free text beside facts the words).
    """

    name: str
    stage: str
    source: str
    parameters: tuple[str, ...]
    manual: Manual
    texts: tuple[str, ...]
    origin: str = "teacher"
    content_hash: str = field(default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "content_hash", hashlib.sha256(self.source.encode()).hexdigest())

    def __hash__(self) -> int:
        return hash((self.stage, self.name, self.content_hash))

    @property
    def embedded(self) -> tuple[str, ...]:
        """``texts``; of a manual without any the function's name is all that is left to compare with."""
        return self.texts or (self.name.replace("_", " "),)

    @property
    def guarded(self) -> bool:
        """Whether it is a candidate only while its ``When:`` holds, also in a stage that is not `Stage.guarded`."""
        emergency = bool(self.manual.replaces) or self.origin == EMERGENCY
        return emergency and self.manual.when is not None and self.origin != CONSOLIDATED

    def lapsed(self, now: datetime.datetime) -> bool:
        """Whether its ``Expires:`` has passed."""
        return (
            self.manual.expires is not None
            and datetime.datetime.fromisoformat(self.manual.expires) <= now
        )


@dataclass(frozen=True, slots=True)
class Query:
    """What a student is asked: which of the candidates fits this view (or none of them)?

    Attributes:
        guarded: whether a candidate's guard holds (see `logicdistill.deciding.stage.queries_for`): then "none of these" is ruled out.
    """

    stage: Stage
    view: str
    candidates: tuple[Function, ...]
    scope: Scope
    guarded: bool = False

    @property
    def decided(self) -> bool:
        """Whether guards leave nothing to choose: one candidate, whose guard holds."""
        return self.guarded and len(self.candidates) == 1

    def unreplaced(self, names: Sequence[str]) -> list[str]:
        """Candidates whose ``When:`` holds, less those that another of them names in ``Replaces:``."""
        gone = {
            name
            for function in self.candidates
            if function.name in names
            for name in function.manual.replaces
        }
        return [name for name in names if name not in gone] or list(names)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate's name with its calibrated probability."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A student's answer: the candidates, most probable first, and the probability of "none of these"."""

    ranked: tuple[Candidate, ...]
    none: float = 0.0

    @property
    def selected(self) -> str | None:
        """Name of the chosen function; None where "none of these" is at least as probable as every candidate."""
        if not self.ranked or self.none >= self.ranked[0].probability:
            return None
        return self.ranked[0].name

    def without_none(self) -> Choice:
        """The same choice given that one of the candidates is right: their probabilities then sum to 1."""
        total = sum(candidate.probability for candidate in self.ranked)
        ranked = tuple(
            Candidate(one.name, one.probability / total if total else 1 / len(self.ranked))
            for one in self.ranked
        )
        return replace(self, ranked=ranked, none=0.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result o_j of running a function in the sandbox: a JSON value, or one line that says why there is none."""

    value: Json = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a decision's trace: what was asked, chosen and run, and the rules that the function cites."""

    stage: str
    view: str
    choice: Choice | None
    function: str | None
    rules: tuple[int, ...]
    outcome: Outcome
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision O of one step.

    Attributes:
        action: the action, always usable: the last stage's result, or the task's fallback action.
        confidence: product of the chosen candidates' probabilities, in [0, 1]; 0 where the fallback was taken.
        fallback: None, or one line that says why the task's fallback action was taken.
        trace: one `Step` a stage.
        snapshot: id of the function base that decided.
        written: names of the functions that the teacher wrote while this decision waited, since none fitted the state.
    """

    action: Json
    confidence: float
    fallback: str | None
    trace: tuple[Step, ...]
    snapshot: str
    written: tuple[str, ...] = ()
