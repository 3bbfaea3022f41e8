"""States on which a change of the base is looked at: the task's recorded ones, and logged ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from logicdistill.deciding.decide import scopes_before
from logicdistill.deciding.log_files import is_redacted, read_log
from logicdistill.deciding.parts import TOP_K, Parts
from logicdistill.errors import InvalidStateError
from logicdistill.files import digest
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Task
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.students.floor import ConditionsStudent
from logicdistill.tasks.record_folder import Record
from logicdistill.tasks.records import RecordTask, fixed_order
from logicdistill.tasks.schema import check_state
from logicdistill.types import Json, Scope, Stage

MOST_STATES = 2_000
"""At most so many states are decided to look at a change."""


ScopesOf = Callable[[FunctionBase, Stage], Sequence[tuple[str, Scope]]]
"""Gives recorded states, by id, as a stage of a base sees them; a sandbox holds that base."""


def scopes_by_conditions(
    task: Task, sandbox: Sandbox, records: Sequence[Record] | None = None
) -> ScopesOf:
    """Recorded states as a stage sees them, where no student is needed to get there.

    ``records``: whose states; see `recorded_scopes`.
    """

    def scopes_of(base: FunctionBase, stage: Stage) -> list[tuple[str, Scope]]:
        earlier = base.stages[: base.stages.index(stage)]
        if any(before.asks for before in earlier):
            return []
        student = ConditionsStudent(sandbox)
        parts = Parts(task, base, FusedRetriever(None), student, sandbox, TOP_K)
        return recorded_scopes(parts, stage, records)

    return scopes_of


def recorded_scopes(
    parts: Parts, stage: Stage, records: Sequence[Record] | None = None
) -> list[tuple[str, Scope]]:
    """States by id as a stage sees them: a sample of `MOST_STATES`.

    ``records``: whose states; by default those of the task without its test states. A refusal names
    the state that it rests on. A test state that an author has seen proves nothing any more.
    """
    if records is None:
        records = [record for record in _recorded(parts.task) if record.split != "test"]
    records = sample(records)
    scopes = scopes_before(parts, stage, [record.state for record in records])
    return [(r.id, scope) for r, scope in zip(records, scopes, strict=True) if scope is not None]


def known_states(task: Task, log: Path | None) -> list[Record]:
    """The recorded states of a task and those of a log of decisions, each once.

    A logged action is no right action: the policy itself took it. Logged states that do not fit
    the task's schema, or of which the log keeps only a part, are left out.

    Raises:
        CorruptError: the log is damaged.
    """
    found = {digest(record.state): record for record in reversed(_recorded(task))}
    records = list(reversed(found.values()))
    for number, (_, line) in enumerate(read_log(log) if log else [], start=1):
        state = line.get("state") if isinstance(line, dict) and not is_redacted(line) else None
        if isinstance(state, dict) and (key := digest(state)) not in found:
            try:
                state = check_state(task, state)
            except InvalidStateError:
                continue
            found[key] = Record(f"decision {number}", state, "train", None, known=False)
            records.append(found[key])
    return records


def _recorded(task: Task) -> Sequence[Record]:
    """The task's recorded states; none where the folder has no file of them."""
    return task.records if isinstance(task, RecordTask) and task.has_states else ()


def named_states(task: Task, states: Sequence[dict[str, Json]]) -> list[Record]:
    """States by their number, with the right action where the task's records have the state."""
    found = []
    for number, state in enumerate(states):
        same = task.logged(state) if isinstance(task, RecordTask) and task.has_states else []
        action = same[0].action if same else None
        found.append(Record(f"state {number}", state, "train", action, known=bool(same)))
    return found


def sample(records: Sequence[Record], most: int | None = None) -> list[Record]:
    """At most so many of the records (`MOST_STATES`), the same at each call, in their order."""
    most = MOST_STATES if most is None else most
    if len(records) <= most:
        return list(records)
    drawn = sorted(records, key=lambda record: fixed_order(0, record.state))[:most]
    chosen = {id(record) for record in drawn}
    return [record for record in records if id(record) in chosen]
