"""Questions about a state, answered by a policy: what each means, and how probable answers are.

What a policy was not made for is refused, with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol, TypeAlias

from logicdistill.deciding.decide import decide
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.spread import Spread, spread
from logicdistill.errors import QuestionError
from logicdistill.types import Decision, Json, Stage, Step, same

NONE_NAMES = ("none", "none_of_these", "other")
"""Choices that a client offers for "no function fits"; their case does not matter."""

ACTION = "action"
"""Name of a question that is about the policy's action."""

Kind: TypeAlias = Literal["choice", "predicate", "score"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, whatever dialect it came in.

    Attributes:
        kind: choice, predicate (yes or no), or score (ordered levels).
        name: as the client names it, or None.
        options: the choices, or the levels from the lowest.
        words: what may stand for the options instead: descriptions of the levels.
        alone: whether no other question came with it.
        descriptions: of the choices, or None for each that has none; only an open question is
            answered by them.
    """

    kind: Kind
    name: str | None
    options: tuple[Json, ...] = ()
    words: tuple[Json, ...] = ()
    alone: bool = False
    descriptions: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, or a refusal.

    Attributes:
        about: what the question means here: ``action``, ``stage NAME`` or ``fact NAME``; ``open``
            where the policy was not made for it; or None.
        refusal: why there is no answer, in one line, or None.
        index: of the option that the policy takes.
        shares: the probability of each option; they sum to 1.
        probability: of "yes", for a predicate.
        confidence: the calibrated probability of the answer, before it was divided among what is
            offered; 0 where the fallback was taken.
        rest: the probability of everything that is not offered, before that.
        by: of an open question, the encoder that answered it; no rule and no function did.
    """

    about: str | None = None
    refusal: str | None = None
    index: int = 0
    shares: tuple[float, ...] = ()
    probability: float = 0.0
    confidence: float = 0.0
    rest: float = 0.0
    by: str | None = None

    @property
    def score(self) -> float:
        """The mean of the levels' places, from 0, weighted by their probabilities."""
        return sum(place * share for place, share in enumerate(self.shares))


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a question is about.

    Attributes:
        about: for the client.
        found: the policy's own result.
        known: whether there is one that a function or a condition gave.
        value: what an option means, or raises `LookupError` where it can mean nothing.
        share: the probability of a result.
        allowed: what can be offered, in words.
    """

    about: str
    found: Json
    known: bool
    value: Callable[[Json], Json]
    share: Callable[[Json], float]
    allowed: str


class AnswersOpen(Protocol):
    """Answers questions that the policy was not made for."""

    def answer(self, asked: Asked) -> Answer | None:
        """An answer or a refusal; None for a question of a kind that it does not answer."""


class Answering:
    """Answers questions about one state from one decision.

    Args:
        parts: of the policy.
        state: fits the task's schema.
        decision: of this state. Where another snapshot took it than ``parts`` hold, it is taken
            again, so that all answers are of one snapshot.
        opener: answers what the policy was not made for; None refuses it.
    """

    def __init__(
        self,
        parts: Parts,
        state: Mapping[str, Json],
        decision: Decision,
        opener: AnswersOpen | None = None,
    ) -> None:
        if parts.base.snapshot != decision.snapshot:
            [decision] = decide(parts, [state])
        self.parts, self.state, self.decision = parts, state, decision
        self._opener = opener
        self.opened = list[tuple[int, Asked, Answer]]()
        """Open questions that were answered: place in the request, from 1, question, answer."""
        self._place = 0
        self.enum = enum_of(parts.task.action_form)

    @cached_property
    def spread(self) -> Spread:
        """Decided again only where a question needs it."""
        return spread(self.parts, self.state, self.decision)

    @property
    def _last(self) -> Stage:
        return self.parts.base.stages[-1]

    def answer(self, asked: Asked) -> Answer:
        """The policy's answer to a question.

        Raises:
            QuestionError: it is about the action or a stage, and offers what can never be.
        """
        self._place += 1
        if asked.kind == "predicate":
            return self._predicate(asked)
        subject, options = self._meant(asked)
        if subject is not None:
            return self._choice(subject, options)
        found = None if self._opener is None else self._opener.answer(asked)
        if found is None:
            return Answer(refusal=self._unknown(asked))
        if found.refusal is None:
            self.opened.append((self._place, asked, found))
        return found

    def _meant(self, asked: Asked) -> tuple[_Subject | None, tuple[Json, ...]]:
        """What a choice or a score is about, and the options by which it was known."""
        readings = [asked.options, *([asked.words] if asked.words else [])]
        named = self._named(asked.name)
        for subject in named:
            for options in readings:
                if all(_fits(subject, one) for one in _real(options)):
                    return subject, options
        if named:
            wrong = [one for one in _real(asked.options) if not _fits(named[0], one)]
            shown = ", ".join(json.dumps(one, ensure_ascii=False) for one in wrong)
            raise QuestionError(
                f"the question {asked.name!r} is about the policy's {named[0].about}, which can "
                f"never be {shown}; offer some of: {named[0].allowed}"
            )
        every = [self._action(), *map(self._stage, self._selecting())]
        for options in readings:
            for subject in every if _real(options) else ():
                if all(_fits(subject, one) for one in _real(options)):
                    return subject, options
        return None, ()

    def _selecting(self) -> list[Stage]:
        return [stage for stage in self.parts.base.stages if stage.selects]

    def _named(self, name: str | None) -> list[_Subject]:
        """What a name means; for the last stage its action first, and then its functions."""
        if name is None:
            return []
        if name == ACTION:
            return [self._action()]
        for stage in self._selecting():
            if name in (stage.name, stage.output):
                return [*([self._action()] if stage == self._last else []), self._stage(stage)]
        facts = self._facts
        return [self._fact(name, facts[name])] if name in facts else []

    @property
    def _facts(self) -> dict[str, Json]:
        steps = [step for step in self.decision.trace if step.choice is None]
        found = [step.outcome.value for step in steps if isinstance(step.outcome.value, dict)]
        return {key: value for facts in found for key, value in facts.items()}

    def _action(self) -> _Subject:
        listed = "any action that is legal: " + self.parts.task.action_form
        if self.enum is not None:
            listed = ", ".join(json.dumps(one, ensure_ascii=False) for one in self.enum)
        known = self.decision.fallback is None

        def share(action: Json) -> float:
            return self.spread.of(action)

        return _Subject(ACTION, self.decision.action, known, self._as_action, share, listed)

    def _as_action(self, option: Json) -> Json:
        """The action that an option means: itself, or what its JSON text says."""
        task = self.parts.task
        for value in _readings(option):
            if self.enum is not None:
                if any(same(value, one) for one in self.enum):
                    return value
            elif task.illegal(self.state, value) is None:
                return value
        raise LookupError

    def _stage(self, stage: Stage) -> _Subject:
        functions = {function.name for function in self.parts.base.of_stage(stage.name)}
        step = self._step(stage)
        chosen = step.function if step else None

        def value(option: Json) -> Json:
            if isinstance(option, str) and option in functions:
                return option
            raise LookupError

        def share(name: Json) -> float:
            return self.spread.functions.get(stage.name, {}).get(name, 0.0)

        listed = ", ".join(sorted(functions))
        return _Subject(f"stage {stage.name}", chosen, chosen is not None, value, share, listed)

    def _step(self, stage: Stage) -> Step | None:
        return next((step for step in self.decision.trace if step.stage == stage.name), None)

    def _fact(self, name: str, found: Json) -> _Subject:
        def value(option: Json) -> Json:
            return next((one for one in _readings(option) if same(one, found)), option)

        def share(option: Json) -> float:
            return float(same(option, found))

        return _Subject(f"fact {name}", found, True, value, share, "its values")

    def _choice(self, subject: _Subject, options: Sequence[Json]) -> Answer:
        nones = [at for at, one in enumerate(options) if _is_none(one, subject)]
        if len(nones) > 1:
            shown = ", ".join(str(options[at]) for at in nones)
            raise QuestionError(f"{shown} all stand for 'no function fits'; offer one of them")
        none = nones[0] if nones else None
        values = [None if at == none else subject.value(one) for at, one in enumerate(options)]
        offered = [at for at in range(len(options)) if at != none]
        for at in offered:
            if any(same(values[at], values[other]) for other in offered if other < at):
                shown = json.dumps(options[at], ensure_ascii=False)
                raise QuestionError(f"{shown} is offered twice; offer each {subject.about} once")
        shares = [0.0 if at == none else subject.share(values[at]) for at in range(len(options))]
        rest = max(0.0, 1.0 - sum(shares))
        index = next((at for at in offered if same(values[at], subject.found)), None)
        about = subject.about
        if not subject.known or index is None:
            index = none if none is not None or subject.known else index
            if index is None:
                return Answer(about, self._refusal(subject))
        confidence = shares[index] if subject.known else 0.0
        if none is not None:
            # Everything that is not offered is none of what is.
            shares[none] += rest
            if index == none:
                failed = any(step.failed for step in self.decision.trace)
                confidence = 0.0 if failed else shares[none]
        elif not subject.known:
            shares[index] += rest
        total = sum(shares)
        return Answer(
            about,
            index=index,
            shares=tuple(share / total for share in shares),
            confidence=min(1.0, confidence),
            rest=rest,
        )

    def _refusal(self, subject: _Subject) -> str:
        if subject.known:
            found = json.dumps(subject.found, ensure_ascii=False)
            return f"the policy's {subject.about} is {found}, which is not offered"
        if self.decision.fallback is not None:
            return self.decision.fallback
        return f"no function was chosen in the policy's {subject.about}"

    def _predicate(self, asked: Asked) -> Answer:
        name = asked.name
        if name is not None:
            if (value := self._action_named(name)) is not _NOTHING:
                return self._probable(self._action(), value)
            for stage in self._selecting():
                if any(function.name == name for function in self.parts.base.of_stage(stage.name)):
                    return self._probable(self._stage(stage), name)
            if name in self._facts:
                fact = self._facts[name]
                if not isinstance(fact, bool):
                    shown = json.dumps(fact, ensure_ascii=False)
                    return Answer(
                        f"fact {name}", f"the fact {name!r} is {shown}, not true or false"
                    )
                return Answer(f"fact {name}", probability=float(fact), confidence=1.0)
        mine = {ACTION, self._last.name, self._last.output}
        boolean = self.enum is not None and all(isinstance(one, bool) for one in self.enum)
        if boolean and (name in mine or asked.alone):
            return self._probable(self._action(), True)
        return Answer(refusal=self._unknown(asked))

    def _action_named(self, name: str) -> Json:
        """The action of that name; of an open form only one that is no text."""
        try:
            value = self._as_action(name)
        except LookupError:
            return _NOTHING
        return value if self.enum is not None or not isinstance(value, str) else _NOTHING

    def _probable(self, subject: _Subject, value: Json) -> Answer:
        if not subject.known:
            return Answer(subject.about, self._refusal(subject))
        share = min(1.0, subject.share(value))
        taken = same(subject.found, value)
        rest = self.spread.rest
        return Answer(
            subject.about,
            probability=share,
            confidence=share if taken else subject.share(subject.found),
            rest=rest,
        )

    def _unknown(self, asked: Asked) -> str:
        names = [ACTION]
        for stage in self._selecting():
            names += [stage.name, stage.output]
        names += self._facts
        return (
            f"the policy was not made for the question {asked.name!r}; it knows questions named "
            f"{', '.join(dict.fromkeys(names))}, and those that offer its actions or functions"
        )


_NOTHING = object()


def enum_of(action_form: str) -> list[Json] | None:
    """The actions that a task lists, or None where its actions have an open form."""
    try:
        form = json.loads(action_form)
    except ValueError:
        return None
    if isinstance(form, dict):
        if isinstance(form.get("enum"), list):
            return list(form["enum"])
        if "const" in form:
            return [form["const"]]
        if form.get("type") == "boolean":
            return [True, False]
    return None


def _readings(option: Json) -> list[Json]:
    """An option as it came and, where it is text, as the JSON that it may be."""
    if not isinstance(option, str):
        return [option]
    try:
        return [option, json.loads(option)]
    except (ValueError, RecursionError):
        return [option]


def is_none_name(option: Json) -> bool:
    """Whether an option has one of `NONE_NAMES`."""
    return isinstance(option, str) and option.casefold() in NONE_NAMES


def _real(options: Sequence[Json]) -> list[Json]:
    """The options without those that stand for "no function fits"."""
    return [option for option in options if not is_none_name(option)]


def _fits(subject: _Subject, option: Json) -> bool:
    try:
        subject.value(option)
    except LookupError:
        return False
    return True


def _is_none(option: Json, subject: _Subject) -> bool:
    """Whether it stands for "no function fits": one of `NONE_NAMES` that is no result itself."""
    if not is_none_name(option):
        return False
    return subject.about.startswith("fact ") or not _fits(subject, option)
