"""The nouns of Logic Distillation as values (paper section 3; notation: CONTRIBUTING.md).

One file, because each of them is told with the others, and everything else is told with them.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, TypeVar

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list of Json, or dict from str to Json."""

Scope: TypeAlias = Mapping[str, Json]
"""What a stage sees: the state's fields and the results of earlier stages, by name."""

EMERGENCY = "emergency"
"""Origin of a function that joined after the base was written. Its ``When:`` guards it."""

CONSOLIDATED = "consolidated"
"""Origin of a former emergency without a guard: the student has learned when it is right."""

Mode: TypeAlias = Literal["one", "all", "guarded", "first"]
"""How a stage is taken; see `Stage`."""

Item = TypeVar("Item")

ALLOWED_IMPORTS = (
    *("collections", "datetime", "functools", "itertools", "json", "math", "re", "typing"),
)
"""Modules that a function may import."""

STAGE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
"""A stage's name is also a folder's name."""

_DEVICE = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)


def is_device(name: str) -> bool:
    """Whether Windows keeps the name for a device: no file and no folder can have it there."""
    return _DEVICE.fullmatch(name) is not None


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal; unlike in Python, true is not 1."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage j of a decision.

    Attributes:
        name: folder name inside the function base.
        output: name under which the stage's result is stored in the scope.
        question: the question that the stage answers; the student reads it.
        mode: ``one``: the student selects one function. ``all``: every function runs, and the dicts
            that they return are merged. ``guarded``: the function whose ``When:`` holds runs; where
            several hold, they have to give the same result. ``first``: the first function in
            ``order`` whose ``When:`` holds runs; one without a ``When:`` always holds.
        reads: names in the scope that the text view of this stage shows.
        text: those of them that are free text; the view leaves out their names.
        order: names of the functions of a stage of mode ``first``.
        pictures: those of ``reads`` that are pictures.
        grid: rows and columns of a grid that is laid over the picture: the stage is asked for each
            cell, and its result is a list of rows. Empty: it is asked for the whole picture.
    """

    name: str
    output: str
    question: str
    mode: Mode = "one"
    reads: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    grid: tuple[int, ...] = ()

    @property
    def selects(self) -> bool:
        """Whether one function is chosen; otherwise every function that applies runs."""
        return self.mode != "all"

    @property
    def asks(self) -> bool:
        """Whether the student chooses; otherwise conditions do, or every function runs."""
        return self.mode == "one"

    @property
    def by_words(self) -> bool:
        """Whether the student chooses by free text, with or without facts."""
        return self.asks and self.reads_text

    @property
    def reads_text(self) -> bool:
        """Whether the view shows free text, with or without facts."""
        return bool(self.text)

    @property
    def reads_text_and_facts(self) -> bool:
        """Whether the view shows free text and facts."""
        return self.reads_text and not self.reads_text_alone

    @property
    def reads_text_alone(self) -> bool:
        """Whether the view shows only free text."""
        return bool(self.reads) and set(self.reads) == set(self.text)


PICTURES = "pictures"
"""Folder of a base, and of a task, that holds example pictures; so no stage has the name."""

MOST_CELLS = 1024
"""Cells of a grid at most."""

HELPERS = Stage("helpers", "", "What do functions have in common?", "all")
"""Where helpers belong: functions that no stage selects, and that others call by name."""


def stages_fault(stages: Sequence[Stage], fields: Collection[str]) -> str | None:
    """Why no base, or no view for a student, can be made of these stages, or None.

    Args:
        stages: in the order of the decision.
        fields: of a state.
    """
    if not stages:
        return "there is no stage; describe at least one"
    known = set(fields)
    names = [stage.name.casefold() for stage in stages]
    for stage in stages:
        name, output = stage.name, stage.output
        listed = f"there are: {', '.join(sorted(known))}"
        if name.casefold() == HELPERS.name:
            return f"the stage name {name!r} is kept for functions that others call; take another"
        if name.casefold() == PICTURES:
            return f"the stage name {name!r} is kept for example pictures; take another"
        if is_device(name):
            return f"the stage name {name!r} is a device's on Windows; take another"
        if fault := _picture_fault(stage):
            return f"stage {name!r} {fault}"
        if not STAGE_NAME.fullmatch(name) or names.count(name.casefold()) > 1:
            wrong = f"the stage name {name[:80]!r} cannot be a folder's, or is there twice"
            return f"{wrong}; take letters, digits, '_' and '-'"
        if unknown := [field for field in stage.reads if field not in known]:
            return f"stage {name!r} reads {unknown[0]!r}; {listed}"
        if not output.isidentifier() or output in known or output.startswith("_"):
            return f"the output {output!r} of stage {name!r} is no new Python name; {listed}"
        known.add(output)
    if stages[-1].grid:
        return f"the last stage {stages[-1].name!r} has a grid; its result is one action"
    if not stages[-1].selects:
        wrong = f"the last stage {stages[-1].name!r} has the mode 'all'"
        return f"{wrong}; its result is the action, so one function has to be chosen"
    return None


def _picture_fault(stage: Stage) -> str | None:
    """Why the stage cannot read its pictures, or None."""
    if stage.pictures and not stage.asks:
        return f"reads the picture {stage.pictures[0]!r}; only mode 'one' looks at pictures"
    if len(stage.pictures) > 1 or (stage.grid and not stage.pictures):
        return f"reads {len(stage.pictures)} pictures; one is allowed, and a grid needs one"
    if not stage.grid:
        return None
    if len(stage.grid) != 2 or min(stage.grid) < 1 or stage.grid[0] * stage.grid[1] > MOST_CELLS:
        allowed = f"[rows, columns], together at most {MOST_CELLS} cells"
        return f"has the grid {list(stage.grid)}; allowed: {allowed}"
    return None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a task's rules in the middle of an episode (an emergency of the paper).

    ``rule`` is one sentence with the form in which ``notices`` announces the change; the teacher
    sees nothing else of it.
    """

    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class Example:
    """A usage example: a doctest (``inputs`` and ``expected``) or a state in words (``text``).

    Or a ``picture``, by the name under which `Function.pictures` has it.
    """

    inputs: Mapping[str, Json] | None = None
    expected: Json = None
    text: str | None = None
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Manual:
    """The user manual u of a function: what its docstring says.

    Attributes:
        summary: first line of the docstring.
        use_when: the ``Use when:`` text, which the student reads.
        when: the ``When:`` expression over the function's scope, or None.
        rules: numbers of the rules of x that the function implements.
        replaces: names of functions that must not be chosen while ``when`` holds (emergencies).
        expires: time (ISO 8601, UTC) at which the function stops being a candidate, or None.
        near_misses: sentences that nearly fit the function, and do not (``Not:``).
    """

    summary: str
    use_when: str
    when: str | None = None
    rules: tuple[int, ...] = ()
    replaces: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    expires: str | None = None
    near_misses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function f of the base with its manual u.

    ``texts`` is what an encoder reads: the manual first, then one text view per usage example (only
    its free text, if the stage reads any). ``told`` is the rule, in words, for which it was written
    after the task's own (see `logicdistill.policy.Policy.tell`). ``helpers`` are those that it
    calls itself, by name; its hash covers them, and what they call. ``pictures`` has the data URL
    of each example picture by its name, which holds the picture's hash.
    """

    name: str
    stage: str
    source: str
    parameters: tuple[str, ...]
    manual: Manual
    texts: tuple[str, ...]
    origin: str = "teacher"
    told: str | None = None
    helpers: tuple[Function, ...] = field(default=(), compare=False, repr=False)
    pictures: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    content_hash: str = field(init=False)

    def __post_init__(self) -> None:
        content = "\0".join([self.source, *(helper.content_hash for helper in self.helpers)])
        object.__setattr__(self, "content_hash", hashlib.sha256(content.encode()).hexdigest())

    def __hash__(self) -> int:
        return hash((self.stage, self.name, self.content_hash))

    @property
    def embedded(self) -> tuple[str, ...]:
        """``texts``, or the function's name if there are none."""
        return self.texts or (self.name.replace("_", " "),)

    @property
    def called(self) -> tuple[Function, ...]:
        """Helpers that it calls, directly or not, each once, behind those that it calls itself."""
        found: dict[str, Function] = {}
        for helper in self.helpers:
            for one in (*helper.called, helper) if helper.name not in found else ():
                found.setdefault(one.name, one)
        return tuple(found.values())

    @property
    def rules(self) -> tuple[int, ...]:
        """Numbers of the rules that it cites, and then of those that its helpers cite."""
        if not self.helpers:
            return self.manual.rules
        helpers = (number for helper in self.called for number in helper.manual.rules)
        return tuple(dict.fromkeys((*self.manual.rules, *helpers)))

    @property
    def emergency(self) -> bool:
        """Whether it joined in an emergency or replaces other functions."""
        return bool(self.manual.replaces) or self.origin == EMERGENCY

    @property
    def guarded(self) -> bool:
        """Whether it applies only while its ``When:`` holds, in a stage of any mode."""
        joined = self.by_words or (self.emergency and self.origin != CONSOLIDATED)
        return joined and self.manual.when is not None

    @property
    def by_words(self) -> bool:
        """Whether words decide where it is right; its ``When:`` says where it may be."""
        return bool(self.manual.near_misses)

    @property
    def conditional(self) -> bool:
        """Whether it runs only where its ``When:`` holds."""
        return self.manual.when is not None and self.origin != CONSOLIDATED

    def expired(self, now: datetime.datetime) -> bool:
        """Whether its ``Expires:`` has passed."""
        expires = self.manual.expires
        return expires is not None and datetime.datetime.fromisoformat(expires) <= now


@dataclass(frozen=True, slots=True)
class Query:
    """What a student is asked: which of the candidates fits this view (or none of them)?

    ``guard_holds``: some candidate's guard holds, so "none of these" is no answer (see
    `logicdistill.deciding.stage.queries_for`).
    """

    stage: Stage
    view: str
    candidates: tuple[Function, ...]
    scope: Scope
    guard_holds: bool = False

    @property
    def decided(self) -> bool:
        """Whether one candidate is left and its guard holds: nothing to choose."""
        return self.guard_holds and len(self.candidates) == 1


def unreplaced(functions: Sequence[Function]) -> list[Function]:
    """Of functions whose ``When:`` holds those that none of the others replaces."""
    replaced = {name for function in functions for name in function.manual.replaces}
    kept = [function for function in functions if function.name not in replaced]
    return kept or list(functions)


def places_of(groups: Iterable[Iterable[Item]]) -> dict[Item, list[int]]:
    """The places of the groups that hold each item."""
    found: dict[Item, list[int]] = {}
    for place, items in enumerate(groups):
        for item in items:
            found.setdefault(item, []).append(place)
    return found


def settled(one: Function, other: Function) -> bool:
    """Whether one of two functions replaces the other."""
    return other.name in one.manual.replaces or one.name in other.manual.replaces


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate's name with its calibrated probability."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A student's answer: candidates, most probable first, and the probability of none of them.

    ``why`` says in one line why none was chosen, where that is no estimate.
    """

    ranked: tuple[Candidate, ...]
    none: float = 0.0
    why: str = ""

    @property
    def selected(self) -> str | None:
        """Name of the chosen function; None if "none of these" is at least as probable."""
        if not self.ranked or self.none >= self.ranked[0].probability:
            return None
        return self.ranked[0].name

    def without_none(self) -> Choice:
        """The choice given that some candidate is right: their probabilities sum to 1."""
        total = sum(candidate.probability for candidate in self.ranked)
        shares = (c.probability / total if total else 1 / len(self.ranked) for c in self.ranked)
        ranked = tuple(Candidate(c.name, s) for c, s in zip(self.ranked, shares, strict=True))
        return replace(self, ranked=ranked, none=0.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result o_j of a function in the sandbox: a JSON value, or the error in one line."""

    value: Json = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """A function that gave a stage's result: name, first line of its manual, and rules cited.

    Among the rules are those of the helpers that it calls. ``told`` holds the words of the rule
    that it was written for, if that came later.
    """

    name: str
    summary: str
    rules: tuple[int, ...]
    told: str | None = None

    @classmethod
    def of(cls, function: Function) -> Ran:
        """What a trace keeps of a function."""
        return cls(function.name, function.manual.summary, function.rules, function.told)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a decision's trace: the view, the choice, the result, and the rules cited.

    Attributes:
        function: the function that was chosen; None in a stage of facts, or where none fitted.
        rules: numbers of the rules that the functions cite which gave the result.
        failed: for each function that was tried in vain, why it failed.
        ran: the functions that gave the result; several in a stage of facts.
        sure: of a stage that is asked cell by cell, the probability that all its cells are right.
    """

    stage: str
    view: str
    choice: Choice | None
    function: str | None
    rules: tuple[int, ...]
    outcome: Outcome
    failed: Mapping[str, str] = field(default_factory=dict)
    ran: tuple[Ran, ...] = ()
    sure: float = 1.0

    @property
    def told(self) -> tuple[str, ...]:
        """Words of the rules that came later and gave the result."""
        return tuple(dict.fromkeys(one.told for one in self.ran if one.told is not None))

    @property
    def marks(self) -> tuple[str, ...]:
        """Functions that failed here, and why the stage has no result, a line each."""
        failed = [f"{name} in stage {self.stage!r}: {why}" for name, why in self.failed.items()]
        return (*failed, *([self.outcome.error] if self.outcome.error else []))

    def explained(self) -> list[str]:
        """What happened in this stage, in plain words, a line each."""
        lines = [
            f"  {ran.name}{self._how_sure(ran.name)}: {ran.summary}{_cited(ran.rules)}"
            for ran in self.ran
        ]
        lines += [f"  by the later rule: {rule}" for rule in self.told]
        lines += [f"  {name} was tried and failed: {why}" for name, why in self.failed.items()]
        if not self.ran and self.choice is not None:
            best = (f"; nearest {one.name} {_percent(one.probability)}" for one in self._best())
            none = f"none of these {_percent(self.choice.none)}"
            lines.append(f"  no function was chosen: {none}{''.join(best)}")
        head = self.stage + (
            f" ({_percent(self.sure)} sure of every cell)" if self.sure < 1 else ""
        )
        return [f"{head}:", *lines] if lines else []

    def _best(self) -> tuple[Candidate, ...]:
        return self.choice.ranked[:1] if self.choice else ()

    def _how_sure(self, name: str) -> str:
        ranked = self.choice.ranked if self.choice else ()
        shares = [one.probability for one in ranked if one.name == name]
        return "".join(f" ({_percent(share)} sure)" for share in shares if share < 1)


def _percent(share: float) -> str:
    """Never 100 % for less."""
    return "over 99%" if 0.995 <= share < 1 else f"{share:.0%}"


def _cited(rules: Sequence[int]) -> str:
    word = "rule" if len(rules) == 1 else "rules"
    return f" [{word} {', '.join(map(str, rules))}]" if rules else ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision O of one step.

    Attributes:
        action: the last stage's result, or the task's fallback action.
        confidence: product of the chosen candidates' probabilities, in [0, 1]; 0 for a fallback.
        fallback: None, or in one line why the task's fallback action was taken.
        trace: one `Step` a stage.
        snapshot: id of the function base that decided.
        written: names of functions that the teacher wrote for this decision, as none fitted.
        cited: the rules that the chosen functions cite, in order: number to sentence.
    """

    action: Json
    confidence: float
    fallback: str | None
    trace: tuple[Step, ...]
    snapshot: str
    written: tuple[str, ...] = ()
    cited: Mapping[int, str] = field(default_factory=dict)

    @property
    def marks(self) -> tuple[str, ...]:
        """What did not go as it should on the way to this decision, a line each, in order.

        Functions that failed, conditions that could not be evaluated, stages without a result.
        """
        return tuple(mark for step in self.trace for mark in step.marks)

    @property
    def rules(self) -> tuple[int, ...]:
        """Numbers of the rules that the chosen functions cite, each once, in order."""
        return tuple(self.cited)

    @property
    def function(self) -> str | None:
        """Name of the function that gave the action; None for the fallback."""
        return None if self.fallback is not None or not self.trace else self.trace[-1].function

    def explain(self) -> str:
        """The decision in plain words, over several lines.

        The action and how sure it is, or why the fallback was taken; for each stage the functions
        that gave its result, with the first line of their manuals; the rules that they cite.
        """
        action = self.action if isinstance(self.action, str) else json.dumps(self.action)
        head = action + (f", {_percent(self.confidence)} sure" if self.confidence < 1 else "")
        if self.fallback is not None:
            head = f"{action}, the fallback: {self.fallback}"
        lines = [head, *(line for step in self.trace for line in step.explained())]
        lines += [f"rule {number}: {sentence}" for number, sentence in self.cited.items()]
        return "\n".join(lines)
