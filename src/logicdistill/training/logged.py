"""Recorded decisions as labels: a function is right where its result is the recorded action."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from logicdistill.functions.manual import constant_result
from logicdistill.functions.sandbox import Sandbox
from logicdistill.policy import Policy
from logicdistill.protocols import Task
from logicdistill.tasks.records import RecordTask
from logicdistill.tasks.schema import same
from logicdistill.teacher.write import Author
from logicdistill.training.collect import UNLABELLED, Label, Labeller
from logicdistill.types import Function, Json, Query
from logicdistill.writing.replies import recorded_teacher


def labeller_for(
    author: Author, sandbox: Sandbox, task: Task, last: str, strict: bool = True
) -> Labeller:
    """The labeller that suits a task: a `LoggedLabeller` for a record task.

    Args:
        author: the teacher, asked about the task.
        sandbox: holds the base.
        task: the task.
        last: name of the last stage.
        strict: see `Labeller`.
    """
    if isinstance(task, RecordTask):
        return LoggedLabeller(author, sandbox, task, last, strict)
    return Labeller(author, sandbox.holds, strict)


def recorded_labeller(run: Path, policy: Policy, strict: bool = False) -> Labeller:
    """The labeller with the teacher's replies that a run has recorded.

    Args:
        run: the run's folder.
        policy: of that run.
        strict: see `Labeller`.
    """
    author = Author(recorded_teacher(run, policy.task), policy.task)
    last = policy.base.stages[-1].name
    return labeller_for(author, policy.parts.sandbox, policy.task, last, strict)


class LoggedLabeller(Labeller):
    """Names the right function of a query from ``When:``, the teacher and the recorded actions.

    In the last stage each candidate is run in a state with a recorded action. The label is the
    candidate whose result is that action; of several the first whose ``When:`` holds, or else the
    one that the teacher names. The query is `UNLABELLED`, and reported, where a ``When:`` or the
    teacher names another function, or where no candidate gives the action: nobody can say who is
    wrong. The exception is the fallback action: where no candidate gives it, none is right.

    Args:
        author: the teacher, asked about the task.
        sandbox: holds the base.
        task: holds the records.
        last: name of the last stage.
        strict: see `Labeller`.
    """

    def __init__(
        self, author: Author, sandbox: Sandbox, task: RecordTask, last: str, strict: bool = True
    ) -> None:
        super().__init__(author, sandbox.holds, strict)
        self._sandbox, self._task, self._last = sandbox, task, last
        self._found: dict[str, dict[str, Json]] = {}
        self._constants: dict[str, tuple[Json] | None] = {}

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
        logged, silent = list[int](), list[int]()
        for index, query in enumerate(queries):
            known = query.stage.name == self._last and self._task.logged(query.scope)
            (logged if known else silent).append(index)
        found = dict(zip(silent, super().labels([queries[index] for index in silent]), strict=True))
        asked = [queries[index] for index in logged]
        cases = list(zip(asked, self._leading(asked), self.holding(asked), strict=True))
        self.ask(
            [
                query
                for query, leading, holding in cases
                if len(leading) > 1 and not holding and self._twin(query) is None
            ]
        )
        found |= zip(logged, (self._agreed(*case) for case in cases), strict=True)
        return [found[index] for index in range(len(queries))]

    def _leading(self, queries: Sequence[Query]) -> list[list[str]]:
        """For each query the candidates whose result is the recorded action, by name."""
        actions = [self._task.logged(query.scope)[0].action for query in queries]
        to_call: dict[Function, list[int]] = {}
        found: list[list[str]] = [[] for _ in queries]
        for index, query in enumerate(queries):
            for function in query.candidates:
                if (constant := self._constant(function)) is None:
                    to_call.setdefault(function, []).append(index)
                elif same(constant[0], actions[index]):
                    found[index].append(function.name)
        for function, indices in to_call.items():
            scopes = [queries[index].scope for index in indices]
            outcomes = self._sandbox.call_many(function, scopes)
            for index, outcome in zip(indices, outcomes, strict=True):
                if outcome.error is None and same(outcome.value, actions[index]):
                    found[index].append(function.name)
        return [sorted(names) for names in found]

    def _constant(self, function: Function) -> tuple[Json] | None:
        """A handler that returns its own name needs no call; there may be hundreds of them."""
        if function.content_hash not in self._constants:
            self._constants[function.content_hash] = constant_result(function)
        return self._constants[function.content_hash]

    def _agreed(self, query: Query, leading: list[str], holding: list[str]) -> Label:
        """The label that nothing contradicts; otherwise the query is reported."""
        record, teacher = self._task.logged(query.scope)[0], None
        if twin := self._twin(query):
            says = f"{twin} has the same state and another action"
        elif both := [name for name in leading if name in holding]:
            return both[0]
        elif holding:
            says = f"the 'When:' of {holding[0]} holds, which leads to another action"
        elif len(leading) == 1:
            return leading[0]
        elif not leading:
            if same(record.action, self._task.fallback(query.scope)):
                return None
            says = "no function leads to it"
        elif (judged := self.judged(query)) in leading:
            return judged
        elif judged is UNLABELLED or judged is None:
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
            "when": holding,
            "teacher": teacher,
            "says": f"{record.id}: recorded {record.action!r}, but {says}",
        }
        return UNLABELLED

    def _twin(self, query: Query) -> str | None:
        """Id of a record with the same state and another action."""
        first, *others = self._task.logged(query.scope)
        return next((other.id for other in others if not same(other.action, first.action)), None)
