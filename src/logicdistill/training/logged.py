"""Recorded decisions as labels: a function is right where its result is the recorded action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import compress
from pathlib import Path

from logicdistill.deciding.parts import Parts
from logicdistill.functions.lint import literal
from logicdistill.functions.manual import constant_result
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Task
from logicdistill.students.floor import Held, holding
from logicdistill.tasks.records import RecordTask
from logicdistill.teacher.write import Author
from logicdistill.training.collect import UNLABELLED, Label, LabelBudget, Labeller, Unlabelled
from logicdistill.training.order import nearest_text
from logicdistill.types import Decision, Function, Json, Query, Stage, same
from logicdistill.views import render_manual
from logicdistill.writing.replies import recorded_teacher


def labeller_for(
    author: Author,
    sandbox: Sandbox,
    task: Task,
    last: Stage,
    strict: bool = True,
    budget: LabelBudget | None = None,
) -> Labeller:
    """The labeller that suits a task; see `LoggedLabeller` for the arguments."""
    if isinstance(task, RecordTask):
        return LoggedLabeller(author, sandbox, task, last, strict, budget)
    return Labeller(author, sandbox, strict, budget)


def recorded_labeller(run: Path, parts: Parts, strict: bool = False) -> Labeller:
    """The labeller for the parts of a run's policy, with the teacher's replies in its folder."""
    author = Author(recorded_teacher(run, parts.task), parts.task)
    return labeller_for(author, parts.sandbox, parts.task, parts.base.stages[-1], strict)


class LoggedLabeller(Labeller):
    """Names the right function of a query from ``When:``, the teacher and the recorded actions.

    In the stage ``last`` each candidate is run in a state with a recorded action. The label is the
    candidate whose result is that action; of several one whose ``When:`` holds, or else the one
    that a stored label names, or else the one whose manual is nearest to the view in words: no
    label decides there, so nobody is asked. The query is `UNLABELLED`, and reported, where a
    ``When:`` or a stored label names another function, or where no candidate gives the action:
    nobody can say who is wrong. The exception is the fallback action: where no candidate gives it,
    none is right.

    In any stage the function that a record names under ``choices`` is right.
    """

    def __init__(
        self,
        author: Author,
        sandbox: Sandbox,
        task: RecordTask,
        last: Stage,
        strict: bool = True,
        budget: LabelBudget | None = None,
    ) -> None:
        super().__init__(author, sandbox, strict, budget)
        self._any_leads: set[tuple[str, str]] = set()
        self._task, self._last = task, last.name
        self._by_conditions = () if last.asks else (last.name,)
        self._found: dict[str, dict[str, Json]] = {}
        # A handler that returns its own name needs no call; there may be hundreds of them.
        self._constant = cache(constant_result)

    @property
    def disagreements(self) -> list[dict[str, Json]]:
        """Reported states in the order of the records.

        Each has ``id``, ``state``, ``stage``, ``action`` (recorded), ``leading`` (functions that
        give it), ``when`` (functions whose ``When:`` holds), ``teacher`` (the function that it
        names, None where it was not asked) and ``says``: all of it in one line.
        """
        order = {record.id: index for index, record in enumerate(self._task.records)}
        return sorted(self._found.values(), key=lambda item: order[item["id"]])

    def labels(self, queries: Sequence[Query]) -> list[Label]:
        """See `Labeller.labels`."""
        named = [self._named(query) for query in queries]
        rest = self._unnamed(
            [q for q, name in zip(queries, named, strict=True) if name is UNLABELLED]
        )
        others = iter(rest)
        return [next(others) if name is UNLABELLED else name for name in named]

    def notes(self) -> list[str]:
        """See `Labeller.notes`; also where any of several functions gives the recorded action."""
        counts = Counter(stage for stage, _ in self._any_leads)
        what = "several functions give the recorded action; the nearest in words is taken"
        return [*super().notes(), *(f"{s}: in {n} views {what}" for s, n in sorted(counts.items()))]

    def compare(self, state: Mapping[str, Json], decision: Decision) -> None:
        """Report a recorded action that conditions do not lead to, though every choice is known."""
        last, records = decision.trace[-1], self._task.logged(state)
        stopped = last.choice is not None and last.function is None
        if not records or stopped or last.stage not in self._by_conditions:
            return
        record = records[0]
        if same(decision.action, record.action):
            return
        gives = f"{last.function} gives {decision.action!r}"
        leads = gives if last.function else f"{decision.fallback}, so {decision.action!r} is taken"
        self._found[record.id] = {
            "id": record.id,
            "state": record.state,
            "stage": last.stage,
            "action": record.action,
            "leading": [],
            "when": [last.function] if last.function else [],
            "teacher": None,
            "says": f"{record.id}: recorded {record.action!r}, but {leads}",
        }

    def _named(self, query: Query) -> Label:
        """The function that a record names for the stage."""
        names = {None, *(function.name for function in query.candidates)}
        for record in self._task.recorded(query.scope):
            if (name := record.choices.get(query.stage.name, UNLABELLED)) in names:
                return name
        return UNLABELLED

    def _unnamed(self, queries: Sequence[Query]) -> list[Label]:
        known = [q.stage.name == self._last and bool(self._task.logged(q.scope)) for q in queries]
        others = super().labels([q for q, logged in zip(queries, known, strict=True) if not logged])
        asked = list(compress(queries, known))
        cases = list(zip(asked, self._leading(asked), holding(asked, self.runner), strict=True))
        self.look_up([q for q, leading, held in cases if len(leading) > 1 and not held.names])
        silent, agreed = iter(others), iter([self._agreed(*case) for case in cases])
        return [next(agreed if logged else silent) for logged in known]

    def _leading(self, queries: Sequence[Query]) -> list[list[str]]:
        """For each query the candidates whose result is the recorded action, by name."""
        actions = [self._task.logged(query.scope)[0].action for query in queries]
        to_call: dict[Function, list[int]] = {}
        found: list[list[str]] = [[] for _ in queries]
        judged: dict[tuple[str, tuple[Function, ...]], tuple[list[str], list[Function]]] = {}
        for index, query in enumerate(queries):
            # The same action and candidates come again and again, and may be hundreds.
            key = literal(actions[index]), query.candidates
            if key not in judged:
                judged[key] = [], []
                for function in query.candidates:
                    if (constant := self._constant(function)) is None:
                        judged[key][1].append(function)
                    elif same(constant[0], actions[index]):
                        judged[key][0].append(function.name)
            found[index] += judged[key][0]
            for function in judged[key][1]:
                to_call.setdefault(function, []).append(index)
        for function, indices in to_call.items():
            scopes = [queries[index].scope for index in indices]
            outcomes = self.runner.call_many(function, scopes)
            for index, outcome in zip(indices, outcomes, strict=True):
                if outcome.error is None and same(outcome.value, actions[index]):
                    found[index].append(function.name)
        return [sorted(names) for names in found]

    def _agreed(self, query: Query, leading: list[str], held: Held) -> Label:
        """The label that nothing contradicts; otherwise the query is reported."""
        record, teacher, when = self._task.logged(query.scope)[0], None, held.names
        if twin := self._twin(query):
            says = f"{twin} has the same state and another action"
        elif both := [name for name in leading if name in when]:
            return both[0]
        elif when:
            says = f"the 'When:' of {when[0]} holds, which leads to another action"
        elif held.unclear:
            says = held.unclear
        elif len(leading) == 1:
            return leading[0]
        elif not leading:
            if same(record.action, self._task.fallback(query.scope)):
                return None
            says = "no function leads to it"
        elif (judged := self.judged(query)) in leading:
            return judged
        elif isinstance(judged, Unlabelled) or judged is None:
            if fitting := [f for f in query.candidates if f.name in leading and not f.manual.when]:
                self._any_leads.add((query.stage.name, query.view))
                texts = [
                    f"{function.name} {render_manual(function.manual)}" for function in fitting
                ]
                return fitting[nearest_text(query.view, texts)].name
            says = f"{', '.join(leading)} all lead to it"
        else:
            teacher = judged
            says = f"the teacher names {judged}, which leads to another action"
        self._found[record.id] = {
            "id": record.id,
            "state": record.state,
            "stage": query.stage.name,
            "action": record.action,
            "leading": leading,
            "when": when,
            "teacher": teacher,
            "says": f"{record.id}: recorded {record.action!r}, but {says}",
        }
        return UNLABELLED

    def _twin(self, query: Query) -> str | None:
        """Id of a record with the same state and another action."""
        first, *others = self._task.logged(query.scope)
        return next((other.id for other in others if not same(other.action, first.action)), None)
