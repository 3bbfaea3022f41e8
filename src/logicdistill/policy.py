"""`Policy`: decide with a function base, and change the base while it decides.

One file, because it is the whole of what a user holds: load, decide, change, reload, pack.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import datetime
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias, TypedDict, Unpack, cast, get_args, overload

from logicdistill.deciding.asking import Asker
from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position
from logicdistill.deciding.log import LOG, DecisionLog, LogErrors, LogOptions
from logicdistill.deciding.packing import Unpacked, pack, read_packed
from logicdistill.deciding.parts import (
    Parts,
    calibrated,
    check_made,
    make_retriever,
    over,
    student_of_run,
    suitable_top_k,
    utc_now,
)
from logicdistill.deciding.record import Decider, whole_milliseconds
from logicdistill.deciding.students import check_packable, make_student, model_of
from logicdistill.deciding.tracing import Parent, parents_of, traced
from logicdistill.errors import (
    BaseError,
    EmergencyError,
    InvalidStateError,
    LogicDistillError,
    UnknownNameError,
)
from logicdistill.forks import Lock
from logicdistill.functions.base import FunctionBase, Proposal
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import EmbeddingStudent, Retriever, Student, Task, Teacher
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.runs import Run
from logicdistill.tasks.registry import task_of_run
from logicdistill.tasks.schema import check_state
from logicdistill.teacher.write import Author
from logicdistill.types import Decision, Function, Json
from logicdistill.writing.base import journal_entry, write_for_state
from logicdistill.writing.impact import Impact, Progress, impact
from logicdistill.writing.labelled import LABELS, with_labels
from logicdistill.writing.proposing import Proposing
from logicdistill.writing.states import known_states, named_states, sample

OnEmergency: TypeAlias = Literal["fallback", "raise", "ask"]
"""In a state that no function fits: the task's fallback action, an error, or asking the teacher."""

ON_EMERGENCY = get_args(OnEmergency)

OnError: TypeAlias = Literal["raise", "return"]
"""Where a state of many cannot be decided: the error ends the call, or stands in its place."""

ON_ERROR = get_args(OnError)

Undecided: TypeAlias = InvalidStateError | EmergencyError

RETRY_SECONDS = 1.0
"""A base that could not be taken up is tried again after so long, or when it changes again."""

logger = logging.getLogger("logicdistill")


class Signed(TypedDict, total=False):
    """What the journal keeps of a person beside a change.

    Attributes:
        by: who made it; by default ``user.name`` of git, or the login name.
        why: in plain words.
    """

    by: str
    why: str


CHUNK = 64
"""States of `Policy.decide_many` that go through the stages together."""


class Policy:
    """Decides by selecting functions. Threads may share it, and a forked child may go on with it.

    `Policy.load` makes one from a run's folder or a packed file.

    Args:
        task: its rules, the schema of a state, and which actions are legal.
        base: the function base.
        student: selects among the candidates; or a function that makes it with the sandbox.
        retriever: finds the top K of a large stage; by default a search by words and, with an
            encoder, by vectors.
        top_k: K; by default what suits the student.
        folder: keeps the changes to the base; without it they live in memory.
        store: a LanceDB folder or bucket (``s3://...``) in which large stages are searched.
        watch: a decision first takes up what other processes have changed in the folder.
        on_emergency: in a state that no function fits, ``fallback`` takes the task's fallback
            action, ``raise`` is an error, and with ``ask`` the teacher writes a function for the
            state. It joins the base if it passes, and the decision is taken again. Otherwise
            ``Decision.fallback`` says why not.
        teacher: writes that function.
        asks_per_minute: how many questions may begin within any minute.
        ask_seconds: how long `decide` and `decide_many` wait for the teacher, in seconds.
        log: every decision is appended to this file.
        log_errors: where a decision cannot be logged, ``warn`` (a line a minute at most) and decide
            on, with the number that is missing at `close`; or ``raise``.
        log_options: what it leaves out or hashes, when a file is closed, and whether its lines are
            chained.
        clock: the time by which functions expire; a call of `decide` or `decide_many` reads it
            once.
        monotonic: the clock, in seconds, that counts questions a minute.
        max_error: the share of wrong choices to stay below, for stages that read messages. A
            choice that is not sure enough counts as a state that no function fits.

    Raises:
        UnknownNameError: no such ``on_emergency``, or no field that ``log_options`` names.
        BaseError: the base is of another task, ``ask`` without a teacher, ``watch`` without a
            folder, a store without vectors.
    """

    def __init__(
        self,
        task: Task,
        base: FunctionBase,
        student: Student | Callable[[Sandbox], Student],
        retriever: Retriever | None = None,
        top_k: int | None = None,
        folder: BaseFolder | None = None,
        *,
        store: str | None = None,
        watch: bool = False,
        on_emergency: OnEmergency = "fallback",
        teacher: Teacher | None = None,
        asks_per_minute: int = 6,
        ask_seconds: float = 20.0,
        log: Path | None = None,
        log_errors: LogErrors = "warn",
        log_options: LogOptions | None = None,
        clock: Callable[[], datetime.datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        max_error: float | None = None,
    ) -> None:
        if on_emergency not in ON_EMERGENCY:
            raise UnknownNameError("on_emergency", on_emergency, ON_EMERGENCY)
        if on_emergency == "ask" and teacher is None:
            raise BaseError(
                "on_emergency 'ask' needs a teacher and none was given; "
                "give one, or take 'fallback' or 'raise'"
            )
        if base.task != task.id:
            where = f"{folder.path}: " if folder else ""
            raise BaseError(
                f"{where}the function base is of task {base.task[:80]!r}, not of {task.id!r}; "
                "take the base of this task"
            )
        if watch and folder is None:
            raise BaseError("there is no folder to watch; load the policy from a run's folder")
        sandbox = Sandbox(base.functions)
        # A student may be callable itself, as a torch module is.
        made = student if hasattr(student, "select") else student(sandbox)
        chosen = cast(Student, made)
        finder = retriever or make_retriever(chosen, folder.path.parent if folder else None, store)
        if isinstance(chosen, EmbeddingStudent) and isinstance(finder, FusedRetriever):
            # Each uses the vectors that the other has computed.
            chosen.known, finder.embed_views = finder.vectors, chosen.embed_views
        self._max_error = max_error
        top_k = suitable_top_k(chosen, base) if top_k is None else top_k
        self.parts = calibrated(Parts(task, base, finder, chosen, sandbox, top_k, clock), max_error)
        self.folder, self.log, self._log = folder, log, None
        self.log_options = log_options or LogOptions()
        if log is not None:
            if log_options is not None:
                log_options.check(task.state_schema)
            self._log = DecisionLog(log, log_errors, log_options)
        self._model = None if log is None else model_of(chosen)
        self._deciders: dict[str, Decider] = {}
        self._noted: Parts | None = None
        self.on_emergency, self.teacher = on_emergency, teacher
        self._asker = Asker(asks_per_minute, ask_seconds, monotonic)
        self._changing = Lock()
        self._closed = False
        self._unpacked: Unpacked | None = None
        # Nothing was seen yet: a change may have come since the base was loaded.
        self._watch = watch
        self._seen: tuple[int, int, int] | None = None
        self._retry_at, self._said = 0.0, ""
        self.stale: str | None = None
        """Why what others changed in the folder is not in force; None where it is."""

    @classmethod
    def load(
        cls,
        path: str | Path,
        student: str | None = None,
        *,
        task: Task | None = None,
        store: str | None = None,
        watch: bool = False,
        on_emergency: OnEmergency = "fallback",
        teacher: Teacher | None = None,
        asks_per_minute: int = 6,
        ask_seconds: float = 20.0,
        log: bool | Path = False,
        log_errors: LogErrors = "warn",
        log_options: LogOptions | None = None,
        max_error: float | None = None,
        clock: Callable[[], datetime.datetime] = utc_now,
    ) -> Policy:
        """The policy of a run's folder, or of a file that `pack` wrote.

        A packed policy decides as it did where it was packed. Changes to it live in memory.

        Args:
            path: a folder made by `distill` or ``logicdistill run``. Deciding reads ``run.toml``,
                ``base/``, ``task/`` without its states, and the files of a trained student. Or a
                packed file.
            student: ``ld-encoder``, ``ld-causal`` (in ``players/ld-causal``), one that needs no
                model (``bm25``, ``conditions``, ``first``, ``random``), or one that
                `register_student` knows. By default the run's own (``conditions`` where these
                decide every stage), or the packed one.
            task: the task, where it is a program that was not registered.
            store: a LanceDB folder or bucket (``s3://...``) in which large stages are searched; by
                default the run's own ``index/``.
            watch: take up what other processes change (``base add``, ``tell``, ``rollback``) before
                the next decision. A base that cannot be read is a warning in the log, and the
                policy decides on by the one it has.
            on_emergency: see the class.
            teacher: see the class.
            asks_per_minute: see the class.
            ask_seconds: see the class.
            max_error: see the class. A packed policy keeps the promise that it was packed with.
            clock: see the class.
            log: append every decision to ``decisions.jsonl`` in the run, for ``consolidate``; or to
                this file.
            log_errors: see the class.
            log_options: see the class.

        Raises:
            UnknownNameError: no such run, student or ``on_emergency``, or no field that
                ``log_options`` names.
            CorruptError: a file is damaged, or of another format.
            TaskError: the task is not to be found, or is another one than the packed policy's.
            BaseError: a store for a student without vectors, ``watch`` for a packed file, a student
                that the run never made.
            MissingExtraError: the store needs a library that is not installed.
            StorageError: the store cannot be reached.
        """
        path, kept, unpacked = Path(path), None, None
        thresholds: Mapping[str, float] = {}
        if path.is_file():
            packed = read_packed(path)
            unpacked, base = packed.unpack(), packed.base()
            folder, thresholds = unpacked.folder, packed.about["thresholds"]
            task = packed.checked(task or packed.task(folder))
            student = student or str(packed.about["student"])
            if log is True:
                todo = "name a file for it in Python, or take the run's folder"
                raise BaseError(f"{path} is a packed policy and keeps no log; {todo}")
        elif not path.exists():
            near = (*path.parent.glob("*/run.toml"), *path.parent.glob("*.policy"))
            known = {str(one.parent if one.name == "run.toml" else one) for one in near}
            raise UnknownNameError("file or run", str(path), known)
        else:
            run, kept = Run.open(path), BaseFolder(path / "base")
            folder, base = run.folder, kept.load()
            task = task or task_of_run(folder, run.settings)
            student = student or student_of_run(base)
            check_made(student, folder, base)
        policy = cls(
            task,
            base,
            make_student(student, folder / "student"),
            folder=kept,
            store=store,
            watch=watch,
            on_emergency=on_emergency,
            teacher=teacher,
            asks_per_minute=asks_per_minute,
            ask_seconds=ask_seconds,
            log=folder / LOG if log is True else log or None,
            log_errors=log_errors,
            log_options=log_options,
            max_error=max_error,
            clock=clock,
        )
        policy._unpacked = unpacked
        if thresholds and max_error is None:
            policy.parts = replace(policy.parts, thresholds=thresholds)
        policy.note_expired()
        return policy

    @property
    def task(self) -> Task:
        """The task that it decides."""
        return self.parts.task

    @property
    def base(self) -> FunctionBase:
        """The current function base."""
        return self.parts.base

    def pack(self, file: str | Path) -> str:
        """Write this policy into one file, which `Policy.load` takes on any machine.

        The file holds the task's settings, rules and schema, the current base, the student's files,
        the versions, and the SHA-256 of each. It holds no recorded states, except where functions
        show them as usage examples. The same policy gives the same bytes.

        Args:
            file: such as ``claims.policy``.

        Returns:
            The SHA-256 of the file.

        Raises:
            StorageError: the file cannot be written.
            LogicDistillError: the student could not be made again from the file.
        """
        parts = self.parts
        check_packable(parts.student, parts.sandbox)
        return pack(Path(file), parts.task, parts.base, parts.student, parts.thresholds)

    def reload(self) -> bool:
        """Take up what other processes have changed in the run's folder.

        Returns:
            Whether the base is another one now.

        Raises:
            BaseError: the policy has no folder, or the new base breaks the promised ``max_error``.
            CorruptError: the base there is damaged; the policy decides on by the one it has.
        """
        if self.folder is None:
            raise BaseError("this policy has no folder that others could change; load it from one")
        with self._changing:
            seen = self.folder.stamp()
            try:
                changed = self.folder.current() != self.base.snapshot
                if changed:
                    new = self.folder.load()
                    parts = calibrated(replace(self.parts, base=new), self._max_error)
                    self.parts.sandbox.load(new.functions)
                    self.parts = parts
            except LogicDistillError as error:
                self.stale = str(error)
                raise
            self._seen, self.stale = seen, None
            return changed

    @property
    def unlogged(self) -> tuple[int, str | None]:
        """How many decisions could not be logged, and why the last one could not, if it was not."""
        return (0, None) if self._log is None else (self._log.missing, self._log.fault)

    def note(self, record: dict[str, Json]) -> None:
        """Put a line that is no decision and holds no state into the log, if there is one.

        Raises:
            StorageError: it cannot be logged, and ``log_errors`` is ``raise``.
        """
        if self._log is not None:
            self._log.note(record)

    def look(self) -> None:
        """Take up what has changed in the folder; a lookup of one file where nothing has.

        Where it cannot be taken up, the policy decides on, and `stale` and the log say why.
        """
        if self.folder is None:
            return
        stamp = self.folder.stamp()
        if stamp == self._seen and (not self._retry_at or time.monotonic() < self._retry_at):
            return
        if not self._changing.acquire(blocking=False):
            return  # a change of this policy's own is under way
        try:
            self._seen, self._retry_at = stamp, 0.0
            self.reload()
        except LogicDistillError as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            if str(error) != self._said:
                logger.warning("%s; still deciding by %s", error, self.base.snapshot)
            self._said = str(error)
        finally:
            self._changing.release()

    def decide(self, state: Mapping[str, Json], request: str | None = None) -> Decision:
        """Decide one state.

        Args:
            state: fits the task's schema.
            request: an id of yours, for the log.

        Raises:
            InvalidStateError: the state does not fit the task's schema.
            EmergencyError: no function fits it, and ``on_emergency`` is ``raise``.
            StorageError: it cannot be logged, and ``log_errors`` is ``raise``.
        """
        [found] = self._decided([self._valid(state)], (), [request], parents_of(1))
        if isinstance(found, EmergencyError):
            raise found
        return found

    def explained(self, state: Mapping[str, Json]) -> Decision:
        """A decision to look at: by the base in force, neither logged nor asked a teacher about.

        Raises:
            InvalidStateError: the state does not fit the task's schema.
        """
        if self._watch:
            self.look()
        [found] = decide(self.parts, [self._valid(state)])
        return found

    async def adecide(self, state: Mapping[str, Json], request: str | None = None) -> Decision:
        """`decide` in a thread, for async programs: the event loop goes on meanwhile.

        Cancelling does not stop a decision that has begun; its result is dropped.
        """
        return await asyncio.to_thread(self.decide, state, request)

    @overload
    async def adecide_many(
        self,
        states: Sequence[Mapping[str, Json]],
        names: Sequence[str] = (),
        *,
        on_error: Literal["raise"] = "raise",
        requests: Sequence[str | None] = (),
    ) -> list[Decision]: ...

    @overload
    async def adecide_many(
        self,
        states: Sequence[Mapping[str, Json]],
        names: Sequence[str] = (),
        *,
        on_error: OnError,
        requests: Sequence[str | None] = (),
    ) -> list[Decision | Undecided]: ...

    async def adecide_many(
        self,
        states: Sequence[Mapping[str, Json]],
        names: Sequence[str] = (),
        *,
        on_error: OnError = "raise",
        requests: Sequence[str | None] = (),
    ) -> list[Decision] | list[Decision | Undecided]:
        """`decide_many` in a thread; see `adecide`."""
        many = partial(self.decide_many, on_error=on_error, requests=requests)
        return await asyncio.to_thread(many, states, names)

    @overload
    def decide_many(
        self,
        states: Sequence[Mapping[str, Json]],
        names: Sequence[str] = (),
        *,
        on_error: Literal["raise"] = "raise",
        requests: Sequence[str | None] = (),
    ) -> list[Decision]: ...

    @overload
    def decide_many(
        self,
        states: Sequence[Mapping[str, Json]],
        names: Sequence[str] = (),
        *,
        on_error: OnError,
        requests: Sequence[str | None] = (),
    ) -> list[Decision | Undecided]: ...

    def decide_many(
        self,
        states: Sequence[Mapping[str, Json]],
        names: Sequence[str] = (),
        *,
        on_error: OnError = "raise",
        requests: Sequence[str | None] = (),
    ) -> list[Decision] | list[Decision | Undecided]:
        """Decide many independent states at once: one batch through each stage.

        Args:
            states: each fits the task's schema.
            names: what messages call the states; by default ``state 0`` and so on.
            on_error: ``raise`` the first error, or ``return`` it in the place of its decision: the
                other states are decided and logged.
            requests: ids of yours, one a state, for the log.

        Raises:
            InvalidStateError: a state does not fit the task's schema.
            EmergencyError: no function fits a state, and ``on_emergency`` is ``raise``.
            StorageError: they cannot be logged, and ``log_errors`` is ``raise``.
            UnknownNameError: no such ``on_error``.
        """
        if on_error not in ON_ERROR:
            raise UnknownNameError("on_error", on_error, ON_ERROR)
        names = names or [f"state {index}" for index in range(len(states))]
        requests = requests or [None] * len(states)
        found: list[Decision | Undecided | None] = [None] * len(states)
        valid: list[dict[str, Json]] = []
        for index, (name, state) in enumerate(zip(names, states, strict=True)):
            try:
                valid.append(self._valid(state, f"{name}: "))
            except InvalidStateError as error:
                if on_error == "raise":
                    raise
                found[index] = error
        left = [index for index, item in enumerate(found) if item is None]
        parents = parents_of(len(states))
        decided = self._decided(
            valid,
            [names[index] for index in left],
            [requests[index] for index in left],
            [parents[index] for index in left] if parents else (),
        )
        for index, item in zip(left, decided, strict=True):
            if on_error == "raise" and isinstance(item, EmergencyError):
                raise item
            found[index] = item
        return cast(list[Decision | Undecided], found)

    def player(self, positions: Sequence[Position]) -> list[Move]:
        """This policy as a player for `logicdistill.deciding.episodes.play`."""
        decisions = self._decided([position.state for position in positions])
        for decision in decisions:
            if isinstance(decision, EmergencyError):
                raise decision
        return [(one.action, one) for one in decisions if isinstance(one, Decision)]

    def with_student(self, student: Student) -> Policy:
        """Another student, as it is, over the same base; it does not see later changes."""
        other = copy.copy(self)
        other.parts = replace(self.parts, student=student)
        other._model = None if self._log is None else model_of(student)
        other._deciders, other._noted = {}, None
        return other

    @property
    def proposing(self) -> Proposing:
        """Makes the changes below as proposals: `impact` shows one, `accept` puts it into force.

        It has the methods `add`, `replace`, `bring_in`, `tell`, `remove` and `rollback`.
        """
        return Proposing(self.parts, self.folder)

    def impact(
        self,
        proposal: Proposal,
        states: Iterable[Mapping[str, Json]] | None = None,
        progress: Progress | None = None,
    ) -> Impact:
        """What a proposal would change: states decided with the base as it is, and as it would be.

        Args:
            proposal: made by `proposing` for the current base.
            states: to decide; by default the recorded states of the task, the states of the run's
                log of decisions and those that people labelled, or a sample of `MOST_STATES` of
                them.
            progress: is told how many states are decided, and how many there are.

        Raises:
            InvalidStateError: a state does not fit the task's schema.
            BaseError: a promised error rate cannot be kept with the changed base.
        """
        if states is None:
            log = self.log or (self.folder.path.parent / LOG if self.folder else None)
            known = known_states(self.task, log)
            if self.folder is not None:
                known = with_labels(self.task, known, self.folder.path.parent / LABELS)
        else:
            valid = [self._valid(state, f"state {i}: ") for i, state in enumerate(states)]
            known = named_states(self.task, valid)
        records = sample(known)
        with Sandbox(proposal.new.functions) as sandbox:
            changed = over(self.parts, proposal.new, sandbox)
            after = calibrated(changed, self._max_error)
            return impact(self.parts, after, records, len(known), progress)

    def accept(
        self, proposal: Proposal, discard_edits: bool = False, **signed: Unpack[Signed]
    ) -> tuple[Function, ...]:
        """Put a proposal into force: the next decision goes by it.

        Args:
            proposal: made by `proposing`.
            discard_edits: restore the base's files that a person changed or deleted.
            signed: ``by`` and ``why``, for the journal.

        Returns:
            The functions that joined.

        Raises:
            BaseError: the base was changed since the proposal was made.
        """
        if proposal.entries:
            entries = [{**entry, **signed} for entry in proposal.entries]
            self._commit(proposal.old, proposal.new, entries, discard_edits)
        return proposal.functions

    def add(
        self,
        file: str | Path,
        stage: str | None = None,
        *,
        emergency: bool = False,
        expires: str | None = None,
        rule: str | None = None,
        **signed: Unpack[Signed],
    ) -> Function:
        """Add a function file. It passes the gate, and the next decision uses it.

        Args:
            file: path of the file.
            stage: its stage; by default what the manual's ``Stage:`` line says, or the file's
                folder, or the only selecting stage.
            emergency: its ``When:`` guards it, in any stage.
            expires: until when it is a candidate (ISO 8601, UTC where it names no zone); by default
                what its manual's ``Expires:`` says.
            rule: the rule that it follows, in words, where the task's rules have none for it;
                decisions cite it (``Step.told``).
            signed: see `accept`.

        Raises:
            GateRefusal, ManualError: what is wrong with the function. One with a guard is also
                refused where it would break a usage example, or, in a guarded stage, where it
                contradicts another in a recorded state (`logicdistill.writing.contradictions`).
            BaseError: the stage is not clear.
        """
        made = self.proposing.add(file, stage, emergency=emergency, expires=expires, rule=rule)
        return self.accept(made, **signed)[0]

    def replace(
        self, name: str, file: str | Path, *, rule: str | None = None, **signed: Unpack[Signed]
    ) -> Function:
        """Put a changed function in the place of the one that has its name.

        An emergency stays one, and a rule told stays with it, unless ``rule`` has other words.
        Raises as `add` does.
        """
        return self.accept(self.proposing.replace(name, file, rule), **signed)[0]

    def bring_in(
        self, sources: Mapping[str, str], stage: str | None = None, **signed: Unpack[Signed]
    ) -> tuple[list[Function], Mapping[str, str]]:
        """Add functions that a person wrote: those that pass the gate join together.

        Args:
            sources: function files by name.
            stage: their stage; by default what each manual's ``Stage:`` line says, or the only
                selecting stage.
            signed: see `accept`.

        Returns:
            The functions that joined, and for each of the others why not, in one line.
        """
        made = self.proposing.bring_in(sources, stage)
        return list(self.accept(made, **signed)), made.refused

    def tell(
        self,
        rule: str,
        teacher: Teacher,
        samples: Sequence[Json] = (),
        expires: str | None = None,
        **signed: Unpack[Signed],
    ) -> tuple[Function, ...]:
        """Tell the teacher a new rule: its functions pass the gate and join, without training.

        Args:
            rule: the new rule in one sentence; the journal and the functions keep it.
            teacher: writes the functions.
            samples: states in which the rule is in force; the teacher sees them.
            expires: until when the rule is in force (ISO 8601, UTC where it names no zone). Then
                what it replaced is back.
            signed: see `accept`.

        Returns:
            The functions that joined; the next decision uses them.

        Raises:
            MissingReplyError: a recorded teacher has no reply to this rule.
            GateRefusal, BaseError: there is no function, or one is refused, such as for a usage
                example that it would break. Nothing was changed.
        """
        return self.accept(self.proposing.tell(rule, teacher, samples, expires), **signed)

    def remove(self, name: str, **signed: Unpack[Signed]) -> None:
        """Remove a function.

        Raises:
            UnknownNameError: there is none of that name.
            BaseError: it is the last one of its stage, or another function replaces it.
        """
        self.accept(self.proposing.remove(name), **signed)

    def rollback(self, snapshot: str, **signed: Unpack[Signed]) -> None:
        """Go back to a snapshot that the journal names; itself a change that can be rolled back.

        Args:
            snapshot: its id, or the beginning of it.
            signed: see `accept`.

        Raises:
            UnknownNameError: no snapshot, or several, begin so.
        """
        self.accept(self.proposing.rollback(snapshot), **signed)

    def note_expired(self) -> list[str]:
        """Names of the functions that have expired; each is written into the journal once."""
        now = self.parts.clock()
        expired = [function for function in self.base.functions if function.expired(now)]
        if expired and self.folder is not None:
            with contextlib.suppress(LogicDistillError):  # a journal that is busy gets it next time
                known = {
                    item.get("hash") for item in self.folder.journal() if item["op"] == "lapse"
                }
                entries = [journal_entry("lapse", function) for function in expired]
                if new := [entry for entry in entries if entry["hash"] not in known]:
                    self.folder.commit(self.base, new, parent=self.base.snapshot)
        return [function.name for function in expired]

    def close(self) -> None:
        """End the sandbox's processes and the retriever's work; later answers are dropped."""
        with self._changing:
            self._closed = True
        self.parts.sandbox.close()
        if self._log is not None:
            self._log.close()
        if isinstance(self.parts.retriever, FusedRetriever):
            self.parts.retriever.close()

    def __enter__(self) -> Policy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _decided(
        self,
        states: Sequence[dict[str, Json]],
        names: Sequence[str] = (),
        requests: Sequence[str | None] = (),
        parents: Sequence[Parent] = (),
    ) -> list[Decision] | list[Decision | EmergencyError]:
        """Decisions, logged; with ``on_emergency`` ``raise`` an error in the place of some."""
        if self._watch:
            self.look()
        began, now = time.perf_counter(), whole_milliseconds(self.parts.clock())
        decisions = self._by_chunks(states, now, parents)
        unfitting = [index for index, item in enumerate(decisions) if item.fallback is not None]
        found: list[Decision | EmergencyError] = list(decisions)
        if self.on_emergency == "raise":
            for index in unfitting:
                where = f"{names[index]}: " if names else ""
                found[index] = EmergencyError(
                    f"{where}{decisions[index].fallback}; add a function for it "
                    "('base tell', 'base add'), or set on_emergency to 'fallback' or 'ask'"
                )
        if unfitting and self.on_emergency == "ask":
            self._asker.ask_and_retry(
                decisions,
                lambda indices: self._by_chunks(
                    [states[index] for index in indices],
                    now,
                    [parents[index] for index in indices] if parents else (),
                ),
                lambda index, decision: self._learn(states[index], decision),
            )
            found = list(decisions)
        if self._log is not None:
            ids = requests or [None] * len(states)
            whole = zip(states, found, ids, strict=True)
            logged = [(s, d, i) for s, d, i in whole if isinstance(d, Decision)]
            ms = 1000 * (time.perf_counter() - began) / max(1, len(states))
            self._log.append(logged, self._deciders, now, ms)
        return found

    def _by_chunks(
        self, states: Sequence[dict[str, Json]], now: datetime.datetime, parents: Sequence[Parent]
    ) -> list[Decision]:
        parts = self.parts
        if self._log is not None and parts is not self._noted:
            self._deciders[parts.base.snapshot] = Decider.of(parts, self._model)
            self._noted = parts
        # What expires does so for the whole call, and by the time that the log keeps.
        parts = replace(parts, clock=lambda: now)
        take = partial(traced, parts, private=self.log_options.hides)
        if len(states) <= CHUNK:
            return take(states, parents)
        # The sandbox is another process, and the encoder releases the interpreter lock: while one
        # chunk runs, the next is embedded.
        starts = range(0, len(states), CHUNK)
        chunks = [states[start : start + CHUNK] for start in starts]
        above = [parents[start : start + CHUNK] for start in starts]
        with ThreadPoolExecutor(max_workers=2) as pool:
            return [item for done in pool.map(take, chunks, above) for item in done]

    def _learn(self, state: Mapping[str, Json], decision: Decision) -> tuple[str, ...]:
        """Let the teacher write a function for a state that none fits."""
        assert self.teacher is not None
        old = self.base
        author, now = Author(self.teacher, self.task), self.parts.clock()
        new, entries = write_for_state(author, old, state, decision, now)
        self._commit(old, new, entries)
        return tuple(str(entry["function"]) for entry in entries)

    def _valid(self, state: Mapping[str, Json], where: str = "") -> dict[str, Json]:
        return check_state(self.task, state, where)

    def _commit(
        self,
        old: FunctionBase,
        new: FunctionBase,
        entries: Sequence[Mapping[str, Json]],
        discard_edits: bool = False,
    ) -> None:
        with self._changing:
            if self._closed:
                raise BaseError("the policy was closed meanwhile; nothing was changed")
            if self.base.snapshot != old.snapshot:
                raise BaseError(
                    f"the base was changed meanwhile ({old.snapshot} -> {self.base.snapshot}); "
                    "nothing was changed: repeat"
                )
            # Before anything is written, for it may refuse.
            parts = calibrated(replace(self.parts, base=new), self._max_error)
            if self.folder is not None:
                self.folder.commit(new, entries, old.snapshot, discard_edits)
            self.parts.sandbox.load(new.functions)
            self.parts = parts
