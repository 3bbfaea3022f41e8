"""Which function is right in a state: the conditions say so, or the teacher, within a budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from logicdistill.errors import LogicDistillError, MissingReplyError, UnusableReplyError
from logicdistill.protocols import Runner
from logicdistill.students.floor import Held, holding
from logicdistill.teacher.write import Author
from logicdistill.training.order import diverse_first
from logicdistill.types import Decision, Function, Json, Query, same


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """Instead of a label, where nobody says which function is right.

    ``either`` is a candidate to go on with where all give the same result: no label decides there.
    """

    either: str | None = None


UNLABELLED: Final = Unlabelled()
"""Nobody says which function is right, and it makes a difference."""

Label: TypeAlias = str | Unlabelled | None
"""Name of the right function; None where no candidate is right."""

_Key: TypeAlias = tuple[str, str, tuple[str, ...]]
"""Stage, view and candidates of a question."""


@dataclass(slots=True)
class LabelBudget:
    """How many labels a live teacher is asked for in a run; its labellers share it.

    Attributes:
        most: texts that get a label, those with a stored one included; None: all.
        asked: questions that got one, or were asked.
        left: questions that were left without.
    """

    most: int | None = None
    asked: set[_Key] = field(default_factory=set)
    left: set[_Key] = field(default_factory=set)

    def take(self, keys: Sequence[_Key]) -> list[_Key]:
        """Those of the questions that may be asked, the first ones."""
        free = len(keys) if self.most is None else max(0, self.most - len(self.asked))
        taken = list(keys[:free])
        self.asked.update(taken)
        self.left.update(keys[free:])
        return taken

    def line(self) -> str | None:
        """What was left, in one line; None where nothing was."""
        if not self.left:
            return None
        asked, left = len(self.asked), len(self.left)
        counts = f"{asked:,} of {asked + left:,} asked (--label-budget)"
        return f"labels: {counts}; {left:,} views are left without"


class Labeller:
    """Names the right function of a query.

    It is the candidate whose ``When:`` holds; where several hold, all of them have to give the
    same result. Where none holds, it is the only candidate without a ``When:``, or of several the
    one that the teacher names (asked once a view, the most different views first). A stored label
    is always used. Nobody is asked where all of these candidates give the same result, nor beyond
    the budget. A view without a usable answer of a live teacher is `UNLABELLED`. One without any
    reply raises if ``strict`` and without a budget, and is `UNLABELLED` otherwise.

    Attributes:
        runner: evaluates the conditions.
        budget: how many labels a live teacher is asked for.
        unusable: views without a usable answer of a live teacher.
        unfitting: views in which the teacher says that no candidate is right, by stage.
        unclear: how many questions have no label, as the conditions do not say which function is
            right: by stage and reason.
    """

    def __init__(
        self, author: Author, runner: Runner, strict: bool = True, budget: LabelBudget | None = None
    ) -> None:
        self._author, self.runner, self.budget = author, runner, budget or LabelBudget()
        self._strict = strict and self.budget.most is None
        self.unclear = Counter[tuple[str, str]]()
        self._asked: dict[_Key, Label] = {}
        self.unusable = 0
        self.unfitting = Counter[str]()

    def compare(self, state: Mapping[str, Json], decision: Decision) -> None:
        """Take note of a decision that followed the labels; see `LoggedLabeller.compare`."""

    def labels(self, queries: Sequence[Query]) -> list[Label]:
        """One label a query.

        Raises:
            MissingReplyError: the teacher has no label for a view.
            BaseError: the teacher names no candidate.
            TeacherError: a live teacher does not answer, or a limit is reached.
        """
        found = list(zip(queries, holding(queries, self.runner), strict=True))
        asked = [query for query, held in found if not held.names and not held.unclear]
        self.ask([query for query in asked if not query.stage.pictures])
        return [self._label(query, held) for query, held in found]

    def notes(self) -> list[str]:
        """What has no label for its conditions, and what no function fits, a line each."""
        unclear = [
            f"{stage}: {reason}; so {count} questions have no label"
            for (stage, reason), count in sorted(self.unclear.items())
        ]
        what = "the teacher says that no function fits"
        return unclear + [f"{s}: in {n} views {what}" for s, n in sorted(self.unfitting.items())]

    def _label(self, query: Query, held: Held) -> Label:
        if held.unclear:
            self.unclear[query.stage.name, held.unclear] += 1
            return UNLABELLED
        return held.names[0] if held.names else self.judged(query)

    def judged(self, query: Query) -> Label:
        """The right one of the candidates without a ``When:``, after `ask`; None: there is none."""
        open_ones = _open(query)
        if query.stage.pictures:  # no picture is sent to a teacher
            return UNLABELLED
        if len(open_ones) > 1:
            return self._asked.get(_key(query), Unlabelled(open_ones[0].name))
        return open_ones[0].name if open_ones else None

    def look_up(self, queries: Sequence[Query]) -> dict[_Key, list[Query]]:
        """Take stored labels; returns the questions without one, each with its queries."""
        missing: dict[_Key, list[Query]] = {}
        for query in queries:
            if len(_open(query)) > 1 and (key := _key(query)) not in self._asked:
                missing.setdefault(key, []).append(query)
        for key, (query, *_) in list(missing.items()):
            answer = self._author.known_label((query.stage, query.view, _open(query)))
            if answer is not None:
                self._take(key, answer.function)
                self.budget.asked.add(key)
                self.budget.left.discard(key)
                del missing[key]
        return missing

    def ask(self, queries: Sequence[Query]) -> None:
        """Ask the teacher, together, which of several candidates without a ``When:`` is right.

        Raises:
            MissingReplyError, BaseError, TeacherError: see `labels`.
        """
        missing = self.look_up(queries)
        agreeing = self._agreeing([query for asked in missing.values() for query in asked])
        told_apart = [
            key for key, asked in missing.items() if not all(next(agreeing) for _ in asked)
        ]
        ordered = sorted(told_apart)
        order = diverse_first([view for _, view, _ in ordered])
        keys = self.budget.take([ordered[place] for place in order])
        first = {key: missing[key][0] for key in keys}
        questions = [(query.stage, query.view, _open(query)) for query in first.values()]
        self._asked |= {key: UNLABELLED for key in told_apart if key not in first}
        for key, answer in zip(keys, self._author.labels(questions), strict=True):
            unusable = isinstance(answer, UnusableReplyError)
            if unusable or (isinstance(answer, MissingReplyError) and not self._strict):
                self._asked[key] = UNLABELLED
                self.unusable += unusable
            elif isinstance(answer, LogicDistillError):
                raise answer
            else:
                self._take(key, answer)

    def _take(self, key: _Key, name: str | None) -> None:
        self._asked[key] = name
        if name is None:
            self.unfitting[key[0]] += 1

    def _agreeing(self, queries: Sequence[Query]) -> Iterator[bool]:
        """For each query whether all candidates without a ``When:`` give the same result there."""
        rest, results = set(range(len(queries))), dict[int, Json]()
        for place in range(max((len(_open(query)) for query in queries), default=0)):
            called: dict[Function, list[int]] = {}
            for index in sorted(rest):
                if place < len(open_ones := _open(queries[index])):
                    if set(open_ones[place].parameters) <= set(queries[index].scope):
                        called.setdefault(open_ones[place], []).append(index)
                    else:
                        rest.discard(index)
            for function, indices in called.items():
                scopes = [queries[index].scope for index in indices]
                outcomes = self.runner.call_many(function, scopes)
                for index, outcome in zip(indices, outcomes, strict=True):
                    known = results.setdefault(index, outcome.value)
                    if outcome.error is not None or not same(known, outcome.value):
                        rest.discard(index)
        return iter([index in rest for index in range(len(queries))])


def _open(query: Query) -> list[Function]:
    """Candidates that no ``When:`` decides about, by name."""
    found = (one for one in query.candidates if one.manual.when is None or one.by_words)
    return sorted(found, key=lambda function: function.name)


def _key(query: Query) -> _Key:
    return query.stage.name, query.view, tuple(function.name for function in _open(query))
