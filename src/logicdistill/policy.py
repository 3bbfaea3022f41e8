"""`Policy`: a function base, a retriever, a student and a sandbox, joined; what a user of the package holds in the hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import ValidationError

from logicdistill.algorithm import decide, journal_entry, react
from logicdistill.errors import BaseError, GateRefusal, InvalidStateError, ManualError, StorageError, UnknownNameError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.manual import parse_stage_name
from logicdistill.functions.sandbox import Sandbox
from logicdistill.protocols import Retriever, Student, Task, Teacher
from logicdistill.retrieval.fused import FusedRetriever
from logicdistill.retrieval.store import StoreRetriever
from logicdistill.runs import Run
from logicdistill.selection import Parts
from logicdistill.students.encoder import EncoderStudent
from logicdistill.students.floor import ConditionsStudent, FirstStudent, RandomStudent
from logicdistill.students.weights import check_causal
from logicdistill.tasks.registry import task_of_run
from logicdistill.teacher.write import Author
from logicdistill.types import Decision, Function, Json, Stage

STUDENTS = ("ld-encoder", "ld-causal", "conditions", "first", "random")
CHUNK = 64
"""States of `Policy.decide_many` that go through the stages together."""

TOP_K = 16
"""A stage with at most this many candidates goes to the student whole (paper section 3.3); a larger one through the retriever."""


INDEX_FOLDER = "index"
"""Folder of a run for what a retriever keeps; it can be deleted at any time."""


class Policy:
    """Decides by selecting functions.

    Args:
        task: rules, schema, legality.
        base: the function base.
        student: who selects.
        retriever: finds the top K in a large base; by default lexical and, with an encoder, dense search fused, with the index kept
            beside the folder.
        top_k: K.
        folder: where changes to the base are kept; without it they live in memory.
    """

    def __init__(
        self,
        task: Task,
        base: FunctionBase,
        student: Student | Callable[[Sandbox], Student],
        retriever: Retriever | None = None,
        top_k: int = TOP_K,
        folder: BaseFolder | None = None,
    ) -> None:
        sandbox = Sandbox(base.functions)
        chosen = student(sandbox) if callable(student) else student
        encoder = chosen if isinstance(chosen, EncoderStudent) else None
        if retriever is None:
            kept = folder.path.parent / INDEX_FOLDER / (encoder.name if encoder else "words") if folder else None
            retriever = FusedRetriever(encoder.embedder, kept, encoder.fingerprint) if encoder else FusedRetriever(None, kept)
        if encoder and isinstance(retriever, FusedRetriever):
            encoder.known, retriever.embed_views = retriever.vectors, encoder.embed_views  # what one has embedded, the other does not
        self.parts = Parts(task, base, retriever, chosen, sandbox, top_k)
        self.folder = folder

    @classmethod
    def load(cls, folder: str | Path, student: str = "ld-encoder", store: str | None = None) -> Policy:
        """The policy of a run folder.

        Args:
            folder: made by ``logicdistill run``; ``run.toml``, ``base/`` and (for the encoder) ``student/`` are needed.
            student: ``ld-encoder``, ``ld-causal`` (from ``players/ld-causal``), or a floor that needs no model: ``conditions``, ``first``,
                ``random``.
            store: a LanceDB folder or bucket (``s3://...``) in which large stages are searched, instead of the run's own ``index/``.

        Raises:
            UnknownNameError: no such run or student.
            CorruptError: a file of the run is damaged.
            BaseError: a store is named, and the student has no vectors to search it with.
            MissingExtraError, StorageError: the store needs a library that is not installed, or cannot be reached.
        """
        run = Run.open(Path(folder))
        base, chosen = BaseFolder(run.folder / "base"), make_student(student, run.folder / "student")
        retriever = None
        if store is not None:
            if not isinstance(chosen, EncoderStudent):
                raise BaseError(f"a store is searched with the vectors of ld-encoder; student {student} has none: leave the store out")
            retriever = StoreRetriever(store, chosen.embedder, chosen.fingerprint)
        return cls(task_of_run(run.folder, run.settings), base.load(), chosen, retriever, folder=base)

    @property
    def task(self) -> Task:
        """The task that the policy decides in."""
        return self.parts.task

    @property
    def base(self) -> FunctionBase:
        """The current function base."""
        return self.parts.base

    def decide(self, state: Mapping[str, Json]) -> Decision:
        """Decide one state.

        Raises:
            InvalidStateError: the state does not fit the task's schema.
        """
        return decide(self.parts, [self._valid(state)])[0]

    def decide_many(self, states: Sequence[Mapping[str, Json]], first: int = 0) -> list[Decision]:
        """Decide many independent states at once: one batch through the student and the sandbox a stage.

        Args:
            states: each fits the task's schema.
            first: number of the first state, for messages.

        Raises:
            InvalidStateError: a state does not fit the task's schema; the message says which.
        """
        valid = [self._valid(state, f"state {index}: ") for index, state in enumerate(states, start=first)]
        if len(valid) <= CHUNK:
            return decide(self.parts, valid)
        parts = self.parts
        # The sandbox is another process and the encoder leaves the interpreter lock: one chunk runs while the next is embedded.
        with ThreadPoolExecutor(max_workers=2) as pool:
            chunks = pool.map(lambda start: decide(parts, valid[start : start + CHUNK]), range(0, len(valid), CHUNK))
            return [decision for chunk in chunks for decision in chunk]

    def player(self, envs: Sequence[Any], states: list[dict[str, Json]]) -> list[tuple[Json, Decision | None]]:
        """This policy as a player for `logicdistill.episodes.play`."""
        return [(decision.action, decision) for decision in decide(self.parts, states)]

    def with_student(self, student: Student) -> Policy:
        """A policy with another student over the same base and sandbox; make it anew after a change of the base."""
        other = object.__new__(Policy)
        other.parts, other.folder = replace(self.parts, student=student), self.folder
        return other

    def add(self, file: str | Path, stage: str | None = None, origin: str = "emergency") -> Function:
        """Add a function file; it passes the gate, is journaled, and takes part from the next decision on.

        Args:
            file: path of the file.
            stage: the stage; by default what the manual's ``Stage:`` line or the file's folder says, or the only selecting stage.
            origin: recorded in the journal. The ``When:`` of an emergency guards it: it is a candidate only while that holds.

        Raises:
            GateRefusal, ManualError: what is wrong with the function, in one line.
            BaseError: the stage is not clear.
        """
        path = Path(file)
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'not UTF-8 text'}") from None
        target = self._stage_of(source, path, stage)
        function, evidence = self._gate().admit(source, target, self.base.by_name, origin=origin)
        self._commit(self.base.having([*self.base.functions, function]), [journal_entry("admit", function, evidence.to_json())])
        return function

    def bring_in(self, sources: Mapping[str, str], stage: str | None = None) -> tuple[list[Function], dict[str, str]]:
        """Add functions that a person has already; those that pass the gate join the base in one change, unguarded by their ``When:``.

        Args:
            sources: function files by name.
            stage: their stage; by default what each manual's ``Stage:`` line says, or the only selecting stage.

        Returns:
            The functions that joined, and for each of the others why not, in one line.
        """
        known, refused, entries = dict(self.base.by_name), {}, []
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
            self._commit(self.base.having(known.values()), entries)
        return [known[str(entry["function"])] for entry in entries], refused

    def tell(self, rule: str, teacher: Teacher, samples: Sequence[Json] = ()) -> tuple[Function, ...]:
        """Tell the teacher a new rule: its functions for it pass the gate and join the base in one change; nothing is trained.

        Args:
            rule: the new rule in one sentence; it stands in the journal with what it led to.
            teacher: who writes the functions.
            samples: states in which the rule is in force, for the teacher to see.

        Returns:
            The functions that joined; they take part from the next decision on.

        Raises:
            MissingReplyError: a recorded teacher has no reply to this rule.
            GateRefusal, BaseError: the teacher's functions are refused, or there is none; nothing was changed.
        """
        base, entries = react(Author(teacher, self.task), self.base, rule, samples, lambda _: None)
        self._commit(base, entries)
        return tuple(base.function(str(entry["function"])) for entry in entries)

    def remove(self, name: str) -> None:
        """Remove a function.

        Raises:
            UnknownNameError: there is none of that name.
            BaseError: it is the last one of its stage, or another function replaces it.
        """
        function = self.base.function(name)
        if len(self.base.of_stage(function.stage)) == 1:
            raise BaseError(f"{name} is the only function of stage {function.stage!r}; add another one first")
        users = [other.name for other in self.base.functions if name in other.manual.replaces]
        if users:
            raise BaseError(f"{users[0]} replaces {name} ('Replaces:'); remove {users[0]} first")
        self._commit(self.base.having(f for f in self.base.functions if f.name != name), [journal_entry("remove", function)])

    def rollback(self, snapshot: str) -> None:
        """Go back to a snapshot that the journal names; itself a change that can be rolled back.

        Raises:
            UnknownNameError: no such snapshot.
        """
        if self.folder is None:
            raise BaseError("this policy has no folder, so it keeps no snapshots; load it from a run")
        self._commit(self.folder.load_snapshot(snapshot), [{"op": "rollback", "to": snapshot}])

    def close(self) -> None:
        """End the sandbox's worker processes and the retriever's work."""
        self.parts.sandbox.close()
        if isinstance(self.parts.retriever, FusedRetriever):
            self.parts.retriever.close()

    def __enter__(self) -> Policy:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _valid(self, state: Mapping[str, Json], where: str = "") -> dict[str, Json]:
        return validate_state(self.task, state, where)

    def _gate(self) -> Gate:
        return Gate(frozenset(self.task.state_model.model_fields), len(self.task.rules), self.base.stages)

    def _stage_of(self, source: str, path: Path, stage: str | None) -> Stage:
        said = stage or parse_stage_name(source)
        if said is not None:
            return self.base.stage(said)
        names = [item.name for item in self.base.stages]
        if path.resolve().parent.name in names:
            return self.base.stage(path.resolve().parent.name)
        selecting = [item for item in self.base.stages if item.mode == "one"]
        if len(selecting) == 1:
            return selecting[0]
        raise BaseError(f"{path}: which stage? add a 'Stage:' line to the manual or name it; stages: {', '.join(names)}")

    def _commit(self, base: FunctionBase, entries: Sequence[Mapping[str, Json]]) -> None:
        if self.folder is not None:
            self.folder.commit(base, entries, parent=self.base.snapshot)
        self.parts.sandbox.load(base.functions)
        self.parts = replace(self.parts, base=base)


def make_student(name: str, folder: Path, keeps: bool = True) -> Student | Callable[[Sandbox], Student]:
    """A student by name; ``conditions`` is handed the policy's sandbox.

    Args:
        name: one of `STUDENTS`.
        folder: the encoder's; the causal student lies in ``players/ld-causal`` beside it.
        keeps: whether it keeps what it computed for views that come again, as students do by default.

    Raises:
        UnknownNameError: no such student.
        MissingExtraError: ``ld-causal`` needs a library that is not installed.
    """
    if name == "conditions":
        return lambda sandbox: ConditionsStudent(sandbox.holds)
    if name == "first":
        return FirstStudent()
    if name == "random":
        return RandomStudent(seed=0)
    if name == "ld-encoder":
        return EncoderStudent(folder) if keeps else EncoderStudent(folder, cached_views=0)
    if name == "ld-causal":
        check_causal()
        from logicdistill.students.causal import CausalStudent  # the only student that needs torch

        trained = folder.parent / "players" / "ld-causal"
        return CausalStudent(trained) if keeps else CausalStudent(trained, cached=0)
    raise UnknownNameError("student", name, STUDENTS)


def validate_state(task: Task, state: Mapping[str, Json], where: str = "") -> dict[str, Json]:
    """The state as the task's schema reads it.

    Raises:
        InvalidStateError: which field is wrong and what it takes, in one line.
    """
    if not isinstance(state, Mapping):
        raise InvalidStateError(f"{where}a state is a JSON object; got {type(state).__name__}")
    try:
        return task.state_model.model_validate(dict(state), strict=True).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "state"
        got = "" if first["type"] == "missing" else f"; got {first['input']!r:.80}"
        known = ", ".join(task.state_model.model_fields)
        raise InvalidStateError(f"{where}field {field!r}: {first['msg'].lower()}{got}; a state of {task.id} has: {known}") from None
