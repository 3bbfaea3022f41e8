"""Recorded decisions as labels: a function is right where its result is the recorded action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path

from logicdistill.deciding.parts import Parts
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Task
from logicdistill.students.floor import Held, holding
from logicdistill.tasks.records import RecordTask
from logicdistill.teacher.write import Author
from logicdistill.training.labelling import UNLABELLED, Label, LabelBudget, Labeller, Unlabelled
from logicdistill.training.order import nearest_text
from logicdistill.types import Decision, Json, Query, Stage, same
from logicdistill.views import render_manual
from logicdistill.writing.judging import leading
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
        early = decision.fallback is not None  # a stage before the last may have ended it
        if not records or stopped or not (last.stage in self._by_conditions or early):
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
        actions = [self._task.logged(query.scope)[0].action for query in asked]
        leads = leading(asked, actions, self.runner)
        cases = list(zip(asked, leads, holding(asked, self.runner), strict=True))
        self.look_up([q for q, names, held in cases if len(names) > 1 and not held.names])
        silent, agreed = iter(others), iter([self._agreed(*case) for case in cases])
        return [next(agreed if logged else silent) for logged in known]

    def _agreed(self, query: Query, leads: list[str], held: Held) -> Label:
        """The label that nothing contradicts; otherwise the query is reported."""
        record, teacher, when = self._task.logged(query.scope)[0], None, held.names
        if twin := self._twin(query):
            says = f"{twin} has the same state and another action"
        elif both := [name for name in leads if name in when]:
            return both[0]
        elif when:
            says = f"the 'When:' of {when[0]} holds, which leads to another action"
        elif held.unclear:
            says = held.unclear
        elif len(leads) == 1:
            return leads[0]
        elif not leads:
            if same(record.action, self._task.fallback(query.scope)):
                return None
            says = "no function leads to it"
        elif (judged := self.judged(query)) in leads:
            return judged
        elif isinstance(judged, Unlabelled) or judged is None:
            if fitting := [f for f in query.candidates if f.name in leads and not f.manual.when]:
                self._any_leads.add((query.stage.name, query.view))
                texts = [
                    f"{function.name} {render_manual(function.manual)}" for function in fitting
                ]
                return fitting[nearest_text(query.view, texts)].name
            says = f"{', '.join(leads)} all lead to it"
        else:
            teacher = judged
            says = f"the teacher names {judged}, which leads to another action"
        self._found[record.id] = {
            "id": record.id,
            "state": record.state,
            "stage": query.stage.name,
            "action": record.action,
            "leading": leads,
            "when": when,
            "teacher": teacher,
            "says": f"{record.id}: recorded {record.action!r}, but {says}",
        }
        return UNLABELLED

    def _twin(self, query: Query) -> str | None:
        """Id of a record with the same state and another action."""
        first, *others = self._task.logged(query.scope)
        return next((other.id for other in others if not same(other.action, first.action)), None)
