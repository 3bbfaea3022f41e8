"""Recorded decisions as labels: in the last stage a function is right where its result is the action that was recorded."""

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
from logicdistill.training.collect import UNLABELLED, Labeller
from logicdistill.types import Function, Json, Query
from logicdistill.writing.replies import recorded_teacher


class LoggedLabeller(Labeller):
    """Names the right function of a query from ``When:``, the teacher and the recorded actions, which have to agree.

    In the last stage each candidate is run in a state with a recorded action. If one of them leads to it, that is the label; of
    several the first whose ``When:`` holds, or else the one that the teacher names. Where a ``When:`` or the teacher names another
    function, or no candidate leads to the action, nobody can say who is wrong: the query is `UNLABELLED`, and reported. Where the
    action is the task's fallback and no candidate leads to it, "none of these" is right.

    Args:
        author: the teacher, asked about the task.
        sandbox: holds the base.
        task: whose records are looked up.
        last: name of the last stage.
        strict: see `Labeller`.

    Attributes:
        disagreements: a state each: ``id``, ``state``, ``stage``, ``action`` (recorded), ``leading`` (functions that lead to it),
            ``when`` (whose ``When:`` holds), ``teacher`` (whom it names, None where it was not asked) and ``says``, all in one line.
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
        """See the class; in the order of the records."""
        order = {record.id: index for index, record in enumerate(self._task.records)}
        return sorted(self._found.values(), key=lambda item: order[item["id"]])

    def labels(self, queries: Sequence[Query]) -> list[str | None]:
        """See `Labeller.labels`."""
        logged = [
            index
            for index, query in enumerate(queries)
            if query.stage.name == self._last and self._task.logged(query.scope)
        ]
        silent = sorted(set(range(len(queries))) - set(logged))
        found = dict(zip(silent, super().labels([queries[index] for index in silent]), strict=True))
        asked = [queries[index] for index in logged]
        leading, holding = self._leading(asked), self.holding(asked)
        open_ones = zip(asked, leading, holding, strict=True)
        self.ask(
            [
                query
                for query, leads, holds in open_ones
                if len(leads) > 1 and not holds and self._twin(query) is None
            ]
        )
        for index, query, leads, holds in zip(logged, asked, leading, holding, strict=True):
            found[index] = self._agreed(query, leads, holds)
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
            outcomes = self._sandbox.call_many(
                function, [queries[index].scope for index in indices]
            )
            for index, outcome in zip(indices, outcomes, strict=True):
                if outcome.error is None and same(outcome.value, actions[index]):
                    found[index].append(function.name)
        return [sorted(names) for names in found]

    def _constant(self, function: Function) -> tuple[Json] | None:
        """Hundreds of handlers that each return their own name need no call to know their result."""
        if function.content_hash not in self._constants:
            self._constants[function.content_hash] = constant_result(function)
        return self._constants[function.content_hash]

    def _agreed(self, query: Query, leading: list[str], holding: list[str]) -> str | None:
        if twin := self._twin(query):
            return self._report(
                query, leading, holding, None, f"{twin} has the same state and another action"
            )
        fitting = [name for name in leading if name in holding]
        if fitting:
            return fitting[0]
        if holding:
            return self._report(
                query,
                leading,
                holding,
                None,
                f"the 'When:' of {holding[0]} holds, which leads to another action",
            )
        if len(leading) == 1:
            return leading[0]
        if not leading and same(
            self._task.logged(query.scope)[0].action, self._task.fallback(query.scope)
        ):
            return None
        if not leading:
            return self._report(query, leading, holding, None, "no function leads to it")
        if (teacher := self.judged(query)) in leading:
            return teacher
        known = None if teacher == UNLABELLED else teacher
        says = (
            f"the teacher names {known}, which leads to another action"
            if known
            else f"{', '.join(leading)} all lead to it"
        )
        return self._report(query, leading, holding, known, says)

    def _twin(self, query: Query) -> str | None:
        """Id of a record with the same state and another action."""
        first, *others = self._task.logged(query.scope)
        return next((other.id for other in others if not same(other.action, first.action)), None)

    def _report(
        self, query: Query, leading: list[str], holding: list[str], teacher: str | None, what: str
    ) -> str:
        record = self._task.logged(query.scope)[0]
        self._found[record.id] = {
            "id": record.id,
            "state": record.state,
            "stage": query.stage.name,
            "action": record.action,
            "leading": leading,
            "when": holding,
            "teacher": teacher,
            "says": f"{record.id}: recorded {record.action!r}, but {what}",
        }
        return UNLABELLED


def labeller_for(
    author: Author, sandbox: Sandbox, task: Task, last: str, strict: bool = True
) -> Labeller:
    """The labeller that suits a task: with recorded actions where it has any.

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
    """Names the right functions by what the run has recorded.

    Args:
        run: the run's folder.
        policy: of that run.
        strict: whether a view without a reply is an error.
    """
    author, last = (
        Author(recorded_teacher(run, policy.task), policy.task),
        policy.base.stages[-1].name,
    )
    return labeller_for(author, policy.parts.sandbox, policy.task, last, strict)
