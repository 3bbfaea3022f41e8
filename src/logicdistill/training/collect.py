"""States to labelled examples: to train the student on, and as usage examples in manuals.

The right function of a question is the one whose ``When:`` holds, or else the one that the teacher
names. Where conditions contradict each other, nobody says which one is right.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby
from pathlib import Path

from pydantic import TypeAdapter

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.standing import queries_for
from logicdistill.errors import CorruptError
from logicdistill.files import read_lines
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import fits_docstring, parse_function, with_examples
from logicdistill.protocols import Student, Task
from logicdistill.students.floor import certain
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.records import RecordTask, fixed_order
from logicdistill.training.labelling import UNLABELLED, Label, Labeller, Unlabelled
from logicdistill.training.witness import Witness
from logicdistill.types import Choice, Decision, Json, Query, Scope, Stage, Step
from logicdistill.views import facts_beside, render_words

EXPLORED_SHARE = 0.15  # random choices while collecting, so that states after a mistake are seen
SCOPES = 300  # questions of each stage kept for notes on likely mistakes, a random sample
EPISODES_AT_ONCE = 100  # played side by side
USAGE_EXAMPLES = 10  # usage examples in words that a function gets by default
OPTIONAL = "words", "facts", "pictures"  # left out of a line of examples.jsonl where they are empty
LABELLED_AT_ONCE = 1000  # states that one step of `with_usage_examples` labels


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One labelled question.

    Attributes:
        view: text view of the state for that stage.
        candidates: names of the functions that could be bound, in base order.
        label: name of the right function, one of ``candidates``; None where none is right.
        count: how often this question came up while collecting (a weight).
        words: the free text in a view that shows facts or a picture as well.
        facts: those facts.
        pictures: data URL of the picture that the view shows.
    """

    stage: str
    view: str
    candidates: tuple[str, ...]
    label: str | None
    count: int = 1
    words: str = ""
    facts: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """A line of ``examples.jsonl``."""
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: found for name, found in given.items() if found or name not in OPTIONAL}


_EXAMPLE = TypeAdapter(TrainingExample)


def read_examples(file: Path) -> list[TrainingExample]:
    """The examples of a run's ``examples.jsonl``.

    Raises:
        CorruptError: the file was damaged.
    """
    examples = []
    for number, line in enumerate(read_lines(file), start=1):
        try:
            line |= {
                name: tuple(line.get(name, ())) for name in ("candidates", "facts", "pictures")
            }
            examples.append(_EXAMPLE.validate_python(line))
        except (TypeError, AttributeError, ValueError):
            todo = "delete the file, and run again"
            raise CorruptError(f"{file}: line {number} is no training example; {todo}") from None
    return examples


@dataclass(frozen=True, slots=True)
class ExploredChoice(Choice):
    """A random choice of a `LabelStudent`: the decision need not follow the labels."""


def explored_share(task: Task) -> float:
    """Share of random choices: 0 where no state follows a decision, else `EXPLORED_SHARE`."""
    return 0.0 if isinstance(task, RecordTask) else EXPLORED_SHARE


class LabelStudent:
    """Follows the labels, apart from a share of random choices, and keeps what it was asked.

    Where a picture has no label, the student that sees decides.

    Attributes:
        seen: how often each stage, view, candidates and label came up, where there was a choice.
        decided: the same where guards left nothing to choose.
        beside: words, facts and pictures by stage and view, where a view shows several of them.
        scopes: of `SCOPES` questions of each stage.
    """

    name = "labels"

    def __init__(
        self, labeller: Labeller, explore: float, seed: int, seer: Student | None = None
    ) -> None:
        self._labeller, self._explore, self._random = labeller, explore, random.Random(seed)
        self._seer = seer
        self.seen = Counter[tuple[str, str, tuple[str, ...], str | None]]()
        self.decided = Counter[tuple[str, str, tuple[str, ...], str | None]]()
        self.beside: dict[tuple[str, str], tuple[str, tuple[str, ...], tuple[str, ...]]] = {}
        self.scopes: dict[str, list[Scope]] = {}
        self._asked, self._drawn = Counter[str](), random.Random(seed)

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        found, labels = list[Choice](), self._labeller.labels(queries)
        seen = self._seen(queries, labels)
        for index, (query, label) in enumerate(zip(queries, labels, strict=True)):
            if index in seen:
                found.append(seen[index])
                continue
            names = sorted(function.name for function in query.candidates)
            self._keep(query, tuple(names), label)
            explored = bool(names) and self._random.random() < self._explore
            right = label.either if isinstance(label, Unlabelled) else label
            first = self._random.choice(names) if explored else right
            known = isinstance(first, str) and first in names
            # Where nobody knows, a later stage must not take "none of these" for an answer.
            unknown = label == UNLABELLED and not explored
            why = "nobody says which function is right" if unknown else ""
            choice = certain(sorted(names, key=lambda name: (name != first, name)), known, why)
            found.append(ExploredChoice(choice.ranked, choice.none) if explored else choice)
        return found

    def _seen(self, queries: Sequence[Query], labels: Sequence[Label]) -> dict[int, Choice]:
        """Choices of the student that sees, where a picture has no label."""
        pairs = enumerate(zip(queries, labels, strict=True))
        unlabelled = [i for i, (q, label) in pairs if q.stage.pictures and label == UNLABELLED]
        if self._seer is None or not unlabelled:
            return {}
        made = self._seer.select([queries[index] for index in unlabelled])
        return dict(zip(unlabelled, made, strict=True))

    def keep_scope(self, stage: Stage, scope: Scope) -> None:
        """Keep the scope, if it is among the sample."""
        scopes = self.scopes.setdefault(stage.name, [])
        self._asked[stage.name] += 1
        # Reservoir sampling: the first questions alone are those of the episodes' beginnings.
        if len(scopes) < SCOPES:
            scopes.append(scope)
        elif (place := self._drawn.randrange(self._asked[stage.name])) < SCOPES:
            scopes[place] = scope

    def _keep(self, query: Query, names: tuple[str, ...], label: Label) -> None:
        stage, scope = query.stage, query.scope
        self.keep_scope(stage, scope)
        # Training makes up facts that no function fits; messages that none fits have to be found.
        judged = stage.reads_text or bool(stage.pictures)
        if isinstance(label, Unlabelled) or (label is None and not judged):
            return
        (self.decided if query.decided else self.seen)[stage.name, query.view, names, label] += 1
        if stage.reads_text_and_facts or stage.pictures:
            pictures = tuple(scope[name] for name in stage.pictures if scope.get(name))
            beside = render_words(stage, scope), facts_beside(stage, scope), pictures
            self.beside[stage.name, query.view] = beside


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting found.

    Attributes:
        examples: distinct questions with label and count, without those that guards decide.
        ambiguous: number of questions with several labels; the most frequent one is kept.
        scopes: of `SCOPES` questions of each selecting stage.
        labels: every label of each view, by stage and view; the function that ran where conditions
            decide.
    """

    examples: list[TrainingExample]
    ambiguous: int
    scopes: Mapping[str, Sequence[Scope]]
    labels: Mapping[tuple[str, str], frozenset[str]]

    @property
    def chosen(self) -> set[tuple[str, str]]:
        """Pairs (stage, function) that were right anywhere."""
        return {(stage, name) for (stage, _), names in self.labels.items() for name in names}


def collect(
    parts: Parts,
    labeller: Labeller,
    seeds: Sequence[int],
    *,
    states: Sequence[Mapping[str, Json]] = (),
    explore: float | None = None,
    on_progress: Callable[[int, int], None] = lambda *_: None,
    witness: Witness | None = None,
    seer: Student | None = None,
) -> Collected:
    """Play training episodes and keep every question with its right answer.

    The student of ``parts`` is not asked. Each of ``states`` is one more decision. ``explore`` is
    the share of random choices; None takes `explored_share`. ``on_progress`` is called with the
    episodes done and in all. ``witness`` sees each decision. ``seer`` decides the stages that read
    a picture, where it has no label.
    """
    share = explored_share(parts.task) if explore is None else explore
    student = LabelStudent(labeller, share, seed=0, seer=seer)
    exploring = replace(parts, student=student)
    labels: dict[tuple[str, str], frozenset[str]] = {}

    def decided(states: Sequence[Mapping[str, Json]]) -> list[Decision]:
        decisions = decide(exploring, states)
        for state, decision in zip(states, decisions, strict=True):
            labeller.compare(state, decision)
            if witness is not None:
                tried = {s.stage for s in decision.trace if isinstance(s.choice, ExploredChoice)}
                witness.see(state, decision, tried)
            for stage, scope, step in _by_conditions(parts.base, state, decision):
                student.keep_scope(stage, scope)
                if step.function is not None:
                    key = stage.name, step.view
                    labels[key] = labels.get(key, frozenset()) | {step.function}
        return decisions

    def player(positions: Sequence[Position]) -> list[Move]:
        decisions = decided([position.state for position in positions])
        return [(decision.action, decision) for decision in decisions]

    at_once = EPISODES_AT_ONCE
    if labeller.budget.most is not None and isinstance(parts.task, RecordTask):
        at_once = max(1, len(seeds))  # a budget is spent on the most different of all views
    for start in range(0, len(seeds), at_once):
        play(parts.task, player, seeds[start : start + at_once])
        on_progress(min(start + at_once, len(seeds)), len(seeds))
    decided(states)
    examples, ambiguous = list[TrainingExample](), 0
    ordered = sorted(student.seen, key=lambda key: (*key[:3], key[3] or ""))
    for _, keys in groupby(ordered, key=lambda key: key[:3]):
        best, *others = sorted(keys, key=student.seen.__getitem__, reverse=True)
        ambiguous += bool(others)
        beside = student.beside.get(best[:2], ())
        examples.append(TrainingExample(*best, student.seen[best], *beside))
    for name, view, _, label in (*student.seen, *student.decided):
        if label is not None:
            labels[name, view] = labels.get((name, view), frozenset()) | {label}
    return Collected(examples, ambiguous, student.scopes, labels)


def _by_conditions(
    base: FunctionBase, state: Mapping[str, Json], decision: Decision
) -> Iterator[tuple[Stage, Scope, Step]]:
    """The stages that conditions decided, each with its scope and what it gave."""
    scope = dict(state)
    for step in decision.trace:
        stage = base.stage(step.stage)
        if stage.selects and not stage.asks:
            yield stage, dict(scope), step
        scope[stage.output] = step.outcome.value


def reads_text_alone(base: FunctionBase) -> bool:
    """Whether a decision is one selection and its view is free text: a state is then a message."""
    return len(base.stages) == 1 and all(s.asks and s.reads_text_alone for s in base.stages)


def with_usage_examples(
    parts: Parts, labeller: Labeller, records: Sequence[Record], count: int
) -> FunctionBase:
    """The base with labelled states as usage examples; nothing but docstrings is changed.

    The base `reads_text_alone`. A function gets examples in the order of
    `logicdistill.tasks.records.shots`, until it has ``count`` in words, its own included.
    """
    stage, whole = parts.base.stages[0], replace(parts, top_k=len(parts.base.functions))
    drawn: dict[str, list[str]] = {}
    ordered = sorted(records, key=lambda record: fixed_order(0, record.state))
    for start in range(0, len(ordered), LABELLED_AT_ONCE):
        states = [record.state for record in ordered[start : start + LABELLED_AT_ONCE]]
        queries = queries_for(whole, stage, states)
        for query, label in zip(queries, labeller.labels(queries), strict=True):
            if isinstance(label, str):
                drawn.setdefault(label, []).append(" ".join(query.view.split()))
    functions = []
    for function in parts.base.functions:
        known = [example.text for example in function.manual.examples if example.text is not None]
        texts = dict.fromkeys(drawn.get(function.name, []))
        new = [text for text in texts if text not in known and fits_docstring(text)]
        source = with_examples(function.source, new[: max(0, count - len(known))])
        functions.append(parse_function(source, stage, function.origin))
    return parts.base.having(functions)
