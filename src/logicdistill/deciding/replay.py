"""Logged decisions taken again: on the snapshot that each names, or by today's rules."""

from __future__ import annotations

import datetime
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Self, TypeAlias

from logicdistill.deciding.decide import decide
from logicdistill.deciding.log_files import Line, is_open, is_redacted, lines_of, log_files
from logicdistill.deciding.parts import Parts, calibrated, over
from logicdistill.deciding.record import Decider
from logicdistill.deciding.students import model_of
from logicdistill.errors import InvalidStateError, LogicDistillError, StorageError, UnknownNameError
from logicdistill.functions.base import FunctionBase
from logicdistill.functions.sandbox import Sandbox
from logicdistill.tasks.schema import check_state
from logicdistill.types import Decision, Json, same

WINDOW, CHUNK = 2048, 64
"""Lines that are read together, and states of them that are decided together."""

OF_RUNS = "ld-encoder", "conditions"
"""Students that a run is decided with by itself; see `deciding.parts.student_of_run`."""

KEPT_BASES = 4
"""Snapshots that are kept ready; each has a sandbox of its own."""

Load: TypeAlias = Callable[[str | None], Parts]
"""Parts of the run's policy with a student of this name, or with the run's own."""

BaseOf: TypeAlias = Callable[[str], FunctionBase]
"""The base at a snapshot; raises a `LogicDistillError` where there is none any more."""

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many lines are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A decision as the log has it; the attributes are the keys of a record (docs/audit.md)."""

    place: str
    id: str
    time: datetime.datetime
    state: Mapping[str, Json]
    action: Json
    confidence: float
    fallback: str | None
    functions: Mapping[str, str]
    rules: Sequence[int]
    snapshot: str
    policy: str
    model: str | None
    student: str
    top_k: int
    thresholds: Mapping[str, float]


@dataclass(slots=True)
class Group:
    """Decisions that differ for the same reason.

    Attributes:
        count: how many.
        examples: the first of them: ``id``, ``place``, and by key what was and what is.
        rules: the rules that now decide: number to sentence.
    """

    count: int = 0
    examples: list[dict[str, Json]] = field(default_factory=list)
    rules: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """What a replay has found so far.

    Attributes:
        total: lines of the log.
        lines: those that are done.
        replayed: decisions that were taken again.
        redacted: decisions of which the log keeps only a part of the state.
        open: answers to open questions, which no function gave; they are not taken again.
        damaged: for each line that is no record, its place and why.
        groups: those that differ; by their cause, or by the functions and rules that now decide.
        snapshots: how many decisions each snapshot took.
    """

    total: int = 0
    lines: int = 0
    replayed: int = 0
    redacted: int = 0
    open: int = 0
    damaged: list[str] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    snapshots: Counter[str] = field(default_factory=Counter)

    @property
    def differ(self) -> int:
        """Decisions that are others now, or that cannot be taken again."""
        return sum(group.count for group in self.groups.values())

    def differs(self, key: str, example: dict[str, Json], limit: int) -> Group:
        """Count a difference, and keep it as an example while there are fewer than ``limit``."""
        group = self.groups.setdefault(key, Group())
        group.count += 1
        if len(group.examples) < limit:
            group.examples.append(example)
        return group


class Deciders:
    """Policies as they were: for each snapshot, student and setting what decided then.

    Args:
        load: gives the parts of the run's policy.
        base_of: gives the base at a snapshot.
    """

    def __init__(self, load: Load, base_of: BaseOf) -> None:
        self._load, self._base_of = load, base_of
        self._loaded: dict[str, Parts] = {}
        self._ready: dict[tuple[str, str], tuple[Parts, ExitStack]] = {}
        self._models: dict[str, str | None] = {}

    def of(self, logged: Logged) -> tuple[Parts, Decider]:
        """The parts that decided this, and what they are today.

        Raises:
            LogicDistillError: the snapshot or the student is gone.
        """
        key = logged.snapshot, logged.student
        if key not in self._ready:
            base = self._base_of(logged.snapshot)
            if logged.student not in self._loaded:
                self._loaded[logged.student] = self._load(logged.student)
                student = self._loaded[logged.student].student
                self._models[logged.student] = model_of(student)
            with ExitStack() as opened:
                sandbox = opened.enter_context(Sandbox(base.functions))
                parts = calibrated(over(self._loaded[logged.student], base, sandbox), None)
                self._ready[key] = parts, opened.pop_all()
            while len(self._ready) > KEPT_BASES:
                self._ready.pop(next(iter(self._ready)))[1].close()
        parts = replace(self._ready[key][0], top_k=logged.top_k, thresholds=dict(logged.thresholds))
        return parts, Decider.of(parts, self._models[logged.student])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for ready in self._ready.values():
            ready[1].close()
        self._ready.clear()


def replay(file: Path, deciders: Deciders, found: Found, limit: int, on_progress: Progress) -> None:
    """Take each decision of a log again, on its own snapshot and at its own time.

    Args:
        file: the log; its closed files are read first.
        deciders: give what decided.
        found: is filled in as it goes, so that an interrupted replay loses nothing.
        limit: examples that are kept for each cause.
        on_progress: is told how far it is.

    Raises:
        StorageError: there is no log.
        CorruptError: a file cannot be read.
    """
    for logged in _windows(file, found, on_progress):
        alike: dict[tuple[str, ...], list[Logged]] = {}
        for one in logged:
            alike.setdefault((one.snapshot, *_settings(one)), []).append(one)
        for mine in alike.values():
            try:
                parts, decider = deciders.of(mine[0])
            except LogicDistillError as error:
                gone = isinstance(error, UnknownNameError) and "snapshot" in str(error)
                cause = f"snapshot {mine[0].snapshot} is gone" if gone else str(error)
                for one in mine:
                    found.differs(cause, _named(one), limit)
                _done(found, len(mine), on_progress)
                continue
            for same_time in _by_expiry(parts, mine):
                dated = replace(parts, clock=_stopped(same_time[0].time))
                for one, decision in _decided(dated, same_time, found, limit, on_progress):
                    found.snapshots[one.snapshot] += 1
                    if changed := _changes(one, decision):
                        cause = _cause(one, decider)
                        found.differs(cause, _named(one) | {"changed": changed}, limit)


def replay_against(file: Path, load: Load, found: Found, limit: int, on_progress: Progress) -> None:
    """Decide each logged state by a policy of today.

    The settings are those of each record, so that only rules make a difference: how many candidates
    a student sees, the thresholds of a promised error rate, and a student that the run does not
    decide with by itself. An action that is another one now is a difference. Differences are
    grouped by the functions and rules that now decide.

    Args:
        file: the log; its closed files are read first.
        load: gives the parts of today's policy.
        found: see `replay`.
        limit: examples that are kept for each group.
        on_progress: see `replay`.

    Raises:
        StorageError, CorruptError: see `replay`.
    """
    today = load(None)
    for logged in _windows(file, found, on_progress):
        alike: dict[tuple[str, ...], list[Logged]] = {}
        for one in logged:
            alike.setdefault(_settings(one), []).append(one)
        for mine in alike.values():
            first = mine[0]
            try:
                own = today if first.student in _by_itself(today) else load(first.student)
            except LogicDistillError as error:
                for one in mine:
                    found.differs(str(error), _named(one), limit)
                _done(found, len(mine), on_progress)
                continue
            parts = replace(own, top_k=first.top_k, thresholds=dict(first.thresholds))
            for one, decision in _decided(parts, mine, found, limit, on_progress):
                if not same(one.action, decision.action):
                    changed = {"action": [one.action, decision.action]}
                    example = _named(one) | {"changed": changed}
                    group = found.differs(_decides(decision), example, limit)
                    group.rules = decision.cited


def _settings(logged: Logged) -> tuple[str, ...]:
    """Equal for decisions that the same settings took."""
    return logged.student, str(logged.top_k), repr(sorted(logged.thresholds.items()))


def _by_itself(today: Parts) -> tuple[str, ...]:
    """Students whose place today's own takes: a run is decided by one or other of them.

    Which one depends on its functions, so it is no setting.
    """
    return today.student.name, *OF_RUNS


def _decides(decision: Decision) -> str:
    """The function and the rules that decide, in one line."""
    what = decision.function or "the fallback"
    if decision.rules:
        listed = ", ".join(map(str, decision.rules))
        what += f" [rule{'s' if len(decision.rules) > 1 else ''} {listed}]"
    for told in dict.fromkeys(rule for step in decision.trace for rule in step.told):
        what += f" by the later rule: {told}"
    return what if decision.fallback is None else f"{what}: {decision.fallback}"


def _windows(file: Path, found: Found, on_progress: Progress) -> Iterator[list[Logged]]:
    """Records that can be replayed, some lines at a time; the others are counted."""
    if not (files := log_files(file)):
        raise StorageError(f"cannot read {file}: there is no log of decisions; name its file")
    found.total = sum(_count(one) for one in files)
    lines = lines_of(file)
    while window := list(islice(lines, WINDOW)):
        logged = []
        for line in window:
            try:
                record = line.value()
                if is_redacted(record):
                    found.redacted += 1
                elif is_open(record):
                    found.open += 1
                else:
                    logged.append(_logged(line, record))
                    continue
            except RecursionError:
                found.damaged.append(f"{line.place}: nested too deeply; restore or remove it")
            except ValueError as error:
                why = str(error) if isinstance(error, _NoRecord) else "it is not JSON"
                found.damaged.append(f"{line.place}: {why}; restore or remove it")
            _done(found, 1, on_progress)
        yield logged


def _count(file: Path) -> int:
    """Whole lines of a file."""
    with file.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))


def _done(found: Found, lines: int, on_progress: Progress) -> None:
    found.lines += lines
    on_progress(found.lines, max(found.total, found.lines))


def _decided(
    parts: Parts, logged: Sequence[Logged], found: Found, limit: int, on_progress: Progress
) -> Iterator[tuple[Logged, Decision]]:
    """Decisions, some at a time; a state that does not fit the task any more is a difference."""
    for start in range(0, len(logged), CHUNK):
        fitting = list[tuple[Logged, dict[str, Json]]]()
        for one in logged[start : start + CHUNK]:
            try:
                fitting.append((one, check_state(parts.task, one.state)))
            except InvalidStateError as error:
                cause = "its state does not fit the task's schema"
                found.differs(cause, _named(one) | {"why": str(error)}, limit)
        decisions = decide(parts, [state for _, state in fitting])
        found.replayed += len(fitting)
        for (one, _), decision in zip(fitting, decisions, strict=True):
            yield one, decision
        _done(found, len(logged[start : start + CHUNK]), on_progress)


def _by_expiry(parts: Parts, logged: Sequence[Logged]) -> list[list[Logged]]:
    """The decisions between whose times no function of the base expires, together."""
    ends = sorted(
        datetime.datetime.fromisoformat(function.manual.expires)
        for function in parts.base.functions
        if function.manual.expires is not None
    )
    found: dict[int, list[Logged]] = {}
    for one in logged:
        found.setdefault(bisect_right(ends, one.time), []).append(one)
    return list(found.values())


def _stopped(at: datetime.datetime) -> Callable[[], datetime.datetime]:
    return lambda: at


def _changes(logged: Logged, decision: Decision) -> dict[str, list[Json]]:
    """What is another now: by key, what was and what is."""
    functions = {step.stage: step.function for step in decision.trace if step.function}
    pairs: dict[str, list[Json]] = {
        "action": [logged.action, decision.action],
        "confidence": [logged.confidence, decision.confidence],
        "functions": [dict(logged.functions), functions],
        "rules": [list(logged.rules), list(decision.rules)],
        "fallback": [logged.fallback, _as_then(logged.fallback, decision.fallback)],
    }
    return {key: pair for key, pair in pairs.items() if not same(*pair)}


def _as_then(then: str | None, now: str | None) -> str | None:
    """The reason for the fallback; a log may add to it why the teacher gave no function."""
    return then if then and now and then.startswith(f"{now}; ") else now


def _cause(logged: Logged, decider: Decider) -> str:
    """Why a decision on the same snapshot is another one, as far as that can be known."""
    if logged.model != decider.model:
        return f"the model is another: {logged.model} then, {decider.model} now"
    if logged.policy != decider.policy:
        changed = "the task's rules, schema, actions or fallback are others"
        return f"{changed}: policy {logged.policy} then, {decider.policy} now"
    return "unknown: snapshot, model and policy are the same; a limit of a call may have been met"


def _named(logged: Logged) -> dict[str, Json]:
    return {"id": logged.id, "place": logged.place}


class _NoRecord(ValueError):
    """JSON, but no record; the message says why."""


def _logged(line: Line, record: Json) -> Logged:
    """A line's record, or why it is none."""
    if not isinstance(record, dict):
        raise _NoRecord("it is no JSON object")
    if "settings" not in record and "state" in record:
        older = "it was written by an older version, which does not say what decided"
        raise _NoRecord(older)
    settings = record.get("settings")
    settings = settings if isinstance(settings, dict) else {}
    found = {**record, **{key: settings.get(key) for key in ("student", "top_k", "thresholds")}}
    for key, (fits, what) in _FORMS.items():
        if key not in found or not fits(found[key]):
            raise _NoRecord(f"its {key!r} is not {what}")
    time = datetime.datetime.fromisoformat(found["time"])
    whole = {name: found[name] for name in Logged.__slots__ if name not in ("place", "time")}
    return Logged(place=line.place, time=time, **whole)


def _is_time(value: Json) -> bool:
    try:
        return datetime.datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_number(value: Json) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Json) -> bool:
    return value is None or isinstance(value, str)


_FORMS: Mapping[str, tuple[Callable[[Json], bool], str]] = {
    "id": (_is_text, "text"),
    "time": (_is_time, "a time with a zone"),
    "state": (lambda value: isinstance(value, dict), "an object"),
    "action": (lambda _: True, "there"),
    "confidence": (_is_number, "a number"),
    "fallback": (_is_text_or_none, "text or null"),
    "functions": (
        lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
        "an object of names",
    ),
    "rules": (
        lambda value: isinstance(value, list) and all(type(one) is int for one in value),
        "a list of numbers",
    ),
    "snapshot": (_is_text, "text"),
    "policy": (_is_text, "text"),
    "model": (_is_text_or_none, "text or null"),
    "student": (_is_text, "text"),
    "top_k": (lambda value: type(value) is int and value > 0, "a number above 0"),
    "thresholds": (
        lambda value: isinstance(value, dict) and all(map(_is_number, value.values())),
        "an object of numbers",
    ),
}
"""What each key of a record holds, and how a message calls that."""
