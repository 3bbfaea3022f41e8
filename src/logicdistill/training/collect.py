"""Episodes to training examples: which function is right where, by ``When:`` for free and by the teacher where that is silent."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position, play
from logicdistill.deciding.parts import Parts
from logicdistill.deciding.stage import queries_for
from logicdistill.errors import LogicDistillError, MissingReplyError, UnusableReplyError
from logicdistill.files import read_lines
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.manual import fits_docstring, parse_function, with_examples
from logicdistill.protocols import Holds
from logicdistill.students.floor import holding
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.records import fixed_order
from logicdistill.teacher.write import Author
from logicdistill.types import Candidate, Choice, Function, Json, Query, Scope
from logicdistill.views import facts_beside, render_words

UNLABELLED = "?"
"""In place of a label where the teacher has none and that is allowed."""

EXPLORED = 0.5
"""Probability of a choice made at random: a decision whose confidence is 1 followed the labels at every stage."""

SCOPES = 300
"""Questions of each stage that are kept, drawn from all of them, for notes on likely mistakes."""

BATCH = 100
"""Episodes played side by side."""


class Labeller:
    """Names the right function of a query.

    The one candidate whose ``When:`` holds; where none does, the only candidate without a ``When:``, or among several
    of them the one that the teacher names for the view (asked once a view).

    Args:
        author: the teacher, asked about the task.
        holds: evaluates conditions in the sandbox.
        strict: whether a view that the teacher has no reply for is an error, or `UNLABELLED`.

    Attributes:
        unusable: views that a live teacher gave no usable answer to; they are `UNLABELLED`.
    """

    def __init__(self, author: Author, holds: Holds, strict: bool = True) -> None:
        self._author = author
        self._holds = holds
        self._strict = strict
        self._asked: dict[tuple[str, str, tuple[str, ...]], str] = {}
        self.unusable = 0

    def labels(self, queries: Sequence[Query]) -> list[str | None]:
        """One name a query; None where no candidate is right.

        Raises:
            MissingReplyError: the teacher has no label for a view.
            BaseError: the teacher names no candidate.
        """
        holding = self.holding(queries)
        self.ask([query for query, names in zip(queries, holding, strict=True) if not names])
        return [
            names[0] if names else self.judged(query)
            for query, names in zip(queries, holding, strict=True)
        ]

    def holding(self, queries: Sequence[Query]) -> list[list[str]]:
        """See `logicdistill.students.floor.holding`."""
        return holding(queries, self._holds)

    def judged(self, query: Query) -> str | None:
        """The only candidate without a ``When:``, or the one of several that the teacher names; None where there is none."""
        open_ones = _open(query)
        if len(open_ones) < 2:
            return open_ones[0].name if open_ones else None
        self.ask([query])
        return self._asked[_key(query)]

    def ask(self, queries: Sequence[Query]) -> None:
        """Ask the teacher about all of these queries that have several candidates without a ``When:``, and were not asked about yet.

        Raises:
            MissingReplyError, BaseError: see `labels`.
            TeacherError: a live teacher does not answer, or a limit is reached.
        """
        missing = {
            _key(query): query
            for query in queries
            if len(_open(query)) > 1 and _key(query) not in self._asked
        }
        answered = self._author.labels(
            [(query.stage, query.view, _open(query)) for query in missing.values()]
        )
        for key, answer in zip(missing, answered, strict=True):
            if isinstance(answer, UnusableReplyError) or (
                isinstance(answer, MissingReplyError) and not self._strict
            ):
                self._asked[key] = UNLABELLED
                self.unusable += isinstance(answer, UnusableReplyError)
            elif isinstance(answer, LogicDistillError):
                raise answer
            else:
                self._asked[key] = answer


def _open(query: Query) -> list[Function]:
    """Candidates without a ``When:``, by name."""
    return sorted(
        (f for f in query.candidates if f.manual.when is None), key=lambda function: function.name
    )


def _key(query: Query) -> tuple[str, str, tuple[str, ...]]:
    return query.stage.name, query.view, tuple(function.name for function in _open(query))


class LabelStudent:
    """Follows the labels, and now and then does not, so that the states after a mistake are seen as well.

    Args:
        labeller: names the right function.
        explore: share of choices made at random.
        seed: of those choices.
    """

    name = "labels"

    def __init__(self, labeller: Labeller, explore: float, seed: int) -> None:
        self._labeller, self._explore, self._random = labeller, explore, random.Random(seed)
        self.seen: Counter[tuple[str, str, tuple[str, ...], str | None]] = Counter()
        self.decided: Counter[tuple[str, str, tuple[str, ...], str | None]] = Counter()
        self.beside: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
        self.scopes: dict[str, list[Scope]] = {}
        self._asked, self._drawn = Counter[str](), random.Random(seed)

    def select(self, queries: Sequence[Query]) -> list[Choice]:
        """See `logicdistill.protocols.Student`."""
        choices = []
        for query, label in zip(queries, self._labeller.labels(queries), strict=True):
            self._keep(query)
            names = sorted(function.name for function in query.candidates)
            # Facts that no function fits are made in training; what people write about other things is only found.
            if label != UNLABELLED and (label is not None or query.stage.reads_text):
                (self.decided if query.decided else self.seen)[
                    query.stage.name, query.view, tuple(names), label
                ] += 1
                if query.stage.reads_text_and_facts:
                    beside = (
                        render_words(query.stage, query.scope),
                        facts_beside(query.stage, query.scope),
                    )
                    self.beside[query.stage.name, query.view] = beside
            explored = bool(names) and self._random.random() < self._explore
            first = self._random.choice(names) if explored else label
            if first not in names:
                choices.append(Choice(tuple(Candidate(name, 0.0) for name in names), none=1.0))
            else:
                rest = [name for name in names if name != first]
                choices.append(
                    Choice(
                        (
                            Candidate(first, EXPLORED if explored else 1.0),
                            *(Candidate(name, 0.0) for name in rest),
                        )
                    )
                )
        return choices

    def _keep(self, query: Query) -> None:
        """Reservoir sampling: the first questions alone are those of the episodes' beginnings."""
        scopes = self.scopes.setdefault(query.stage.name, [])
        self._asked[query.stage.name] += 1
        if len(scopes) < SCOPES:
            scopes.append(query.scope)
        elif (place := self._drawn.randrange(self._asked[query.stage.name])) < SCOPES:
            scopes[place] = query.scope


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting found.

    Attributes:
        examples: distinct questions with their label and count, less those that guards decide.
        scopes: what each selecting stage saw, in `SCOPES` of its questions.
        labels: every label of each view, by stage and view.
        ambiguous: how many questions had more than one label, since the view does not show what decides (the most frequent is kept).
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
    explore: float = 0.15,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Collected:
    """Play training episodes and keep every question with its right answer.

    Args:
        parts: task, base and sandbox; its student is not asked.
        labeller: names the right function.
        seeds: training seeds; evaluation never uses them.
        states: further states; each is one decision.
        explore: share of choices made at random.
        on_progress: told of episodes done and in all.
    """
    student = LabelStudent(labeller, explore, seed=0)
    exploring = Parts(parts.task, parts.base, parts.retriever, student, parts.sandbox, parts.top_k)

    def player(positions: Sequence[Position]) -> list[Move]:
        decisions = decide(exploring, [position.state for position in positions])
        return [(decision.action, decision) for decision in decisions]

    for start in range(0, len(seeds), BATCH):
        play(parts.task, player, seeds[start : start + BATCH])
        on_progress(min(start + BATCH, len(seeds)), len(seeds))
    decide(exploring, states)
    best: dict[tuple[str, str, tuple[str, ...]], TrainingExample] = {}
    ambiguous = set()
    for (stage, view, names, label), count in sorted(
        student.seen.items(), key=lambda item: (*item[0][:3], item[0][3] or "")
    ):
        known = best.get((stage, view, names))
        if known is not None:
            ambiguous.add((stage, view, names))
        if known is None or known.count < count:
            best[stage, view, names] = TrainingExample(
                stage, view, names, label, count, *student.beside.get((stage, view), ())
            )
    labels: dict[tuple[str, str], frozenset[str]] = {}
    for stage, view, _, label in (*student.seen, *student.decided):
        if label is not None:
            labels[stage, view] = labels.get((stage, view), frozenset()) | {label}
    return Collected(list(best.values()), len(ambiguous), student.scopes, labels)


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One labelled question.

    Attributes:
        stage: name of the stage.
        view: text view of the state for that stage.
        candidates: names of the functions that could be bound, in base order.
        label: name of the right function, one of ``candidates``; None where none of them is right.
        count: how often this question came up while collecting (a weight).
        words: the free text in a view that shows facts as well.
        facts: those facts.
    """

    stage: str
    view: str
    candidates: tuple[str, ...]
    label: str | None
    count: int = 1
    words: str = ""
    facts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """A line of ``examples.jsonl``."""
        beside = ("words", "facts")
        return {name: value for name, value in asdict(self).items() if value or name not in beside}


def read_examples(file: Path) -> list[TrainingExample]:
    """The examples of a run's ``examples.jsonl``.

    Raises:
        CorruptError: the file was damaged.
    """
    lines = (
        line | {name: tuple(line.get(name, ())) for name in ("candidates", "facts")}
        for line in read_lines(file)
    )
    return [TrainingExample(**line) for line in lines]


USAGE_EXAMPLES = 10
"""Usage examples in words that a function gets by default."""

LABELLED_AT_ONCE = 1000
"""States that one step of `with_usage_examples` labels."""


def reads_text_alone(base: FunctionBase) -> bool:
    """Whether a decision is one selection and its view nothing but free text: then a state in words is a usage example."""
    return len(base.stages) == 1 and base.stages[0].selects and base.stages[0].reads_text_alone


def with_usage_examples(
    parts: Parts, labeller: Labeller, records: Sequence[Record], count: int
) -> FunctionBase:
    """The base with labelled states as usage examples.

    Args:
        parts: task, base and sandbox; the base `reads_text_alone`.
        labeller: names the right function of a state.
        records: training states to draw from, in the order of `logicdistill.tasks.records.shots`.
        count: usage examples in words that a function has afterwards, if there are so many states; those it has already count.

    Returns:
        The base; only docstrings of functions that pass the gate already are changed.
    """
    stage = parts.base.stages[0]
    whole = replace(parts, top_k=len(parts.base.functions))
    drawn: dict[str, list[str]] = {}
    ordered = sorted(records, key=lambda record: fixed_order(0, record.state))
    for start in range(0, len(ordered), LABELLED_AT_ONCE):
        queries = queries_for(
            whole, stage, [record.state for record in ordered[start : start + LABELLED_AT_ONCE]]
        )
        for query, label in zip(queries, labeller.labels(queries), strict=True):
            if label is not None and label != UNLABELLED:
                drawn.setdefault(label, []).append(" ".join(query.view.split()))
    functions = []
    for function in parts.base.functions:
        known = [example.text for example in function.manual.examples if example.text is not None]
        new = [
            text
            for text in dict.fromkeys(drawn.get(function.name, []))
            if text not in known and fits_docstring(text)
        ]
        source = with_examples(function.source, new[: max(0, count - len(known))])
        functions.append(parse_function(source, stage, function.origin))
    return parts.base.having(functions)
