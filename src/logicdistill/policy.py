"""`Policy`: a function base, a retriever, a student and a sandbox, joined; what a user of the package holds in the hand."""

from __future__ import annotations

import contextlib
import copy
import datetime
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from logicdistill.deciding.asking import Asker
from logicdistill.deciding.decide import decide
from logicdistill.deciding.episodes import Move, Position
from logicdistill.deciding.log import LOG, log_decisions
from logicdistill.deciding.parts import (
    TOP_K,
    Parts,
    adapted,
    make_retriever,
    make_student,
    search_store,
    utc_now,
    whole_or_top,
)
from logicdistill.errors import (
    BaseError,
    EmergencyError,
    GateRefusal,
    LogicDistillError,
    ManualError,
    StorageError,
    UnknownNameError,
)
from logicdistill.functions.base import FunctionBase, Proposal
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.manual import parse_expiry, parse_stage_name, with_expiry
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Retriever, Student, Task, Teacher
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.runs import Run
from logicdistill.students.encoder import EncoderStudent
from logicdistill.tasks.checker import validate_state
from logicdistill.tasks.registry import task_of_run
from logicdistill.teacher.write import Author
from logicdistill.types import EMERGENCY, Decision, Function, Json, Stage
from logicdistill.writing.base import journal_entry, write_for_rule, write_for_state
from logicdistill.writing.contradictions import check_joining

ON_EMERGENCY = ("fallback", "raise", "ask")
"""What happens in a state that no function fits: the task's fallback action, an error, or a question to the teacher."""

CHUNK = 64  # states of `Policy.decide_many` that go through the stages together


class Policy:
    """Decides by selecting functions; threads that decide may share it.

    Args:
        task: rules, schema, legality.
        base: the function base.
        student: who selects.
        retriever: finds the top K in a large base; by default lexical and, with an encoder, dense search fused, with the index kept
            beside the folder.
        top_k: K.
        folder: where changes to the base are kept; without it they live in memory.
        on_emergency: what happens in a state that no function fits (see `ON_EMERGENCY`). With ``ask`` the teacher writes a function
            for it, which joins the base if it passes, and the decision is taken again; otherwise ``Decision.fallback`` says why not.
        teacher: who is asked then.
        asks_per_minute: questions that may begin within any minute.
        ask_seconds: how long one call of `decide` or `decide_many` waits for the teacher, in seconds.
        log: file to which every decision is appended.
        clock: the time by which functions expire.
        monotonic: the clock, in seconds, by which questions a minute are counted.
        max_error: share of wrong choices to stay below where messages are read; less sure ones count as states that no function fits.

    Raises:
        UnknownNameError: no such ``on_emergency``.
        BaseError: ``ask`` without a teacher.
    """

    def __init__(
        self,
        task: Task,
        base: FunctionBase,
        student: Student | Callable[[Sandbox], Student],
        retriever: Retriever | None = None,
        top_k: int = TOP_K,
        folder: BaseFolder | None = None,
        *,
        on_emergency: str = "fallback",
        teacher: Teacher | None = None,
        asks_per_minute: int = 6,
        ask_seconds: float = 20.0,
        log: Path | None = None,
        clock: Callable[[], datetime.datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        max_error: float | None = None,
    ) -> None:
        if on_emergency not in ON_EMERGENCY:
            raise UnknownNameError("on_emergency", on_emergency, ON_EMERGENCY)
        if on_emergency == "ask" and teacher is None:
            raise BaseError(
                "on_emergency 'ask' needs a teacher and none was given; give one, or take 'fallback' or 'raise'"
            )
        sandbox = Sandbox(base.functions)
        chosen = student(sandbox) if callable(student) else student
        finder = retriever or make_retriever(chosen, folder.path.parent if folder else None)
        if isinstance(chosen, EncoderStudent) and isinstance(finder, FusedRetriever):
            chosen.known, finder.embed_views = (
                finder.vectors,
                chosen.embed_views,
            )  # what one has embedded, the other does not
        self._max_error = max_error
        self.parts = adapted(Parts(task, base, finder, chosen, sandbox, top_k, clock), max_error)
        self.folder, self.log = folder, log
        self.on_emergency, self.teacher = on_emergency, teacher
        self._asker = Asker(asks_per_minute, ask_seconds, monotonic)
        self._changing = threading.Lock()
        self._closed = False

    @classmethod
    def load(
        cls,
        folder: str | Path,
        student: str = "ld-encoder",
        *,
        store: str | None = None,
        on_emergency: str = "fallback",
        teacher: Teacher | None = None,
        log: bool = False,
        **settings: Any,
    ) -> Policy:
        """The policy of a run folder.

        Args:
            folder: made by ``logicdistill run``; ``run.toml``, ``base/`` and (for the encoder) ``student/`` are needed.
            student: ``ld-encoder``, ``ld-causal`` (from ``players/ld-causal``), or a floor that needs no model: ``bm25``,
                ``conditions``, ``first``, ``random``.
            store: a LanceDB folder or bucket (``s3://...``) in which large stages are searched, instead of the run's own ``index/``.
            on_emergency: see the class.
            teacher: see the class.
            log: append every decision to ``decisions.jsonl`` in the run, where ``logicdistill consolidate`` finds it.
            settings: further keyword arguments of the class, such as ``asks_per_minute``.

        Raises:
            UnknownNameError: no such run, student or ``on_emergency``.
            CorruptError: a file of the run is damaged.
            BaseError: a store is named, and the student has no vectors to search it with.
            MissingExtraError, StorageError: the store needs a library that is not installed, or cannot be reached.
        """
        run = Run.open(Path(folder))
        kept, task = BaseFolder(run.folder / "base"), task_of_run(run.folder, run.settings)
        base, chosen, file = (
            kept.load(),
            make_student(student, run.folder / "student"),
            run.folder / LOG if log else None,
        )
        finder = search_store(chosen, store) if store else None
        settings = {"top_k": whole_or_top(chosen, base), "retriever": finder} | settings
        policy = cls(
            task,
            base,
            chosen,
            folder=kept,
            on_emergency=on_emergency,
            teacher=teacher,
            log=file,
            **settings,
        )
        policy.note_lapses()
        return policy

    @property
    def task(self) -> Task:
        """What it decides in."""
        return self.parts.task

    @property
    def base(self) -> FunctionBase:
        """The current function base."""
        return self.parts.base

    def decide(self, state: Mapping[str, Json]) -> Decision:
        """Decide one state.

        Raises:
            InvalidStateError: the state does not fit the task's schema.
            EmergencyError: no function fits it, and ``on_emergency`` is ``raise``.
        """
        return self._decided([self._valid(state)])[0]

    def decide_many(
        self, states: Sequence[Mapping[str, Json]], names: Sequence[str] = ()
    ) -> list[Decision]:
        """Decide many independent states at once: one batch through the student and the sandbox a stage.

        Args:
            states: each fits the task's schema.
            names: what messages call the states; by default ``state 0`` and so on.

        Raises:
            InvalidStateError: a state does not fit the task's schema; the message says which.
            EmergencyError: no function fits a state, and ``on_emergency`` is ``raise``; the message says which.
        """
        names = names or [f"state {index}" for index in range(len(states))]
        return self._decided(
            [self._valid(state, f"{name}: ") for name, state in zip(names, states, strict=True)],
            names,
        )

    def player(self, positions: Sequence[Position]) -> list[Move]:
        """This policy as a player for `logicdistill.deciding.episodes.play`."""
        decisions = self._decided([position.state for position in positions])
        return [(decision.action, decision) for decision in decisions]

    def with_student(self, student: Student) -> Policy:
        """A policy with another student over the same base and sandbox; make it anew after a change of the base."""
        other = copy.copy(self)
        other.parts = replace(self.parts, student=student)
        return other

    def add(
        self,
        file: str | Path,
        stage: str | None = None,
        origin: str = EMERGENCY,
        expires: str | None = None,
    ) -> Function:
        """Add a function file; it passes the gate, is journaled, and takes part from the next decision on.

        Args:
            file: path of the file.
            stage: the stage; by default what the manual's ``Stage:`` line or the file's folder says, or the only selecting stage.
            origin: recorded in the journal. The ``When:`` of an emergency guards it: it is a candidate only while that holds.
            expires: until when it is a candidate (ISO 8601, UTC where it names no zone), in place of its manual's ``Expires:``.

        Raises:
            GateRefusal, ManualError: what is wrong with the function, in one line; for an emergency also the usage example of the base
                that it would break (see `logicdistill.writing.contradictions`).
            BaseError: the stage is not clear.
        """
        path = Path(file)
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError(
                f"cannot read {path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}"
            ) from None
        target, old = self._stage_of(source, path, stage), self.base
        if expires is not None:
            source = with_expiry(source, self._expiry(expires))
        with Sandbox() as sandbox:
            function, evidence = self._gate().admit(source, target, old.by_name, sandbox, origin)
            new = old.having([*old.functions, function])
            if origin == EMERGENCY:
                check_joining(new, function, sandbox, now=self.parts.clock())
        self._commit(old, new, [journal_entry("admit", function, evidence.to_json())])
        return function

    def bring_in(
        self, sources: Mapping[str, str], stage: str | None = None
    ) -> tuple[list[Function], dict[str, str]]:
        """Add functions that a person has already; those that pass the gate join the base in one change, unguarded by their ``When:``.

        Args:
            sources: function files by name.
            stage: their stage; by default what each manual's ``Stage:`` line says, or the only selecting stage.

        Returns:
            The functions that joined, and for each of the others why not, in one line.
        """
        old = self.base
        known, refused, entries = dict(old.by_name), {}, []
        for name, source in sources.items():
            try:
                target = self._stage_of(source, Path(f"{name}.py"), stage)
                function, evidence = self._gate().admit(source, target, known, origin="person")
            except (GateRefusal, ManualError, BaseError) as error:
                refused[name] = str(error)
                continue
            known[function.name] = function
            entries.append(journal_entry("admit", function, evidence.to_json()))
        if entries:
            self._commit(old, old.having(known.values()), entries)
        return [known[str(entry["function"])] for entry in entries], refused

    def propose(
        self, rule: str, teacher: Teacher, samples: Sequence[Json] = (), expires: str | None = None
    ) -> Proposal:
        """What `tell` would change; nothing is changed before `accept`. Arguments and errors are those of `tell`."""
        old, until = self.base, None if expires is None else self._expiry(expires)
        author, now = Author(teacher, self.task), self.parts.clock()
        new, entries = write_for_rule(
            author, old, rule, samples, lambda _: None, expires=until, now=now
        )
        return Proposal(old, new, entries)

    def accept(self, proposal: Proposal) -> tuple[Function, ...]:
        """Put a proposal into force; see `tell`.

        Raises:
            BaseError: the base was changed since the proposal was made.
        """
        self._commit(proposal.old, proposal.new, proposal.entries)
        return proposal.functions

    def tell(
        self, rule: str, teacher: Teacher, samples: Sequence[Json] = (), expires: str | None = None
    ) -> tuple[Function, ...]:
        """Tell the teacher a new rule: its functions for it pass the gate and join the base in one change; nothing is trained.

        Args:
            rule: the new rule in one sentence; it stands in the journal with what it led to.
            teacher: who writes the functions.
            samples: states in which the rule is in force, for the teacher to see.
            expires: until when the rule is in force (ISO 8601, UTC where it names no zone); afterwards what it replaced is back.

        Returns:
            The functions that joined; they take part from the next decision on.

        Raises:
            MissingReplyError: a recorded teacher has no reply to this rule.
            GateRefusal, BaseError: the teacher's functions are refused, such as for the usage example of the base that they would
                break, or there is none; nothing was changed.
        """
        return self.accept(self.propose(rule, teacher, samples, expires))

    def remove(self, name: str) -> None:
        """Remove a function.

        Raises:
            UnknownNameError: there is none of that name.
            BaseError: it is the last one of its stage, or another function replaces it.
        """
        old = self.base
        function = old.function(name)
        if len(old.of_stage(function.stage)) == 1:
            raise BaseError(
                f"{name} is the only function of stage {function.stage!r}; add another one first"
            )
        users = [other.name for other in old.functions if name in other.manual.replaces]
        if users:
            raise BaseError(f"{users[0]} replaces {name} ('Replaces:'); remove {users[0]} first")
        self._commit(
            old,
            old.having(f for f in old.functions if f.name != name),
            [journal_entry("remove", function)],
        )

    def rollback(self, snapshot: str) -> None:
        """Go back to a snapshot that the journal names; itself a change that can be rolled back.

        Raises:
            UnknownNameError: no such snapshot.
        """
        if self.folder is None:
            raise BaseError(
                "this policy has no folder, so it keeps no snapshots; load it from a run"
            )
        self._commit(
            self.base, self.folder.load_snapshot(snapshot), [{"op": "rollback", "to": snapshot}]
        )

    def note_lapses(self) -> list[str]:
        """Names of the functions that have expired; the journal is told once, or at the next occasion where it cannot be written now."""
        lapsed = [
            function for function in self.base.functions if function.lapsed(self.parts.clock())
        ]
        if lapsed and self.folder is not None:
            with contextlib.suppress(LogicDistillError):
                noted = {
                    entry.get("hash") for entry in self.folder.journal() if entry["op"] == "lapse"
                }
                entries = [
                    entry
                    for function in lapsed
                    if (entry := journal_entry("lapse", function))["hash"] not in noted
                ]
                if entries:
                    self.folder.commit(self.base, entries, parent=self.base.snapshot)
        return [function.name for function in lapsed]

    def close(self) -> None:
        """End the sandbox's worker processes and the retriever's work; what a teacher answers from now on is dropped."""
        with self._changing:
            self._closed = True
        self.parts.sandbox.close()
        if isinstance(self.parts.retriever, FusedRetriever):
            self.parts.retriever.close()

    def __enter__(self) -> Policy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _decided(
        self, states: Sequence[dict[str, Json]], names: Sequence[str] = ()
    ) -> list[Decision]:
        decisions = self._by_chunks(states)
        unfitting = [
            index for index, decision in enumerate(decisions) if decision.fallback is not None
        ]
        if unfitting and self.on_emergency == "raise":
            where = f"{names[unfitting[0]]}: " if names else ""
            raise EmergencyError(
                f"{where}{decisions[unfitting[0]].fallback}; add a function for it ('base tell', 'base add'), or set on_emergency to "
                f"'fallback' or 'ask'"
            )
        if unfitting and self.on_emergency == "ask":
            self._asker.settle(
                decisions,
                lambda indices: self._by_chunks([states[index] for index in indices]),
                lambda index, decision: self._learn(states[index], decision),
            )
        if self.log is not None:
            log_decisions(self.log, states, decisions)
        return decisions

    def _by_chunks(self, states: Sequence[dict[str, Json]]) -> list[Decision]:
        parts = self.parts
        if len(states) <= CHUNK:
            return decide(parts, states)
        # The sandbox is another process and the encoder leaves the interpreter lock: one chunk runs while the next is embedded.
        with ThreadPoolExecutor(max_workers=2) as pool:
            chunks = pool.map(
                lambda start: decide(parts, states[start : start + CHUNK]),
                range(0, len(states), CHUNK),
            )
            return [decision for chunk in chunks for decision in chunk]

    def _learn(self, state: Mapping[str, Json], decision: Decision) -> tuple[str, ...]:
        """Ask the teacher about a state that no function fits, and let its function join; see `Asker.settle`."""
        assert self.teacher is not None
        old = self.base
        new, entries = write_for_state(
            Author(self.teacher, self.task),
            old,
            state,
            decision,
            lambda _: None,
            now=self.parts.clock(),
        )
        self._commit(old, new, entries)
        return tuple(str(entry["function"]) for entry in entries)

    def _valid(self, state: Mapping[str, Json], where: str = "") -> dict[str, Json]:
        return validate_state(self.task, state, where)

    def _expiry(self, text: str) -> str:
        expires = parse_expiry(text, "the expiry")
        if datetime.datetime.fromisoformat(expires) <= self.parts.clock():
            raise ManualError(f"the expiry {expires} has passed; give a later time")
        return expires

    def _gate(self) -> Gate:
        return Gate.of(self.task, self.base.stages)

    def _stage_of(self, source: str, path: Path, stage: str | None) -> Stage:
        said = stage or parse_stage_name(source, str(path))
        if said is not None:
            return self.base.stage(said)
        names = [item.name for item in self.base.stages]
        if path.resolve().parent.name in names:
            return self.base.stage(path.resolve().parent.name)
        selecting = [item for item in self.base.stages if item.selects]
        if len(selecting) == 1:
            return selecting[0]
        raise BaseError(
            f"{path}: which stage? add a 'Stage:' line to the manual or name it; stages: {', '.join(names)}"
        )

    def _commit(
        self, old: FunctionBase, new: FunctionBase, entries: Sequence[Mapping[str, Json]]
    ) -> None:
        with self._changing:
            if self._closed:
                raise BaseError("the policy was closed meanwhile; nothing was changed")
            if self.base is not old:
                raise BaseError(
                    f"the base was changed meanwhile ({old.snapshot} -> {self.base.snapshot}); nothing was changed: repeat"
                )
            parts = adapted(
                replace(self.parts, base=new), self._max_error
            )  # before anything is written: it may refuse
            if self.folder is not None:
                self.folder.commit(new, entries, parent=old.snapshot)
            self.parts.sandbox.load(new.functions)
            self.parts = parts
